// @ts-check
import { Memory } from "../shared/memory.js";

/** @typedef {{url: string, title: string|undefined, at: string}} Page */

const MOST_PAGES = 50;
const LONGEST_URL = 2_000;
const LONGEST_TITLE = 200;
const LOOK_EVERY = 1_000;

/** The pages that a visitor saw on this site in this tab, for those who are to help them. */
export class Visit {
  /** @param {string} prefix @param {(page: Page) => void} turned called with each page but the first */
  constructor(prefix, turned) {
    this.memory = new Memory("sessionStorage", prefix);
    this.turned = turned;
    /** @type {Page[]} */
    this.pages = this.memory.read("pages") ?? [];
    this.referrer = this.memory.read("referrer") ?? document.referrer;
    this.memory.write("referrer", this.referrer);
  }

  start() {
    this.look();
    // Pages that change their own address tell nobody in all browsers alike.
    setInterval(() => this.look(), LOOK_EVERY);
  }

  look() {
    const url = addressOf(location);
    if (!isOfWeb(url) || this.pages.at(-1)?.url === url) return;
    const page = { url, title: document.title.slice(0, LONGEST_TITLE) || undefined, at: new Date().toISOString() };
    this.pages = [...this.pages, page].slice(-MOST_PAGES);
    this.memory.write("pages", this.pages);
    this.turned(page);
  }

  forget() {
    this.pages = [];
    this.referrer = "";
    for (const name of ["pages", "referrer"]) this.memory.forget(name);
  }

  /** What a first message says of where it came from. */
  context() {
    this.look();
    const [page] = this.pages.slice(-1);
    const referrer = isOfWeb(this.referrer) ? this.referrer.slice(0, LONGEST_URL) : undefined;
    return { page: page && { url: page.url, title: page.title }, referrer, language: navigator.language, pages: this.pages.slice(0, -1) };
  }
}

/** @param {string} url */
const isOfWeb = (url) => /^https?:/.test(url);

/** Without what may be a secret: fragments carry tokens, unless they are a route. @param {Location} place */
const addressOf = ({ origin, pathname, search, hash }) =>
  `${origin}${pathname}${search}${/^#!?\//.test(hash) ? hash : ""}`.slice(0, LONGEST_URL);

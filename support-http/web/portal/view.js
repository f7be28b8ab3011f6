// @ts-check
import { html, LitElement, nothing } from "../vendor/lit.js";
import { reasonOf } from "./server-words.js";
import { t } from "./words.js";

/** @typedef {import("./store.js").Store} Store */

/** A part of the page that shows what the store knows. It lives in the page itself, under its style sheets. */
export class View extends LitElement {
  /** Given before it is shown. @type {Store} */
  store = /** @type {Store} */ (/** @type {unknown} */ (null));
  #leave = () => {};

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#leave = this.store.listen(() => this.requestUpdate());
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#leave();
  }
}

/** Something that takes a while, and can fail in words. */
export class Task {
  #view;
  isRunning = false;
  problem = "";

  /** @param {View} view */
  constructor(view) {
    this.#view = view;
  }

  /**
   * @template T
   * @param {() => Promise<T>} work @returns {Promise<T|undefined>} nothing when it failed or another one runs
   */
  async run(work) {
    if (this.isRunning) return undefined;
    this.isRunning = true;
    this.problem = "";
    this.#view.requestUpdate();
    try {
      return await work();
    } catch (failure) {
      this.problem = reasonOf(failure);
      return undefined;
    } finally {
      this.isRunning = false;
      this.#view.requestUpdate();
    }
  }
}

/** Keeps a file on the device. @param {Blob} content @param {string} name */
export const keepFile = (content, name) => {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
};

/** @param {string} text */
export const problem = (text) => html`<p class="problem" role="alert">${text}</p>`;

/** What could not be loaded, and a way to try again. @param {Task} task @param {() => void} again */
export const failed = (task, again) => task.problem
  ? html`<div class="notice" role="alert"><p>${task.problem}</p><button class="button" type="button" @click=${again}>${t("retry")}</button></div>`
  : nothing;

/** Whatever comes, there is a place for it. @param {boolean} isLoading */
export const loading = (isLoading) => isLoading ? html`<p class="soft" aria-busy="true">${t("loading")}</p>` : nothing;

/** @param {number} page @param {number} pages @param {(page: number) => string} address */
export const pager = (page, pages, address) => pages < 2 ? nothing : html`
  <nav class="pager" aria-label=${t("page", { page, pages })}>
    ${page > 1 ? html`<a class="button" href=${address(page - 1)}>${t("earlier")}</a>` : nothing}
    <span>${t("page", { page, pages })}</span>
    ${page < pages ? html`<a class="button" href=${address(page + 1)}>${t("later")}</a>` : nothing}
  </nav>`;

const ICONS = {
  requests: "M4 5h16v11H9l-5 4z",
  calls: "M6 3h4l2 5-3 2a11 11 0 0 0 5 5l2-3 5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 4 5a2 2 0 0 1 2-2z",
  help: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M12 17h.01",
  notifications: "M18 9a6 6 0 1 0-12 0c0 6-2.5 7-2.5 7h17S18 15 18 9M10 20h4",
  profile: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4 20c1-4 4-5.5 8-5.5s7 1.5 8 5.5",
  file: "M13 3H6v18h12V8zM13 3v5h5",
  attach: "M20 11.5l-8.5 8.5a5 5 0 0 1-7-7L13 4.5a3.5 3.5 0 0 1 5 5L9.5 18a1.8 1.8 0 0 1-2.5-2.5L15 7.5",
  send: "M4 12l16-8-6 16-3-7z",
  back: "M15 5l-7 7 7 7",
  close: "M6 6l12 12M18 6L6 18",
  light: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v1.5M12 19.5V21M3 12h1.5M19.5 12H21M5.6 5.6l1 1M17.4 17.4l1 1M5.6 18.4l1-1M17.4 6.6l1-1",
  dark: "M20 14.5A8.5 8.5 0 0 1 9.5 4 8.5 8.5 0 1 0 20 14.5z",
  search: "M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16.2 16.2L20.5 20.5",
};

/** @param {keyof typeof ICONS} name */
export const icon = (name) => html`<svg class="icon icon-${name}" viewBox="0 0 24 24" aria-hidden="true"><path d=${ICONS[name]}></path></svg>`;

/** @param {string} status */
export const statusOf = (status) => {
  const words = /** @type {import("./words.js").Word} */ (`status.${status}`);
  return html`<span class="status ${status}">${t(words)}</span>`;
};

/** A name's first letters. @param {string} name */
export const initials = (name) => {
  const parts = name.trim().split(/\s+/).filter(Boolean);
  const first = (/** @type {string|undefined} */ word) => [...(word ?? "")][0] ?? "";
  return (first(parts[0]) + (parts.length > 1 ? first(parts.at(-1)) : "")).toLocaleUpperCase();
};

/** An input's label, what is wrong with it, and the input itself. @param {{id: string, label: string, hint?: string, wrong?: string, isOptional?: boolean}} about @param {unknown} input */
export const field = ({ id, label, hint, wrong, isOptional }, input) => html`
  <div class="field">
    <label for=${id}>${label}${isOptional ? html` <span class="soft">(${t("optional")})</span>` : nothing}</label>
    ${hint ? html`<p class="soft" id="${id}-hint">${hint}</p>` : nothing}
    ${input}
    ${wrong ? html`<p class="problem" id="${id}-wrong">${wrong}</p>` : nothing}
  </div>`;

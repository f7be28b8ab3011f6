// @ts-check
import { html, live, nothing, repeat } from "../../vendor/lit.js";
import { chooseTheme, chosenTheme } from "../../shared/theme.js";
import { DeskElement } from "../element.js";
import { listenToKeys } from "../keyboard.js";
import { icon } from "../pieces/icons.js";
import "./bell.js";
import "./chat-list.js";
import "./conversation.js";
import { showHelp } from "./help.js";

/** @typedef {import("../api.js").Availability} Availability */

/** @type {[Availability, string][]} */
const AVAILABILITIES = [["available", "Available"], ["busy", "Busy"], ["away", "Away"], ["offline", "Offline"]];

/** @type {[string, string, "inbox"|"phone"|"chart"|"settings", string[]][]} path, name, drawing, and whom it is for */
const SECTIONS = [
  ["inbox", "Inbox", "inbox", ["agent", "supervisor", "admin"]],
  ["callbacks", "Callbacks", "phone", ["agent", "supervisor", "admin"]],
  ["analytics", "Analytics", "chart", ["agent", "supervisor", "admin"]],
  ["admin", "Admin", "settings", ["agent", "supervisor", "admin", "platform"]],
];

/** Loaded when they are first wanted. */
const PAGES = {
  callbacks: () => import("../callbacks/page.js"),
  analytics: () => import("../analytics/page.js"),
  admin: () => import("../admin/page.js"),
};

/** The whole console: its bar and the section that is open. */
export class ConsoleShell extends DeskElement {
  static properties = { presence: { attribute: false }, notifier: { attribute: false }, leave: { attribute: false }, section: { state: true },
    place: { state: true }, loaded: { state: true } };
  #following = new AbortController();

  constructor() {
    super();
    this.presence = /** @type {import("../presence.js").Presence} */ (/** @type {unknown} */ (undefined));
    this.notifier = /** @type {import("../notifier.js").Notifier} */ (/** @type {unknown} */ (undefined));
    this.leave = () => {};
    this.section = "inbox";
    this.place = "";
    /** @type {Set<string>} */
    this.loaded = new Set();
  }

  connectedCallback() {
    super.connectedCallback();
    const { signal } = this.#following;
    this.endWithThis(() => this.#following.abort());
    window.addEventListener("hashchange", () => this.#follow(), { signal });
    window.addEventListener("online", () => this.desk.hurry(), { signal });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.desk.hurry();
      this.store.changed();
    }, { signal });
    listenToKeys({ desk: this.desk, conversation: () => this.querySelector("conversation-view"), help: showHelp,
      isInbox: () => this.section === "inbox" }, signal);
    this.#follow();
  }

  /** What is open stands in the address, so that reload and the back button do what one expects. */
  #follow() {
    const linked = /^#ticket=([\w-]+)$/.exec(location.hash)?.[1];
    // As mails name a chat; from here on it stands in the address as any other.
    if (linked) history.replaceState(null, "", `#/chat/${linked}`);
    const [, section = "", ...place] = location.hash.split("/");
    const isPlatform = this.store.user.role === "platform";
    this.section = isPlatform ? "admin" : section in PAGES ? section : "inbox";
    this.place = place.join("/");
    void this.desk.select(section === "chat" && !isPlatform ? decodeURIComponent(place[0] ?? "") || null : null);
    if (this.section !== "inbox") void this.#load(/** @type {keyof typeof PAGES} */ (this.section));
  }

  /** @param {keyof typeof PAGES} section */
  async #load(section) {
    if (this.loaded.has(section)) return;
    try {
      await PAGES[section]();
      this.loaded = new Set([...this.loaded, section]);
    } catch {
      this.store.tell("This page could not be loaded. Check the connection and open it again.");
    }
  }

  render() {
    const { store } = this;
    const state = store.isConnected || store.user.role === "platform" ? "" : store.isLoaded ? "Reconnecting…" : "Connecting…";
    return html`<div class="desk${store.selectedId !== null ? " has-chat" : ""}">
      <header class="bar">
        <span class="brand">Support</span>
        <nav class="sections" aria-label="Sections">${SECTIONS.filter(([, , , roles]) => roles.includes(store.user.role)).map(([path, name, drawing]) => html`
          <a href="#/${path === "inbox" ? "" : path}" aria-current=${path === this.section ? "page" : nothing}>${icon(drawing)}<span>${name}</span></a>`)}</nav>
        <span class="connection" role="status">${state}</span>
        ${store.user.role === "platform" ? nothing : html`${this.#availability()}
          <notification-bell .desk=${this.desk} .notifier=${this.notifier}></notification-bell>`}
        <label class="theme"><span class="unseen">Theme</span>${icon("sun")}<select @change=${this.#choose}>
          ${[["system", "System"], ["light", "Light"], ["dark", "Dark"]].map(([value, label]) => html`<option value=${value} ?selected=${value === chosenTheme()}>${label}</option>`)}</select></label>
        <button class="button quiet square help-button" type="button" aria-label="Keyboard help" @click=${showHelp}>${icon("keys")}</button>
        <span class="me" dir="auto">${store.user.name}</span>
        <button class="button quiet leave" type="button" @click=${this.leave}>Log out</button>
      </header>
      ${this.#page()}
      <div class="toasts">${repeat(store.toasts, (toast) => toast.id, (toast) => html`
        <div class="toast is-${toast.kind}"><span role=${toast.kind === "problem" ? "alert" : "status"} dir="auto">${toast.text}</span>
          <button class="button quiet square" type="button" aria-label="Dismiss" @click=${() => store.dismiss(toast)}>${icon("close")}</button></div>`)}</div>
    </div>`;
  }

  #page() {
    if (this.section === "inbox") {
      return html`<main class="columns"><h1 class="unseen">Inbox</h1>
        <chat-list .desk=${this.desk}></chat-list><conversation-view .desk=${this.desk}></conversation-view></main>`;
    }
    if (!this.loaded.has(this.section)) return html`<main class="page"><p class="empty">Loading…</p></main>`;
    if (this.section === "callbacks") return html`<callbacks-page .desk=${this.desk}></callbacks-page>`;
    if (this.section === "analytics") return html`<analytics-page .desk=${this.desk}></analytics-page>`;
    return html`<admin-page .desk=${this.desk} .place=${this.place}></admin-page>`;
  }

  #availability() {
    const { availability } = this.store;
    return html`<label class="availability" data-availability=${availability ?? "offline"}><i aria-hidden="true"></i>
      <select aria-label="Availability" ?disabled=${availability === null} .value=${live(availability ?? "offline")}
        @change=${(/** @type {Event & {target: any}} */ event) => void this.presence.choose(event.target.value)}>
        ${AVAILABILITIES.map(([value, label]) => html`<option value=${value} .selected=${value === (availability ?? "offline")}>${label}</option>`)}</select></label>`;
  }

  /** @param {Event & {target: any}} event */
  #choose(event) {
    chooseTheme(event.target.value);
  }

  updated() {
    const { store } = this;
    document.title = store.unread > 0 ? `(${store.unread}) Support console` : "Support console";
    if (document.visibilityState === "visible") this.desk.look();
  }
}

customElements.define("console-shell", ConsoleShell);

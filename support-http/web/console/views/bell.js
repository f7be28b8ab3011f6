// @ts-check
import { html, nothing } from "../../vendor/lit.js";
import { moment } from "../../shared/moment.js";
import { DeskElement } from "../element.js";
import { hashOf } from "../notifier.js";
import { icon } from "../pieces/icons.js";

/** What the agent was told lately, and how they want to be told. */
export class NotificationBell extends DeskElement {
  static properties = { notifier: { attribute: false }, isOpen: { state: true } };

  constructor() {
    super();
    this.notifier = /** @type {import("../notifier.js").Notifier} */ (/** @type {unknown} */ (undefined));
    this.isOpen = false;
  }

  render() {
    const { unread } = this.notifier;
    return html`
      <button class="button quiet square bell" type="button" aria-label=${unread > 0 ? `Notifications, ${unread} unread` : "Notifications"}
        aria-expanded=${String(this.isOpen)} @click=${() => (this.isOpen = !this.isOpen)}>${icon("bell")}
        ${unread > 0 ? html`<span class="bell-count" aria-hidden="true">${Math.min(unread, 99)}</span>` : nothing}</button>
      ${this.isOpen ? this.#list() : nothing}`;
  }

  #list() {
    const { notifier } = this;
    return html`<div class="notices" role="region" aria-label="Notifications" @focusout=${this.#left} @keydown=${this.#key}>
      <div class="notices-head"><h2>Notifications</h2>${notifier.unread > 0
        ? html`<button class="link" type="button" @click=${() => notifier.readAll()}>Mark all as read</button>` : nothing}</div>
      <div class="notice-settings">
        <label class="switch-line"><input type="checkbox" .checked=${notifier.hasSound}
          @change=${(/** @type {Event & {target: any}} */ event) => notifier.switchSound(event.target.checked)}> Sound</label>
        ${notifier.permission === "default"
          ? html`<button class="button" type="button" @click=${() => notifier.askPermission()}>Notify me outside this page</button>`
          : html`<span class="hint">${notifier.permission === "granted" ? "Shown outside this page too" : "Your browser shows none outside this page"}</span>`}</div>
      ${notifier.notices.length === 0 ? html`<p class="empty">Nothing yet.</p>` : html`<ul>${notifier.notices.map((notice) => html`<li>
        <a href=${hashOf(notice)} class=${notice.isRead ? "" : "is-unread"} @click=${() => this.#follow(notice)}>
          <b dir="auto">${notice.title}</b><span class="notice-text" dir="auto">${notice.message}</span>
          <time datetime=${notice.createdAt}>${moment(notice.createdAt)}</time></a></li>`)}</ul>`}</div>`;
  }

  /** @param {import("../notifier.js").Notice} notice */
  #follow(notice) {
    this.isOpen = false;
    void this.notifier.read(notice);
  }

  /** @param {FocusEvent} event */
  #left(event) {
    if (event.relatedTarget instanceof Node && !this.contains(event.relatedTarget)) this.isOpen = false;
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.isOpen = false;
    this.querySelector("button")?.focus();
  }
}

customElements.define("notification-bell", NotificationBell);

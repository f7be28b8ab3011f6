// @ts-check
import { guard, html, nothing, repeat } from "../../vendor/lit.js";
import { moment } from "../../shared/moment.js";
import { DeskElement } from "../element.js";
import { icon } from "../pieces/icons.js";
import { initials, nameOf } from "./words.js";

/**
 * @typedef {import("../store.js").Filter} Filter
 * @typedef {import("../api.js").Chat} Chat
 */

/** @type {[Filter, string, string][]} */
const VIEWS = [
  ["mine", "Mine", "You have no chats at the moment."],
  ["unassigned", "Unassigned", "Everything is in somebody's hands."],
  ["waiting", "Waiting", "Nobody is waiting."],
  ["open", "All open", "No open chats. New ones appear here by themselves."],
  ["resolved", "Resolved", "Nothing has been resolved yet."],
];
const ROWS_AT_ONCE = 100;
const SEARCH_DELAY = 250;

/** Which chats to show: the views, what is in them, and the search through all. */
export class ChatList extends DeskElement {
  static properties = { limit: { state: true } };
  #searching = 0;
  #shownOf = "";
  /** @type {IntersectionObserver|null} */
  #watch = null;

  constructor() {
    super();
    this.limit = ROWS_AT_ONCE;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#watch = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) this.#goOn();
    }, { rootMargin: "600px" });
    this.endWithThis(() => this.#watch?.disconnect());
  }

  render() {
    const { store } = this;
    const list = `${store.filter}/${store.search?.query ?? ""}`;
    if (list !== this.#shownOf) {
      this.#shownOf = list;
      this.limit = ROWS_AT_ONCE;
    }
    const chats = store.shown;
    const shown = chats.slice(0, this.limit);
    return html`
      <nav class="views" aria-label="Views">${this.#views()}</nav>
      <nav class="list" aria-label="Chat list">
        <div class="search" role="search">${icon("search")}
          <input type="search" aria-label="Search all chats" placeholder="Search (press /)" autocomplete="off" dir="auto"
            .value=${store.search?.query ?? ""} @input=${this.#type} @keydown=${this.#leaveSearch}></div>
        <p class="empty" role="status" ?hidden=${chats.length > 0}>${this.#emptyText()}</p>
        <ul class="chats" aria-label="Chats">
          ${repeat(shown, (chat) => chat.chatId, (chat) => this.#row(chat))}
          ${shown.length < chats.length || store.hasMoreResolved || store.search?.cursor
            ? html`<li class="sentinel" aria-hidden="true"></li>` : nothing}
        </ul>
      </nav>`;
  }

  updated() {
    this.#watch?.disconnect();
    const sentinel = this.querySelector(".sentinel");
    if (sentinel) this.#watch?.observe(sentinel);
  }

  #views() {
    const { store } = this;
    const departments = store.departments.filter((department) => department.isActive);
    const tab = (/** @type {Filter} */ filter, /** @type {string} */ label) => {
      const count = filter === "resolved" ? 0 : store.count(filter);
      return html`<button type="button" class="tab" aria-pressed=${String(filter === store.filter && !store.search)}
        @click=${() => store.show(filter)}><span class="tab-name">${label}</span><span class="count">${count > 0 ? count : ""}</span></button>`;
    };
    return html`
      <div class="tabs" role="group" aria-label="Show">${VIEWS.map(([filter, label]) => tab(filter, label))}</div>
      ${departments.length > 0 ? html`<div class="tabs" role="group" aria-label="Departments"><span class="tabs-title">Departments</span>
        ${departments.map((department) => tab(`department:${department.slug}`, department.name))}</div>` : nothing}`;
  }

  #emptyText() {
    const { store } = this;
    if (!store.isLoaded || store.search?.isLoading) return "Loading…";
    if (store.search) return `Nothing found for “${store.search.query}”.`;
    return VIEWS.find(([filter]) => filter === store.filter)?.[2] ?? "No open chats in this department.";
  }

  /** @param {Chat} chat */
  #row(chat) {
    const { store } = this;
    const isOpen = chat.chatId === store.selectedId;
    const isTyping = store.isTyping(chat.chatId);
    const time = chat.lastMessageAt ?? chat.createdAt;
    return html`<li>${guard([chat, isOpen, isTyping, new Date().toDateString()], () => html`
      <a class="chat${chat.unreadCount > 0 ? " is-unread" : ""}" href="#/chat/${encodeURIComponent(chat.chatId)}"
        aria-current=${isOpen ? "true" : nothing}>
        <span class="face" aria-hidden="true">${initials(nameOf(chat))}</span>
        <span class="name" dir="auto">${nameOf(chat)}</span>
        <time datetime=${time}>${moment(time)}</time>
        <span class="preview" dir="auto">${isTyping ? "is typing…" : chat.lastMessage ?? chat.subject ?? ""}</span>
        ${chat.unreadCount > 0 ? html`<span class="unread"><span aria-hidden="true">${chat.unreadCount}</span><span class="unseen">${chat.unreadCount} unread</span></span>` : nothing}
        <span class="facts"><span>${chat.ticketId}</span> · ${this.#standing(chat)}${this.#marks(chat)}</span>
      </a>`)}</li>`;
  }

  /** @param {Chat} chat */
  #standing(chat) {
    if (chat.status === "RESOLVED") return "resolved";
    if (chat.status === "CLOSED") return "closed";
    if (this.store.isMine(chat)) return "yours";
    if (chat.assignedTo) return html`<bdi>${chat.assignedTo.name}</bdi>`;
    return html`<b>${chat.status === "WAITING" ? "waiting" : "unassigned"}</b>`;
  }

  /** @param {Chat} chat */
  #marks(chat) {
    const isPressing = chat.priority === "high" || chat.priority === "urgent";
    return isPressing ? html`<span class="mark is-${chat.priority}">${chat.priority}</span>` : nothing;
  }

  #goOn() {
    if (this.limit < this.store.shown.length) this.limit += ROWS_AT_ONCE;
    else void this.desk.loadMore();
  }

  /** @param {Event & {target: any}} event */
  #type(event) {
    clearTimeout(this.#searching);
    const query = event.target.value.trim();
    this.#searching = window.setTimeout(() => void this.desk.search(query), query ? SEARCH_DELAY : 0);
  }

  /** @param {KeyboardEvent & {target: any}} event */
  #leaveSearch(event) {
    if (event.key !== "Escape") return;
    event.target.value = "";
    clearTimeout(this.#searching);
    void this.desk.search("");
    event.target.blur();
  }
}

customElements.define("chat-list", ChatList);

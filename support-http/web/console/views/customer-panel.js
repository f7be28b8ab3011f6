// @ts-check
import { html, live, nothing } from "../../vendor/lit.js";
import { moment } from "../../shared/moment.js";
import { DeskElement } from "../element.js";
import { icon } from "../pieces/icons.js";
import { channelName, nameOf, PRIORITIES, webAddress } from "./words.js";

/**
 * @typedef {import("../api.js").Chat} Chat
 * @typedef {import("../api.js").Ticket} Ticket
 */

/** Who writes: how to reach them, where they are, and what they wrote before. */
export class CustomerPanel extends DeskElement {
  static properties = { ticket: { state: true }, earlier: { state: true } };
  #shownId = "";

  constructor() {
    super();
    /** @type {Ticket|null} */
    this.ticket = null;
    /** @type {Ticket[]} */
    this.earlier = [];
  }

  willUpdate() {
    const chatId = this.store.selectedId;
    if (!chatId || chatId === this.#shownId) return;
    this.#shownId = chatId;
    this.ticket = null;
    this.earlier = [];
    void this.#load(chatId);
  }

  /** @param {string} chatId */
  async #load(chatId) {
    try {
      const ticket = await this.api.ticket(chatId);
      if (chatId !== this.#shownId) return;
      this.ticket = ticket;
      const tickets = await this.api.ticketsOf(ticket.customerId);
      if (chatId === this.#shownId) this.earlier = tickets.filter((other) => other.id !== ticket.id);
    } catch {
      // The conversation itself tells what is wrong; the panel shows what the list knew.
    }
  }

  render() {
    const chat = this.store.selected;
    if (!chat) return nothing;
    return html`<aside class="panel" aria-label="Details">
      <header><h3>Details</h3><button class="button quiet square panel-close" type="button" aria-label="Close details"
        @click=${() => this.dispatchEvent(new CustomEvent("close"))}>${icon("close")}</button></header>
      ${this.#contact(chat)}${this.#properties(chat)}${this.#visitor(chat)}${this.#earlier()}</aside>`;
  }

  /** @param {Chat} chat */
  #contact(chat) {
    const info = this.ticket?.customerInfo;
    const email = chat.visitorEmail ?? info?.email;
    const phone = chat.visitorPhone ?? info?.phone;
    return html`<section><h4>Customer</h4><dl>
      ${fact("Name", html`<bdi>${nameOf(chat)}</bdi>`)}
      ${email ? fact("Email", html`<a href="mailto:${encodeURIComponent(email)}"><bdi>${email}</bdi></a>`) : nothing}
      ${phone ? fact("Phone", html`<a href="tel:${phone.replace(/[^\d+]/g, "")}"><bdi>${phone}</bdi></a>`) : nothing}
      ${fact("Channel", channelName(chat.channel))}
      ${fact("Since", moment(chat.createdAt))}
      ${chat.rating ? fact("Rating", html`<span aria-label="${chat.rating} of 5 stars">${"★".repeat(chat.rating)}${"☆".repeat(5 - chat.rating)}</span>`) : nothing}
    </dl></section>`;
  }

  /** @param {Chat} chat */
  #properties(chat) {
    const { actions } = this.desk;
    const departments = this.store.departments.filter(({ isActive, slug }) => isActive || slug === chat.department);
    const change = (/** @type {string} */ name) => (/** @type {Event & {target: any}} */ event) =>
      void actions.change(chat.chatId, { [name]: event.target.value || null }).then(() => this.requestUpdate());
    return html`<section><h4>Ticket</h4>
      <label class="property">Priority <select .value=${live(chat.priority)} @change=${change("priority")}>
        ${PRIORITIES.map(([value, label]) => html`<option value=${value} .selected=${value === chat.priority}>${label}</option>`)}</select></label>
      <label class="property">Department <select .value=${live(chat.department ?? "")} @change=${change("department")}>
        <option value="" .selected=${chat.department === null}>None</option>
        ${departments.map(({ slug, name }) => html`<option value=${slug} .selected=${slug === chat.department}>${name}</option>`)}</select></label>
      <div class="tags" role="group" aria-label="Tags">
        ${(chat.tags ?? []).map((tag) => html`<span class="tag"><bdi>${tag}</bdi><button type="button" aria-label="Remove tag ${tag}"
          @click=${() => actions.change(chat.chatId, { tags: chat.tags.filter((other) => other !== tag) })}>${icon("close")}</button></span>`)}
        <form class="add-tag" @submit=${(/** @type {any} */ event) => this.#addTag(event, chat)}>
          <input name="tag" aria-label="Add a tag" placeholder="Add a tag" autocomplete="off" maxlength="50" dir="auto"></form></div>
    </section>`;
  }

  /** @param {SubmitEvent} event @param {Chat} chat */
  async #addTag(event, chat) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const tag = String(new FormData(form).get("tag")).trim();
    if (!tag) return;
    const isDone = await this.desk.actions.change(chat.chatId, { tags: [...new Set([...(chat.tags ?? []), tag])] });
    if (isDone) form.reset();
  }

  /** @param {Chat} chat */
  #visitor(chat) {
    const context = chat.visitorContext;
    const userAgent = context?.userAgent ?? this.ticket?.customerInfo.userAgent;
    const address = context?.ipAddress ?? this.ticket?.customerInfo.ipAddress;
    if (!context && !userAgent && !address) return nothing;
    return html`<section><h4>Visitor</h4><dl>
      ${context?.page ? fact("Now on", page(context.page)) : nothing}
      ${context?.referrer ? fact("Came from", page({ url: context.referrer })) : nothing}
      ${context?.language ? fact("Language", html`<bdi>${context.language}</bdi>`) : nothing}
      ${userAgent ? fact("Browser", html`<bdi title=${userAgent}>${browserName(userAgent)}</bdi>`) : nothing}
      ${address ? fact("Address", html`<bdi>${address}</bdi>`) : nothing}</dl>
      ${context?.pages?.length ? html`<details><summary>${context.pages.length} pages seen</summary>
        <ol class="pages">${context.pages.toReversed().map((seen) => html`<li>${page(seen)}${seen.at ? html` <time datetime=${seen.at}>${moment(seen.at)}</time>` : nothing}</li>`)}</ol></details>` : nothing}
    </section>`;
  }

  #earlier() {
    if (this.earlier.length === 0) return nothing;
    return html`<section><h4>Other tickets</h4><ul class="earlier-tickets">${this.earlier.map((ticket) => html`<li>
      <a href="#/chat/${encodeURIComponent(ticket.id)}"><span class="earlier-subject" dir="auto">${ticket.subject}</span>
        <span class="facts">${ticket.ticketId} · ${ticket.status} · ${moment(ticket.createdAt)}</span></a></li>`)}</ul></section>`;
  }
}

/** @param {string} name @param {unknown} value */
const fact = (name, value) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`;

/** @param {{url: string, title?: string|null}} seen */
const page = ({ url, title }) => {
  const address = webAddress(url);
  const name = html`<bdi>${title || url}</bdi>`;
  return address ? html`<a href=${address} target="_blank" rel="noopener noreferrer nofollow" title=${url}>${name}</a>` : name;
};

/** @param {string} userAgent */
const browserName = (userAgent) => {
  const browser = /(Edg|OPR|Firefox|Chrome|Safari)\/\d+/.exec(userAgent)?.[0].replace("Edg/", "Edge ").replace("OPR/", "Opera ").replace("/", " ");
  const system = /(Windows|Android|iPhone|iPad|Mac OS X|Linux)/.exec(userAgent)?.[0].replace("Mac OS X", "macOS");
  return [browser, system].filter(Boolean).join(", ") || userAgent;
};

customElements.define("customer-panel", CustomerPanel);

// @ts-check
import { html, live, nothing, repeat } from "../../vendor/lit.js";
import { link } from "../routes.js";
import { dayAndClock, moment } from "../times.js";
import { t } from "../words.js";
import { failed, loading, pager, statusOf, Task, View } from "../view.js";

const AT_ONCE = 20;
/** @type {{name: string, word: import("../words.js").Word}[]} */
const STATUSES = [
  { name: "", word: "requests.any" },
  { name: "open,in_progress,pending", word: "requests.unfinished" },
  { name: "open", word: "status.open" },
  { name: "in_progress", word: "status.in_progress" },
  { name: "pending", word: "status.pending" },
  { name: "resolved", word: "status.resolved" },
  { name: "closed", word: "status.closed" },
];
/** @type {{name: string, word: import("../words.js").Word}[]} */
const PRIORITIES = [
  { name: "", word: "requests.any" },
  { name: "low", word: "priority.low" },
  { name: "medium", word: "priority.medium" },
  { name: "high", word: "priority.high" },
  { name: "urgent", word: "priority.urgent" },
];

class PortalRequests extends View {
  #task = new Task(this);
  /** @type {import("../api.js").Ticket[]|null} */
  #tickets = null;
  #total = 0;
  #read = "";

  get #filter() {
    const { query } = this.store.route;
    const page = Math.max(1, Math.trunc(Number(query.get("page"))) || 1);
    return { status: query.get("status") ?? "", priority: query.get("priority") ?? "", page };
  }

  willUpdate() {
    const wanted = JSON.stringify([this.#filter, this.store.listVersion]);
    if (wanted === this.#read || this.#task.isRunning) return;
    this.#read = wanted;
    void this.#load();
  }

  async #load() {
    const found = await this.#task.run(() => this.store.api.tickets({ ...this.#filter, limit: AT_ONCE }));
    if (!found) return;
    this.#tickets = found.tickets;
    this.#total = found.total;
    this.requestUpdate();
  }

  render() {
    const { status, priority, page } = this.#filter;
    const pages = Math.max(1, Math.ceil(this.#total / AT_ONCE));
    const isFiltered = status !== "" || priority !== "";
    return html`
      <div class="head">
        <h1>${t("requests")}</h1>
        <a class="button primary" href=${link("requests", "new")}>${t("requests.new")}</a>
      </div>
      <form class="filter" role="search" aria-label=${t("requests.filter")} @submit=${(/** @type {Event} */ event) => event.preventDefault()}>
        ${this.#choice("status", t("requests.status"), STATUSES, status)}
        ${this.#choice("priority", t("requests.priority"), PRIORITIES, priority)}
        <p class="soft" role="status">${this.#tickets ? t("requests.count", { n: this.#total }) : nothing}</p>
      </form>
      ${failed(this.#task, () => this.#load())}
      ${loading(this.#tickets === null && !this.#task.problem)}
      ${this.#tickets?.length === 0 ? this.#nothing(isFiltered) : nothing}
      ${this.#tickets?.length ? html`<ul class="rows">${repeat(this.#tickets, ({ id }) => id, (ticket) => this.#row(ticket))}</ul>` : nothing}
      ${pager(page, pages, (other) => link("requests", "", { status, priority, page: String(other) }))}`;
  }

  /** @param {"status"|"priority"} name @param {string} label @param {{name: string, word: import("../words.js").Word}[]} choices @param {string} chosen */
  #choice(name, label, choices, chosen) {
    const choose = (/** @type {Event} */ event) => {
      const { status, priority } = this.#filter;
      const query = { status, priority, [name]: /** @type {HTMLSelectElement} */ (event.target).value };
      location.hash = link("requests", "", query);
    };
    return html`<div class="field"><label for="filter-${name}">${label}</label>
      <select id="filter-${name}" .value=${live(chosen)} @change=${choose}>${choices.map((one) =>
        html`<option value=${one.name} ?selected=${one.name === chosen}>${t(one.word)}</option>`)}</select></div>`;
  }

  /** @param {boolean} isFiltered */
  #nothing(isFiltered) {
    if (isFiltered) {
      return html`<div class="empty"><h2>${t("requests.none.found")}</h2><a class="button" href=${link("requests")}>${t("requests.all")}</a></div>`;
    }
    return html`<div class="empty"><h2>${t("requests.none")}</h2><p>${t("requests.none.text")}</p>
      <a class="button primary" href=${link("requests", "new")}>${t("requests.new")}</a></div>`;
  }

  /** @param {import("../api.js").Ticket} ticket */
  #row(ticket) {
    const at = ticket.lastMessageAt ?? ticket.createdAt;
    const isUrgent = ticket.priority === "high" || ticket.priority === "urgent";
    return html`<li class=${ticket.unreadCount > 0 ? "row unread" : "row"}>
      <a href=${link("requests", ticket.ticketId)}>
        <span class="title" dir="auto">${ticket.title}</span>
        <span class="about">
          ${statusOf(ticket.status)}
          <span>${ticket.ticketId}</span>
          ${isUrgent ? html`<span class="priority ${ticket.priority}">${t(ticket.priority === "high" ? "priority.high" : "priority.urgent")}</span>` : nothing}
          ${ticket.category ? html`<span class="category" dir="auto">${ticket.category}</span>` : nothing}
          <span>${t("requests.messages", { n: ticket.messageCount })}</span>
        </span>
        <span class="when"><time datetime=${at} title=${dayAndClock(at)}>${moment(at)}</time>
          ${ticket.unreadCount > 0 ? html`<span class="badge" aria-hidden="true">${ticket.unreadCount > 99 ? "99+" : ticket.unreadCount}</span>
            <span class="unseen">${t("requests.unread", { n: ticket.unreadCount })}</span>` : nothing}</span>
      </a></li>`;
  }
}

customElements.define("portal-requests", PortalRequests);

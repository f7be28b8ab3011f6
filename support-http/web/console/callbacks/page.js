// @ts-check
import { html, live, nothing, repeat } from "../../vendor/lit.js";
import { Failure } from "../../shared/server.js";
import { moment } from "../../shared/moment.js";
import { DeskElement } from "../element.js";
import { icon } from "../pieces/icons.js";
import { askFor } from "../views/dialogs.js";

/**
 * @typedef {object} Callback
 * @property {string} id
 * @property {string} contactNumber
 * @property {string|null} e164
 * @property {string|null} employeeId
 * @property {string|null} ticketId
 * @property {"pending"|"contacted"|"resolved"|"failed"} status
 * @property {string|null} scheduledAt
 * @property {string|null} assignedTo
 * @property {string|null} emailError
 * @property {string|null} telegramError
 * @property {string|null} notes
 * @property {string|null} contactedAt
 * @property {{at: string, by: string|null, outcome: string, notes: string|null}[]} attempts
 * @property {string} createdAt
 */

/** @type {[string, string][]} */
const OUTCOMES = [["reached", "Reached"], ["no_answer", "No answer"], ["busy", "Busy"], ["voicemail", "Voicemail"], ["wrong_number", "Wrong number"]];
/** @type {[string, string, string[]][]} */
const VIEWS = [["due", "To do", ["pending", "contacted"]], ["resolved", "Done", ["resolved"]], ["failed", "Failed", ["failed"]]];
/** @type {Record<Callback["status"], [string, string][]>} where each can go from there */
const STEPS = {
  pending: [["contacted", "Contacted"], ["failed", "Failed"]],
  contacted: [["resolved", "Done"], ["failed", "Failed"]],
  failed: [["pending", "Try again"]],
  resolved: [],
};
const OVERDUE = 4 * 3_600_000;
const PAGE = 50;

/** @param {Callback} callback when it is to be made */
const dueAt = (callback) => Date.parse(callback.scheduledAt ?? callback.createdAt);

/** People who want to be phoned: who is due, what was tried, and a number to tap. */
export class CallbacksPage extends DeskElement {
  static properties = { view: { state: true }, callbacks: { state: true }, page: { state: true }, hasMore: { state: true }, isLoaded: { state: true },
    overdue: { state: true }, onlyMine: { state: true } };
  #reading = 0;
  #waiting = 0;

  constructor() {
    super();
    this.view = "due";
    /** @type {Callback[]} */
    this.callbacks = [];
    this.page = 1;
    this.hasMore = false;
    this.isLoaded = false;
    this.overdue = 0;
    this.onlyMine = false;
  }

  connectedCallback() {
    super.connectedCallback();
    this.endWithThis(this.desk.listen((name) => {
      if (!name.startsWith("callback_") && name !== "connected") return;
      // Several events of one moment are one reading.
      clearTimeout(this.#waiting);
      this.#waiting = window.setTimeout(() => void this.#load(), 150);
    }));
    this.endWithThis(() => clearTimeout(this.#waiting));
    void this.#load();
  }

  async #load() {
    const reading = ++this.#reading;
    const statuses = VIEWS.find(([view]) => view === this.view)?.[2] ?? [];
    await this.desk.actions.attempt(async () => {
      const [stats, ...lists] = await Promise.all([this.api.get("api/v1/admin/callbacks/stats", { days: 30 }),
        ...statuses.map((status) => this.#list(status))]);
      if (reading !== this.#reading) return;
      this.overdue = stats.overdue;
      this.callbacks = lists.flatMap((list) => list.callbacks).sort(this.view === "due" ? (one, other) => dueAt(one) - dueAt(other)
        : (one, other) => dueAt(other) - dueAt(one));
      this.hasMore = lists.some((list) => list.hasMore);
    });
    this.isLoaded = true;
  }

  /** Every page that is shown so far. @param {string} status */
  async #list(status) {
    /** @type {Callback[]} */
    const callbacks = [];
    for (let page = 1; ; page += 1) {
      const assignedTo = this.onlyMine ? this.store.user.id : undefined;
      const answer = await this.api.get("api/v1/admin/callbacks", { status, page, limit: PAGE, assignedTo });
      callbacks.push(...answer.callbacks);
      const hasMore = answer.pagination.hasNextPage;
      if (!hasMore || page >= this.page) return { callbacks, hasMore };
    }
  }

  /** @param {string} view */
  #show(view) {
    this.view = view;
    this.page = 1;
    this.callbacks = [];
    this.isLoaded = false;
    void this.#load();
  }

  render() {
    return html`<main class="page">
      <div class="page-head"><h1>Callbacks</h1>
        ${this.overdue > 0 ? html`<span class="mark is-bad">${this.overdue} overdue</span>` : nothing}
        <label class="switch-line"><input type="checkbox" .checked=${live(this.onlyMine)} @change=${() => { this.onlyMine = !this.onlyMine; this.#show(this.view); }}> Only mine</label></div>
      <div class="segments" role="group" aria-label="Show">${VIEWS.map(([view, label]) => html`
        <button class="segment" type="button" aria-pressed=${String(view === this.view)} @click=${() => this.#show(view)}>${label}</button>`)}</div>
      ${this.callbacks.length === 0 ? html`<p class="empty" role="status">${this.isLoaded ? "Nobody wants to be phoned. New requests appear here by themselves." : "Loading…"}</p>` : nothing}
      <ul class="callbacks" aria-label="Callbacks">${repeat(this.callbacks, (callback) => callback.id, (callback) => this.#card(callback))}</ul>
      ${this.hasMore ? html`<button class="button" type="button" @click=${() => { this.page += 1; void this.#load(); }}>Show more</button>` : nothing}
    </main>`;
  }

  /** @param {Callback} callback */
  #card(callback) {
    const number = callback.e164 ?? callback.contactNumber.replace(/[^\d+]/g, "");
    const problem = callback.emailError ?? callback.telegramError;
    return html`<li class="card callback">
      <div class="callback-head"><a class="button primary call" href="tel:${number}" aria-label="Call ${callback.contactNumber}">${icon("phone")}<bdi>${callback.contactNumber}</bdi></a>
        ${this.#when(callback)}</div>
      <p class="facts">${[callback.employeeId ? `Employee ${callback.employeeId}` : "", `requested ${moment(callback.createdAt)}`].filter(Boolean).join(" · ")}
        ${callback.ticketId ? html` · <a href="#/chat/${encodeURIComponent(callback.ticketId)}">Open the ticket</a>` : nothing}</p>
      ${callback.notes ? html`<p class="callback-notes" dir="auto">${callback.notes}</p>` : nothing}
      ${problem ? html`<p class="error" dir="auto">The team was not told: ${problem}</p>` : nothing}
      ${callback.attempts.length > 0 ? html`<ol class="attempts" aria-label="Attempts">${callback.attempts.map((attempt) => html`<li>
        <b>${OUTCOMES.find(([outcome]) => outcome === attempt.outcome)?.[1] ?? attempt.outcome}</b>
        <time datetime=${attempt.at}>${moment(attempt.at)}</time> <bdi>${this.#nameOf(attempt.by)}</bdi>
        ${attempt.notes ? html`<span class="attempt-notes" dir="auto">${attempt.notes}</span>` : nothing}</li>`)}</ol>` : nothing}
      ${this.#controls(callback)}</li>`;
  }

  /** @param {Callback} callback */
  #when(callback) {
    if (callback.status === "resolved") return html`<span class="mark is-good">done</span>`;
    if (callback.status === "failed") return html`<span class="mark">failed</span>`;
    const late = Date.now() - dueAt(callback);
    if (callback.scheduledAt && late < 0) return html`<span class="mark">for ${moment(callback.scheduledAt)}, ${clockOf(callback.scheduledAt)}</span>`;
    if (callback.status === "pending" && late > OVERDUE) return html`<span class="mark is-bad">waiting for ${span(late)}</span>`;
    return html`<span class="mark is-warn">${callback.status === "contacted" ? "contacted" : "due"}</span>`;
  }

  /** @param {string|null} agentId */
  #nameOf(agentId) {
    return this.store.agents.find((agent) => agent.id === agentId)?.name ?? "";
  }

  /** @param {Callback} callback */
  #controls(callback) {
    const agents = this.store.agents.filter((agent) => agent.isActive || agent.id === callback.assignedTo);
    const steps = STEPS[callback.status] ?? [];
    return html`<div class="callback-controls">
      ${callback.status === "resolved" ? nothing : html`
        <button class="button" type="button" @click=${() => this.#askAttempt(callback)}>Log attempt</button>`}
      ${steps.map(([status, label]) => html`<button class="button" type="button" @click=${() => this.#change(callback, "", { status })}>${label}</button>`)}
      <button class="button quiet" type="button" @click=${() => this.#askNotes(callback)}>Notes</button>
      <label class="assign"><span class="unseen">Assigned to, ${callback.contactNumber}</span>
        <select class="control" .value=${live(callback.assignedTo ?? "")} @change=${(/** @type {any} */ event) => this.#assign(callback, event.target.value)}>
          <option value="" disabled .selected=${!callback.assignedTo}>Assign to…</option>
          ${agents.map((agent) => html`<option value=${agent.id} .selected=${agent.id === callback.assignedTo}>${agent.name}</option>`)}</select></label></div>`;
  }

  /** @param {Callback} callback @param {string} agentId */
  #assign(callback, agentId) {
    return this.#change(callback, "/assign", { agentId });
  }

  /** @param {Callback} callback @param {string} rest @param {object} change */
  #change(callback, rest, change) {
    return this.desk.actions.attempt(async () => this.#accept(await this.api.patch(this.#path(callback, rest), change)));
  }

  /** @param {Callback} callback @param {string} rest */
  #path(callback, rest) {
    return `api/v1/admin/callbacks/${encodeURIComponent(callback.id)}${rest}`;
  }

  /** @param {Callback} callback */
  #accept(callback) {
    const statuses = VIEWS.find(([view]) => view === this.view)?.[2] ?? [];
    const belongs = statuses.includes(callback.status);
    this.callbacks = this.callbacks.flatMap((other) => (other.id !== callback.id ? other : belongs ? callback : []));
  }

  /** @param {Callback} callback */
  #askAttempt(callback) {
    askFor(`Attempt: ${callback.contactNumber}`, [
      { name: "outcome", label: "Outcome", kind: "select", required: true, isWide: true, options: OUTCOMES },
      { name: "notes", label: "Note", kind: "textarea", rows: 3, maxlength: 2000 },
    ], { outcome: "reached", notes: "" }, "Save", async ({ outcome, notes }) => {
      this.#accept(await this.api.post(this.#path(callback, "/attempts"), { outcome, notes: notes.trim() || undefined }));
    });
  }

  /** @param {Callback} callback */
  #askNotes(callback) {
    askFor(`Notes: ${callback.contactNumber}`, [{ name: "notes", label: "Notes", kind: "textarea", rows: 5, maxlength: 2000 },
      { name: "scheduledAt", label: "Call at", kind: "datetime-local", hint: "Empty: as soon as possible" }],
    { notes: callback.notes ?? "", scheduledAt: localInput(callback.scheduledAt) }, "Save", async ({ notes, scheduledAt }) => {
      const when = scheduledAt ? new Date(scheduledAt) : null;
      if (when && Number.isNaN(when.getTime())) throw new Failure(400, "VALIDATION_ERROR", "This is not a time", 0, [{ field: "scheduledAt", message: "This is not a time" }]);
      const isSame = scheduledAt === localInput(callback.scheduledAt);
      this.#accept(await this.api.patch(this.#path(callback, ""), { notes, scheduledAt: isSame || !when ? undefined : when.toISOString() }));
    });
  }
}

/** @param {string|null} iso as a field for local times wants it */
const localInput = (iso) => {
  if (!iso) return "";
  const date = new Date(iso);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
};

/** @param {string} iso */
const clockOf = (iso) => new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" }).format(new Date(iso));

/** @param {number} milliseconds */
const span = (milliseconds) => {
  const hours = Math.floor(milliseconds / 3_600_000);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
};

customElements.define("callbacks-page", CallbacksPage);

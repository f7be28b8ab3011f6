// @ts-check
import { html, live, nothing } from "../../vendor/lit.js";
import { moment } from "../../shared/moment.js";
import { DeskElement } from "../element.js";
import { icon } from "../pieces/icons.js";
import { asTable, barsOf, duration, ring } from "./charts.js";

/** @type {[string, string][]} */
const RANGES = [["7", "Last 7 days"], ["30", "Last 30 days"], ["90", "Last 90 days"], ["365", "Last year"], ["", "From … to …"]];

/** @typedef {{count: number, average: number|null, median: number|null, p90: number|null, inOfficeHours: {average: number|null, median: number|null, p90: number|null}|null}} Times */

/** @param {number|null|undefined} value @param {string} [unit] */
const figure = (value, unit = "") => (value === null || value === undefined ? "–" : `${Math.round(value * 10) / 10}${unit}`);

/** How the team is doing, in figures and drawings. */
export class AnalyticsPage extends DeskElement {
  static properties = { days: { state: true }, from: { state: true }, to: { state: true }, department: { state: true }, agentId: { state: true },
    data: { state: true }, isLoading: { state: true } };
  #reading = 0;

  constructor() {
    super();
    this.days = "30";
    this.from = "";
    this.to = "";
    this.department = "";
    this.agentId = "";
    /** @type {any} */
    this.data = null;
    this.isLoading = true;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.#load();
  }

  get #query() {
    const range = this.days ? { days: this.days } : { from: this.from, to: this.to };
    return { ...range, department: this.department, agentId: this.agentId };
  }

  async #load() {
    if (!this.days && (!this.from || !this.to)) return;
    const reading = ++this.#reading;
    this.isLoading = true;
    await this.desk.actions.attempt(async () => {
      const data = await this.api.get("api/v1/admin/chat/analytics", this.#query);
      if (reading === this.#reading) this.data = data;
    });
    if (reading === this.#reading) this.isLoading = false;
  }

  /** @param {"days"|"from"|"to"|"department"|"agentId"} name @param {Event & {target: any}} event */
  #choose(name, event) {
    this[name] = event.target.value;
    void this.#load();
  }

  #download() {
    const { from, to } = this.data?.range ?? { from: "", to: "" };
    void this.desk.actions.attempt(() => this.api.download("api/v1/admin/chat/analytics", { ...this.#query, format: "csv" }, `analytics-${from}-${to}.csv`));
  }

  render() {
    const { departments, agents } = this.store;
    const control = (/** @type {string} */ label, /** @type {"days"|"department"|"agentId"} */ name, /** @type {[string, string][]} */ options) => html`
      <select class="control" aria-label=${label} .value=${live(this[name])} @change=${(/** @type {any} */ event) => this.#choose(name, event)}>
        ${options.map(([value, text]) => html`<option value=${value} .selected=${value === this[name]}>${text}</option>`)}</select>`;
    const date = (/** @type {string} */ label, /** @type {"from"|"to"} */ name) => html`<input class="control" type="date" aria-label=${label}
      .value=${live(this[name])} @change=${(/** @type {any} */ event) => this.#choose(name, event)}>`;
    return html`<main class="page" aria-busy=${String(this.isLoading)}>
      <div class="page-head"><h1>Analytics</h1>
        ${control("Range", "days", RANGES)}
        ${this.days ? nothing : html`${date("From", "from")}${date("To", "to")}`}
        ${control("Department", "department", [["", "All departments"], ...departments.map(({ slug, name }) => /** @type {[string, string]} */ ([slug, name]))])}
        ${control("Agent", "agentId", [["", "All agents"], ...agents.map(({ id, name }) => /** @type {[string, string]} */ ([id, name]))])}
        <button class="button" type="button" @click=${this.#download} ?disabled=${!this.data}>${icon("down")} CSV</button></div>
      ${this.data ? this.#figures(this.data) : html`<p class="empty" role="status">${this.isLoading ? "Loading…" : "Nothing could be read."}</p>`}</main>`;
  }

  /** @param {any} data */
  #figures(data) {
    const { summary } = data;
    const tile = (/** @type {string} */ name, /** @type {string|number} */ value, /** @type {string} */ more) =>
      html`<div class="tile"><dt>${name}</dt><dd>${value}</dd><dd class="tile-more">${more}</dd></div>`;
    const times = (/** @type {Times} */ one) => (one.count ? `90 % within ${duration(one.p90)}` : "none yet");
    return html`
      <p class="page-intro">${data.range.from} to ${data.range.to}, ${data.range.timezone}. A figure belongs to the day its chat was opened on.</p>
      <dl class="tiles">
        ${tile("Chats", summary.totalChats, `${summary.activeChats} active, ${summary.waitingChats} waiting`)}
        ${tile("Resolved", figure(summary.resolutionRate, " %"), `${summary.resolvedChats} of ${summary.totalChats}`)}
        ${tile("First response", duration(summary.firstResponseTime.median), times(summary.firstResponseTime))}
        ${tile("Resolution", duration(summary.resolutionTime.median), times(summary.resolutionTime))}
        ${tile("Satisfied", figure(summary.csat, " %"), `${summary.totalRatings} ratings`)}
        ${tile("Rating", figure(summary.avgRating), "of 5 stars on average")}</dl>
      ${this.#volume(data)}
      <div class="charts">${this.#ratings(data)}${this.#departments(data)}${this.#times(summary)}${this.#targets(summary)}${this.#priorities(data)}${this.#top(data)}</div>
      ${this.#agents(data)}`;
  }

  /** @param {any} data */
  #volume(data) {
    const days = Object.keys(data.dailyVolume).sort();
    const counts = days.map((day) => data.dailyVolume[day]);
    return html`<section class="card"><h2>Chats per day</h2><daily-chart .days=${days} .counts=${counts}></daily-chart>
      ${asTable("Chats per day", ["Day", "Chats"], days.map((day, index) => [day, counts[index]]))}</section>`;
  }

  /** @param {any} data */
  #ratings(data) {
    const stars = ["5", "4", "3", "2", "1"];
    const count = (/** @type {string} */ star) => data.ratingDistribution[star] ?? 0;
    return html`<section class="card"><h2>Ratings</h2>
      ${barsOf(stars.map((star) => ({ label: `${star} ★`, value: count(star), text: String(count(star)) })))}
      ${asTable("Ratings", ["Stars", "Ratings"], stars.map((star) => [star, count(star)]))}</section>`;
  }

  /** @param {any} data */
  #departments(data) {
    /** @type {{name: string, count: number, resolved: number}[]} */
    const rows = Object.values(data.departmentStats);
    rows.sort((one, other) => other.count - one.count);
    return html`<section class="card"><h2>Departments</h2><p class="hint">Filled: resolved</p>
      ${barsOf(rows.map((row) => ({ label: row.name, value: row.count, part: row.resolved, text: `${row.resolved} / ${row.count}` })))}
      ${asTable("Departments", ["Department", "Chats", "Resolved"], rows.map((row) => [row.name, row.count, row.resolved]))}</section>`;
  }

  /** @param {any} summary */
  #times(summary) {
    /** @type {[string, Times][]} */
    const rows = [["First response", summary.firstResponseTime], ["Any response", summary.responseTime], ["Resolution", summary.resolutionTime], ["Session", summary.sessionDuration]];
    const cells = rows.map(([name, times]) => [name, duration(times.average), duration(times.median), duration(times.p90), duration(times.inOfficeHours?.median)]);
    const bars = rows.map(([label, times]) => ({ label, value: Math.log10(Math.max(1, times.p90 ?? 0)), part: Math.log10(Math.max(1, times.median ?? 0)),
      text: `${duration(times.median)} / ${duration(times.p90)}` }));
    return html`<section class="card"><h2>Times</h2><p class="hint">Filled: half of them within; whole: 90 % within; on a logarithmic scale</p>${barsOf(bars)}
      ${asTable("Times", ["", "Average", "Median", "90 % within", "Median in office hours"], cells)}</section>`;
  }

  /** @param {any} summary */
  #targets(summary) {
    const rows = /** @type {const} */ ([["First response", summary.sla.firstResponse], ["Next response", summary.sla.nextResponse], ["Resolution", summary.sla.resolution]]);
    return html`<section class="card"><h2>Service levels met</h2>
      <div class="rings">${rows.map(([name, level]) => html`<div>${ring(level.attainment)}<b>${figure(level.attainment, " %")}</b><span>${name}</span></div>`)}</div>
      ${asTable("Service levels", ["Target", "Met", "Missed", "Share"], rows.map(([name, level]) => [name, level.met, level.breached, figure(level.attainment, " %")]))}</section>`;
  }

  /** @param {any} data */
  #priorities(data) {
    const rows = ["urgent", "high", "normal", "low"].map((name) => ({ label: name, value: data.byPriority[name] ?? 0, text: String(data.byPriority[name] ?? 0) }));
    return html`<section class="card"><h2>Priorities</h2>${barsOf(rows)}${asTable("Priorities", ["Priority", "Chats"], rows.map((row) => [row.label, row.value]))}</section>`;
  }

  /** @param {any} data */
  #top(data) {
    if (data.topRatedChats.length === 0) return nothing;
    return html`<section class="card"><h2>Best rated</h2><ul class="top">${data.topRatedChats.slice(0, 5).map((/** @type {any} */ chat) => html`<li>
      <a href="#/chat/${encodeURIComponent(chat.chatId)}"><bdi>${chat.subject ?? chat.ticketId ?? "Chat"}</bdi></a>
      <span aria-label="${chat.rating} of 5 stars">${"★".repeat(chat.rating ?? 0)}</span>
      ${chat.comment ? html`<q dir="auto">${chat.comment}</q>` : nothing} <span class="facts">${chat.ratedAt ? moment(chat.ratedAt) : ""}</span></li>`)}</ul></section>`;
  }

  /** @param {any} data */
  #agents(data) {
    if (data.agentStats.length === 0) return nothing;
    return html`<section class="card"><h2>Agents</h2><div class="table-frame" tabindex="0" role="region" aria-label="Agents, table"><table class="table"><caption class="unseen">Agents</caption>
      <thead><tr><th scope="col">Agent</th>${["Handled", "Resolved", "First response", "Response", "Resolution", "Rating"].map((title) => html`<th scope="col" class="is-number">${title}</th>`)}</tr></thead>
      <tbody>${data.agentStats.map((/** @type {any} */ agent) => html`<tr><th scope="row" dir="auto" class="main">${agent.name ?? "Former agent"}</th>
        ${[agent.handled, agent.resolved, duration(agent.avgFirstResponseTime), duration(agent.avgResponseTime), duration(agent.avgResolutionTime),
        agent.totalRatings ? `${figure(agent.avgRating)} (${agent.totalRatings})` : "–"].map((cell) => html`<td class="is-number">${cell}</td>`)}</tr>`)}</tbody></table></div></section>`;
  }
}

customElements.define("analytics-page", AnalyticsPage);

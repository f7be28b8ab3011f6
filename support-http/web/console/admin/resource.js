// @ts-check
import { html, nothing, repeat } from "../../vendor/lit.js";
import { DeskElement } from "../element.js";
import { confirmed, openDialog } from "../pieces/dialog.js";
import "../pieces/form.js";

/**
 * @typedef {import("../pieces/form.js").Field} Field
 * @typedef {import("../api.js").Api} Api
 * @typedef {import("../desk.js").Desk} Desk
 * @typedef {{page: number, query: string, filters: Record<string, string>, cursor: string|null}} Wanted
 * @typedef {{rows: any[], pagination?: {totalPages: number, totalItems: number, hasNextPage: boolean, hasPrevPage: boolean}, nextCursor?: string|null}} Part
 * @typedef {{desk: Desk, api: Api, reload: () => Promise<void>}} Context
 * @typedef {{label: string, act: (row: any, context: Context) => unknown, when?: (row: any) => boolean, isDangerous?: boolean}} RowAction
 *
 * @typedef {object} Resource what a page of administration is, so that each is short
 * @property {string} title
 * @property {string} intro
 * @property {string} [one] what one of them is called
 * @property {(api: Api, wanted: Wanted) => Promise<Part>} load
 * @property {{label: string, value: (row: any, desk: Desk) => unknown, isMain?: boolean, isNumber?: boolean}[]} columns
 * @property {string} [search] what is searched for
 * @property {{name: string, label: string, options: [string, string][]}[]} [filters]
 * @property {(row: any|null, desk: Desk) => Field[]} [fields]
 * @property {(row: any|null) => any} [values] what the form begins with
 * @property {(api: Api, values: any) => Promise<any>} [create]
 * @property {(api: Api, row: any, values: any) => Promise<any>} [update]
 * @property {(answer: any) => {title: string, text: string, secret: string}|null} [once] what is shown this once
 * @property {RowAction[]} [actions]
 * @property {{label: string, title: (row: any) => string, text: string, act: (api: Api, row: any) => Promise<any>, when?: (row: any) => boolean}} [removal]
 * @property {(values: any) => unknown} [extra] below the form's fields
 * @property {boolean} [isWide]
 * @property {"supervisor"|"admin"} [writer] who may change something; nobody if it is not named
 * @property {(desk: Desk) => unknown} [changed]
 */

/** Shows a secret that nobody can read again. @param {{title: string, text: string, secret: string}} shown */
export const showOnce = ({ title, text, secret }) => openDialog(title, (close) => html`<p>${text}</p><code class="secret">${secret}</code>
  <div class="dialog-actions"><button class="button" type="button" @click=${() => navigator.clipboard?.writeText(secret)}>Copy</button>
  <button class="button primary" type="button" @click=${close}>I have kept it</button></div>`);

/** A list of things that can be looked through, added, changed and removed. */
export class ConsoleResource extends DeskElement {
  static properties = { resource: { attribute: false }, shown: { state: true }, wanted: { state: true }, isLoading: { state: true }, isMissing: { state: true } };
  #reading = 0;
  #searching = 0;

  constructor() {
    super();
    this.resource = /** @type {Resource} */ (/** @type {unknown} */ (undefined));
    /** @type {Part} */
    this.shown = { rows: [] };
    /** @type {Wanted} */
    this.wanted = { page: 1, query: "", filters: {}, cursor: null };
    this.isLoading = true;
    this.isMissing = false;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.reload();
  }

  get #mayWrite() {
    const { writer } = this.resource;
    if (this.store.user.role === "platform") return writer !== undefined;
    return writer === "supervisor" ? this.isSupervisor : writer === "admin" && this.isAdmin;
  }

  /** @type {Context} */
  get #context() {
    return { desk: this.desk, api: this.api, reload: () => this.reload() };
  }

  async reload() {
    const reading = ++this.#reading;
    this.isLoading = true;
    await this.desk.actions.attempt(async () => {
      const part = await this.resource.load(this.api, this.wanted).catch((failure) => {
        if (failure.status !== 404) throw failure;
        this.isMissing = true;
        return { rows: [] };
      });
      if (reading !== this.#reading) return;
      this.shown = this.wanted.cursor ? { ...part, rows: [...this.shown.rows, ...part.rows] } : part;
    });
    if (reading === this.#reading) this.isLoading = false;
  }

  /** @param {Partial<Wanted>} change */
  #want(change) {
    this.wanted = { ...this.wanted, page: 1, cursor: null, ...change };
    return this.reload();
  }

  render() {
    const { resource } = this;
    const canAdd = resource.create && this.#mayWrite && !this.isMissing;
    return html`
      <div class="page-head"><h2>${resource.title}</h2>${this.#filters()}
        ${canAdd ? html`<button class="button primary" type="button" @click=${() => this.edit(null)}>New ${resource.one}</button>` : nothing}</div>
      <p class="page-intro">${resource.intro}</p>
      ${this.isMissing ? html`<p class="empty">This server does not offer this.</p>` : this.#table()}`;
  }

  #filters() {
    const { resource, wanted } = this;
    const type = (/** @type {Event & {target: any}} */ event) => {
      clearTimeout(this.#searching);
      const query = event.target.value.trim();
      this.#searching = window.setTimeout(() => void this.#want({ query }), 250);
    };
    return html`
      ${resource.search ? html`<input class="control" type="search" aria-label=${resource.search} placeholder=${resource.search} .value=${wanted.query} @input=${type}>` : nothing}
      ${(resource.filters ?? []).map((filter) => html`<select class="control" aria-label=${filter.label}
        @change=${(/** @type {any} */ event) => this.#want({ filters: { ...wanted.filters, [filter.name]: event.target.value } })}>
        ${filter.options.map(([value, label]) => html`<option value=${value}>${label}</option>`)}</select>`)}`;
  }

  #table() {
    const { resource, shown } = this;
    // A part may be empty though there is more.
    if (shown.rows.length === 0 && shown.nextCursor) return html`<div class="table-frame">${this.#pager()}</div>`;
    if (shown.rows.length === 0) return html`<p class="empty" role="status">${this.isLoading ? "Loading…" : "There are none."}</p>`;
    return html`<div class="table-frame" aria-busy=${String(this.isLoading)}><table class="table is-stacked"><caption class="unseen">${resource.title}</caption>
      <thead><tr>${resource.columns.map((column) => html`<th scope="col" class=${column.isNumber ? "is-number" : ""}>${column.label}</th>`)}
        <th scope="col"><span class="unseen">What to do</span></th></tr></thead>
      <tbody>${repeat(shown.rows, (row) => row.id ?? row.name, (row) => html`<tr>
        ${resource.columns.map((column) => html`<td data-label=${column.label} class="${column.isMain ? "main" : ""}${column.isNumber ? " is-number" : ""}" dir="auto">${column.value(row, this.desk) ?? "–"}</td>`)}
        <td class="row-actions">${this.#rowActions(row)}</td></tr>`)}</tbody></table>${this.#pager()}</div>`;
  }

  #pager() {
    const { pagination, nextCursor } = this.shown;
    if (nextCursor) return html`<div class="pager"><button class="button" type="button" @click=${() => { this.wanted = { ...this.wanted, cursor: nextCursor }; void this.reload(); }}>Show more</button></div>`;
    if (!pagination || pagination.totalPages <= 1) return nothing;
    const { page } = this.wanted;
    return html`<div class="pager"><button class="button" type="button" ?disabled=${!pagination.hasPrevPage} @click=${() => this.#want({ page: page - 1 })}>Back</button>
      <span>Page ${page} of ${pagination.totalPages}, ${pagination.totalItems} in all</span>
      <button class="button" type="button" ?disabled=${!pagination.hasNextPage} @click=${() => this.#want({ page: page + 1 })}>Next</button></div>`;
  }

  /** @param {any} row */
  #rowActions(row) {
    const { resource } = this;
    if (!this.#mayWrite) return nothing;
    const name = String(row.name ?? row.title ?? row.shortcut ?? row.url ?? row.value ?? row.email ?? "");
    const button = (/** @type {string} */ label, /** @type {() => unknown} */ act, isDangerous = false) => html`
      <button class="button quiet${isDangerous ? " danger" : ""}" type="button" aria-label="${label}${name ? ` ${name}` : ""}" @click=${act}>${label}</button>`;
    const { removal } = resource;
    return html`
      ${resource.update ? button("Edit", () => this.edit(row)) : nothing}
      ${(resource.actions ?? []).filter((action) => action.when?.(row) ?? true)
        .map((action) => button(action.label, () => this.desk.actions.attempt(async () => action.act(row, this.#context)), action.isDangerous))}
      ${removal && (removal.when?.(row) ?? true) ? button(removal.label, () => this.#remove(row), true) : nothing}`;
  }

  /** @param {any|null} row nothing for a new one */
  edit(row) {
    const { resource } = this;
    const fields = resource.fields?.(row, this.desk) ?? [];
    const values = resource.values?.(row) ?? row ?? {};
    const save = async (/** @type {any} */ given) => {
      const answer = row ? await resource.update?.(this.api, row, given) : await resource.create?.(this.api, given);
      this.store.tell("Saved", "done");
      await this.reload();
      resource.changed?.(this.desk);
      return answer;
    };
    openDialog(row ? `Edit ${resource.one}` : `New ${resource.one}`, (close) => html`
      <console-form .fields=${fields} .values=${values} .save=${save} .extra=${resource.extra ?? null} .cancel=${close}
        .done=${(/** @type {any} */ answer) => { close(); const shown = resource.once?.(answer); if (shown) showOnce(shown); }}></console-form>`, { isWide: resource.isWide });
  }

  /** @param {any} row */
  async #remove(row) {
    const { removal } = this.resource;
    if (!removal || !(await confirmed(removal.title(row), removal.text, removal.label))) return;
    await this.desk.actions.attempt(() => removal.act(this.api, row), "Done");
    await this.reload();
    this.resource.changed?.(this.desk);
  }
}

customElements.define("console-resource", ConsoleResource);

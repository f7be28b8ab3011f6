// @ts-check
import { html, ifDefined, LitElement, live, nothing, repeat } from "../../vendor/lit.js";
import { Failure } from "../../shared/server.js";
import { pick, put } from "./values.js";
import "./hours.js";

/**
 * @typedef {"text"|"email"|"password"|"secret"|"number"|"url"|"tel"|"color"|"datetime-local"|"textarea"|"select"|"checkbox"|"checks"|"list"|"hours"} Kind
 *
 * @typedef {object} Field
 * @property {string} name as the server calls it, also in its refusals; `a.b` is a field in another
 * @property {string} label
 * @property {Kind} [kind]
 * @property {string} [hint]
 * @property {boolean} [required]
 * @property {[string, string][]} [options] values and what they are called
 * @property {string} [autocomplete]
 * @property {string} [placeholder]
 * @property {number} [maxlength]
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [rows]
 * @property {boolean} [isWide]
 * @property {(values: any) => boolean} [when] whether it is asked for
 */

let count = 0;

/**
 * A form from a list of fields. What the server refuses stands at the field it is about.
 */
export class ConsoleForm extends LitElement {
  static properties = {
    fields: { attribute: false }, values: { attribute: false }, save: { attribute: false }, done: { attribute: false },
    action: {}, cancel: { attribute: false }, extra: { attribute: false }, errors: { state: true }, problem: { state: true },
    isBusy: { state: true },
  };

  constructor() {
    super();
    /** @type {Field[]} */
    this.fields = [];
    /** @type {any} */
    this.values = {};
    /** @type {(values: any) => Promise<unknown>} */
    this.save = async () => {};
    /** @type {((answer: any) => void)|null} */
    this.done = null;
    /** @type {(() => void)|null} */
    this.cancel = null;
    /** @type {((values: any) => unknown)|null} drawn below the fields */
    this.extra = null;
    this.action = "Save";
    /** @type {Record<string, string>} */
    this.errors = {};
    this.problem = "";
    this.isBusy = false;
    this.idStart = `form-${++count}`;
  }

  createRenderRoot() {
    return this;
  }

  /** @param {import("../../vendor/lit.js").PropertyValues} changed */
  willUpdate(changed) {
    // The form has its own copy: what is typed is nobody else's until it is saved.
    if (changed.has("values")) this.values = structuredClone(this.values);
  }

  render() {
    const fields = this.fields.filter((field) => field.when?.(this.values) ?? true);
    return html`
      <form class="form" novalidate @submit=${this.#submit}>
        <div class="fields">${repeat(fields, (field) => field.name, (field) => this.#row(field))}</div>
        ${this.extra?.(this.values) ?? nothing}
        <p class="problem" role="alert">${this.problem}</p>
        <div class="dialog-actions">
          ${this.cancel ? html`<button class="button" type="button" @click=${this.cancel}>Cancel</button>` : nothing}
          <button class="button primary" type="submit" ?disabled=${this.isBusy}>${this.action}</button>
        </div>
      </form>`;
  }

  /** @param {Field} field */
  #row(field) {
    const id = `${this.idStart}-${field.name}`;
    const error = this.errors[field.name] ?? "";
    const about = [field.hint ? `${id}-hint` : "", error ? `${id}-error` : ""].filter(Boolean).join(" ");
    const hint = field.hint ? html`<span class="hint" id="${id}-hint">${field.hint}</span>` : nothing;
    const problem = error ? html`<span class="error" id="${id}-error">${error}</span>` : nothing;
    const classes = `field${field.isWide || ["textarea", "hours", "checks"].includes(field.kind ?? "") ? " is-wide" : ""}`;
    if (field.kind === "checks" || field.kind === "hours") {
      return html`<fieldset class=${classes} aria-describedby=${about || nothing}><legend>${field.label}</legend>
        ${field.kind === "hours" ? this.#hours(field) : this.#checks(field)}${hint}${problem}</fieldset>`;
    }
    if (field.kind === "checkbox") {
      return html`<div class="${classes} is-check"><label>${this.#input(field, id, about, Boolean(error))} ${field.label}</label>
        ${hint}${problem}</div>`;
    }
    const label = html`${field.label}${field.required ? html`<span class="required" aria-hidden="true"> *</span>` : nothing}`;
    return html`<div class=${classes}><label for=${id}>${label}</label>${this.#input(field, id, about, Boolean(error))}${hint}${problem}</div>`;
  }

  /** @param {Field} field @param {string} id @param {string} about @param {boolean} isWrong */
  #input(field, id, about, isWrong) {
    const value = pick(this.values, field.name);
    const invalid = isWrong ? "true" : "false";
    const describedBy = about || nothing;
    const set = (/** @type {Event & {target: any}} */ event) => this.#set(field, event.target);
    if (field.kind === "select") {
      return html`<select id=${id} name=${field.name} aria-invalid=${invalid} aria-describedby=${describedBy} @change=${set}>
        ${(field.options ?? []).map(([option, label]) => html`<option value=${option} ?selected=${String(value ?? "") === option}>${label}</option>`)}
      </select>`;
    }
    if (field.kind === "checkbox") {
      return html`<input type="checkbox" id=${id} name=${field.name} .checked=${live(value === true)} aria-describedby=${describedBy} @change=${set}>`;
    }
    if (field.kind === "textarea") {
      return html`<textarea id=${id} name=${field.name} rows=${field.rows ?? 4} maxlength=${ifDefined(field.maxlength)} dir="auto"
        aria-invalid=${invalid} aria-describedby=${describedBy} aria-required=${field.required ? "true" : "false"}
        .value=${live(String(value ?? ""))} @input=${set}></textarea>`;
    }
    const isSecret = field.kind === "secret";
    const shown = isSecret ? (typeof value === "string" ? value : "") : field.kind === "list" ? (value ?? []).join?.(", ") ?? value : value ?? "";
    const type = isSecret ? "password" : field.kind === "list" ? "text" : field.kind ?? "text";
    const placeholder = isSecret ? (value === true ? "Set. Leave empty to keep it." : "Not set") : field.placeholder;
    return html`<input id=${id} name=${field.name} type=${type} placeholder=${ifDefined(placeholder)} dir=${type === "text" ? "auto" : nothing}
      autocomplete=${field.autocomplete ?? (type === "password" ? "new-password" : "off")} maxlength=${ifDefined(field.maxlength)}
      min=${ifDefined(field.min)} max=${ifDefined(field.max)} aria-invalid=${invalid} aria-describedby=${describedBy}
      aria-required=${field.required ? "true" : "false"} .value=${live(String(shown))} @input=${set}>`;
  }

  /** @param {Field} field */
  #checks(field) {
    const chosen = new Set(pick(this.values, field.name) ?? []);
    const toggle = (/** @type {string} */ option, /** @type {Event & {target: any}} */ event) => {
      if (event.target.checked) chosen.add(option);
      else chosen.delete(option);
      this.#put(field, [...chosen]);
    };
    return html`<div class="checks">${(field.options ?? []).map(([option, label]) => html`<label>
      <input type="checkbox" .checked=${live(chosen.has(option))} @change=${(/** @type {any} */ event) => toggle(option, event)}> ${label}</label>`)}</div>`;
  }

  /** @param {Field} field */
  #hours(field) {
    return html`<office-hours .value=${pick(this.values, field.name)}
      @change=${(/** @type {CustomEvent} */ event) => event.detail !== undefined && this.#put(field, event.detail)}></office-hours>`;
  }

  /** @param {Field} field @param {any} target */
  #set(field, target) {
    const text = target.value;
    if (field.kind === "checkbox") return this.#put(field, target.checked);
    if (field.kind === "number") return this.#put(field, text === "" ? null : Number(text));
    // Kept as it is typed, and cut into its parts when it is saved.
    this.#put(field, text);
  }

  /** @param {Field} field @param {unknown} value */
  #put(field, value) {
    put(this.values, field.name, value);
    delete this.errors[field.name];
    this.requestUpdate();
  }

  /** What is sent: lists as lists, and secrets only where new ones were typed. */
  #answer() {
    const values = structuredClone(this.values);
    for (const field of this.fields) {
      const value = pick(values, field.name);
      if (field.kind === "list" && typeof value === "string") {
        put(values, field.name, value.split(/[,;\n]/).map((part) => part.trim()).filter(Boolean));
      }
      if (field.kind === "secret" && (typeof value !== "string" || value === "")) put(values, field.name, undefined);
    }
    return values;
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    if (this.isBusy) return;
    this.errors = {};
    this.problem = "";
    const values = this.#answer();
    for (const field of this.fields) {
      const value = pick(values, field.name);
      const isAsked = field.required && (field.when?.(this.values) ?? true);
      if (isAsked && (value === undefined || value === null || value === "")) this.errors[field.name] = "This field is required";
    }
    if (Object.keys(this.errors).length > 0) return void this.#showErrors();
    this.isBusy = true;
    try {
      const answer = await this.save(values);
      this.isBusy = false;
      this.done?.(answer);
    } catch (failure) {
      this.isBusy = false;
      if (!(failure instanceof Failure)) throw failure;
      this.#refuse(failure);
    }
  }

  /** @param {Failure} failure */
  #refuse(failure) {
    const rest = failure.details.filter(({ field, message }) => {
      // What is wrong inside a list or an editor stands at the whole of it.
      const own = this.fields.find(({ name }) => name === field) ?? this.fields.find(({ name }) => field.startsWith(`${name}.`) || field.startsWith(`${name}[`));
      if (own) this.errors[own.name] ??= message;
      return !own;
    });
    const isPlaced = failure.details.length > 0 && rest.length === 0;
    this.problem = isPlaced ? "" : rest.map(({ field, message }) => `${field}: ${message}`).join(". ") || failure.message;
    void this.#showErrors();
  }

  async #showErrors() {
    this.requestUpdate();
    await this.updateComplete;
    const first = this.querySelector("[aria-invalid=true]");
    if (first instanceof HTMLElement) first.focus();
  }
}

customElements.define("console-form", ConsoleForm);

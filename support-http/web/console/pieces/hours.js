// @ts-check
import { html, LitElement, live, nothing } from "../../vendor/lit.js";
import { icon } from "./icons.js";

/**
 * @typedef {{day: string, from: string, to: string}} Interval
 * @typedef {{weekly: Interval[], holidays: {date: string, name?: string|null}[]}} OfficeHours
 */

const DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
const WORKDAYS = DAYS.slice(0, 5);

/** @param {string} day */
const title = (day) => day[0].toUpperCase() + day.slice(1);

/** Edits when somebody is there: intervals for each day, and days on which nobody is. */
export class OfficeHoursEditor extends LitElement {
  static properties = { value: { attribute: false } };

  constructor() {
    super();
    /** @type {OfficeHours|null} */
    this.value = null;
  }

  createRenderRoot() {
    return this;
  }

  render() {
    const { value } = this;
    const begin = (/** @type {Event & {target: any}} */ event) => {
      event.stopPropagation();
      const weekly = WORKDAYS.map((day) => ({ day, from: "09:00", to: "17:00" }));
      this.#change(event.target.checked ? { weekly, holidays: [] } : null);
    };
    return html`
      <label class="switch-line"><input type="checkbox" .checked=${live(value !== null && value !== undefined)} @change=${begin}>
        There are office hours (otherwise somebody can be reached at any time)</label>
      ${value ? html`${DAYS.map((day) => this.#day(value, day))}${this.#holidays(value)}` : nothing}`;
  }

  /** @param {OfficeHours} value @param {string} day */
  #day(value, day) {
    const intervals = value.weekly.filter((interval) => interval.day === day);
    const add = () => this.#change({ ...value, weekly: [...value.weekly, { day, from: "09:00", to: "17:00" }] });
    return html`<div class="hours-day" role="group" aria-label=${title(day)}><b>${title(day)}</b>
      <div class="hours-intervals">${intervals.length === 0 ? html`<span class="hint">Closed</span>` : nothing}
        ${intervals.map((interval, index) => this.#interval(value, interval, `${title(day)} ${index + 1}`))}</div>
      <button class="button quiet square" type="button" aria-label="Add hours on ${title(day)}" @click=${add}>${icon("plus")}</button></div>`;
  }

  /** @param {OfficeHours} value @param {Interval} interval @param {string} name */
  #interval(value, interval, name) {
    const set = (/** @type {"from"|"to"} */ end, /** @type {Event & {target: any}} */ event) => {
      event.stopPropagation();
      const weekly = value.weekly.map((other) => (other === interval ? { ...interval, [end]: event.target.value } : other));
      this.#change({ ...value, weekly });
    };
    const remove = () => this.#change({ ...value, weekly: value.weekly.filter((other) => other !== interval) });
    return html`<span class="hours-interval">
      <input type="time" aria-label="${name} from" .value=${live(interval.from)} @change=${(/** @type {any} */ event) => set("from", event)}> –
      <input type="time" aria-label="${name} to" .value=${live(interval.to)} @change=${(/** @type {any} */ event) => set("to", event)}>
      <button class="button quiet square" type="button" aria-label="Remove ${name}" @click=${remove}>${icon("close")}</button></span>`;
  }

  /** @param {OfficeHours} value */
  #holidays(value) {
    const { holidays } = value;
    const set = (/** @type {number} */ index, /** @type {object} */ part) =>
      this.#change({ ...value, holidays: holidays.map((other, at) => (at === index ? { ...other, ...part } : other)) });
    const add = () => this.#change({ ...value, holidays: [...holidays, { date: "", name: "" }] });
    const remove = (/** @type {number} */ index) => this.#change({ ...value, holidays: holidays.filter((_, at) => at !== index) });
    return html`<div class="hours-day" role="group" aria-label="Holidays"><b>Holidays</b>
      <div class="hours-intervals">${holidays.length === 0 ? html`<span class="hint">None</span>` : nothing}
      ${holidays.map((holiday, index) => html`<span class="hours-interval">
        <input type="date" aria-label="Holiday ${index + 1}" .value=${live(holiday.date)}
          @change=${(/** @type {any} */ event) => { event.stopPropagation(); set(index, { date: event.target.value }); }}>
        <input type="text" aria-label="Name of holiday ${index + 1}" placeholder="Name" .value=${live(holiday.name ?? "")}
          @change=${(/** @type {any} */ event) => { event.stopPropagation(); set(index, { name: event.target.value }); }}>
        <button class="button quiet square" type="button" aria-label="Remove holiday ${index + 1}" @click=${() => remove(index)}>${icon("close")}</button></span>`)}</div>
      <button class="button quiet square" type="button" aria-label="Add a holiday" @click=${add}>${icon("plus")}</button></div>`;
  }

  /** @param {OfficeHours|null} value */
  #change(value) {
    this.value = value;
    this.dispatchEvent(new CustomEvent("change", { detail: value, bubbles: true }));
  }
}

customElements.define("office-hours", OfficeHoursEditor);

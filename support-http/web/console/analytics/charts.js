// @ts-check
import { html, LitElement, nothing, svg } from "../../vendor/lit.js";
import UPlot from "../../vendor/uplot.js";

/** @typedef {{label: string, value: number, text: string, part?: number}} Bar */

/** Seconds as people say them. @param {number|null|undefined} seconds */
export const duration = (seconds) => {
  if (seconds === null || seconds === undefined) return "–";
  if (seconds < 60) return `${Math.round(seconds)} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1440)} d ${Math.round((minutes % 1440) / 60)} h`;
};

/** Lines under each other; of each, a part may be filled. @param {Bar[]} bars */
export const barsOf = (bars) => {
  const most = Math.max(1, ...bars.map((bar) => bar.value));
  return html`<div class="bars" aria-hidden="true">${bars.map((bar) => html`
    <span class="bar-label" dir="auto">${bar.label}</span>
    <svg class="bar-line" viewBox="0 0 100 10" preserveAspectRatio="none">
      <rect class="bar-whole" width=${(bar.value / most) * 100} height="10"></rect>
      ${bar.part === undefined ? nothing : svg`<rect class="bar-part" width=${(bar.part / most) * 100} height="10"></rect>`}</svg>
    <span class="bar-text">${bar.text}</span>`)}</div>`;
};

/** A share of a hundred as a ring. @param {number|null} percent */
export const ring = (percent) => {
  const around = 2 * Math.PI * 15;
  return html`<svg class="ring" viewBox="0 0 36 36" aria-hidden="true"><circle class="ring-whole" cx="18" cy="18" r="15"></circle>
    ${percent === null ? nothing : svg`<circle class="ring-part" cx="18" cy="18" r="15" transform="rotate(-90 18 18)"
      stroke-dasharray="${(percent / 100) * around} ${around}"></circle>`}</svg>`;
};

/**
 * The same as figures, for whoever cannot see the drawing or wants to know exactly.
 * @param {string} name @param {string[]} head @param {(string|number)[][]} rows
 */
export const asTable = (name, head, rows) => html`<details class="as-table"><summary>Show as a table</summary>
  <div class="table-frame" tabindex="0" role="region" aria-label=${`${name}, table`}><table class="table"><caption class="unseen">${name}</caption>
  <thead><tr>${head.map((title, index) => html`<th scope="col" class=${index ? "is-number" : ""}>${title}</th>`)}</tr></thead>
  <tbody>${rows.map((row) => html`<tr>${row.map((cell, index) => (index ? html`<td class="is-number">${cell}</td>`
    : html`<th scope="row" dir="auto">${cell}</th>`))}</tr>`)}</tbody></table></div></details>`;

const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("../../vendor/uplot.css", import.meta.url).href;
document.head.append(style);

const HEIGHT = 240;

/** Counts by day. */
export class DailyChart extends LitElement {
  static properties = { days: { attribute: false }, counts: { attribute: false } };
  /** @type {UPlot|null} */
  #plot = null;
  #resized = new ResizeObserver(() => this.#fit());
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #redraw = () => this.#draw();

  constructor() {
    super();
    /** @type {string[]} */
    this.days = [];
    /** @type {number[]} */
    this.counts = [];
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.#resized.observe(this);
    this.#dark.addEventListener("change", this.#redraw);
    document.addEventListener("themechange", this.#redraw);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#resized.disconnect();
    this.#dark.removeEventListener("change", this.#redraw);
    document.removeEventListener("themechange", this.#redraw);
    this.#plot?.destroy();
    this.#plot = null;
  }

  render() {
    const total = this.counts.reduce((sum, count) => sum + count, 0);
    const most = Math.max(0, ...this.counts);
    const text = `Chats per day: ${total} in ${this.days.length} days, at most ${most} on one`;
    return html`<div class="plot" role="img" aria-label=${text}></div>`;
  }

  updated() {
    this.#draw();
  }

  #draw() {
    const place = this.querySelector(".plot");
    if (!place || this.days.length === 0) return;
    this.#plot?.destroy();
    const look = getComputedStyle(document.documentElement);
    const color = (/** @type {string} */ name) => look.getPropertyValue(name).trim();
    const axis = { stroke: color("--ink-soft"), grid: { stroke: color("--line"), width: 1 }, ticks: { show: false }, font: "12px system-ui, sans-serif" };
    const times = this.days.map((day) => Date.parse(`${day}T00:00:00Z`) / 1000);
    const wholeNumbers = (/** @type {unknown} */ _plot, /** @type {number[]} */ splits) => splits.map((split) => (Number.isInteger(split) ? String(split) : ""));
    const dayNames = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", timeZone: "UTC" });
    const bars = UPlot.paths.bars;
    this.#plot = new UPlot({
      width: this.clientWidth || 600,
      height: HEIGHT,
      legend: { show: false },
      cursor: { points: { show: false }, drag: { x: false, y: false } },
      tzDate: (time) => UPlot.tzDate(new Date(time * 1000), "Etc/UTC"),
      padding: [12, 8, 0, 0],
      // Half a day more on both sides, or the first and the last bar were cut.
      scales: { x: { range: (_plot, first, last) => [first - 43_200, last + 43_200] }, y: { range: (_plot, _low, high) => [0, Math.max(5, Math.ceil(high * 1.1))] } },
      axes: [{ ...axis, grid: { show: false }, values: (_plot, splits) => splits.map((split) => dayNames.format(new Date(split * 1000))), space: 64, size: 32,
        incrs: [1, 2, 3, 7, 14, 30, 61, 91, 182].map((days) => days * 86_400) }, { ...axis, size: 40, values: wholeNumbers, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000] }],
      series: [{}, { label: "Chats", stroke: color("--fill"), fill: color("--fill"), points: { show: false },
        ...(bars ? { paths: bars({ size: [0.7, 36], radius: 0.15 }) } : {}) }],
    }, [times, this.counts], /** @type {HTMLElement} */ (place));
  }

  #fit() {
    this.#plot?.setSize({ width: this.clientWidth, height: HEIGHT });
  }
}

customElements.define("daily-chart", DailyChart);

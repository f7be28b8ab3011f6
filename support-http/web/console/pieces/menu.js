// @ts-check
import { html, LitElement, nothing } from "../../vendor/lit.js";
import { icon } from "./icons.js";

/** @typedef {{label: string, act: () => void, isDangerous?: boolean}} Item */

/** Further things to do, behind a button. */
export class ConsoleMenu extends LitElement {
  static properties = { label: {}, items: { attribute: false }, isOpen: { state: true } };

  constructor() {
    super();
    this.label = "More";
    /** @type {Item[]} */
    this.items = [];
    this.isOpen = false;
  }

  createRenderRoot() {
    return this;
  }

  render() {
    return html`
      <button class="button quiet square" type="button" aria-label=${this.label} aria-expanded=${this.isOpen} aria-haspopup="true"
        @click=${() => (this.isOpen ? this.#shut() : this.#open())}>${icon("more")}</button>
      ${this.isOpen ? html`<div class="menu" role="menu" aria-label=${this.label} @keydown=${this.#move} @focusout=${this.#left}>
        ${this.items.map((item) => html`<button role="menuitem" type="button" tabindex="-1" class=${item.isDangerous ? "is-dangerous" : ""}
          @click=${() => this.#choose(item)}>${item.label}</button>`)}</div>` : nothing}`;
  }

  get #buttons() {
    return /** @type {HTMLElement[]} */ ([...this.querySelectorAll("[role=menuitem]")]);
  }

  async #open() {
    this.isOpen = true;
    await this.updateComplete;
    this.#buttons[0]?.focus();
  }

  #shut() {
    this.isOpen = false;
    this.querySelector("button")?.focus();
  }

  /** @param {Item} item */
  #choose(item) {
    this.#shut();
    item.act();
  }

  /** @param {KeyboardEvent} event */
  #move(event) {
    const buttons = this.#buttons;
    const at = buttons.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    event.stopPropagation();
    if (event.key === "Escape") return this.#shut();
    if (next === undefined) return;
    event.preventDefault();
    buttons.at(next % buttons.length)?.focus();
  }

  /** @param {FocusEvent} event */
  #left(event) {
    if (event.relatedTarget instanceof Node && this.contains(event.relatedTarget)) return;
    this.isOpen = false;
  }
}

customElements.define("console-menu", ConsoleMenu);

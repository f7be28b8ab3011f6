// @ts-check
import { LitElement } from "../vendor/lit.js";

/** @typedef {import("./desk.js").Desk} Desk */

/** A part of the console that shows what the desk knows. It stands in the page itself, so that labels reach everywhere. */
export class DeskElement extends LitElement {
  /** @type {Record<string, object>} */
  static properties = { desk: { attribute: false } };
  /** @type {(() => void)[]} */
  #ends = [];

  constructor() {
    super();
    this.desk = /** @type {Desk} */ (/** @type {unknown} */ (undefined));
  }

  get store() {
    return this.desk.store;
  }

  get api() {
    return this.desk.api;
  }

  /** Whether the agent may do what supervisors do. */
  get isSupervisor() {
    return this.store.user.role === "supervisor" || this.store.user.role === "admin";
  }

  get isAdmin() {
    return this.store.user.role === "admin";
  }

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    this.endWithThis(this.store.subscribe(() => this.requestUpdate()));
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    for (const end of this.#ends.splice(0)) end();
  }

  /** @param {() => void} end called when this leaves the page */
  endWithThis(end) {
    this.#ends.push(end);
  }
}

// @ts-check
import { html, keyed, nothing } from "../../vendor/lit.js";
import { Failure } from "../../shared/server.js";
import { DeskElement } from "../element.js";
import "./resource.js";
import "./settings.js";
import "./templates.js";
import { articles, canned } from "./content.js";
import { agents, blocks, customers, departments, tenants } from "./people.js";
import { SECTIONS } from "./settings.js";
import { audit, chatbots, deliveries, keys, webhooks } from "./system.js";

/**
 * @typedef {import("./resource.js").Resource} Resource
 * @typedef {{path: string, title: string, roles: string[], resource?: Resource}} Place
 */

const EVERYBODY = ["agent", "supervisor", "admin"];
const SUPERVISORS = ["supervisor", "admin"];
const ADMINS = ["admin"];

/** @param {string} path @param {Resource} resource @param {string[]} roles @returns {Place} */
const list = (path, resource, roles) => ({ path, title: resource.title, roles, resource });

/** @type {[string, Place[]][]} */
const PLACES = [
  ["Platform", [list("tenants", tenants, ["platform"])]],
  ["People", [list("agents", agents, ADMINS), list("departments", departments, ADMINS), list("customers", customers, ADMINS), list("blocks", blocks, SUPERVISORS)]],
  ["Content", [list("canned", canned, EVERYBODY), list("articles", articles, EVERYBODY), { path: "templates", title: "Mail templates", roles: ADMINS }]],
  ["Settings", SECTIONS.map(({ path, title }) => ({ path: `settings-${path}`, title, roles: ADMINS }))],
  ["System", [list("chatbots", chatbots, ADMINS), list("webhooks", webhooks, ADMINS), list("deliveries", deliveries, ADMINS), list("keys", keys, ADMINS), list("audit", audit, ADMINS)]],
  ["You", [{ path: "account", title: "Your account", roles: [...EVERYBODY, "platform"] }]],
];

/** @type {import("../pieces/form.js").Field[]} */
const PASSWORD_FIELDS = [
  { name: "currentPassword", label: "Current password", kind: "password", required: true, autocomplete: "current-password", isWide: true },
  { name: "newPassword", label: "New password", kind: "password", required: true, isWide: true, hint: "At least 12 characters" },
  { name: "again", label: "New password again", kind: "password", required: true, isWide: true }];
const NO_PASSWORDS = {};

/** What is set up once and looked after. Each role sees what it may do. */
export class AdminPage extends DeskElement {
  static properties = { place: {} };

  constructor() {
    super();
    this.place = "";
  }

  get #groups() {
    const { role } = this.store.user;
    return PLACES.map(([title, places]) => /** @type {[string, Place[]]} */ ([title, places.filter(({ roles }) => roles.includes(role))]))
      .filter(([, places]) => places.length > 0);
  }

  render() {
    const groups = this.#groups;
    const places = groups.flatMap(([, group]) => group);
    const place = places.find(({ path }) => path === this.place) ?? places[0];
    return html`<div class="admin">
      <nav class="admin-places" aria-label="Administration">
        <select class="control" aria-label="Page" @change=${(/** @type {any} */ event) => (location.hash = `#/admin/${event.target.value}`)}>
          ${groups.map(([title, group]) => html`<optgroup label=${title}>${group.map(({ path, title: name }) => html`<option value=${path} .selected=${path === place?.path}>${name}</option>`)}</optgroup>`)}</select>
        ${groups.map(([title, group]) => html`<div><h3>${title}</h3>${group.map(({ path, title: name }) => html`
          <a href="#/admin/${path}" aria-current=${path === place?.path ? "page" : nothing}>${name}</a>`)}</div>`)}</nav>
      <main class="page"><h1 class="unseen">Administration</h1>${place ? keyed(place.path, this.#show(place)) : nothing}</main></div>`;
  }

  /** @param {Place} place */
  #show(place) {
    if (place.resource) return html`<console-resource .desk=${this.desk} .resource=${place.resource}></console-resource>`;
    if (place.path === "templates") return html`<mail-templates .desk=${this.desk}></mail-templates>`;
    if (place.path === "account") return this.#account();
    return html`<settings-section .desk=${this.desk} .path=${place.path.replace("settings-", "")}></settings-section>`;
  }

  #account() {
    const { user } = this.store;
    const save = async (/** @type {any} */ { currentPassword, newPassword, again }) => {
      if (newPassword !== again) {
        throw new Failure(400, "VALIDATION_ERROR", "The two differ", 0, [{ field: "again", message: "The two passwords differ" }]);
      }
      await this.api.changePassword(currentPassword, newPassword);
      this.store.tell("Your password is changed. You are logged out elsewhere.", "done");
    };
    return html`<div class="page-head"><h2>Your account</h2></div><p class="page-intro"><bdi>${user.name}</bdi>, <bdi>${user.email}</bdi>, ${user.role}</p>
      <div class="card narrow"><h3>Change your password</h3><console-form .fields=${PASSWORD_FIELDS} .values=${NO_PASSWORDS} .save=${save} action="Change password"></console-form></div>`;
  }
}

customElements.define("admin-page", AdminPage);

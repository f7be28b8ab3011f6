// @ts-check
import { html, nothing } from "../../vendor/lit.js";
import { moment } from "../../shared/moment.js";
import { DeskElement } from "../element.js";
import { confirmed } from "../pieces/dialog.js";
import { only } from "../pieces/values.js";
import { showOnce } from "./resource.js";
import { told } from "./system.js";

/**
 * @typedef {import("../pieces/form.js").Field} Field
 *
 * @typedef {object} Section
 * @property {string} path
 * @property {string} title
 * @property {string} intro
 * @property {Field[]} fields
 * @property {(settings: any) => boolean} [when] whether this server knows of it
 * @property {(values: any) => any} [sent] what is sent for what was filled in
 * @property {{label: string, channel: string, hasTo?: boolean}} [test]
 */

const SETTINGS = "api/v1/admin/settings";
const PRIORITIES = ["low", "normal", "high", "urgent"];

/** @param {string} priority */
const title = (priority) => priority[0].toUpperCase() + priority.slice(1);

/** @type {Section[]} */
export const SECTIONS = [
  { path: "general", title: "General", intro: "What the company is called, and where and how its widget looks.", fields: [
    { name: "name", label: "Company", required: true }, { name: "timezone", label: "Time zone", placeholder: "Europe/Berlin" },
    { name: "domains", label: "Websites of the widget", kind: "list", isWide: true, hint: "Origins such as https://example.com, separated by commas" },
    { name: "branding.name", label: "Name in the widget" }, { name: "branding.color", label: "Colour", kind: "color" },
    { name: "branding.greeting", label: "Greeting", isWide: true, maxlength: 500 },
    { name: "phoneRegion", label: "Region of phone numbers", placeholder: "DE", hint: "For numbers without a country code" }] },
  { path: "hours", title: "Office hours", intro: "When somebody is there. Outside them, visitors are told so.", fields: [
    { name: "officeHours", label: "Office hours", kind: "hours" }] },
  { path: "assignment", title: "Assignment", intro: "Who gets a new chat.", fields: [
    { name: "assignment.automatic", label: "Chats go to agents by themselves", kind: "checkbox" },
    { name: "assignment.acceptTimeoutSeconds", label: "Seconds to accept a chat", kind: "number", min: 1, hint: "Empty: a chat stays with whoever got it" }] },
  { path: "sla", title: "Service levels", intro: "How fast answers are to come, in minutes of office hours. Empty: no target.", fields: [
    ...PRIORITIES.flatMap((priority) => /** @type {Field[]} */ ([
      { name: `sla.targets.${priority}.firstResponseMinutes`, label: `${title(priority)}: first response`, kind: "number", min: 1 },
      { name: `sla.targets.${priority}.nextResponseMinutes`, label: `${title(priority)}: next response`, kind: "number", min: 1 },
      { name: `sla.targets.${priority}.resolutionMinutes`, label: `${title(priority)}: resolution`, kind: "number", min: 1 }])),
    { name: "sla.warnPercent", label: "Warn when so much has passed (%)", kind: "number", min: 1, max: 100 }] },
  { path: "recipients", title: "Recipients", intro: "Who is mailed about what comes in.", fields: [
    { name: "callbackEmailTo", label: "Callbacks: to", kind: "list", isWide: true }, { name: "callbackEmailCc", label: "Callbacks: copy", kind: "list", isWide: true },
    { name: "logRequestEmailTo", label: "Requests: to", kind: "list", isWide: true, hint: "Callbacks go here too if nobody is named for them" },
    { name: "digestUnsubscribed", label: "No digests to", kind: "list", isWide: true, hint: "Addresses that took themselves off the list" }] },
  { path: "email", title: "Email", intro: "Your own mail server. Without one, mails go out by the installation's.", test: { label: "Send a test mail", channel: "email", hasTo: true }, fields: [
    { name: "smtp.host", label: "Server" }, { name: "smtp.port", label: "Port", kind: "number", min: 1, max: 65535 },
    { name: "smtp.tls", label: "Protection", kind: "select", options: [["starttls", "STARTTLS"], ["tls", "TLS"], ["none", "None"]] },
    { name: "smtp.user", label: "User" }, { name: "smtp.password", label: "Password", kind: "secret" },
    { name: "smtp.fromEmail", label: "From: address", kind: "email" }, { name: "smtp.fromName", label: "From: name" }],
  sent: (values) => ({ smtp: values.smtp?.host ? values.smtp : null }) },
  { path: "telegram", title: "Telegram", intro: "A bot that tells the team what comes in, and takes what customers write to it.", test: { label: "Send a test message", channel: "telegram" }, fields: [
    { name: "telegram.botToken", label: "Bot token", kind: "secret" }, { name: "telegram.chatId", label: "Chat of the team" },
    { name: "telegram.webhookSecret", label: "Secret of the webhook", kind: "secret" }] },
  { path: "messenger", title: "Messenger", intro: "A Facebook page whose visitors write to you.", fields: [
    { name: "messenger.pageId", label: "Page id" }, { name: "messenger.pageToken", label: "Page token", kind: "secret" },
    { name: "messenger.appSecret", label: "App secret", kind: "secret" }, { name: "messenger.verifyToken", label: "Verify token", kind: "secret" }] },
  { path: "sms", title: "SMS", intro: "A gateway that is called for each text message.", fields: [
    { name: "sms.url", label: "URL of the gateway", kind: "url", isWide: true }, { name: "sms.secret", label: "Secret", kind: "secret" }],
  sent: (values) => ({ sms: values.sms?.url ? values.sms : null }) },
  { path: "files", title: "Files", intro: "What may be sent in, and how large.", when: (settings) => "files" in settings, fields: [
    { name: "files.largestInWidget", label: "Largest in the widget (bytes)", kind: "number", min: 1024, hint: "Empty: the installation's" },
    { name: "files.largest", label: "Largest elsewhere (bytes)", kind: "number", min: 1024, hint: "Empty: the installation's" },
    { name: "files.kinds", label: "Kinds", kind: "list", isWide: true, hint: "Such as png, jpeg, pdf. Empty: the installation's" }],
  sent: (values) => ({ files: { ...values.files, kinds: values.files?.kinds?.length ? values.files.kinds : null } }) },
  { path: "retention", title: "Retention", intro: "How long closed chats are kept. What is older is erased with its files; figures stay.", when: (settings) => "retentionDays" in settings, fields: [
    { name: "retentionDays", label: "Days", kind: "number", min: 1, hint: "Empty: kept for good" }] },
  { path: "identity", title: "Signed identity", intro: "Your website can tell the widget who is logged in, signed with a secret that only your server and this one know.",
    when: (settings) => "identitySecret" in settings, fields: [] },
];

/** One part of the company's settings. */
export class SettingsSection extends DeskElement {
  static properties = { path: {}, settings: { state: true } };

  constructor() {
    super();
    this.path = "general";
    /** @type {any} */
    this.settings = null;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.desk.actions.attempt(async () => (this.settings = await this.api.get(SETTINGS)));
  }

  render() {
    const section = SECTIONS.find(({ path }) => path === this.path);
    if (!section) return nothing;
    const { settings } = this;
    const head = html`<div class="page-head"><h2>${section.title}</h2></div><p class="page-intro">${section.intro}</p>`;
    if (!settings) return html`${head}<p class="empty">Loading…</p>`;
    if (section.when && !section.when(settings)) return html`${head}<p class="empty">This server does not offer this.</p>`;
    const paused = (settings.pausedChannels ?? []).filter((/** @type {any} */ one) => one.channel === section.path);
    const names = [...new Set(section.fields.map(({ name }) => name.split(".")[0]))];
    const save = async (/** @type {any} */ values) => {
      const given = only(values, section.fields.map(({ name }) => name));
      this.settings = await this.api.put(SETTINGS, section.sent ? section.sent(given) : given);
      this.store.tell("Saved", "done");
    };
    return html`${head}
      ${paused.map((/** @type {any} */ one) => html`<p class="card is-problem" role="status">Nothing goes out since ${moment(one.since)}: <bdi>${one.problem}</bdi> Put it right and save.</p>`)}
      ${section.path === "identity" ? this.#identity() : html`<div class="card"><console-form .fields=${section.fields} .values=${this.#values(names)} .save=${save}></console-form></div>`}
      ${section.test ? this.#test(section.test) : nothing}
      ${section.path === "telegram" && settings.telegram?.botToken ? html`<div class="card"><h3>Messages from customers</h3>
        <p>${settings.telegram.webhookUrl ? html`Telegram brings them to <bdi>${settings.telegram.webhookUrl}</bdi>` : "Telegram has to know where to bring them."}</p>
        <button class="button" type="button" @click=${() => this.#tell(() => this.api.post(`${SETTINGS}/telegram/webhook`))}>Connect the bot</button></div>` : nothing}`;
  }

  #valuesOf = { settings: null, values: {} };

  /** The same object for the same settings: another one would begin the form anew. @param {string[]} names */
  #values(names) {
    if (this.#valuesOf.settings !== this.settings) {
      /** @type {any} */
      const values = only(this.settings, names);
      if (names.includes("smtp")) values.smtp = this.settings.smtp ?? { port: 587, tls: "starttls" };
      if (names.includes("sms")) values.sms = this.settings.sms ?? {};
      this.#valuesOf = { settings: this.settings, values };
    }
    return this.#valuesOf.values;
  }

  /** @param {{label: string, channel: string, hasTo?: boolean}} test */
  #test({ label, channel, hasTo }) {
    const run = async (/** @type {SubmitEvent} */ event) => {
      event.preventDefault();
      const to = new FormData(/** @type {HTMLFormElement} */ (event.target)).get("to");
      await this.#tell(() => this.api.post(`${SETTINGS}/test`, { channel, to: to || undefined }));
    };
    return html`<form class="card test" @submit=${run}><h3>Try it</h3><p class="hint">With what is saved.</p>
      ${hasTo ? html`<input class="control" name="to" type="email" aria-label="To" .value=${this.store.user.email}>` : nothing}
      <button class="button" type="submit">${label}</button></form>`;
  }

  /** @param {() => Promise<{delivered: boolean, response: string}>} call */
  #tell(call) {
    return this.desk.actions.attempt(async () => void told(await call()));
  }

  #identity() {
    const renew = async () => {
      if (this.settings.identitySecret && !(await confirmed("Make a new secret?", "The one in use is void at once.", "Make a new one"))) return;
      await this.desk.actions.attempt(async () => {
        const { secret } = await this.api.post(`${SETTINGS}/identity-secret`);
        this.settings = { ...this.settings, identitySecret: true };
        showOnce({ title: "The secret", text: "Sign with it on your server: HMAC-SHA256 of the customer's id, in hex. It is shown this once.", secret });
      });
    };
    return html`<div class="card"><p>${this.settings.identitySecret ? "There is a secret." : "There is no secret yet."}</p>
      <button class="button primary" type="button" @click=${renew}>${this.settings.identitySecret ? "Make a new secret" : "Make a secret"}</button></div>`;
  }
}

customElements.define("settings-section", SettingsSection);

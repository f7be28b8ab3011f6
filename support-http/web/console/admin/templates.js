// @ts-check
import { html, nothing } from "../../vendor/lit.js";
import { DeskElement } from "../element.js";
import { confirmed } from "../pieces/dialog.js";
import "../pieces/form.js";

/** @typedef {{name: string, isOwn: boolean, subject: string, text: string, html: string}} Template */

const TEMPLATES = "api/v1/admin/settings/templates";
const DRAWN = new Set(["A", "ABBR", "B", "BLOCKQUOTE", "BR", "CENTER", "CODE", "DIV", "EM", "FONT", "H1", "H2", "H3", "H4", "HR", "I", "LI", "OL", "P", "PRE", "SMALL",
  "SPAN", "STRONG", "TABLE", "TBODY", "TD", "TH", "THEAD", "TR", "U", "UL"]);
const KEPT = ["dir", "align", "valign", "width", "height", "cellpadding", "cellspacing", "colspan", "rowspan", "class", "role"];
/** Where a mail's styles wait while it is read: the browser would refuse, and report, each of them. */
const STYLE = "data-style";
const SHEET = "data-sheet";
/** @type {import("../pieces/form.js").Field[]} */
const FIELDS = [{ name: "subject", label: "Subject", required: true, isWide: true }, { name: "text", label: "Text", kind: "textarea", rows: 10, required: true },
  { name: "html", label: "HTML", kind: "textarea", rows: 14, required: true }];

/**
 * A copy with nothing in it that could act or load. The page's policy forbids styles that came as markup, so they are
 * set one by one.
 * @param {Node} source @returns {Node|null}
 */
const copied = (source) => {
  if (source.nodeType === Node.TEXT_NODE) return document.createTextNode(source.textContent ?? "");
  if (!(source instanceof HTMLElement) || !DRAWN.has(source.tagName)) return null;
  const copy = document.createElement(source.tagName);
  for (const name of KEPT) {
    const value = source.getAttribute(name);
    if (value !== null) copy.setAttribute(name, value);
  }
  copy.style.cssText = source.getAttribute(STYLE) ?? "";
  for (const child of source.childNodes) {
    const drawn = copied(child);
    if (drawn) copy.append(drawn);
  }
  return copy;
};

/** A mail as its reader sees it, in a place of its own. */
export class MailPreview extends HTMLElement {
  #root = this.attachShadow({ mode: "open" });

  /** @param {string} mail */
  set mail(mail) {
    const unstyled = mail.replace(/\sstyle=/gi, ` ${STYLE}=`).replace(/<(\/?)style\b/gi, `<$1${SHEET}`);
    const parsed = new DOMParser().parseFromString(unstyled, "text/html");
    const sheet = new CSSStyleSheet();
    sheet.replaceSync([...parsed.querySelectorAll(SHEET)].map((style) => style.textContent ?? "").join("\n").replace(/@import[^;]*;?|url\([^)]*\)/gi, ""));
    this.#root.adoptedStyleSheets = [sheet];
    const body = document.createElement("div");
    body.style.cssText = parsed.body.getAttribute(STYLE) ?? "";
    for (const child of parsed.body.childNodes) {
      const drawn = copied(child);
      if (drawn) body.append(drawn);
    }
    this.#root.replaceChildren(body);
  }
}

/** The words of all mails: each can be given others, and be looked at before. */
export class MailTemplates extends DeskElement {
  static properties = { templates: { state: true }, chosen: { state: true }, preview: { state: true } };

  constructor() {
    super();
    /** @type {Template[]|null} */
    this.templates = null;
    /** @type {Template|null} */
    this.chosen = null;
    /** @type {{subject: string, text: string, html: string}|null} */
    this.preview = null;
  }

  connectedCallback() {
    super.connectedCallback();
    void this.desk.actions.attempt(async () => {
      this.templates = await this.api.get(TEMPLATES);
      this.#choose(this.templates?.[0]?.name ?? "");
    });
  }

  /** @param {string} name */
  #choose(name) {
    this.chosen = this.templates?.find((template) => template.name === name) ?? null;
    this.preview = null;
    if (this.chosen) void this.desk.actions.attempt(() => this.#look(this.chosen));
  }

  /** @param {any} values */
  async #look(values) {
    const { subject, text, html: markup } = values;
    this.preview = await this.api.post(`${TEMPLATES}/${encodeURIComponent(this.chosen?.name ?? "")}/preview`, { subject, text, html: markup });
  }

  /** @param {Template} template */
  #accept(template) {
    this.templates = (this.templates ?? []).map((other) => (other.name === template.name ? template : other));
    this.chosen = template;
  }

  render() {
    const { chosen } = this;
    return html`<div class="page-head"><h2>Mail templates</h2>
      ${this.templates ? html`<select class="control" aria-label="Mail" @change=${(/** @type {any} */ event) => this.#choose(event.target.value)}>
        ${this.templates.map((template) => html`<option value=${template.name} .selected=${template.name === chosen?.name}>${template.name.replaceAll("_", " ")}${template.isOwn ? " (own)" : ""}</option>`)}</select>` : nothing}
      ${chosen?.isOwn ? html`<button class="button" type="button" @click=${() => this.#reset(chosen)}>Back to the original</button>` : nothing}</div>
      <p class="page-intro">Words in double braces are filled in. A mail is looked at with made-up people before it is saved.</p>
      ${chosen ? html`<div class="card"><console-form .fields=${FIELDS} .values=${chosen} .save=${(/** @type {any} */ values) => this.#save(chosen, values)}
        .extra=${this.#extra}></console-form></div>${this.#previewed()}` : html`<p class="empty">Loading…</p>`}`;
  }

  /** @param {any} values */
  #extra = (values) => html`<button class="button" type="button" @click=${() => this.desk.actions.attempt(() => this.#look(values))}>Preview</button>`;

  #previewed() {
    if (!this.preview) return nothing;
    return html`<section class="card sample" aria-label="Preview"><h3>Preview: <bdi>${this.preview.subject}</bdi></h3>
      <mail-preview tabindex="0" role="region" aria-label="The mail" .mail=${this.preview.html}></mail-preview>
      <details><summary>As plain text</summary><pre class="secret">${this.preview.text}</pre></details></section>`;
  }

  /** @param {Template} template @param {any} values */
  async #save(template, values) {
    const { subject, text, html: markup } = values;
    await this.#look(values);
    this.#accept(await this.api.put(`${TEMPLATES}/${encodeURIComponent(template.name)}`, { subject, text, html: markup }));
    this.store.tell("Saved", "done");
  }

  /** @param {Template} template */
  async #reset(template) {
    if (!(await confirmed("Back to the original?", "Your own words for this mail are lost.", "Back to the original"))) return;
    await this.desk.actions.attempt(async () => {
      this.#accept(await this.api.remove(`${TEMPLATES}/${encodeURIComponent(template.name)}`));
      await this.#look(this.chosen);
    });
  }
}

customElements.define("mail-preview", MailPreview);
customElements.define("mail-templates", MailTemplates);

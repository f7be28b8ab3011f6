// @ts-check
import { html, LitElement, nothing } from "../vendor/lit.js";
import { applyTheme, chooseTheme } from "../shared/theme.js";
import { Book } from "./book.js";
import { curlOf, fieldsOf, sampleOf, typeOf } from "./schema.js";

/** @typedef {import("./book.js").Call} Call @typedef {import("./book.js").Schema} Schema */

/** @param {string} group */
const title = (group) => group.charAt(0).toUpperCase() + group.slice(1).replaceAll("-", " ");
/** @param {Call} call */
const linkOf = (call) => `#/${encodeURIComponent(call.group)}/${call.id}`;
/** @param {string} name */
const schemaLink = (name) => `#/schemas/${encodeURIComponent(name)}`;

/** A text with its code marked as such. @param {string} text */
const prose = (text) => text.split("`").map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));

/** @param {string} text */
const paragraphs = (text) => text.split(/\n\n+/).filter(Boolean).map((one) => html`<p>${prose(one)}</p>`);

/** Every call of this server, as its own openapi.json tells of them. */
export class ApiDocs extends LitElement {
  /** @type {Book|null} */
  #book = null;
  #problem = "";
  #words = "";
  #said = "";
  #place = "";
  #isMenuOpen = false;

  createRenderRoot() {
    return this;
  }

  connectedCallback() {
    super.connectedCallback();
    window.addEventListener("hashchange", () => this.#moved());
    document.addEventListener("keydown", (event) => this.#key(event));
    void this.#load();
  }

  async #load() {
    try {
      const response = await fetch(new URL("../../openapi.json", import.meta.url));
      this.#book = new Book(await response.json());
    } catch {
      this.#problem = "openapi.json could not be read.";
    }
    this.requestUpdate();
    await this.updateComplete;
    if (location.hash) this.#show();
  }

  #moved() {
    this.#words = "";
    this.#isMenuOpen = false;
    this.requestUpdate();
    void this.updateComplete.then(() => this.#show());
  }

  /** Brings what the address names into view, and the focus with it. */
  #show() {
    const { page, name } = this.#route;
    this.querySelector("nav [aria-current=page]")?.scrollIntoView({ block: "nearest" });
    const heading = (name && document.getElementById(name)?.querySelector("h2")) || this.querySelector("h1");
    if (!(heading instanceof HTMLElement)) return;
    heading.tabIndex = -1;
    heading.focus({ preventScroll: true });
    if (name && page !== "schemas") heading.scrollIntoView({ block: "start" });
    else window.scrollTo(0, 0);
  }

  get #route() {
    const [page = "", name = ""] = location.hash.replace(/^#\/?/, "").split("/").map((part) => {
      try {
        return decodeURIComponent(part);
      } catch {
        return part;
      }
    });
    return { page, name };
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key !== "/" || event.ctrlKey || event.metaKey || target.matches("input, textarea")) return;
    event.preventDefault();
    this.querySelector("input")?.focus();
  }

  updated() {
    document.title = `${this.querySelector("h1")?.textContent?.trim() ?? ""} · API`;
  }

  render() {
    const book = this.#book;
    return html`
      <a class="skip" href="#content" @click=${this.#skip}>Skip to content</a>
      <header class="top">
        <a class="brand" href="#/">API</a>
        <label class="unseen" for="find">Search calls and schemas</label>
        <input type="search" id="find" placeholder="Search ( / )" autocomplete="off" .value=${this.#words} @input=${this.#typed}>
        <button class="plain menu" type="button" aria-expanded=${this.#isMenuOpen ? "true" : "false"} aria-controls="groups"
          @click=${() => this.#turn()}>Contents</button>
        ${this.#themeSwitch()}
      </header>
      <div class="page">
        <nav id="groups" class=${this.#isMenuOpen ? "open" : ""} aria-label="Contents" tabindex="-1">${book ? this.#contents(book) : nothing}</nav>
        <main id="content">
          ${this.#problem ? html`<h1>API</h1><p role="alert">${this.#problem}</p>` : book ? this.#main(book) : html`<h1>API</h1><p aria-busy="true">Loading…</p>`}
        </main>
      </div>
      <p class="unseen" role="status">${this.#said}</p>`;
  }

  #turn() {
    this.#isMenuOpen = !this.#isMenuOpen;
    this.requestUpdate();
  }

  /** @param {Event} event */
  #skip(event) {
    event.preventDefault();
    const heading = this.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
  }

  #themeSwitch() {
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.style.colorScheme || (isDark ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    return html`<button class="plain" type="button" @click=${() => {
      chooseTheme(next);
      applyTheme();
      this.requestUpdate();
    }}>${title(next)}</button>`;
  }

  /** @param {Book} book */
  #contents(book) {
    const { page } = this.#route;
    return html`<ul>
      <li><a href="#/" aria-current=${page === "" ? "page" : "false"}>Introduction</a></li>
      ${[...book.groups].map(([group, calls]) => html`<li>
        <a href="#/${encodeURIComponent(group)}" aria-current=${page === group ? "page" : "false"}>${title(group)} <span class="soft">${calls.length}</span></a>
        ${page === group ? html`<ul>${calls.map((call) => html`<li><a href=${linkOf(call)} title=${call.path}>
          <span class="method ${call.method}">${call.method}</span><span class="path">${call.path}</span></a></li>`)}</ul>` : nothing}</li>`)}
      <li><a href="#/schemas" aria-current=${page === "schemas" ? "page" : "false"}>Schemas <span class="soft">${Object.keys(book.schemas).length}</span></a></li>
    </ul>`;
  }

  /** @param {Book} book */
  #main(book) {
    const { page, name } = this.#route;
    if (this.#words.trim()) return this.#found(book);
    if (page === "schemas" && name) return this.#schemaPage(book, name);
    if (page === "schemas") return this.#allSchemas(book);
    const calls = book.groups.get(page);
    if (calls) return html`<h1>${title(page)}</h1>${calls.map((call) => this.#call(book, call))}`;
    return this.#introduction(book);
  }

  /** @param {Book} book */
  #introduction(book) {
    return html`
      <h1>${book.info.title ?? "API"}</h1>
      <p class="lead">${book.info.description ?? nothing}</p>
      <p>Version ${book.info.version}. Every call of this server stands here; programs read the same from <a href="openapi.json">openapi.json</a>.</p>
      <h2>In short</h2>
      <dl class="facts">
        <div><dt>Address</dt><dd><code>${book.server}</code></dd></div>
        <div><dt>Login</dt><dd>Calls that need it take <code>Authorization: Bearer …</code>: a token from <a href="#/auth">a login</a>, or an API key (<code>sk_…</code>) for servers.</dd></div>
        <div><dt>Form</dt><dd>JSON in UTF-8; times as RFC 3339 in UTC; ids as UUIDs. Where a path has a <code>ticketId</code>, the number (<code>TKT-42</code>) does as well.</dd></div>
        <div><dt>Once</dt><dd>A creating call with an <code>Idempotency-Key</code> is done once, however often it is sent. Messages take a <code>clientMessageId</code> too.</dd></div>
        <div><dt>Errors</dt><dd><code>{"success":false,"error":{"code","message","details"}}</code>, with all wrong fields at once. Every answer has an <code>x-request-id</code>.</dd></div>
      </dl>
      <h2>Groups</h2>
      <ul class="cards">${[...book.groups].map(([group, calls]) => html`<li><a class="card" href="#/${encodeURIComponent(group)}">
        <strong>${title(group)}</strong><span class="soft">${calls.length === 1 ? "1 call" : `${calls.length} calls`}</span></a></li>`)}</ul>`;
  }

  /** @param {Book} book */
  #found(book) {
    const { calls, schemas } = book.find(this.#words);
    return html`<h1>Found</h1>
      <p class="soft">${calls.length} calls and ${schemas.length} schemas have “${this.#words.trim()}”.</p>
      <ul class="found">${calls.map((call) => html`<li><a href=${linkOf(call)}><span class="method ${call.method}">${call.method}</span>
        <span class="path">${call.path}</span><span class="soft">${prose(call.summary)}</span></a></li>`)}
        ${schemas.map((name) => html`<li><a href=${schemaLink(name)}><span class="method">schema</span><span class="path">${name}</span></a></li>`)}</ul>`;
  }

  /** @param {Event} event */
  #typed(event) {
    this.#words = /** @type {HTMLInputElement} */ (event.target).value;
    if (this.#book && this.#words.trim()) {
      const { calls, schemas } = this.#book.find(this.#words);
      this.#said = `${calls.length} calls and ${schemas.length} schemas found`;
    }
    this.requestUpdate();
  }

  /** @param {Book} book @param {Call} call */
  #call(book, call) {
    const access = { public: "Public", bearer: "Needs a login", either: "With or without a login" }[call.access];
    return html`<section class="call" id=${call.id} aria-labelledby="${call.id}-title">
      <h2 id="${call.id}-title"><a href=${linkOf(call)}><span class="method ${call.method}">${call.method}</span> <span class="path">${call.path}</span></a></h2>
      <p class="summary">${prose(call.summary)}</p>
      ${paragraphs(call.description)}
      <p><span class="access ${call.access}">${access}</span></p>
      ${call.parameters.length > 0 ? html`<h3>Parameters</h3>${table("Parameters", call.parameters.map((one) => ({ name: one.name, place: one.in,
        isRequired: one.required, ...typeOf(book, one.schema), description: one.description })))}` : nothing}
      ${call.body ? html`<h3>Body</h3>${paragraphs(call.body.description)}${call.body.content.map(({ type, schema }) => this.#content(book, type, schema))}` : nothing}
      <h3>Answers</h3>
      ${call.answers.map((answer) => html`<details class="answer" ?open=${answer.status < "300"}>
        <summary><span class="code ${answer.status < "300" ? "good" : "bad"}">${answer.status}</span> ${prose(answer.description || statusText(answer.status))}</summary>
        ${Object.keys(answer.headers).length > 0 ? html`<p class="soft">Headers: ${Object.keys(answer.headers).join(", ")}</p>` : nothing}
        ${answer.content.map(({ type, schema }) => this.#content(book, type, schema))}</details>`)}
      <h3>Example</h3>
      ${this.#code(curlOf(book, call))}
    </section>`;
  }

  /** @param {Book} book @param {string} type @param {Schema} schema */
  #content(book, type, schema) {
    const { text, link } = typeOf(book, schema ?? {});
    const isJson = type === "application/json" && schema;
    return html`<p class="soft"><code>${type}</code>${isJson ? html` · ${link ? html`<a href=${schemaLink(link)}>${text}</a>` : text}` : nothing}</p>
      ${isJson || type === "multipart/form-data" ? this.#fields(book, schema) : nothing}
      ${isJson ? this.#code(JSON.stringify(sampleOf(book, schema, { all: true }), null, 2)) : nothing}`;
  }

  /** @param {Book} book @param {Schema} schema */
  #fields(book, schema) {
    const fields = fieldsOf(book, schema ?? {});
    if (fields.length === 0) return nothing;
    return table("Fields", fields.map((one) => ({ ...one, text: one.type, place: "" })));
  }

  /** @param {string} text */
  #code(text) {
    return html`<div class="sample"><pre tabindex="0"><code>${text}</code></pre>
      <button class="plain copy" type="button" @click=${() => this.#copy(text)}>Copy</button></div>`;
  }

  /** @param {string} text */
  async #copy(text) {
    const isCopied = await navigator.clipboard.writeText(text).then(() => true, () => false);
    this.#said = isCopied ? "Copied" : "Could not be copied";
    this.requestUpdate();
  }

  /** @param {Book} book */
  #allSchemas(book) {
    return html`<h1>Schemas</h1><ul class="names">${Object.keys(book.schemas).sort().map((name) =>
      html`<li><a href=${schemaLink(name)}>${name}</a></li>`)}</ul>`;
  }

  /** @param {Book} book @param {string} name */
  #schemaPage(book, name) {
    const schema = book.schemas[name];
    if (!schema) return html`<h1>There is no schema ${name}</h1>`;
    const uses = book.usesOf(name);
    return html`<p><a href="#/schemas">Schemas</a></p><h1>${name}</h1>
      ${paragraphs(schema.description ?? "")}
      ${schema.enum ? html`<p>One of ${schema.enum.map((/** @type {unknown} */ one) => html`<code>${one}</code> `)}</p>` : nothing}
      ${this.#fields(book, schema)}
      <h2>Example</h2>${this.#code(JSON.stringify(sampleOf(book, schema, { all: true }), null, 2))}
      ${uses.length > 0 ? html`<h2>Used by</h2><ul class="found">${uses.map((call) => html`<li><a href=${linkOf(call)}>
        <span class="method ${call.method}">${call.method}</span><span class="path">${call.path}</span></a></li>`)}</ul>` : nothing}`;
  }
}

/** @param {string} status */
const statusText = (status) => ({ 200: "Done", 201: "Made", 204: "Done, without content", 400: "Something is wrong with what was sent", 401: "No valid login",
  403: "Not allowed", 404: "Not found", 409: "Not possible in this state", 413: "Too large", 415: "Not a kind that is taken",
  422: "The same key with another body", 429: "Too often", 503: "Not right now" })[status] ?? "";

/** @param {string} caption @param {{name: string, place: string, isRequired?: boolean, required?: boolean, text: string, link: string, description: string}[]} rows */
const table = (caption, rows) => html`<div class="table" tabindex="0" role="group" aria-label=${caption}><table>
  <thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">What it is</th></tr></thead>
  <tbody>${rows.map((row) => html`<tr>
    <th scope="row"><code>${row.name}</code>${row.isRequired ? html` <span class="required">required</span>` : nothing}${row.place ? html` <span class="soft">${row.place}</span>` : nothing}</th>
    <td>${row.link ? html`<a href=${schemaLink(row.link)}>${row.text}</a>` : row.text}</td>
    <td class="what">${prose(row.description)}</td></tr>`)}</tbody></table></div>`;

customElements.define("api-docs", ApiDocs);

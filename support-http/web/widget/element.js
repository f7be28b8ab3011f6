// @ts-check
import { Memory } from "../shared/memory.js";
import { Failure } from "../shared/server.js";
import { html, nothing, render, repeat } from "../vendor/lit-html.js";
import { Alerts } from "./alerts.js";
import { ruleOf } from "./color.js";
import { Conversation } from "./conversation.js";
import { bestLanguage, Language } from "./language.js";
import { composer, ending, head, icon, panelOf, problem, whoForm } from "./panels.js";
import { rowsOf } from "./rows.js";
import { STYLE } from "./style.js";
import { Uploads } from "./uploads.js";
import { Visit } from "./visit.js";

/**
 * @typedef {object} Profile what the server says of the tenant
 * @property {string} [name]
 * @property {string} [greeting]
 * @property {string} [color]
 * @property {boolean} [adminOnline]
 * @property {{isOpen: boolean, nextOpening: string|null}|null} [officeHours]
 * @property {{name: string, slug: string}[]} [departments]
 * @property {{maxBytes: number, contentTypes: string[]}} [upload]
 * @property {boolean} [hasKnowledgeBase]
 * @property {number} [at] when it said so
 */

const TALK = "M21 12a8 8 0 0 1-11.6 7.1L4 20.5l1.5-4.6A8 8 0 1 1 21 12Z";
/** A page view alone is no reason to ask again; whoever opens the panel is told who is there now. */
const KNOWN_FOR = 600_000;
const FRESH_FOR = 60_000;
const FEWEST_LETTERS = 3;
const TYPING_PAUSE = 350;
const FULL_SCREEN = matchMedia("(max-width: 480px), (max-height: 480px)");

/** The bubble and its panel. */
export class SupportWidget extends HTMLElement {
  isOpen = false;
  isMenuOpen = false;
  /** @type {"chat"|"call"|"mail"|"article"} */
  view = "chat";
  text = "";
  problem = "";
  done = "";
  busy = false;
  stars = 0;
  canDownload = true;
  /** @type {any[]} articles that may answer what is being typed */
  found = [];
  /** @type {any} */
  article = null;
  /** In which nothing is drawn before it is there. */
  language = /** @type {Language} */ (/** @type {unknown} */ (null));
  #isDue = false;
  isPage;
  #isDragging = false;
  #hasNews = false;
  #lookUp = 0;
  #told = { unread: 0, status: /** @type {any} */ (null) };
  #listeners = new EventTarget();
  #colors = new CSSStyleSheet();

  /** @param {import("./server.js").Home} home */
  constructor(home) {
    super();
    this.isPage = Boolean(home.session);
    this.chat = new Conversation(home, { changed: () => this.changed(), heard: (message) => this.#hear(message) });
    const { memory } = this.chat;
    this.alerts = new Alerts(memory);
    this.uploads = new Uploads(this.chat, () => this.changed());
    /** @type {Profile|null} */
    this.profile = memory.read("profile");
    this.chat.language = memory.read("language") ?? home.language;
  }

  async connectedCallback() {
    if (this.shadowRoot) return;
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet, this.#colors];
    this.#colors.replaceSync(ruleOf(this.profile?.color));
    const learned = this.#age > KNOWN_FOR && this.#learn();
    // Only a first visit waits for the tenant's colours.
    [this.language] = await Promise.all([Language.load(bestLanguage([this.chat.language, ...navigator.languages]), this.chat.server.origin), this.profile ?? learned]);
    if (this.isPage) this.isOpen = this.toggleAttribute("page", true);
    else this.#watchPages();
    this.#listen();
    this.#draw();
    performance.mark("support-widget");
    this.chat.start();
    void this.uploads.start();
  }

  /** @param {"chat"|"call"} [view] */
  open(view = "chat") {
    this.#turn(true);
    if (view !== this.view) this.show(view);
  }

  close() {
    this.#turn(false);
  }

  toggle() {
    this.#turn(!this.isOpen);
  }

  /** @param {SupportWidgetPerson} person */
  identify(person) {
    const { visitor } = this.chat;
    if (visitor.externalId && person.externalId && visitor.externalId !== person.externalId) this.reset();
    this.chat.introduce({ ...this.chat.visitor, ...person });
    this.changed();
  }

  /** @param {Record<string, unknown>} attributes */
  setAttributes(attributes) {
    Object.assign(this.chat.attributes, attributes);
  }

  /** @param {string} locale */
  async setLocale(locale) {
    const name = bestLanguage([locale]);
    this.chat.memory.write("language", name);
    this.chat.language = name;
    this.language = await Language.load(name, this.chat.server.origin);
    this.changed();
  }

  /** @param {string} text */
  send(text) {
    this.open();
    if (text.trim()) this.#say(text.trim());
  }

  reset() {
    this.uploads.entries.forEach((entry) => this.uploads.remove(entry));
    this.chat.reset();
    this.#turn(false);
  }

  /** @param {() => Promise<string>} challenge */
  setChallenge(challenge) {
    this.chat.server.challenge = challenge;
  }

  /** @param {string} event @param {(detail: any) => void} handler */
  on(event, handler) {
    const hear = (/** @type {any} */ { detail }) => handler(detail);
    this.#listeners.addEventListener(event, hear);
    return () => this.#listeners.removeEventListener(event, hear);
  }

  /** @param {string} event @param {unknown} [detail] */
  emit(event, detail = null) {
    this.#listeners.dispatchEvent(new CustomEvent(event, { detail }));
  }

  /** @param {typeof this.view} view */
  show(view) {
    Object.assign(this, { view, problem: "", done: "" });
    this.#draw();
    (view === "chat" ? this.#find("textarea") : this.#find(".page input") ?? this.#find(".page"))?.focus();
  }

  /** @param {boolean} isOpen */
  toggleMenu(isOpen) {
    this.isMenuOpen = isOpen;
    this.changed();
  }

  /** Something that takes a while and may not work out. @param {() => Promise<unknown>} work */
  async act(work) {
    if (this.busy) return;
    Object.assign(this, { busy: true, problem: "" });
    this.changed();
    try {
      await work();
    } catch (failure) {
      this.problem = failure instanceof Failure ? this.reason(failure.code, failure.message) : /** @type {Error} */ (failure).message;
    }
    this.busy = false;
    this.changed();
  }

  /** What a refusal means, in the visitor's language where it is a usual one. @param {string|undefined} code @param {string} text */
  reason = (code, text) => {
    const { words } = this.language;
    const size = this.profile?.upload?.maxBytes;
    return {
      RATE_LIMITED: words.tooFast, UNREACHABLE: words.failed, INTERNAL: words.failed, FORBIDDEN: words.refused,
      CAPTCHA_REQUIRED: words.refused, UNAUTHENTICATED: words.refused, CONFLICT: words.refused, UNSUPPORTED_MEDIA_TYPE: words.wrongKind,
      PAYLOAD_TOO_LARGE: size ? words.tooBig(this.language.size(size)) : undefined,
    }[code ?? ""] ?? text;
  };

  /** @param {Iterable<File>} files */
  attach(files) {
    const { maxBytes = Infinity, contentTypes } = this.profile?.upload ?? {};
    for (const file of files) {
      const code = file.size > maxBytes ? "PAYLOAD_TOO_LARGE"
        : contentTypes && file.type && !contentTypes.includes(file.type) ? "UNSUPPORTED_MEDIA_TYPE" : "";
      this.uploads.add(file, code ? new Failure(400, code, "", 0) : null);
    }
    this.#toEnd();
  }

  /** @param {any} article */
  read(article) {
    this.article = article;
    this.show("article");
  }

  async download() {
    const { server, sessionId } = this.chat;
    const answer = await fetch(server.address("api/v1/chat/transcript", { sessionId: sessionId ?? "", format: "text" }),
      { credentials: "omit" });
    this.canDownload = answer.status !== 404 && answer.status !== 405;
    if (!answer.ok) throw new Error(this.language.words.failed);
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await answer.blob());
    link.download = "chat.txt";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  beginAnew() {
    this.stars = 0;
    this.chat.startAnew();
    this.#find("textarea")?.focus();
  }

  typed() {
    const field = /** @type {HTMLTextAreaElement} */ (this.#find("textarea"));
    this.text = field.value.trim();
    this.chat.type(this.text !== "");
    clearTimeout(this.#lookUp);
    this.#lookUp = window.setTimeout(() => this.#suggest(), TYPING_PAUSE);
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) this.submit(event);
  }

  /** @param {Event} event */
  submit(event) {
    event.preventDefault();
    const field = /** @type {HTMLTextAreaElement} */ (this.#find("textarea"));
    if (!this.text) return;
    this.#say(this.text);
    field.value = this.text = "";
    field.focus();
  }

  /** @param {string} text */
  #say(text) {
    clearTimeout(this.#lookUp);
    this.found = [];
    this.problem = "";
    this.chat.say(text);
    this.#toEnd();
  }

  async #suggest() {
    const message = this.text;
    if (!this.chat.isNew || this.profile?.hasKnowledgeBase === false) return;
    /** @type {any[]} */
    const found = message.length < FEWEST_LETTERS ? [] : await this.chat.server
      .get("api/v1/chat/suggestions", { message: message.slice(0, 500), language: this.language.name, limit: 3 }).catch(() => []);
    if (message !== this.text) return;
    this.found = found;
    this.changed();
  }

  get #age() {
    return Date.now() - (this.profile?.at ?? 0);
  }

  /** Asks the server about its tenant, and remembers it for the next page. */
  async #learn() {
    try {
      this.profile = { ...(await this.chat.server.get("api/v1/chat/widget", {})), at: Date.now() };
    } catch {
      return;
    }
    this.chat.memory.write("profile", this.profile);
    this.#colors.replaceSync(ruleOf(this.profile?.color));
    this.changed();
  }

  #watchPages() {
    const { chat } = this;
    let isKnown = true;
    chat.visit = new Visit(chat.memory.key("visit"), ({ url, title }) => {
      if (!chat.sessionId || !isKnown) return;
      chat.ask("context", { page: { url, title } }).catch((failure) => (isKnown = failure.status !== 404));
    });
    chat.visit.start();
  }

  #listen() {
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#return();
      this.changed();
    });
    window.addEventListener("online", () => this.uploads.hurry());
    FULL_SCREEN.addEventListener("change", () => this.changed());
    // The keyboard of a phone covers what is fixed to the bottom.
    for (const change of ["resize", "scroll"]) window.visualViewport?.addEventListener(change, () => this.#fit());
  }

  #return() {
    this.chat.hurry();
    this.uploads.hurry();
    this.alerts.calm();
  }

  /** @param {import("../shared/thread.js").Message} message */
  #hear({ id, message, senderName, createdAt }) {
    this.emit("message", { id, text: message, sender: senderName, at: createdAt });
    if (!this.isOpen || document.visibilityState !== "visible") this.alerts.raise(this.language.words.newMessage);
    this.#hasNews = true;
  }

  /** @param {boolean} isOpen */
  #turn(isOpen) {
    if (isOpen === this.isOpen || this.isPage) return;
    const hadFocus = Boolean(this.shadowRoot?.activeElement);
    Object.assign(this, { isOpen, isMenuOpen: false });
    this.#draw();
    this.emit(isOpen ? "open" : "close");
    if (!isOpen) {
      if (hadFocus) this.#find(".bubble")?.focus();
      return;
    }
    if (this.#age > FRESH_FOR) void this.#learn();
    this.alerts.warmUp();
    this.chat.hurry();
    this.#toEnd();
    // A field with the focus would cover half a phone with its keyboard at once.
    this.#find(matchMedia("(pointer: coarse)").matches ? ".log" : this.view === "chat" ? "textarea" : ".page")?.focus();
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.key === "Escape" && !this.isPage) {
      event.stopPropagation();
      if (this.isMenuOpen) this.toggleMenu(false);
      else if (this.view !== "chat") this.show("chat");
      else this.close();
      return;
    }
    if (event.key !== "Tab" || !FULL_SCREEN.matches || this.isPage) return;
    // What is behind can't be seen, so the focus does not go there.
    const all = /** @type {HTMLElement[]} */ ([...(this.#find(".panel")?.querySelectorAll("button, input, textarea, select, a[href], [tabindex='0']") ?? [])])
      .filter((one) => !one.matches(":disabled") && one.checkVisibility());
    const [edge, other] = event.shiftKey ? [all[0], all.at(-1)] : [all.at(-1), all[0]];
    if (this.shadowRoot?.activeElement !== edge) return;
    event.preventDefault();
    other?.focus();
  }

  /** @param {DragEvent} event */
  #drag(event) {
    if (!event.dataTransfer?.types.includes("Files") || this.chat.status === "CLOSED" || this.chat.isGone) return;
    event.preventDefault();
    this.#isDragging = event.type === "dragover";
    if (event.type === "drop") this.attach(event.dataTransfer.files);
    this.changed();
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const files = event.clipboardData?.files;
    if (!files?.length || this.chat.status === "CLOSED") return;
    event.preventDefault();
    this.attach(files);
  }

  #fit() {
    const panel = this.#find(".panel");
    const view = window.visualViewport;
    if (!panel || !view) return;
    // Whoever magnifies the page sees less of it, too.
    const isFull = this.isOpen && FULL_SCREEN.matches && view.scale < 1.05;
    panel.style.height = isFull ? `${view.height}px` : "";
    panel.style.top = isFull ? `${view.offsetTop}px` : "";
  }

  /** @param {string} selector @returns {HTMLElement|null|undefined} */
  #find(selector) {
    return this.shadowRoot?.querySelector(selector);
  }

  #toEnd() {
    this.#draw();
    this.#find(".log")?.scrollTo(0, 1e9);
  }

  get #isAtEnd() {
    const log = this.#find(".log");
    return !log || log.scrollHeight - log.scrollTop - log.clientHeight < 60;
  }

  changed() {
    if (this.#isDue || !this.language) return;
    this.#isDue = true;
    // Not an animation frame: those stand still in a hidden tab, and the badge must not.
    queueMicrotask(() => {
      this.#isDue = false;
      this.#draw();
    });
  }

  #draw() {
    const { chat, language, shadowRoot } = this;
    if (!language || !shadowRoot) return;
    if (this.isOpen && this.view === "chat" && document.visibilityState === "visible") chat.look();
    if (chat.sessionId) void this.uploads.go();
    const wasAtEnd = this.#isAtEnd;
    const hadFocus = shadowRoot.activeElement !== null;
    this.lang = language.name;
    this.dir = language.direction;
    render(this.#template(), shadowRoot, { host: this });
    if (wasAtEnd) this.#find(".log")?.scrollTo(0, 1e9);
    // What had the focus may be gone; the focus must not be.
    if (hadFocus && !shadowRoot.activeElement && this.isOpen) {
      [".page", "textarea", ".end .main", ".log"].map((selector) => this.#find(selector)).find((place) => place?.checkVisibility())?.focus();
    }
    this.#fit();
    this.#tell("unread", chat.unread);
    this.#tell("status", chat.status);
  }

  /** @param {"unread"|"status"} name @param {any} value */
  #tell(name, value) {
    if (this.#told[name] === value) return;
    this.#told[name] = value;
    this.emit(name, value);
  }

  #template() {
    const { chat, isOpen, view, language: { words, number } } = this;
    const label = isOpen ? words.closeChat : chat.unread ? words.openUnread(number.format(chat.unread)) : words.openChat;
    const drag = (/** @type {DragEvent} */ event) => this.#drag(event);
    const press = (/** @type {KeyboardEvent} */ event) => this.#press(event);
    const paste = (/** @type {ClipboardEvent} */ event) => this.#paste(event);
    const away = (/** @type {Event} */ { target }) =>
      this.isMenuOpen && target instanceof Element && !target.closest(".menu, .round") && this.toggleMenu(false);
    const isModal = this.isPage ? nothing : FULL_SCREEN.matches;
    return html`<section class="panel" role=${this.isPage ? "main" : "dialog"} aria-modal=${isModal} aria-labelledby="title" ?hidden=${!isOpen}
        @keydown=${press} @click=${away} @dragover=${drag} @dragleave=${drag} @drop=${drag} @paste=${paste}>
      ${head(this)}
      ${panelOf(this)}
      <div class="log" role="log" aria-live="polite" aria-label=${words.messages} tabindex="0" ?hidden=${view !== "chat"}
        @scroll=${() => this.#hasNews && this.#isAtEnd && this.changed()}>
        ${repeat(rowsOf(this), ({ key }) => key, (row) => row.view)}
        ${chat.isNew ? html`<button class="chip" @click=${() => this.show("call")}>${words.requestCall}</button>` : ""}
      </div>
      ${this.#news()}
      <div class="foot" ?hidden=${view !== "chat"}>${problem(this)}${ending(this)}${whoForm(this)}${composer(this)}</div>
      <div class="drop" ?hidden=${!this.#isDragging}>${words.dropHere}</div>
    </section>
    <button class="bubble" aria-expanded=${isOpen} aria-label=${label} ?hidden=${this.isPage} @click=${() => this.toggle()}>
      ${icon(TALK, "talk")}${icon("m6 9.5 6 6 6-6", "shut")}
      <span class="badge" ?hidden=${isOpen || !chat.unread}>${number.format(chat.unread)}</span></button>`;
  }

  /** Who reads what was said before is not torn away, but told that there is more. */
  #news() {
    this.#hasNews &&= !this.#isAtEnd && this.isOpen;
    return html`<button class="news" ?hidden=${!this.#hasNews || this.view !== "chat"} @click=${() => this.#toEnd()}>${this.language.words.newMessages}</button>`;
  }
}

/** Defines the element for pages that load it from this server. @param {import("./server.js").Home} home */
export const defineSupportWidget = (home) => {
  if (customElements.get("support-widget")) return;
  customElements.define("support-widget", class extends SupportWidget {
    constructor() {
      super(home);
    }
  });
};

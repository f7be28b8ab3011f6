// @ts-check
import { icon, make, Rows } from "../shared/dom.js";
import { Conversation } from "./conversation.js";
import { rowsOf } from "./rows.js";
import { STYLE } from "./style.js";

const MESSAGE_LIMIT = 5_000;

/** The bubble and its panel. */
class SupportWidget extends HTMLElement {
  #isOpen = false;
  #renderDue = false;
  /** @type {Conversation} */
  #conversation;
  #badge = make("span", { class: "badge", hidden: "" });
  #bubble = make("button", { class: "bubble", type: "button", "aria-expanded": "false" },
    icon("M21 12a8 8 0 0 1-11.6 7.1L4 20.5l1.5-4.6A8 8 0 1 1 21 12Z", "talk"), icon("m6 9.5 6 6 6-6", "shut"), this.#badge);
  #title = make("h2", { id: "title" });
  #state = make("div", { class: "state", role: "status" });
  #closeButton = make("button", { class: "close", type: "button", "aria-label": "Close chat" }, "×");
  #log = make("div", { class: "log", role: "log", "aria-live": "polite", "aria-label": "Messages", tabindex: "0" });
  #end = make("div", { class: "end", hidden: "" });
  #name = make("input", { type: "text", placeholder: "Name (optional)", "aria-label": "Your name, optional",
    autocomplete: "name", maxlength: "100" });
  #email = make("input", { type: "email", placeholder: "Email (optional)", "aria-label": "Your email, optional",
    autocomplete: "email", maxlength: "254" });
  #who = make("div", { class: "who" }, this.#name, this.#email);
  #text = make("textarea", { rows: "1", placeholder: "Write a message…", "aria-label": "Message",
    maxlength: String(MESSAGE_LIMIT) });
  #send = make("button", { class: "send", type: "submit", "aria-label": "Send" }, icon("M3 20.5 22 12 3 3.5v6.8L15 12 3 13.7Z"));
  #form = make("form", {}, this.#who, make("div", { class: "row" }, this.#text, this.#send));
  #panel = make("section", { class: "panel", role: "dialog", "aria-labelledby": "title", hidden: "" },
    make("header", {}, make("div", {}, this.#title, this.#state), this.#closeButton),
    this.#log, this.#end, this.#form);
  #newChat = make("button", { type: "button" }, "Start a new chat");
  #rows = new Rows(this.#log);
  #isStarted = false;

  #isPage;

  /** @param {import("./server.js").Home} home */
  constructor(home) {
    super();
    this.#isPage = Boolean(home.session);
    this.#conversation = new Conversation(home, () => this.#renderSoon());
  }

  connectedCallback() {
    if (this.#isStarted) return;
    this.#isStarted = true;
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    root.append(this.#panel, this.#bubble);
    if (this.#isPage) this.#fillPage();
    this.#name.value = this.#conversation.visitor.name;
    this.#email.value = this.#conversation.visitor.email;
    this.#listen();
    this.#conversation.start();
    this.#renderSoon();
  }

  /** On a page of its own there is nothing behind the chat to go back to. */
  #fillPage() {
    this.toggleAttribute("page", true);
    this.#panel.setAttribute("role", "main");
    this.#panel.hidden = false;
    this.#bubble.hidden = true;
    this.#closeButton.hidden = true;
    this.#isOpen = true;
  }

  #listen() {
    this.#bubble.addEventListener("click", () => this.#show(!this.#isOpen));
    this.#closeButton.addEventListener("click", () => this.#show(false));
    this.#newChat.addEventListener("click", () => {
      this.#conversation.startAnew();
      this.#text.focus();
    });
    this.#panel.addEventListener("keydown", (event) => event.key === "Escape" && !this.#isPage && this.#show(false));
    this.#text.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
      event.preventDefault();
      this.#form.requestSubmit();
    });
    this.#text.addEventListener("input", () => {
      this.#conversation.type(this.#text.value.trim() !== "");
      this.#renderSoon();
    });
    this.#who.addEventListener("input", () =>
      this.#conversation.introduce({ name: this.#name.value.trim(), email: this.#email.value.trim() }));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.#conversation.hurry();
      this.#renderSoon();
    });
  }

  #submit() {
    const text = this.#text.value.trim();
    if (!text) return;
    this.#conversation.say(text);
    this.#text.value = "";
    this.#log.scrollTop = this.#log.scrollHeight;
    this.#text.focus();
    this.#renderSoon();
  }

  /** @param {boolean} isOpen */
  #show(isOpen) {
    this.#isOpen = isOpen;
    this.#panel.hidden = !isOpen;
    this.#render();
    if (isOpen) this.#log.scrollTop = this.#log.scrollHeight;
    (isOpen ? this.#text : this.#bubble).focus();
  }

  #renderSoon() {
    if (this.#renderDue || !this.#isStarted) return;
    this.#renderDue = true;
    // Not an animation frame: those stand still in a hidden tab, and the badge must not.
    queueMicrotask(() => {
      this.#renderDue = false;
      this.#render();
    });
  }

  #render() {
    const chat = this.#conversation;
    if (this.#isOpen && document.visibilityState === "visible") chat.look();
    const unread = chat.unread;
    this.#badge.hidden = unread === 0 || this.#isOpen;
    this.#badge.textContent = String(unread);
    this.#bubble.setAttribute("aria-expanded", String(this.#isOpen));
    this.#bubble.setAttribute("aria-label", this.#isOpen ? "Close chat"
      : unread > 0 ? `Open chat, ${unread} unread` : "Open chat");
    this.#title.textContent = chat.assignedTo ? chat.assignedTo.name : "Chat with us";
    // A status region speaks whenever it is written to, so only a change is written.
    if (this.#state.textContent !== this.#stateText()) this.#state.textContent = this.#stateText();
    this.#who.hidden = !chat.isNew;
    this.#form.hidden = chat.status === "CLOSED" || chat.isGone;
    this.#send.disabled = this.#text.value.trim() === "";
    this.#renderEnd();
    this.#renderLog();
  }

  #stateText() {
    const chat = this.#conversation;
    if (chat.isGone) return "";
    if (!chat.connected) return "Reconnecting…";
    if (chat.status === "CLOSED") return "This chat is closed";
    if (chat.status === "RESOLVED") return "Resolved";
    if (chat.assignedTo) return "is here to help";
    if (chat.status === "WAITING") return "Nobody is online right now; we will answer here";
    if (chat.status === "ACTIVE") return "Someone will be with you soon";
    return "We answer as soon as we can";
  }

  #renderEnd() {
    const { status, isGone } = this.#conversation;
    const text = isGone ? "This link is not valid, or no longer." : status === "CLOSED" ? "This conversation has ended."
      : status === "RESOLVED" ? "Marked as resolved. Write again if there is more." : "";
    this.#end.hidden = text === "";
    if (this.#end.dataset.text === text) return;
    this.#end.dataset.text = text;
    this.#end.replaceChildren(text, ...(status === "CLOSED" ? [this.#newChat] : []));
  }

  #renderLog() {
    const isAtEnd = this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < 60;
    this.#rows.show(rowsOf(this.#conversation));
    if (isAtEnd) this.#log.scrollTop = this.#log.scrollHeight;
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

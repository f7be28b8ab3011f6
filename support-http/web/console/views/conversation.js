// @ts-check
import { html, keyed, nothing, repeat } from "../../vendor/lit.js";
import { DeskElement } from "../element.js";
import { confirmed } from "../pieces/dialog.js";
import { icon } from "../pieces/icons.js";
import "../pieces/menu.js";
import "./composer.js";
import "./customer-panel.js";
import { askBlock, askEscalate, askTranscript, askTransfer } from "./dialogs.js";
import { rowsOf } from "./messages.js";
import { nameOf } from "./words.js";

/** @typedef {import("../api.js").Chat} Chat */

const NEAR_THE_END = 80;

/** The chat that is open. */
export class ConversationView extends DeskElement {
  static properties = { hasPanel: { state: true }, isDropping: { state: true } };
  #shownId = "";
  #isAtEnd = true;

  constructor() {
    super();
    this.hasPanel = matchMedia("(min-width: 1100px)").matches;
    this.isDropping = false;
  }

  render() {
    const chat = this.store.selected;
    if (!chat) {
      const text = this.store.selectedId === null ? "Choose a chat to read and answer it." : "Loading…";
      return html`<section class="conversation" aria-label="Conversation"><div class="nothing"><p>${text}</p>
        ${this.store.selectedId === null ? html`<p class="hint">Press <kbd>j</kbd> and <kbd>k</kbd> to walk through the list, <kbd>?</kbd> for all keys.</p>` : nothing}</div></section>`;
    }
    return html`<section class="conversation${this.isDropping ? " is-dropping" : ""}" @dragover=${this.#drag} @dragleave=${this.#dragEnds} @drop=${this.#drop} aria-label="Conversation">
      <div class="chosen">
        ${this.#header(chat)}
        <div class="thread" role="log" aria-live="polite" aria-label="Messages" tabindex="0">${keyed(chat.chatId, this.#thread(chat))}</div>
        <p class="typing" role="status">${this.store.isTyping(chat.chatId) ? html`<bdi>${nameOf(chat)}</bdi> is typing…` : ""}</p>
        <chat-composer .desk=${this.desk}></chat-composer>
      </div>
      ${this.hasPanel ? html`<customer-panel .desk=${this.desk} @close=${() => (this.hasPanel = false)}></customer-panel>` : nothing}
    </section>`;
  }

  /** @param {Chat} chat */
  #header(chat) {
    return html`<header class="about">
      <a class="back" href="#/" aria-label="Back to the list">${icon("back")}</a>
      <div class="who"><h2 dir="auto">${nameOf(chat)}</h2><p class="facts">${this.#facts(chat)}</p></div>
      ${this.#viewers(chat)}
      <div class="actions">${this.#actions(chat)}
        <button class="button quiet square" type="button" aria-label="Details" aria-expanded=${String(this.hasPanel)}
          @click=${() => (this.hasPanel = !this.hasPanel)}>${icon("panel")}</button></div>
    </header>`;
  }

  /** @param {Chat} chat */
  #facts(chat) {
    const standing = { ACTIVE: "open", WAITING: "waiting", RESOLVED: "resolved", CLOSED: "closed" }[chat.status];
    const holder = chat.assignedTo ? (this.store.isMine(chat) ? "yours" : `with ${chat.assignedTo.name}`) : "nobody has it";
    const department = this.store.departments.find(({ slug }) => slug === chat.department)?.name ?? chat.department;
    return html`<bdi>${[chat.ticketId, standing, holder, department].filter(Boolean).join(" · ")}</bdi>`;
  }

  /** Colleagues who look at the same chat. @param {Chat} chat */
  #viewers(chat) {
    const viewers = this.store.viewers.get(chat.chatId) ?? [];
    const typing = viewers.filter((viewer) => viewer.isTyping);
    const names = (typing.length > 0 ? typing : viewers).map((viewer) => viewer.name).join(", ");
    const text = typing.length > 0 ? `${names} is answering` : viewers.length > 0 ? `${names} is here too` : "";
    return html`<p class="viewers${typing.length > 0 ? " is-typing" : ""}" role="status">${text ? html`${icon("eye")}<bdi>${text}</bdi>` : ""}</p>`;
  }

  /** @param {Chat} chat */
  #actions(chat) {
    const { actions } = this.desk;
    const id = chat.chatId;
    const button = (/** @type {string} */ label, /** @type {() => unknown} */ act, isPrimary = false) =>
      html`<button class="button${isPrimary ? " primary" : ""}" type="button" @click=${this.#once(act)}>${label}</button>`;
    const isOver = chat.status === "RESOLVED" || chat.status === "CLOSED";
    const isMine = this.store.isMine(chat);
    /** @type {import("../pieces/menu.js").Item[]} */
    const more = [
      ...(chat.status === "CLOSED" ? [] : [{ label: "Close", act: () => void actions.change(id, { status: "CLOSED" }) }]),
      ...(isOver || !isMine ? [] : [{ label: "Wait for the customer", act: () => void actions.wait(id) },
        { label: "Release", act: () => void actions.release(id) }]),
      ...(isOver ? [] : [{ label: "Escalate…", act: () => askEscalate(this.desk, chat) }]),
      { label: "Mail transcript…", act: () => askTranscript(this.desk, chat) },
      { label: "Download transcript", act: () => void actions.downloadTranscript(id, chat.ticketId) },
      ...(this.isSupervisor ? [{ label: "Block visitor…", act: () => askBlock(this.desk, chat), isDangerous: true }] : []),
    ];
    return html`
      ${isOver ? button("Reopen", () => actions.change(id, { status: "ACTIVE" })) : nothing}
      ${isOver || isMine ? nothing : button("Take", () => actions.take(id), true)}
      ${isOver ? nothing : button("Resolve", () => actions.change(id, { status: "RESOLVED" }))}
      ${isOver ? nothing : html`<button class="button quiet square" type="button" aria-label="Transfer" title="Transfer"
        @click=${() => askTransfer(this.desk, chat)}>${icon("transfer")}</button>`}
      <console-menu label="More" .items=${more}></console-menu>`;
  }

  /** @param {() => unknown} act what a second click meanwhile must not do again */
  #once(act) {
    return async (/** @type {Event & {currentTarget: any}} */ event) => {
      const button = event.currentTarget;
      button.disabled = true;
      await act();
      button.disabled = false;
    };
  }

  /** @param {Chat} chat */
  #thread(chat) {
    const first = this.store.threads.get(chat.chatId)?.messages[0];
    return html`
      ${first && first.seq > 1 ? html`<button class="button quiet earlier" type="button" @click=${() => this.desk.loadEarlier(chat.chatId)}>Show earlier messages</button>` : nothing}
      ${repeat(rowsOf(this.desk, chat), (row) => row.key, (row) => row.content)}`;
  }

  get #log() {
    return this.querySelector(".thread");
  }

  willUpdate() {
    const thread = this.#log;
    this.#isAtEnd = !thread || this.#shownId !== this.store.selectedId ||
      thread.scrollHeight - thread.scrollTop - thread.clientHeight < NEAR_THE_END;
  }

  updated() {
    const thread = this.#log;
    if (!thread) {
      this.#shownId = "";
      return;
    }
    if (this.#isAtEnd) thread.scrollTop = thread.scrollHeight;
    // A picture takes its place when it has come.
    for (const picture of thread.querySelectorAll("img:not([data-watched])")) {
      picture.setAttribute("data-watched", "");
      picture.addEventListener("load", () => this.#isAtEnd && (thread.scrollTop = thread.scrollHeight), { once: true });
    }
    if (this.store.selectedThread !== null) this.#shownId = this.store.selectedId ?? "";
  }

  get composer() {
    return /** @type {import("./composer.js").ChatComposer|null} */ (this.querySelector("chat-composer"));
  }

  /** @param {DragEvent} event */
  #drag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.isDropping = true;
  }

  /** @param {DragEvent} event */
  #dragEnds(event) {
    if (event.relatedTarget instanceof Node && this.contains(event.relatedTarget)) return;
    this.isDropping = false;
  }

  /** @param {DragEvent} event */
  #drop(event) {
    this.isDropping = false;
    if (!event.dataTransfer?.files.length) return;
    event.preventDefault();
    this.composer?.attach([...event.dataTransfer.files]);
  }

  /** Does what a key stands for. @param {"take"|"resolve"|"transfer"|"release"|"close"|"details"} what */
  async act(what) {
    const chat = this.store.selected;
    if (what === "details") this.hasPanel = !this.hasPanel;
    if (!chat) return;
    const { actions } = this.desk;
    const isOver = chat.status === "RESOLVED" || chat.status === "CLOSED";
    if (what === "take" && !isOver) await actions.take(chat.chatId);
    if (what === "release" && this.store.isMine(chat)) await actions.release(chat.chatId);
    if (what === "resolve" && !isOver) await actions.change(chat.chatId, { status: "RESOLVED" });
    if (what === "transfer" && !isOver) askTransfer(this.desk, chat);
    if (what !== "close" || chat.status === "CLOSED") return;
    const isSure = await confirmed(`Close ${chat.ticketId}?`, "The customer can write no more in this chat.", "Close the chat");
    if (isSure) await actions.change(chat.chatId, { status: "CLOSED" });
  }
}

customElements.define("conversation-view", ConversationView);

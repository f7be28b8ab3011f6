// @ts-check
import { html, live, nothing } from "../../vendor/lit.js";
import { Failure } from "../../shared/server.js";
import { DeskElement } from "../element.js";
import { icon } from "../pieces/icons.js";
import { size } from "./words.js";

/**
 * @typedef {import("../api.js").CannedResponse} CannedResponse
 * @typedef {object} Upload
 * @property {File} file
 * @property {number} share how much of it is through
 * @property {string} failure
 * @property {import("../api.js").UploadedFile|null} uploaded
 * @property {AbortController} abort
 */

const CANNED_SHOWN = 6;

/**
 * Where the agent writes: an answer to the visitor, or a note for colleagues. Each chat keeps its own draft, also
 * through a reload or a login that ended in the middle of a sentence.
 */
export class ChatComposer extends DeskElement {
  static properties = { text: { state: true }, isNote: { state: true }, canned: { state: true }, cannedAt: { state: true } };
  #chatId = "";
  /** @type {Map<string, Upload[]>} */
  #uploads = new Map();
  /** @type {{chatId: string, responses: CannedResponse[]}|null} */
  #known = null;

  constructor() {
    super();
    this.text = "";
    this.isNote = false;
    /** @type {CannedResponse[]} what the word after the slash may mean */
    this.canned = [];
    this.cannedAt = 0;
  }

  willUpdate() {
    const chatId = this.store.selectedId;
    if (!chatId || chatId === this.#chatId) return;
    const draft = this.desk.memory.read(`draft/${chatId}`) ?? { text: "", isNote: false };
    this.#chatId = chatId;
    this.text = draft.text;
    this.isNote = draft.isNote;
    this.canned = [];
  }

  get #files() {
    return this.#uploads.get(this.#chatId) ?? [];
  }

  get #isShut() {
    return this.store.selected?.status === "CLOSED" && !this.isNote;
  }

  get #canSend() {
    const files = this.#files;
    const isReady = files.every((file) => file.uploaded);
    return !this.#isShut && isReady && (this.text.trim() !== "" || files.length > 0);
  }

  render() {
    const isShut = this.#isShut;
    const placeholder = isShut ? "This chat is closed. Reopen it to answer."
      : this.isNote ? "Only your team will see this…" : "Write an answer…";
    return html`<form class="composer${this.isNote ? " is-note" : ""}" @submit=${this.#submit}>
      ${this.#suggestions()}
      <div class="kinds" role="group" aria-label="Write">
        <button type="button" class="kind" aria-pressed=${String(!this.isNote)} @click=${() => this.choose(false)}>Reply</button>
        <button type="button" class="kind" aria-pressed=${String(this.isNote)} @click=${() => this.choose(true)}>Private note</button>
      </div>
      ${this.#attachments()}
      <div class="row">
        <label class="button quiet square attach" aria-label="Attach files">${icon("clip")}
          <input class="unseen" type="file" multiple aria-label="Attach files" ?disabled=${isShut} @change=${this.#pick}></label>
        <textarea rows="2" maxlength="5000" dir="auto" aria-label=${this.isNote ? "Private note" : "Answer"} placeholder=${placeholder}
          aria-autocomplete="list" aria-controls=${this.canned.length > 0 ? "canned-responses" : nothing}
          aria-activedescendant=${this.canned.length > 0 ? `canned-${this.cannedAt}` : nothing}
          ?disabled=${isShut} .value=${live(this.text)} @input=${this.#input} @keydown=${this.#key} @paste=${this.#paste}
          @blur=${() => (this.canned = [])}></textarea>
        <button class="button primary" type="submit" ?disabled=${!this.#canSend}>${this.isNote ? "Add note" : "Send"}</button>
      </div></form>`;
  }

  #suggestions() {
    if (this.canned.length === 0) return nothing;
    return html`<ul class="canned" id="canned-responses" role="listbox" aria-label="Canned responses">
      ${this.canned.map((response, index) => html`<li id="canned-${index}" role="option" aria-selected=${String(index === this.cannedAt)}
        @mousedown=${(/** @type {Event} */ event) => { event.preventDefault(); this.#insert(response); }}>
        <b>/${response.shortcut}</b> <span class="canned-title" dir="auto">${response.title}</span>
        <span class="canned-text" dir="auto">${response.rendered ?? response.content}</span></li>`)}</ul>`;
  }

  #attachments() {
    if (this.#files.length === 0) return nothing;
    return html`<ul class="uploads" aria-label="Attached files">${this.#files.map((upload) => html`<li class=${upload.failure ? "is-failed" : ""}>
      ${icon("file")}<bdi>${upload.file.name}</bdi>
      <span class="upload-state" role="status">${upload.failure || (upload.uploaded ? size(upload.file.size) : `${Math.round(upload.share * 100)} %`)}</span>
      <button class="button quiet square" type="button" aria-label="Remove ${upload.file.name}" @click=${() => this.#drop(upload)}>${icon("close")}</button></li>`)}</ul>`;
  }

  get field() {
    return this.querySelector("textarea");
  }

  /** @param {boolean} isNote */
  async choose(isNote) {
    if (isNote && !this.isNote) this.desk.type(this.#chatId, false);
    this.isNote = isNote;
    this.#keepDraft();
    // At once, for whoever types on; and again, since a closed chat's field opens for notes only then.
    this.field?.focus();
    await this.updateComplete;
    this.field?.focus();
  }

  #keepDraft() {
    if (this.text.trim() === "") this.desk.memory.forget(`draft/${this.#chatId}`);
    else this.desk.memory.write(`draft/${this.#chatId}`, { text: this.text, isNote: this.isNote });
  }

  /** @param {Event & {target: any}} event */
  #input(event) {
    this.text = event.target.value;
    this.#keepDraft();
    if (!this.isNote) this.desk.type(this.#chatId, this.text.trim() !== "");
    void this.#suggest();
  }

  /** The word that begins with a slash and ends where is written. */
  #slash() {
    const end = this.field?.selectionStart ?? 0;
    const found = /(^|\s)\/([\w-]*)$/.exec(this.text.slice(0, end));
    return found ? { begin: end - found[2].length - 1, end, word: found[2].toLowerCase() } : null;
  }

  async #suggest() {
    const slash = this.#slash();
    if (!slash) {
      this.canned = [];
      return;
    }
    const chatId = this.#chatId;
    if (this.#known?.chatId !== chatId) {
      try {
        this.#known = { chatId, responses: await this.api.cannedResponses(chatId) };
      } catch {
        return;
      }
    }
    const { word } = this.#slash() ?? { word: null };
    if (word === null || chatId !== this.#chatId) return;
    const responses = this.#known?.responses ?? [];
    const begins = responses.filter(({ shortcut }) => shortcut.startsWith(word));
    const contains = responses.filter((one) => !begins.includes(one) && `${one.shortcut} ${one.title}`.toLowerCase().includes(word));
    this.canned = [...begins, ...contains].slice(0, CANNED_SHOWN);
    this.cannedAt = 0;
  }

  /** @param {CannedResponse} response */
  async #insert(response) {
    const slash = this.#slash();
    if (!slash) return;
    const words = response.rendered ?? response.content;
    this.text = this.text.slice(0, slash.begin) + words + this.text.slice(slash.end);
    this.canned = [];
    this.#keepDraft();
    await this.updateComplete;
    const end = slash.begin + words.length;
    this.field?.focus();
    this.field?.setSelectionRange(end, end);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.isComposing) return;
    if (this.canned.length > 0 && this.#chooseCanned(event)) return;
    if (event.key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    this.querySelector("form")?.requestSubmit();
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was about the list */
  #chooseCanned(event) {
    const count = this.canned.length;
    const step = { ArrowDown: 1, ArrowUp: count - 1 }[event.key];
    if (step !== undefined) this.cannedAt = (this.cannedAt + step) % count;
    else if (event.key === "Enter" || event.key === "Tab") void this.#insert(this.canned[this.cannedAt]);
    else if (event.key === "Escape") this.canned = [];
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    if (!this.#canSend) return;
    const files = this.#files.flatMap((upload) => upload.uploaded ?? []);
    this.desk.answer(this.#chatId, this.text.trim(), this.isNote, files);
    this.#uploads.delete(this.#chatId);
    this.text = "";
    this.#keepDraft();
    this.field?.focus();
  }

  /** @param {Event & {target: any}} event */
  #pick(event) {
    this.attach([...event.target.files]);
    event.target.value = "";
  }

  /** @param {ClipboardEvent} event */
  #paste(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.attach(files);
  }

  /** @param {File[]} files */
  attach(files) {
    if (this.#isShut) return;
    const chatId = this.#chatId;
    const uploads = files.map((file) => ({ file, share: 0, failure: "", uploaded: null, abort: new AbortController() }));
    this.#uploads.set(chatId, [...(this.#uploads.get(chatId) ?? []), ...uploads]);
    for (const upload of uploads) void this.#send(chatId, upload);
    this.requestUpdate();
    this.field?.focus();
  }

  /** @param {string} chatId @param {Upload} upload */
  async #send(chatId, upload) {
    const progressed = (/** @type {number} */ share) => {
      upload.share = share;
      this.requestUpdate();
    };
    try {
      upload.uploaded = await this.api.upload(chatId, upload.file, progressed, upload.abort.signal);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      upload.failure = failure.status === 413 ? "Too large" : failure.status === 415 ? "This kind of file is not allowed" : failure.message;
    }
    this.requestUpdate();
  }

  /** @param {Upload} upload */
  #drop(upload) {
    upload.abort.abort();
    this.#uploads.set(this.#chatId, this.#files.filter((other) => other !== upload));
    this.requestUpdate();
    this.field?.focus();
  }
}

customElements.define("chat-composer", ChatComposer);

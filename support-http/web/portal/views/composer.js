// @ts-check
import { html, ifDefined, nothing } from "../../vendor/lit.js";
import { fileHandlers, fileList, filePicker, Uploads } from "../uploads.js";
import { t } from "../words.js";
import { icon, View } from "../view.js";

const LONGEST = 5_000;
const TALLEST = 220;

/** Where a customer writes; what they began is still there when they come back. */
class PortalComposer extends View {
  ticket = "";
  #text = "";
  #problem = "";
  /** @type {Uploads} */
  #uploads = /** @type {any} */ (null);

  connectedCallback() {
    super.connectedCallback();
    this.#uploads ??= new Uploads(this.store, () => this.#keep());
    const draft = this.store.memory.read(this.#name);
    if (!draft) return;
    this.#text = draft.text ?? "";
    this.#uploads.restore(draft.files ?? []);
  }

  get #name() {
    return `draft/${this.ticket}`;
  }

  updated() {
    const field = this.querySelector("textarea");
    if (!field) return;
    field.style.height = "auto";
    field.style.height = `${Math.min(field.scrollHeight + 2, TALLEST)}px`;
  }

  render() {
    const on = fileHandlers(this.#uploads, () => this.requestUpdate());
    return html`
      <form class=${this.#uploads.isDraggedOver ? "composer over" : "composer"} @submit=${this.#submit}
        @dragover=${on.over} @dragleave=${on.leave} @drop=${on.drop} @paste=${on.paste}>
        ${fileList(this.#uploads)}
        ${this.#problem ? html`<p class="problem" role="alert">${this.#problem}</p>` : nothing}
        <div class="line">
          ${filePicker(this.#uploads)}
          <label class="unseen" for="message">${t("request.write")}</label>
          <textarea id="message" rows="1" dir=${ifDefined(this.#text ? "auto" : undefined)} maxlength=${LONGEST} placeholder=${t("request.write.hint")} .value=${this.#text}
            aria-describedby="message-keys" @input=${this.#typed} @keydown=${this.#key}></textarea>
          <button class="button primary send" type="submit" aria-label=${t("request.send")}>${icon("send")}</button>
        </div>
        <p class="soft keys" id="message-keys">${t("request.keys")}</p>
        ${this.#uploads.isDraggedOver ? html`<p class="dropping">${t("files.drop")}</p>` : nothing}
      </form>`;
  }

  /** @param {Event} event */
  #typed(event) {
    this.#text = /** @type {HTMLTextAreaElement} */ (event.target).value;
    this.#keep();
  }

  #keep() {
    const files = this.#uploads.attachments;
    if (this.#text || files.length > 0) this.store.memory.write(this.#name, { text: this.#text, files });
    else this.store.memory.forget(this.#name);
    this.requestUpdate();
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    // Enter that ends the choice of a character is not meant for the form.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || matchMedia("(pointer: coarse)").matches) return;
    event.preventDefault();
    /** @type {HTMLFormElement} */ (this.querySelector("form")).requestSubmit();
  }

  /** @param {Event} event */
  #submit(event) {
    event.preventDefault();
    const body = this.#text.trim();
    const files = this.#uploads.attachments;
    this.#problem = this.#uploads.areSending ? t("files.wait") : "";
    if (!this.#problem && (body || files.length > 0)) {
      this.store.say({ ticket: this.ticket, body, files });
      this.#text = "";
      this.#uploads.clear();
      this.dispatchEvent(new CustomEvent("said"));
    }
    this.#keep();
    this.querySelector("textarea")?.focus();
  }
}

customElements.define("portal-composer", PortalComposer);

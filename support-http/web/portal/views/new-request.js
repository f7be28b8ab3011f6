// @ts-check
import { html, ifDefined, nothing, unsafeHTML } from "../../vendor/lit.js";
import { Failure } from "../../shared/server.js";
import { newId } from "../../shared/retry.js";
import { link } from "../routes.js";
import { fieldsOf } from "../server-words.js";
import { fileHandlers, fileList, filePicker, Uploads } from "../uploads.js";
import { t } from "../words.js";
import { field, icon, problem, Task, View } from "../view.js";

const DRAFT = "draft/new";
const PAUSE = 300;
const SHORTEST = 3;
const SUGGESTED = 3;
const PRIORITIES = /** @type {const} */ (["low", "medium", "high", "urgent"]);

/** Writes to the team about something new. */
class PortalNewRequest extends View {
  #task = new Task(this);
  /** @type {Record<string, string>} */
  #wrong = {};
  /** @type {import("../api.js").Article[]} */
  #articles = [];
  #timer = 0;
  #draft = { title: "", description: "", priority: "medium" };
  #key = newId();
  #sent = "";
  /** @type {Uploads} */
  #uploads = /** @type {any} */ (null);

  connectedCallback() {
    super.connectedCallback();
    this.#uploads ??= new Uploads(this.store, () => this.#keep());
    const draft = this.store.memory.read(DRAFT);
    if (!draft) return;
    this.#draft = { ...this.#draft, ...draft.fields };
    this.#uploads.restore(draft.files ?? []);
    this.#suggest();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  render() {
    const { title, description, priority } = this.#draft;
    const on = fileHandlers(this.#uploads, () => this.requestUpdate());
    const wrong = this.#wrong;
    return html`
      <a class="back" href=${link("requests")}>${icon("back")}${t("request.back")}</a>
      <h1>${t("new.title")}</h1>
      <div class="beside">
        <form class=${this.#uploads.isDraggedOver ? "form card over" : "form card"} @submit=${this.#submit} @input=${this.#typed}
          @dragover=${on.over} @dragleave=${on.leave} @drop=${on.drop} @paste=${on.paste}>
          ${field({ id: "title", label: t("new.subject"), wrong: wrong.title }, html`
            <input id="title" name="title" dir="auto" maxlength="200" required autocomplete="off" .value=${title}
              aria-invalid=${wrong.title ? "true" : "false"} aria-describedby=${ifDefined(wrong.title && "title-wrong")}>`)}
          ${field({ id: "description", label: t("new.description"), hint: t("new.hint"), wrong: wrong.description }, html`
            <textarea id="description" name="description" dir="auto" rows="7" maxlength="5000" required .value=${description}
              aria-invalid=${wrong.description ? "true" : "false"} aria-describedby="description-hint${wrong.description ? " description-wrong" : ""}"></textarea>`)}
          <fieldset class="choices"><legend>${t("new.priority")}</legend>${PRIORITIES.map((one) => html`
            <label class="choice"><input type="radio" name="priority" value=${one} ?checked=${one === priority}><span>${t(`priority.${one}`)}</span></label>`)}</fieldset>
          <div class="attach">${filePicker(this.#uploads)}<p class="soft">${t("files.hint")}</p></div>
          ${fileList(this.#uploads)}
          ${this.#task.problem ? problem(this.#task.problem) : nothing}
          <div class="actions"><button class="button primary" type="submit" ?disabled=${this.#task.isRunning}>
            ${this.#task.isRunning ? t("new.sending") : t("new.send")}</button></div>
          ${this.#uploads.isDraggedOver ? html`<p class="dropping">${t("files.drop")}</p>` : nothing}
        </form>
        ${this.#articles.length > 0 ? this.#suggestions() : nothing}
      </div>`;
  }

  #suggestions() {
    return html`<aside class="suggestions" aria-labelledby="suggested"><h2 id="suggested">${t("new.suggested")}</h2>
      ${this.#articles.map((article) => html`<details class="card"><summary dir="auto">${article.title}</summary>
        <div class="article" lang=${article.language} dir="auto">${unsafeHTML(article.html)}</div></details>`)}</aside>`;
  }

  /** @param {Event} event */
  #typed(event) {
    const input = /** @type {HTMLInputElement} */ (event.target);
    if (!(input.name in this.#draft)) return;
    this.#draft = { ...this.#draft, [input.name]: input.value };
    if (this.#wrong[input.name]) this.#wrong = { ...this.#wrong, [input.name]: "" };
    this.#keep();
    if (input.name !== "title") return;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#suggest(), PAUSE);
  }

  #keep() {
    const files = this.#uploads.attachments;
    this.store.memory.write(DRAFT, { fields: this.#draft, files });
    this.requestUpdate();
  }

  async #suggest() {
    const words = this.#draft.title.trim();
    if (words.length < SHORTEST) {
      this.#articles = [];
      this.requestUpdate();
      return;
    }
    let found;
    try {
      found = await this.store.api.articles(words, SUGGESTED);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      return;
    }
    if (words !== this.#draft.title.trim()) return;
    const isNews = found.length > 0 && found.map(({ id }) => id).join() !== this.#articles.map(({ id }) => id).join();
    this.#articles = found;
    this.requestUpdate();
    if (isNews) this.store.announce(t("new.suggestions", { n: found.length }));
  }

  /** @param {Event} event */
  async #submit(event) {
    event.preventDefault();
    if (this.#uploads.areSending) {
      this.#task.problem = t("files.wait");
      this.requestUpdate();
      return;
    }
    const ids = this.#uploads.attachments.map(({ id }) => id);
    const ticket = { ...this.#draft, ...(ids.length > 0 && { attachmentIds: ids }) };
    const content = JSON.stringify(ticket);
    // The same request again is the same; one that was changed is another.
    if (content !== this.#sent) this.#key = newId();
    this.#sent = content;
    this.#wrong = {};
    const opened = await this.#task.run(async () => {
      try {
        return await this.store.api.openTicket(ticket, this.#key);
      } catch (failure) {
        this.#wrong = fieldsOf(failure);
        throw failure;
      }
    });
    if (!opened) {
      await this.updateComplete;
      /** @type {HTMLElement|null} */ (this.querySelector("[aria-invalid=true]"))?.focus();
      return;
    }
    this.store.memory.forget(DRAFT);
    this.store.announce(t("new.sent", { number: opened.ticketId }));
    location.replace(link("requests", opened.ticketId));
  }
}

customElements.define("portal-new-request", PortalNewRequest);

// @ts-check
import { html, nothing, unsafeHTML } from "../../vendor/lit.js";
import { link } from "../routes.js";
import { reasonOf } from "../server-words.js";
import { t } from "../words.js";
import { failed, icon, loading, Task, View } from "../view.js";

/** One page of the knowledge base. */
class PortalArticle extends View {
  slug = "";
  #task = new Task(this);
  /** @type {import("../api.js").Article|null|undefined} */
  #article = undefined;
  /** @type {""|"asking"|"thanked"} */
  #judged = "";

  connectedCallback() {
    super.connectedCallback();
    void this.#load();
  }

  async #load() {
    const articles = await this.#task.run(() => this.store.api.articles("", 100));
    if (!articles) return;
    this.#article = articles.find(({ slug }) => slug === this.slug) ?? null;
    this.requestUpdate();
    await this.updateComplete;
    this.store.changed();
  }

  render() {
    const article = this.#article;
    return html`
      <a class="back" href=${link("help")}>${icon("back")}${t("help.back")}</a>
      ${article ? this.#whole(article) : html`<h1>${article === null ? t("help.missing") : t("nav.help")}</h1>`}
      ${failed(this.#task, () => this.#load())}
      ${loading(article === undefined && !this.#task.problem)}`;
  }

  /** @param {import("../api.js").Article} article its HTML was made safe by the server */
  #whole(article) {
    return html`
      <article class="article" lang=${article.language} dir="auto">
        <h1 tabindex="-1">${article.title}</h1>
        ${article.category ? html`<p class="soft">${article.category}</p>` : nothing}
        ${unsafeHTML(article.html)}
      </article>
      <div class="judge" role="group" aria-label=${t("help.useful")}>
        ${this.#judged === "thanked" ? html`<p role="status">${t("help.thanks")}</p>` : html`
          <span>${t("help.useful")}</span>
          <button class="button" type="button" @click=${() => this.#judge(true)}>${t("help.yes")}</button>
          <button class="button" type="button" @click=${() => this.#judge(false)}>${t("help.no")}</button>`}
        <a class="button" href=${link("requests", "new")}>${t("help.ask")}</a>
      </div>`;
  }

  /** @param {boolean} isHelpful */
  async #judge(isHelpful) {
    if (this.#judged) return;
    this.#judged = "thanked";
    this.requestUpdate();
    // Nobody should be bothered because their opinion was lost.
    await this.store.api.judge(this.slug, isHelpful).catch(reasonOf);
  }
}

customElements.define("portal-article", PortalArticle);

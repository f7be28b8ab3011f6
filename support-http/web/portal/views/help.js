// @ts-check
import { html, live, nothing } from "../../vendor/lit.js";
import { link } from "../routes.js";
import { t } from "../words.js";
import { failed, icon, loading, Task, View } from "../view.js";

const PAUSE = 250;

/** The knowledge base: all of it by its categories, or what was found. */
class PortalHelp extends View {
  #task = new Task(this);
  /** @type {import("../api.js").Article[]|null} */
  #articles = null;
  /** @type {string|null} */
  #read = null;
  #timer = 0;
  /** What stands in the field, ahead of what is searched for. */
  #text = "";
  #shownWords = "";

  get #words() {
    return this.store.route.query.get("q")?.trim() ?? "";
  }

  willUpdate() {
    if (this.#shownWords !== this.#words) {
      this.#shownWords = this.#words;
      if (this.#text.trim() !== this.#words) this.#text = this.#words;
    }
    const wanted = JSON.stringify([this.#words, this.#task.problem ? this.store.readVersion : 0]);
    if (wanted === this.#read || this.#task.isRunning) return;
    this.#read = wanted;
    void this.#load();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.#timer);
  }

  async #load() {
    const articles = await this.#task.run(() => this.store.api.articles(this.#words, 100));
    if (!articles) return;
    this.#articles = articles;
    this.requestUpdate();
  }

  render() {
    const words = this.#words;
    const articles = this.#articles;
    return html`
      <h1>${t("help")}</h1>
      <form class="search" role="search" @submit=${this.#search} @input=${this.#typed}>
        <label class="unseen" for="search">${t("help.search")}</label>
        ${icon("search")}
        <input id="search" type="search" name="q" autocomplete="off" placeholder=${t("help.search")} .value=${live(this.#text)}>
      </form>
      <p class="soft" role="status">${words && articles ? t("help.found", { n: articles.length }) : nothing}</p>
      ${failed(this.#task, () => this.#load())}
      ${loading(articles === null && !this.#task.problem)}
      ${articles === null ? nothing : words ? this.#found(articles, words) : this.#all(articles)}`;
  }

  /** @param {import("../api.js").Article[]} articles @param {string} words */
  #found(articles, words) {
    if (articles.length === 0) {
      return html`<div class="empty"><h2 dir="auto">${t("help.none", { words })}</h2><a class="button primary" href=${link("requests", "new")}>${t("help.ask")}</a></div>`;
    }
    return html`<ul class="rows">${articles.map((article) => html`<li class="row"><a href=${link("help", article.slug)}>
      <span class="title" dir="auto">${article.title}</span>
      <span class="about"><span class="excerpt" dir="auto">${article.snippet}</span></span></a></li>`)}</ul>`;
  }

  /** @param {import("../api.js").Article[]} articles */
  #all(articles) {
    if (articles.length === 0) {
      return html`<div class="empty"><h2>${t("help.empty")}</h2><a class="button primary" href=${link("requests", "new")}>${t("help.ask")}</a></div>`;
    }
    const categories = [...new Set(articles.map(({ category }) => category ?? ""))];
    return html`<div class="categories">${categories.map((category) => html`
      <section class="card"><h2 dir="auto">${category || t("help.other")}</h2>
        <ul>${articles.filter((one) => (one.category ?? "") === category).map((one) =>
          html`<li><a href=${link("help", one.slug)} dir="auto">${one.title}</a></li>`)}</ul></section>`)}</div>`;
  }

  /** @param {Event} event */
  #typed(event) {
    this.#text = /** @type {HTMLInputElement} */ (event.target).value;
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#go(), PAUSE);
  }

  /** @param {Event} event */
  #search(event) {
    event.preventDefault();
    clearTimeout(this.#timer);
    this.#go();
  }

  /** Every pause in typing is not a page of its own to go back to. */
  #go() {
    history.replaceState(null, "", link("help", "", { q: this.#text }));
    this.store.changed();
  }
}

customElements.define("portal-help", PortalHelp);

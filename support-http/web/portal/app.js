// @ts-check
import { html, ifDefined, keyed, nothing } from "../vendor/lit.js";
import { applyTheme, chooseTheme } from "../shared/theme.js";
import { link } from "./routes.js";
import { t } from "./words.js";
import { icon, View } from "./view.js";
import "./views/article.js";
import "./views/calls.js";
import "./views/help.js";
import "./views/login.js";
import "./views/new-request.js";
import "./views/news.js";
import "./views/profile.js";
import "./views/request.js";
import "./views/requests.js";

/** @type {{page: "requests"|"help"|"calls"|"notifications"|"profile"}[]} */
const PAGES = [{ page: "requests" }, { page: "help" }, { page: "calls" }, { page: "notifications" }, { page: "profile" }];

/** The whole portal: what stands around a page, and which page it is. */
export class SupportPortal extends View {
  #shown = "";

  firstUpdated() {
    this.#shown = this.#place;
  }

  updated() {
    const { page, name } = this.store.route;
    this.classList.toggle("talking", page === "requests" && name !== "" && name !== "new");
    const heading = this.querySelector("h1");
    const unread = this.store.unreadNotifications;
    const brand = this.store.brand || t("portal");
    document.title = `${unread > 0 ? `(${unread}) ` : ""}${heading?.textContent?.trim() || t("nav.requests")} · ${brand}`;
    if (this.#shown === this.#place) return;
    this.#shown = this.#place;
    void this.#moveFocus();
  }

  /** Where one is, not what is filtered there. */
  get #place() {
    if (!this.store.session.login) return "login";
    const { page, name, query } = this.store.route;
    return `${page}/${name}/${query.get("page") ?? ""}`;
  }

  /** Whoever follows a link goes on from the new page's heading. */
  async #moveFocus() {
    await Promise.all([...this.querySelectorAll("main > *")].map((one) => /** @type {View} */ (one).updateComplete));
    window.scrollTo(0, 0);
    const heading = this.querySelector("h1");
    if (this.querySelector("main [autofocus]")) return;
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
  }

  render() {
    const isIn = this.store.session.login !== null;
    return html`
      ${isIn ? html`<a class="skip" href="#content" @click=${this.#skip}>${t("skip")}</a>${this.#header()}` : nothing}
      ${this.store.isConnected ? nothing : html`<p class="offline">${t("offline")}</p>`}
      <main id="content" tabindex="-1">${isIn ? this.#page() : html`<portal-login .store=${this.store}></portal-login>`}</main>
      <p class="unseen" role="status">${this.store.announcement}</p>`;
  }

  /** @param {Event} event */
  #skip(event) {
    event.preventDefault();
    const heading = this.querySelector("h1");
    heading?.setAttribute("tabindex", "-1");
    heading?.focus();
  }

  #header() {
    return html`
      <header class="top">
        <div class="bar">
          <a class="brand" href=${link("requests")} dir="auto">${this.store.brand || t("portal")}</a>
          <nav class="pages" aria-label=${t("nav")}>${PAGES.map(({ page }) => this.#link(page))}</nav>
          ${this.#themeSwitch()}
        </div>
      </header>`;
  }

  #themeSwitch() {
    const isDark = matchMedia("(prefers-color-scheme: dark)").matches;
    const now = document.documentElement.style.colorScheme || (isDark ? "dark" : "light");
    const next = now === "dark" ? "light" : "dark";
    const name = t("theme.switch", { theme: t(`theme.${next}`) });
    const choose = () => {
      chooseTheme(next);
      applyTheme();
      this.store.changed();
    };
    return html`<button class="plain" type="button" aria-label=${name} title=${name} @click=${choose}>${icon(next)}</button>`;
  }

  /** @param {"requests"|"help"|"calls"|"notifications"|"profile"} page */
  #link(page) {
    const isHere = this.store.route.page === page;
    const unread = page === "notifications" ? this.store.unreadNotifications : 0;
    const name = unread > 0 ? `${t(`nav.${page}`)}, ${t("news.unread", { n: unread })}` : undefined;
    return html`<a href=${link(page)} aria-current=${isHere ? "page" : "false"} aria-label=${ifDefined(name)}>
      <span class="sign">${icon(page)}${unread > 0 ? html`<span class="badge" aria-hidden="true">${unread > 99 ? "99+" : unread}</span>` : nothing}</span>
      <span>${t(`nav.${page}`)}</span></a>`;
  }

  #page() {
    const { store } = this;
    const { page, name } = store.route;
    if (page === "requests" && name === "new") return html`<portal-new-request .store=${store}></portal-new-request>`;
    if (page === "requests" && name) return keyed(name, html`<portal-request .store=${store} .name=${name}></portal-request>`);
    if (page === "calls") return html`<portal-calls .store=${store}></portal-calls>`;
    if (page === "notifications") return html`<portal-news .store=${store}></portal-news>`;
    if (page === "help" && name) return keyed(name, html`<portal-article .store=${store} .slug=${name}></portal-article>`);
    if (page === "help") return html`<portal-help .store=${store}></portal-help>`;
    if (page === "profile") return html`<portal-profile .store=${store}></portal-profile>`;
    return html`<portal-requests .store=${store}></portal-requests>`;
  }
}

customElements.define("support-portal", SupportPortal);

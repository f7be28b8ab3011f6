// @ts-check
import { html, nothing } from "../../vendor/lit.js";
import { address } from "../api.js";
import { languageChoice } from "../choices.js";
import { t } from "../words.js";
import { problem, Task, View } from "../view.js";

class PortalLogin extends View {
  #task = new Task(this);
  #isOfTeam = false;

  firstUpdated() {
    this.querySelector("input")?.focus();
  }

  render() {
    return html`
      <p class="brand" dir="auto">${this.store.brand || t("portal")}</p>
      <div class="door card">
        <h1>${t("login.title")}</h1>
        <p class="soft">${t("login.intro")}</p>
        ${this.store.hasEnded ? html`<p class="notice">${t("login.ended")}</p>` : nothing}
        ${this.store.isTokenRefused ? html`<p class="notice">${t("login.bad-token")}</p>` : nothing}
        <form class="form" @submit=${this.#submit}>
          <div class="field"><label for="email">${t("login.email")}</label>
            <input id="email" type="email" name="email" autocomplete="username" required autofocus></div>
          <div class="field"><label for="password">${t("login.password")}</label>
            <input id="password" type="password" name="password" autocomplete="current-password" required></div>
          ${this.#task.problem ? problem(this.#task.problem) : nothing}
          ${this.#isOfTeam ? html`<p class="problem" role="alert">${t("login.team")} <a href=${address("console").href}>${t("login.console")}</a>.</p>` : nothing}
          <button class="button primary" type="submit" ?disabled=${this.#task.isRunning}>${t("login")}</button>
        </form>
        <p><a href=${address("reset-password").href}>${t("login.forgot")}</a></p>
        ${languageChoice(this.store)}
      </div>`;
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.target));
    this.#isOfTeam = false;
    const login = await this.#task.run(() => this.store.api.logIn(String(form.get("email")).trim(), String(form.get("password"))));
    if (!login) return;
    this.#isOfTeam = !this.store.session.begin(login.token);
    this.requestUpdate();
  }
}

customElements.define("portal-login", PortalLogin);

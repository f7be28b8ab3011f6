// @ts-check
import { html, LitElement } from "../../vendor/lit.js";
import { Failure } from "../../shared/server.js";

/** @param {unknown} failure */
const explain = (failure) => {
  if (!(failure instanceof Failure)) throw failure;
  if (failure.status === 401) return "Email or password is wrong.";
  if (failure.status === 429) return "Too many tries. Please wait a while.";
  return failure.message;
};

export class ConsoleLogin extends LitElement {
  static properties = { api: { attribute: false }, entered: { attribute: false }, problem: {}, isBusy: { state: true } };

  constructor() {
    super();
    this.api = /** @type {import("../api.js").Api} */ (/** @type {unknown} */ (undefined));
    this.entered = (/** @type {import("../session.js").Login} */ _login) => {};
    this.problem = "";
    this.isBusy = false;
  }

  createRenderRoot() {
    return this;
  }

  render() {
    return html`<main class="entrance"><form class="login" @submit=${this.#submit}>
      <h1>Support console</h1>
      <label for="email">Email</label>
      <input type="email" id="email" name="email" autocomplete="username" required autofocus>
      <label for="password">Password</label>
      <input type="password" id="password" name="password" autocomplete="current-password" required>
      <p class="problem" role="alert">${this.problem}</p>
      <button class="button primary" type="submit" ?disabled=${this.isBusy}>Log in</button>
      <a class="forgotten" href="reset-password">Forgot your password?</a></form></main>`;
  }

  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const given = new FormData(form);
    this.isBusy = true;
    this.problem = "";
    try {
      this.entered(await this.api.login(String(given.get("email")).trim(), String(given.get("password"))));
    } catch (failure) {
      this.problem = explain(failure);
      /** @type {HTMLInputElement|null} */ (form.querySelector("#password"))?.select();
    } finally {
      this.isBusy = false;
    }
  }
}

customElements.define("console-login", ConsoleLogin);

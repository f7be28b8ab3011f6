// @ts-check
import { html, ifDefined, live, nothing } from "../../vendor/lit.js";
import { chooseTheme, chosenTheme } from "../../shared/theme.js";
import { languageChoice } from "../choices.js";
import { fieldsOf } from "../server-words.js";
import { number, t } from "../words.js";
import { field, keepFile, loading, problem, Task, View } from "../view.js";

const THEMES = /** @type {const} */ (["system", "light", "dark"]);

/** Who the customer is, how the page looks, and what is kept of them. */
class PortalProfile extends View {
  #saving = new Task(this);
  #changing = new Task(this);
  #exporting = new Task(this);
  #saved = "";
  #changed = "";
  #asksToLeave = false;
  /** @type {Record<string, string>} */
  #wrong = {};

  render() {
    const { profile } = this.store;
    return html`
      <div class="head"><h1>${t("profile")}</h1><button class="button" type="button" @click=${this.#logOut}>${t("logout")}</button></div>
      ${this.#asksToLeave ? this.#leaving() : nothing}
      ${profile ? nothing : loading(true)}
      <div class="panels">
        ${profile ? this.#person(profile) : nothing}
        <div class="panel">
          ${profile ? this.#numbers(profile) : nothing}
          ${this.#look()}
          ${this.#data()}
          ${this.#password()}
        </div>
      </div>`;
  }

  #leaving() {
    return html`<div class="notice ask" role="alert"><p>${t("logout.unsent", { n: this.store.unsentCount })}</p>
      <button class="button primary" type="button" @click=${() => this.store.logOut()}>${t("logout")}</button>
      <button class="button" type="button" @click=${() => {
        this.#asksToLeave = false;
        this.requestUpdate();
      }}>${t("cancel")}</button></div>`;
  }

  /** @param {import("../api.js").Profile} profile */
  #person(profile) {
    /** @type {["name"|"email"|"phone", string, string, "auto"|"ltr"][]} */
    const inputs = [["name", "text", "name", "auto"], ["email", "email", "email", "ltr"], ["phone", "tel", "tel", "ltr"]];
    return html`<form class="form card" @submit=${this.#save}><h2>${t("profile.person")}</h2>
      ${inputs.map(([name, type, hint, dir]) => field({ id: name, label: t(`profile.${name}`), wrong: this.#wrong[name] }, html`
        <input id=${name} name=${name} type=${type} autocomplete=${hint} dir=${dir} maxlength="254" value=${profile[name] ?? ""}
          aria-invalid=${this.#wrong[name] ? "true" : "false"} aria-describedby=${ifDefined(this.#wrong[name] && `${name}-wrong`)}>`))}
      ${this.#saving.problem ? problem(this.#saving.problem) : nothing}
      <div class="actions"><button class="button primary" type="submit" ?disabled=${this.#saving.isRunning}>${t("save")}</button>
        <span role="status" class="done">${this.#saved}</span></div></form>`;
  }

  /** @param {import("../api.js").Profile} profile */
  #numbers({ stats }) {
    return html`<section class="card"><h2>${t("profile.stats")}</h2><dl class="numbers">
      <div><dt>${t("profile.total")}</dt><dd>${number(stats.totalTickets)}</dd></div>
      <div><dt>${t("profile.open")}</dt><dd>${number(stats.openTickets)}</dd></div>
      <div><dt>${t("profile.resolved")}</dt><dd>${number(stats.resolvedTickets)}</dd></div></dl></section>`;
  }

  #look() {
    const choose = (/** @type {Event} */ event) => {
      chooseTheme(/** @type {import("../../shared/theme.js").Theme} */ (/** @type {HTMLSelectElement} */ (event.target).value));
      this.store.changed();
    };
    return html`<section class="card form"><h2>${t("profile.look")}</h2>
      ${languageChoice(this.store)}
      <div class="field"><label for="theme">${t("theme")}</label>
        <select id="theme" .value=${live(chosenTheme())} @change=${choose}>${THEMES.map((theme) =>
          html`<option value=${theme} ?selected=${theme === chosenTheme()}>${t(`theme.${theme}`)}</option>`)}</select></div></section>`;
  }

  #data() {
    return html`<section class="card form"><h2>${t("profile.data")}</h2><p class="soft">${t("profile.export.text")}</p>
      ${this.#exporting.problem ? problem(this.#exporting.problem) : nothing}
      <div class="actions"><button class="button" type="button" ?disabled=${this.#exporting.isRunning} @click=${this.#export}>
        ${this.#exporting.isRunning ? t("profile.exporting") : t("profile.export")}</button></div></section>`;
  }

  #password() {
    return html`<details class="card"><summary>${t("profile.password")}</summary><form class="form" @submit=${this.#changePassword}>
      <input class="unseen" type="email" autocomplete="username" tabindex="-1" aria-hidden="true" readonly .value=${this.store.profile?.email ?? ""}>
      ${field({ id: "current", label: t("profile.password.current") }, html`<input id="current" name="current" type="password" autocomplete="current-password" required>`)}
      ${field({ id: "new", label: t("profile.password.new") }, html`<input id="new" name="new" type="password" autocomplete="new-password" minlength="8" required>`)}
      ${this.#changing.problem ? problem(this.#changing.problem) : nothing}
      <div class="actions"><button class="button" type="submit" ?disabled=${this.#changing.isRunning}>${t("profile.password")}</button></div>
      <p role="status" class="done">${this.#changed}</p></form></details>`;
  }

  /** @param {SubmitEvent} event */
  async #save(event) {
    event.preventDefault();
    const given = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const { profile, api } = this.store;
    const changes = Object.fromEntries(/** @type {const} */ (["name", "email", "phone"])
      .map((name) => [name, String(given.get(name)).trim()]).filter(([name, value]) => value !== (Reflect.get(profile ?? {}, name) ?? "")));
    this.#saved = "";
    this.#wrong = {};
    const saved = await this.#saving.run(async () => {
      try {
        return await api.changeProfile(changes);
      } catch (failure) {
        this.#wrong = fieldsOf(failure);
        throw failure;
      }
    });
    if (!saved) return;
    this.store.profile = saved;
    this.#saved = t("saved");
    this.store.changed();
  }

  /** @param {SubmitEvent} event */
  async #changePassword(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const given = new FormData(form);
    this.#changed = "";
    const session = await this.#changing.run(() => this.store.api.changePassword(String(given.get("current")), String(given.get("new"))));
    if (!session) return;
    this.store.session.begin(session.token);
    this.#changed = t("profile.password.changed");
    form.reset();
    this.requestUpdate();
  }

  async #export() {
    const copy = await this.#exporting.run(() => this.store.api.export());
    if (copy) keepFile(copy, "support.json");
  }

  #logOut() {
    if (this.store.unsentCount > 0) {
      this.#asksToLeave = true;
      this.requestUpdate();
      return;
    }
    void this.store.logOut();
  }
}

customElements.define("portal-profile", PortalProfile);

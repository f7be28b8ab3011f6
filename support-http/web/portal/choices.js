// @ts-check
import { html } from "../vendor/lit.js";
import { chooseLanguage, language, LANGUAGES, t } from "./words.js";

/** @param {import("./store.js").Store} store */
export const languageChoice = (store) => {
  const choose = async (/** @type {Event} */ event) => {
    await chooseLanguage(/** @type {HTMLSelectElement} */ (event.target).value);
    store.changed();
  };
  return html`<div class="field"><label for="language">${t("language")}</label>
    <select id="language" @change=${choose}>${Object.entries(LANGUAGES).map(([name, own]) =>
      html`<option value=${name} lang=${name} ?selected=${name === language()}>${own}</option>`)}</select></div>`;
};

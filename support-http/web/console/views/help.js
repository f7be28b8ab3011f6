// @ts-check
import { html } from "../../vendor/lit.js";
import { areKeysOn, KEYS, switchKeys } from "../keyboard.js";
import { openDialog } from "../pieces/dialog.js";

export const showHelp = () => openDialog("Keyboard", () => html`
  <label class="switch-line"><input type="checkbox" .checked=${areKeysOn()}
    @change=${(/** @type {Event & {target: any}} */ event) => switchKeys(event.target.checked)}> Single keys do something</label>
  <div class="keys">${KEYS.map(([title, keys]) => html`<section><h3>${title}</h3><dl>
    ${keys.map(([key, meaning]) => html`<div><dt>${key.split(" ").map((one) => html`<kbd>${one}</kbd> `)}</dt><dd>${meaning}</dd></div>`)}</dl></section>`)}</div>`,
  { isWide: true });

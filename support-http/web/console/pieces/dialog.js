// @ts-check
import { html, render } from "../../vendor/lit.js";
import { icon } from "./icons.js";

let count = 0;

/**
 * Asks for something in front of everything else. Focus goes in, stays in, and returns where it came from.
 * @param {string} heading
 * @param {(close: () => void) => unknown} content drawn once; what changes draws itself
 * @param {{isWide?: boolean, closed?: () => void}} [options]
 * @returns {() => void} closes it
 */
export const openDialog = (heading, content, options = {}) => {
  const dialog = document.createElement("dialog");
  const id = `dialog-${++count}`;
  dialog.className = options.isWide ? "dialog is-wide" : "dialog";
  dialog.setAttribute("aria-labelledby", id);
  const close = () => dialog.close();
  render(html`
    <header><h2 id=${id}>${heading}</h2>
      <button class="button quiet square" type="button" aria-label="Close" @click=${close}>${icon("close")}</button></header>
    <div class="dialog-body">${content(close)}</div>`, dialog);
  dialog.addEventListener("close", () => {
    dialog.remove();
    options.closed?.();
  });
  // Keys that mean something to the page behind mean nothing here.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  document.body.append(dialog);
  dialog.showModal();
  const first = dialog.querySelector("[autofocus], .dialog-body :is(input, select, textarea)");
  if (first instanceof HTMLElement) first.focus();
  return close;
};

/**
 * Asks before something that cannot be undone.
 * @param {string} heading @param {string} text @param {string} yes what the button says
 * @returns {Promise<boolean>}
 */
export const confirmed = (heading, text, yes) => new Promise((resolve) => {
  let answer = false;
  openDialog(heading, (close) => html`
    <p>${text}</p>
    <div class="dialog-actions">
      <button class="button" type="button" @click=${close}>Cancel</button>
      <button class="button danger" type="button" autofocus @click=${() => { answer = true; close(); }}>${yes}</button>
    </div>`, { closed: () => resolve(answer) });
});

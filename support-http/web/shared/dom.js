// @ts-check

/**
 * @template {keyof HTMLElementTagNameMap} T
 * Text always becomes text, never markup.
 * @param {T} tag @param {Record<string, string>} [attributes] @param {...(Node|string)} children
 */
export const make = (tag, attributes = {}, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
};

/** @param {string} path a drawing on a field of 24 by 24 @param {string} [name] */
export const icon = (path, name = "") => {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", name);
  const shape = document.createElementNS("http://www.w3.org/2000/svg", "path");
  shape.setAttribute("d", path);
  svg.append(shape);
  return svg;
};

/** @param {HTMLElement} old @param {HTMLElement} node */
const replaceKeepingFocus = (old, node) => {
  const root = old.getRootNode();
  const focused = root instanceof Document || root instanceof ShadowRoot ? root.activeElement : null;
  const hadFocus = focused !== null && old.contains(focused);
  old.replaceWith(node);
  if (!hadFocus) return;
  const target = node.matches("button") ? node : node.querySelector("button");
  if (target instanceof HTMLElement) target.focus();
};

/**
 * @typedef {{key: string, state: unknown, draw: () => HTMLElement}} Row
 */

/** A list that draws what changed and leaves the rest alone: focus stays, and each message is read out once. */
export class Rows {
  /** @type {Map<string, {node: HTMLElement, drawn: string}>} */
  #drawn = new Map();

  /** @param {HTMLElement} container */
  constructor(container) {
    this.container = container;
  }

  /** @param {Row[]} rows in their order; `state` is all that the drawing depends on */
  show(rows) {
    const keys = new Set(rows.map((row) => row.key));
    for (const [key, { node }] of this.#drawn) {
      if (keys.has(key)) continue;
      node.remove();
      this.#drawn.delete(key);
    }
    rows.forEach((row, index) => this.#place(row, index));
  }

  /** @param {Row} row @param {number} index */
  #place(row, index) {
    const known = this.#drawn.get(row.key);
    const drawn = JSON.stringify(row.state);
    const node = known?.drawn === drawn ? known.node : row.draw();
    if (known && known.node !== node) replaceKeepingFocus(known.node, node);
    this.#drawn.set(row.key, { node, drawn });
    const present = this.container.children[index];
    if (present !== node) this.container.insertBefore(node, present ?? null);
  }
}

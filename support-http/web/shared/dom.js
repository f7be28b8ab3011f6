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

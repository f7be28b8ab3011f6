// @ts-check
import assert from "node:assert/strict";
import axe from "axe-core";

/** WCAG 2.2 at level AA contains what came before it. */
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

/**
 * Fails where a page as it is shown right now breaks a rule of accessibility that a program can check.
 * @param {import("playwright-core").Page} page @param {string} state what is shown, for the failure's text
 * @param {string[]} [tags] which rules
 */
export const assertAccessible = async (page, state, tags = RULES) => {
  // Evaluated, since the pages' own policy lets no script in.
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async (rules) => {
    const { violations: found } = await Reflect.get(window, "axe").run(document, { runOnly: rules });
    return found.map((/** @type {any} */ one) => `${one.id}: ${one.help}\n${one.nodes.map((/** @type {any} */ node) =>
      `  ${node.target.join(" ")}\n    ${node.failureSummary.replaceAll("\n", "\n    ")}`).join("\n")}`);
  }, tags);
  assert.ok(violations.length === 0, `${state}\n${violations.join("\n")}`);
};

/**
 * Fails where a page has to be scrolled sideways, as WCAG 1.4.10 has it.
 * @param {import("playwright-core").Page} page @param {string} state
 */
export const assertReflows = async (page, state) => {
  const [width = 0, seen = 0] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
  assert.ok(width <= seen, `${state}: ${width} px wide on ${seen} px`);
};

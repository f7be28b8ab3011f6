// @ts-check
/**
 * Makes the browser libraries under support-http/web/vendor from the packages pinned in package-lock.json, so that
 * anybody can see that they are what they say: `node vendor.js` writes them, vendor.test.js compares.
 */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const HERE = import.meta.dirname ?? ".";
const PACKAGES = path.join(HERE, "node_modules");
export const FOLDER = path.join(HERE, "../../support-http/web/vendor");

/** Where the pages' part of Lit is listed. */
const LIT = `
  export { LitElement, css, html, nothing, render, svg } from "lit";
  export { classMap } from "lit/directives/class-map.js";
  export { guard } from "lit/directives/guard.js";
  export { ifDefined } from "lit/directives/if-defined.js";
  export { keyed } from "lit/directives/keyed.js";
  export { live } from "lit/directives/live.js";
  export { createRef, ref } from "lit/directives/ref.js";
  export { repeat } from "lit/directives/repeat.js";
  export { unsafeHTML } from "lit/directives/unsafe-html.js";
`;

/** What the widget takes of it: it is its own element, and pays for every byte. */
const LIT_HTML = `
  export { html, nothing, render } from "lit-html";
  export { repeat } from "lit-html/directives/repeat.js";
`;

/** @param {string} contents @param {string} name @param {string} [licence] whose licence file it comes under */
const bundle = async (contents, name, licence = name) => {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: HERE }, bundle: true, format: "esm", minify: true, legalComments: "none",
    charset: "utf8", write: false, banner: { js: `/* ${await title(name, licence)} */` },
  });
  return outputFiles[0]?.text ?? "";
};

/** @param {string} name @param {string} licence */
const title = async (name, licence) => {
  const { version, license } = JSON.parse(await readFile(path.join(PACKAGES, name, "package.json"), "utf8"));
  return `${name} ${version}, ${license}: see LICENSE-${licence}`;
};

/** @param {string} file */
const copied = (file) => readFile(path.join(PACKAGES, file), "utf8");

/** Every vendored file by its name. @returns {Promise<Record<string, string>>} */
export const vendored = async () => ({
  "lit.js": await bundle(LIT, "lit"),
  "lit-html.js": await bundle(LIT_HTML, "lit-html", "lit"),
  "uplot.js": await bundle('export { default } from "uplot";', "uplot"),
  "uplot.css": await copied("uplot/dist/uPlot.min.css"),
  "LICENSE-lit": await copied("lit/LICENSE"),
  "LICENSE-uplot": await copied("uplot/LICENSE"),
});

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [name, text] of Object.entries(await vendored())) await writeFile(path.join(FOLDER, name), text);
}

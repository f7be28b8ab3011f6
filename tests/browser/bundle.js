// @ts-check
/**
 * Makes /widget.js, which a site loads by one request, from the modules under support-http/web/widget:
 * `node bundle.js` writes it, `node bundle.js --watch` whenever they change; budget.test.js compares.
 */
import { writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { build, context } from "esbuild";

export const PAGES = path.join(import.meta.dirname ?? ".", "../../support-http/web");
export const BUNDLE = path.join(PAGES, "widget.js");
const TITLE = "/* Made from web/widget by tests/browser/bundle.js, with Lit (BSD-3-Clause: see assets/vendor/LICENSE-lit) */";

/** @type {import("esbuild").BuildOptions & {write: false}} */
const HOW = {
  entryPoints: [path.join(PAGES, "widget/loader.js")], bundle: true, format: "iife", minify: true, legalComments: "none",
  charset: "utf8", target: "es2022", banner: { js: TITLE }, outfile: BUNDLE, write: false,
};

/** @returns {Promise<string>} */
export const bundled = async () => (await build(HOW)).outputFiles[0]?.text ?? "";

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (process.argv.includes("--watch")) await (await context({ ...HOW, write: true, logLevel: "info" })).watch();
  else await writeFile(BUNDLE, await bundled());
}

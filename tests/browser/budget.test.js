// @ts-check
import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { describe, it } from "node:test";
import { gzipSync } from "node:zlib";
import { BUNDLE, bundled, PAGES } from "./bundle.js";

const BUDGET = 30 * 1024;
const LANGUAGES = path.join(PAGES, "widget/languages");

describe("what a visitor's browser loads", () => {
  it("is made from the modules as they are", async () => {
    assert.equal(await readFile(BUNDLE, "utf8"), await bundled(), "run npm run widget");
  });

  it("is at most 30 KB in all, with the largest language", async () => {
    const names = await readdir(LANGUAGES);
    const sizes = await Promise.all(names.map((name) => sizeOf(path.join(LANGUAGES, name))));
    const size = await sizeOf(BUNDLE);
    const all = size + Math.max(...sizes);
    assert.ok(all <= BUDGET, `${all} bytes of ${BUDGET}`);
  });

  it("comes from nowhere but the server", async () => {
    const addresses = (await readFile(BUNDLE, "utf8")).match(/https?:\/\/[a-z0-9.-]+/gi) ?? [];
    assert.deepEqual(addresses.filter((address) => address !== "http://www.w3.org"), []);
  });

  it("says everything in every language", async () => {
    const all = await Promise.all((await readdir(LANGUAGES)).map(async (name) => ({ name, ...(await import(path.join(LANGUAGES, name))) })));
    const english = all.find(({ name }) => name === "en.js").WORDS;
    for (const { name, WORDS } of all) {
      assert.deepEqual(Object.keys(WORDS), Object.keys(english), name);
      for (const [key, words] of Object.entries(WORDS)) assert.equal(typeof words, typeof english[key], `${name}: ${key}`);
    }
  });
});

/** @param {string} file */
const sizeOf = async (file) => gzipSync(await readFile(file), { level: 9 }).length;

// @ts-check
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { it } from "node:test";
import { FOLDER, vendored } from "./vendor.js";

it("the vendored libraries are what the pinned packages give", async () => {
  for (const [name, text] of Object.entries(await vendored())) {
    assert.equal(await readFile(path.join(FOLDER, name), "utf8"), text, `${name}: run node vendor.js`);
  }
});

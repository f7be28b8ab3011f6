// @ts-check
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import path from "node:path";
import { it } from "node:test";

const HERE = import.meta.dirname ?? ".";

it("the pages' and the tests' types hold", () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [path.join(HERE, "node_modules/typescript/bin/tsc"), "-p", HERE],
    { encoding: "utf8" });
  assert.equal(status, 0, stdout + stderr);
});

// @ts-check
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import path from "node:path";
import { after, before, describe, it } from "node:test";
import { Server } from "./server.js";

const here = import.meta.dirname ?? ".";
const packages = process.env.PYTHON_PACKAGES ?? path.join(here, "python_modules");

describe("Python's client", () => {
  /** @type {Server} */
  let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server?.stop());

  for (const transport of ["websocket", "polling"]) {
    it(`holds a whole conversation over ${transport}, with connections that break`, async () => {
      const { token } = await server.admin();
      const { code, told } = await run("python3", [path.join(here, "conversation.py"), server.origin, token, transport]);
      assert.equal(code, 0, told);
      const { ticketId, agent, customer } = JSON.parse(told.trim().split("\n").at(-1) ?? "{}");
      const stored = (await server.messages(ticketId, token)).map(({ seq, message }) => [seq, message]);
      assert.deepEqual(customer, stored);
      assert.deepEqual(agent, stored);
      assert.ok(stored.length >= 41, `${stored.length}`);
    });
  }
});

/** @param {string} program @param {string[]} words @returns {Promise<{code: number|null, told: string}>} */
const run = (program, words) =>
  new Promise((resolve, reject) => {
    const running = spawn(program, words, { env: { ...process.env, PYTHONPATH: packages }, stdio: ["ignore", "pipe", "pipe"] });
    let told = "";
    running.stdout.on("data", (text) => (told += text));
    running.stderr.on("data", (text) => (told = `${text}${told}`));
    running.once("error", reject);
    running.once("exit", (code) => resolve({ code, told }));
  });

// @ts-check
import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import net from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { Client } from "./client.js";
import { Server } from "./server.js";

const here = import.meta.dirname ?? ".";
const THROWAWAY = path.resolve(here, process.env.THROWAWAY_POSTGRES ?? "../../target/debug/throwaway_postgres");

/** A PostgreSQL server: the one of the whole run, or one of its own. */
const postgres = async () => {
  if (process.env.SUPPORT_TEST_PG_URL) return { url: process.env.SUPPORT_TEST_PG_URL, stop: () => {} };
  const running = spawn(THROWAWAY, [], { stdio: ["pipe", "pipe", "inherit"] });
  const url = await new Promise((resolve, reject) => {
    running.once("error", reject);
    running.once("exit", (code) => reject(new Error(`${THROWAWAY} ended with ${code}`)));
    createInterface(running.stdout).once("line", resolve);
  });
  return { url: /** @type {string} */ (url), stop: () => running.stdin.end() };
};

/** A Redis server of its own. */
const redis = async () => {
  const folder = await mkdtemp(path.join(tmpdir(), "support-redis-"));
  const port = await freePort();
  const running = spawn("redis-server", ["--port", `${port}`, "--bind", "127.0.0.1", "--save", "", "--dir", folder]);
  await new Promise((resolve, reject) => {
    let log = "";
    running.once("error", reject);
    running.once("exit", (code) => reject(new Error(`redis-server ended with ${code}\n${log}`)));
    createInterface(running.stdout).on("line", (line) => {
      log += `${line}\n`;
      if (/Ready to accept/i.test(line)) resolve(undefined);
    });
  });
  const stop = async () => {
    running.kill();
    await rm(folder, { recursive: true, force: true });
  };
  return { url: `redis://127.0.0.1:${port}`, stop };
};

const freePort = () =>
  new Promise((resolve) => {
    const listening = net.createServer().listen(0, "127.0.0.1", () => {
      const { port } = /** @type {net.AddressInfo} */ (listening.address());
      listening.close(() => resolve(port));
    });
  });

describe("two nodes with one database and one Redis", () => {
  /** @type {{stop: () => unknown}[]} */
  const parts = [];
  /** @type {Server} */
  let near;
  /** @type {Server} */
  let far;
  let drop = async () => {};

  before(async () => {
    const [database, bus] = [await postgres(), await redis()];
    parts.push(database, bus);
    const name = `realtime_${randomBytes(6).toString("hex")}`;
    const psql = (/** @type {string} */ command) => promisify(execFile)("psql", [database.url, "-c", command]);
    await psql(`create database ${name}`);
    drop = async () => void (await psql(`drop database ${name} with (force)`));
    const url = new URL(database.url);
    url.pathname = `/${name}`;
    const settings = { DATABASE_URL: url.href, REDIS_URL: bus.url, JWT_SECRET: randomBytes(32).toString("hex") };
    near = await Server.start(settings);
    far = await Server.start(settings);
  });
  after(async () => {
    await near?.stop();
    await far?.stop();
    await drop();
    for (const part of parts) await part.stop();
  });

  it("are one: messages, typing, viewers, roles and departures cross, and what was missed on one is told by the other", async () => {
    /** @type {Client[]} */
    const open = [];
    try {
      const admin = await near.admin();
      const [mara, jo] = [await near.agent("mara", {}, admin), await near.agent("jo", {}, admin)];
      const [one, other] = [await Client.desk(near.origin, mara.token), await Client.desk(far.origin, jo.token)];
      const { visit, ticketId, sessionId } = await Client.visit(far.origin, { initialMessage: "Hello" }, { transports: ["polling"] });
      open.push(one, other, visit);
      const heard = await one.next("customer_message", ({ message }) => message.content === "Hello");
      assert.equal((await other.next("customer_message")).eventId, heard.eventId);
      await one.ask("view_ticket", { ticketId });
      assert.equal((await other.next("ticket_viewers")).viewers[0].name, "mara");
      await one.ask("typing", { ticketId, isTyping: true });
      assert.equal((await other.next("agent_typing")).name, "mara");
      assert.equal((await visit.next("agent_typing")).isTyping, true);
      await one.ask("send_message", { ticketId, content: "Hi" });
      await visit.next("agent_message", ({ message }) => message.content === "Hi");
      for (let number = 0; number < 20; number += 1) {
        await (number % 2 ? one.ask("send_message", { ticketId, content: `${number}` }) : visit.ask("customer_message", { content: `${number}` }));
      }
      const last = (await near.messages(ticketId, admin.token)).at(-1)?.seq ?? 0;
      const back = Client.open(near.origin, "/customer");
      open.push(back);
      await back.ask("customer_connect", { sessionId });
      assert.equal((await back.ask("resume", { lastSeq: 1 })).data.lastSeq, last);
      const again = Client.open(far.origin, "/agent", { auth: { token: mara.token, lastEventId: heard.eventId } });
      open.push(again);
      await again.next("customer_message", ({ message }) => message.content === "18");
      const ids = again.heard.map(({ data }) => data?.eventId).filter(Boolean);
      assert.deepEqual(ids, [...new Set(ids)].sort((first, second) => first - second));
      assert.ok(ids[0] > heard.eventId);
      // What is decided on one node bites on the other.
      await near.call("PATCH", `/api/agents/${jo.id}`, { role: "supervisor" }, admin.token);
      await other.next("auth_error");
      await near.call("POST", "/api/auth/logout", undefined, mara.token);
      await again.next("auth_error");
      // Both connections of the customer have to end before they are gone.
      const boss = await Client.desk(near.origin, admin.token);
      open.push(boss);
      await visit.ask("customer_disconnect");
      back.close();
      const left = await boss.next("customer_disconnected");
      assert.equal(left.ticketId, ticketId);
      assert.equal(boss.all("customer_disconnected").length, 1);
    } finally {
      open.forEach((client) => client.close());
    }
  });
});

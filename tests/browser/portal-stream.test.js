// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { launch, openDevice, until } from "./browser.js";
import { PortalStream } from "./pages/portal-stream.js";
import { Proxy } from "./proxy.js";
import { Server, call, callAsAgent } from "./server.js";

const CUSTOMER = { email: "ada@customers.example", password: "a long enough password" };

describe("a browser's own event stream of a customer", () => {
  /** @type {Server} */
  let server;
  /** @type {import("playwright-core").Browser} */
  let browser;
  /** @type {Proxy[]} */
  let proxies = [];
  let login = "";
  let ticket = "";

  before(async () => {
    [server, browser] = await Promise.all([Server.start({ PRESENCE_TIMEOUT_S: "3" }), launch()]);
    await callAsAgent(server.origin, "POST", "api/customers", { name: "Ada", ...CUSTOMER });
    ({ token: login } = await call(server.origin, "POST", "api/auth/login", CUSTOMER));
    ({ id: ticket } = await asCustomer("tickets", { title: "Help", description: "Please" }));
  });

  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await Promise.all(proxies.map((proxy) => proxy.stop()));
    proxies = [];
  });

  after(async () => {
    await browser?.close();
    await server?.stop();
  });

  /** @param {string} path @param {object} body */
  const asCustomer = async (path, body) => {
    const headers = { Authorization: `Bearer ${login}`, "Content-Type": "application/json" };
    const answer = await fetch(`${server.origin}/api/customers/me/${path}`, { method: "POST", headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 201, await answer.clone().text());
    return answer.json();
  };

  /** @param {string} words */
  const say = (words) => asCustomer(`tickets/${ticket}/messages`, { body: words });

  /** @param {string} [settings] */
  const behindProxy = async (settings) => {
    const proxy = await Proxy.before(server.origin, settings);
    proxies.push(proxy);
    return proxy.origin;
  };

  const openPage = async () => new PortalStream((await openDevice(browser)).page, login);

  /** @param {PortalStream} stream @param {string} words */
  const untilHeard = (stream, words) =>
    until(`"${words}" is heard`, async () => (await stream.heard()).events.includes(words));

  it("begins at once behind nginx as it comes", async () => {
    const stream = await openPage();
    await stream.page.goto(`${await behindProxy()}/docs`);
    const waits = [];
    for (let number = 0; number < 5; number += 1) waits.push(await stream.firstEvent());
    assert.ok(Math.min(...waits) < 100, `the first event took ${waits.map(Math.round).join(", ")} ms`);
  });

  it("hears every message behind nginx as soon as it is said", async () => {
    const stream = await openPage();
    await stream.open(await behindProxy());
    for (const words of ["one", "two", "three"]) {
      await say(words);
      await untilHeard(stream, words);
    }
    assert.deepEqual((await stream.heard()).events, ["one", "two", "three"]);
  });

  it("outlives a proxy's patience while nothing happens", async () => {
    const stream = await openPage();
    await stream.open(await behindProxy("proxy_read_timeout 2s;"));
    await until("it was silent for longer than that", async () => (await stream.heard()).heartbeats >= 5);
    await say("after the silence");
    await untilHeard(stream, "after the silence");
    const { begun, opened } = await stream.heard();
    assert.deepEqual([begun, opened], [1, 1], "nobody cut it");
  });

  it("goes on by itself after a restart of the server, and misses and repeats nothing", async () => {
    const stream = await openPage();
    await stream.open(server.origin);
    await restartBetween(stream, "direct");
    assert.equal((await stream.heard()).begun, 1, "with the same address and token");
  });

  it("is made anew behind nginx after a restart of the server, and misses and repeats nothing", async () => {
    const stream = await openPage();
    await stream.open(await behindProxy());
    await restartBetween(stream, "proxied");
  });

  /** @param {PortalStream} stream @param {string} name */
  const restartBetween = async (stream, name) => {
    const expected = [];
    for (let round = 0; round < 2; round += 1) {
      await say(`${name} ${round} before`);
      await untilHeard(stream, `${name} ${round} before`);
      await server.kill();
      await server.startAgain();
      await say(`${name} ${round} after`);
      await untilHeard(stream, `${name} ${round} after`);
      expected.push(`${name} ${round} before`, `${name} ${round} after`);
    }
    assert.deepEqual((await stream.heard()).events, expected);
  };
});

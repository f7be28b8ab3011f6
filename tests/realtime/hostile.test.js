// @ts-check
import assert from "node:assert/strict";
import net from "node:net";
import { after, before, describe, it } from "node:test";
import { WebSocket } from "ws";
import { Client } from "./client.js";
import { Server } from "./server.js";

const sleep = (/** @type {number} */ time) => new Promise((resolve) => setTimeout(resolve, time));

/** A WebSocket that takes words as they are, past every client. */
class Raw {
  /** @type {string[]} */
  heard = [];
  closed = false;

  /** @param {Server} server @param {string} [query] */
  constructor(server, query = "EIO=4&transport=websocket") {
    this.socket = new WebSocket(`${server.origin.replace("http", "ws")}/socket.io/?${query}`);
    this.socket.on("message", (data) => this.heard.push(data.toString()));
    this.socket.on("close", () => (this.closed = true));
    this.socket.on("error", () => {});
  }

  /** @param {() => boolean} holds @param {string} [what] */
  async until(holds, what = "") {
    for (let tries = 0; tries < 200 && !holds(); tries += 1) await sleep(50);
    assert.ok(holds(), `${what} ${JSON.stringify(this.heard)}`);
  }

  /** @param {string} start */
  async hears(start) {
    await this.until(() => this.heard.some((heard) => typeof heard === "string" && heard.startsWith(start)));
    return /** @type {string} */ (this.heard.find((heard) => heard.startsWith(start)));
  }
}

describe("Engine.IO and Socket.IO, packet by packet", () => {
  /** @type {Server} */
  let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server?.stop());

  const poll = (/** @type {string} */ query, /** @type {RequestInit} */ options = {}) =>
    fetch(`${server.origin}/socket.io/?${query}`, options);
  const handshake = async () => {
    const response = await poll("EIO=4&transport=polling");
    return JSON.parse((await response.text()).slice(1));
  };

  it("shakes hands with exactly what the protocol says", async () => {
    const open = await handshake();
    assert.deepEqual(Object.keys(open).sort(), ["maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"]);
    assert.deepEqual([open.pingInterval, open.pingTimeout, open.maxPayload], [25_000, 20_000, 1_000_000]);
    assert.deepEqual(open.upgrades, ["websocket"]);
    const raw = new Raw(server);
    assert.deepEqual(JSON.parse((await raw.hears("0")).slice(1)).upgrades, []);
    raw.socket.close();
  });

  it("refuses handshakes and sessions that are none", async () => {
    for (const query of ["", "EIO=4", "transport=polling", "EIO=abc&transport=polling", "EIO=3&transport=polling", "EIO=4&transport=pigeon", "EIO=4&transport=polling&sid=guess"]) {
      assert.equal((await poll(query)).status, 400, query);
    }
    assert.equal((await poll("EIO=4&transport=polling", { method: "POST" })).status, 400);
    assert.equal((await poll("EIO=4&transport=polling", { method: "PUT" })).status, 400);
    const raw = new Raw(server, "EIO=abc&transport=websocket");
    await raw.until(() => raw.closed);
  });

  it("takes several packets at once, answers `ok`, and gives several at once", async () => {
    const { sid } = await handshake();
    const query = `EIO=4&transport=polling&sid=${sid}`;
    const posted = await poll(query, { method: "POST", body: "40/customer,\x1e40/nowhere," });
    assert.deepEqual([posted.status, await posted.text()], [200, "ok"]);
    const packets = /** @type {string[]} */ ([]);
    const hears = async (/** @type {string} */ start) => {
      for (let tries = 0; tries < 5 && !packets.some((packet) => packet.startsWith(start)); tries += 1) {
        packets.push(...(await (await poll(query)).text()).split("\x1e"));
        if (packets.at(-1) === "2") await poll(query, { method: "POST", body: "3" });
      }
      assert.ok(packets.some((packet) => packet.startsWith(start)), packets.join("\n"));
    };
    await hears('40/customer,{"sid":');
    await hears('44/nowhere,{"message":"Invalid namespace"}');
    const events = '42/customer,7["customer_connect",{}]\x1e42/customer,8["customer_typing",{}]';
    await poll(query, { method: "POST", body: events });
    await hears('43/customer,7[{"data":');
    await hears('43/customer,8[{"error":');
  });

  it("closes what sends garbage, and nothing else suffers", async () => {
    const fine = await Client.visit(server.origin);
    for (const packet of ["abc", "42/customer,{}", "42/customer,abc[1]", "4abc", '42/customer,["x"', "9", "4"]) {
      const raw = new Raw(server);
      await raw.hears("0");
      raw.socket.send("40/customer,");
      await raw.hears("40/customer");
      raw.socket.send(packet);
      await raw.until(() => raw.closed || raw.heard.some((heard) => heard.includes("MALFORMED_JSON")), packet);
      raw.socket.close();
    }
    for (const body of ["abc", "4abc", "42{}", "\x1e\x1e"]) {
      const { sid } = await handshake();
      await poll(`EIO=4&transport=polling&sid=${sid}`, { method: "POST", body });
      const after = await poll(`EIO=4&transport=polling&sid=${sid}`, { signal: AbortSignal.timeout(5_000) });
      assert.ok(after.status === 400 || (await after.text()).startsWith("1") || after.status === 200);
    }
    assert.equal((await fine.visit.ask("customer_message", { content: "Still here" })).success, true);
    fine.visit.close();
  });

  it("refuses packets of more than a megabyte by polling and WebSocket", async () => {
    const { sid } = await handshake();
    const big = `42/customer,["customer_message",{"content":"${"x".repeat(1_100_000)}"}]`;
    const posted = await poll(`EIO=4&transport=polling&sid=${sid}`, { method: "POST", body: big });
    assert.equal(posted.status, 413);
    const raw = new Raw(server);
    await raw.hears("0");
    raw.socket.send(big);
    await raw.until(() => raw.closed);
  });

  it("refuses binary attachments, deep nesting and events without a name in words", async () => {
    const { visit } = await Client.visit(server.origin);
    const binary = await visit.ask("customer_message", { content: Buffer.from("x") });
    assert.equal(binary.error.details[0].field, "body");
    let deep = /** @type {any} */ ({});
    for (let level = 0; level < 500; level += 1) deep = { deep };
    assert.equal((await visit.ask("customer_message", { content: "x", metadata: deep })).success, false);
    assert.equal((await visit.ask("", {})).error.details[0].field, "event");
    assert.equal((await visit.ask("__proto__", {})).error.details[0].field, "event");
    visit.close();
  });
});

describe("limits over Socket.IO", () => {
  it("a session may say sixty things a minute, and a flood ends its connection", async () => {
    const server = await Server.start({ RATE_LIMIT_MAX_REQUESTS: "100" });
    try {
      const { visit } = await Client.visit(server.origin);
      let accepted = 0;
      let answer;
      for (let number = 0; number < 70; number += 1) {
        answer = await visit.ask("customer_message", { content: `${number}` });
        accepted += Number(answer.success);
      }
      assert.ok(accepted >= 60 && accepted <= 63, `${accepted}`);
      assert.equal(answer.error.code, "RATE_LIMITED");
      for (let number = 0; number < 400; number += 1) visit.socket.emit("customer_typing", { isTyping: true });
      await visit.next("disconnect");
    } finally {
      await server.stop();
    }
  });

  it("a desk that reads too slowly is dropped, and holds up nobody", async () => {
    const server = await Server.start();
    try {
      const { token } = await server.admin();
      const { hostname, port } = new URL(server.origin);
      const slow = net.connect({ host: hostname, port: Number(port) });
      slow.write(`GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`);
      await new Promise((resolve) => slow.once("data", resolve));
      const connect = Buffer.from(`40/agent,${JSON.stringify({ token })}`);
      const head = connect.length < 126 ? Buffer.from([0x81, 0x80 | connect.length, 0, 0, 0, 0])
        : Buffer.from([0x81, 0xfe, connect.length >> 8, connect.length & 255, 0, 0, 0, 0]);
      slow.write(Buffer.concat([head, connect]));
      await new Promise((resolve) => slow.once("data", resolve));
      slow.pause();
      const quick = await Client.desk(server.origin, token);
      const { visit } = await Client.visit(server.origin);
      const content = "x".repeat(5_000);
      const connections = async () => {
        const metrics = await (await fetch(`${server.origin}/metrics`)).text();
        return Number(/support_live_connections (\d+)/.exec(metrics)?.[1]);
      };
      assert.equal(await connections(), 3);
      let said = 0;
      for (let round = 0; round < 200 && (await connections()) === 3; round += 1) {
        await Promise.all(Array.from({ length: 20 }, () => visit.ask("customer_message", { content })));
        said += 20;
      }
      for (let tries = 0; tries < 300 && (await connections()) === 3; tries += 1) await sleep(100);
      assert.equal(await connections(), 2, `after ${said} messages`);
      await quick.until(() => quick.all("customer_message").length === said, `${said} messages`);
      slow.destroy();
      quick.close();
      visit.close();
    } finally {
      await server.stop();
    }
  });
});

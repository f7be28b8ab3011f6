// @ts-check
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import { Client } from "./client.js";
import { Server } from "./server.js";

const sleep = (/** @type {number} */ time) => new Promise((resolve) => setTimeout(resolve, time));

/** Says something until it is acknowledged, however often the network breaks meanwhile. */
const insist = async (/** @type {Client} */ client, /** @type {string} */ event, /** @type {object} */ payload) => {
  const clientMessageId = randomUUID();
  for (let tries = 0; tries < 60; tries += 1) {
    const answer = await client.socket.timeout(1_500).emitWithAck(event, { ...payload, clientMessageId }).catch(() => undefined);
    if (answer?.success) return answer.data;
    if (answer && !["UNAVAILABLE", "UNAUTHENTICATED", "CONFLICT"].includes(answer.error.code)) throw new Error(JSON.stringify(answer));
    await sleep(100);
  }
  throw new Error(`${event} was never acknowledged`);
};

/** A visitor's app: it goes on where it was whenever it is connected again. */
const visitorsApp = async (/** @type {string} */ origin, /** @type {object} */ options) => {
  const client = Client.open(origin, "/customer", options);
  const app = { client, ticketId: "", messages: /** @type {any[]} */ ([]) };
  const hear = (/** @type {{message: any}} */ { message }) => {
    if (message.seq > (app.messages.at(-1)?.seq ?? 0)) app.messages.push(message);
  };
  client.socket.on("customer_message", hear);
  client.socket.on("agent_message", hear);
  const opened = (await client.ask("customer_connect", { initialMessage: "Hello" })).data;
  app.ticketId = opened.ticketId;
  app.messages.push(...opened.messages);
  client.socket.on("connect", () => {
    client.socket.emit("customer_connect", { sessionId: opened.sessionId });
    client.socket.emit("resume", { lastSeq: app.messages.at(-1).seq });
  });
  return app;
};

/** A desk: it says with each connection what it heard last. */
const agentsApp = async (/** @type {string} */ origin, /** @type {string} */ token, /** @type {object} */ options) => {
  let lastEventId = 0;
  const auth = (/** @type {(auth: object) => void} */ tell) => tell(lastEventId ? { token, lastEventId } : { token });
  const client = Client.open(origin, "/agent", { ...options, auth });
  const app = { client, messages: /** @type {any[]} */ ([]), outOfOrder: /** @type {number[]} */ ([]) };
  const hear = (/** @type {{message: any}} */ { message }) => app.messages.push(message);
  client.socket.on("customer_message", hear);
  client.socket.on("message_sent", hear);
  client.socket.onAny((event, data) => {
    if (event === "auth_success") lastEventId ||= data.lastEventId;
    if (!data?.eventId) return;
    if (data.eventId <= lastEventId) app.outOfOrder.push(data.eventId);
    lastEventId = data.eventId;
  });
  await client.next("auth_success");
  return app;
};

for (const [name, transports] of /** @type {[string, string[]][]} */ ([
  ["WebSocket", ["websocket"]], ["polling", ["polling"]], ["polling and then WebSocket", ["polling", "websocket"]],
])) {
  describe(`a conversation over ${name} whose connections break at any moment`, () => {
    it("ends with what the server has, in order, each once, though the server is killed and restarted too", async () => {
      const server = await Server.start();
      const options = { transports };
      /** @type {{client: Client}[]} */
      const open = [];
      let isOver = false;
      try {
        const { token } = await server.admin();
        const desk = await agentsApp(server.origin, token, options);
        const visitor = await visitorsApp(server.origin, options);
        open.push(desk, visitor);
        const { ticketId } = visitor;
        const breaking = (async () => {
          while (!isOver) {
            await sleep(100 + Math.random() * 400);
            (Math.random() < 0.5 ? desk : visitor).client.breakTransport();
          }
        })();
        const talking = Promise.all([
          (async () => {
            for (let number = 0; number < 40; number += 1) await insist(visitor.client, "customer_message", { content: `v${number}` });
          })(),
          (async () => {
            for (let number = 0; number < 40; number += 1) await insist(desk.client, "send_message", { ticketId, content: `a${number}` });
          })(),
        ]);
        await sleep(800);
        await server.kill();
        await server.startAgain();
        await sleep(800);
        await server.kill("SIGTERM");
        await server.startAgain();
        await talking;
        isOver = true;
        await breaking;
        const stored = await server.messages(ticketId, token);
        const last = stored.at(-1)?.seq;
        for (const { client, messages } of [desk, visitor]) {
          await client.until(() => messages.at(-1)?.seq === last, `message ${last}`).catch(async () => {});
          for (let tries = 0; tries < 200 && messages.at(-1)?.seq !== last; tries += 1) await sleep(50);
        }
        const texts = stored.map(({ seq, message }) => `${seq} ${message}`);
        const heard = (/** @type {any[]} */ messages) => messages.map(({ seq, content }) => `${seq} ${content}`);
        assert.deepEqual(heard(visitor.messages), texts);
        assert.deepEqual(heard(desk.messages), texts);
        assert.deepEqual(desk.outOfOrder, []);
        const said = stored.map(({ message }) => message).filter((message) => /^[av]\d+$/.test(message));
        assert.equal(said.length, 80);
        assert.equal(new Set(said).size, 80);
      } finally {
        isOver = true;
        open.forEach(({ client }) => client.close());
        await server.stop();
      }
    });
  });
}

describe("a server that is stopped", () => {
  it("tells everybody to reconnect, closes their connections, and ends in time", async () => {
    const server = await Server.start();
    const { token } = await server.admin();
    const clients = [
      await Client.desk(server.origin, token),
      (await Client.visit(server.origin, {}, { transports: ["polling"] })).visit,
      (await Client.visit(server.origin, {}, { transports: ["websocket"] })).visit,
    ];
    try {
      const begun = Date.now();
      await server.kill("SIGTERM");
      assert.ok(Date.now() - begun < 10_000);
      for (const client of clients) {
        await client.next("reconnect");
        assert.notEqual((await client.next("disconnect")).reason, "io server disconnect");
      }
      await server.startAgain();
      await clients[0].until(() => clients[0].all("auth_success").length === 2, "another welcome");
    } finally {
      clients.forEach((client) => client.close());
      await server.stop();
    }
  });
});

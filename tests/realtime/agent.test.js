// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { Client } from "./client.js";
import { ADMIN, Server } from "./server.js";

for (const transport of ["websocket", "polling"]) {
  describe(`an agent's desk over ${transport}`, () => {
    /** @type {Server} */
    let server;
    /** @type {import("./server.js").Person} */
    let mara;
    /** @type {Client[]} */
    const open = [];
    const options = { transports: [transport] };

    before(async () => {
      server = await Server.start();
      mara = await server.agent("mara");
    });
    afterEach(() => open.splice(0).forEach((client) => client.close()));
    after(() => server?.stop());

    const connect = (/** @type {object} */ more = {}) => {
      const client = Client.open(server.origin, "/agent", { ...options, ...more });
      open.push(client);
      return client;
    };
    const desk = async (token = mara.token) => {
      const client = connect({ auth: { token } });
      await client.next("auth_success");
      return client;
    };
    const visit = async (/** @type {object} */ arrival = { initialMessage: "Hello" }) => {
      const visited = await Client.visit(server.origin, arrival, options);
      open.push(visited.visit);
      return visited;
    };

    it("lets in by a token, and tells who they are", async () => {
      const { agent, lastEventId } = await connect({ auth: { token: mara.token } }).next("auth_success");
      assert.equal(agent.id, mara.id);
      assert.equal(agent.role, "agent");
      assert.equal(typeof lastEventId, "number");
    });

    it("lets in by `authenticate`, with a token or by password, whose token is good afterwards", async () => {
      const first = connect();
      assert.deepEqual(await first.ask("authenticate", { token: mara.token }), { success: true, data: {} });
      const second = connect();
      await second.ask("authenticate", { email: mara.email, password: mara.password });
      const { token, expiresAt } = await second.next("auth_success");
      assert.ok(Date.parse(expiresAt) > Date.now());
      await desk(token);
    });

    it("refuses wrong credentials in words, and lets try again", async () => {
      const client = connect({ auth: { token: "a guess" } });
      assert.equal((await client.next("auth_error")).code, "UNAUTHENTICATED");
      const refused = await client.ask("authenticate", { email: mara.email, password: "a guess" });
      assert.equal(refused.success, false);
      assert.equal(refused.error.code, "UNAUTHENTICATED");
      const typed = await client.ask("authenticate", { token: 5, email: [] });
      assert.deepEqual(typed.error.details.map((/** @type {any} */ detail) => detail.field).sort(), ["email", "token"]);
      assert.equal((await client.ask("authenticate", { token: mara.token })).success, true);
    });

    it("answers nothing before, and disconnects whoever keeps guessing", async () => {
      const client = connect();
      assert.equal((await client.ask("heartbeat")).error.code, "UNAUTHENTICATED");
      for (let attempt = 0; attempt < 5; attempt += 1) client.socket.emit("authenticate", { token: "a guess" });
      assert.equal((await client.next("disconnect")).reason, "io server disconnect");
    });

    it("is no place for customers and servers", async () => {
      const admin = await server.admin();
      const body = { name: "CRM", scopes: ["tickets", "customers"] };
      const { key } = await server.call("POST", "/api/v1/admin/api-keys", body, admin.token);
      const customer = await server.call("POST", "/api/auth/customer-token", { externalId: "c1", name: "Vera" }, key);
      for (const token of [key, customer.token]) {
        assert.equal((await connect({ auth: { token } }).next("auth_error")).code, "FORBIDDEN");
      }
    });

    it("answers every event, and names every bad field", async () => {
      const client = await desk();
      const { ticketId } = await visit();
      const sent = await client.ask("send_message", { ticketId, content: "Hi", clientMessageId: "c-1", metadata: { a: 1 } });
      assert.equal(sent.data.message.content, "Hi");
      assert.deepEqual(sent.data.message.metadata, { a: 1 });
      const again = await client.ask("send_message", { ticketId, content: "Hi", clientMessageId: "c-1" });
      assert.equal(again.data.message.id, sent.data.message.id);
      const note = await client.ask("send_message", { ticketId, content: "Psst", messageType: "note" });
      assert.equal(note.data.message.messageType, "note");
      const { data: { ticket } } = await client.ask("get_ticket_details", { ticketId });
      assert.equal(ticket.ticketId, ticketId);
      assert.deepEqual(ticket.messages.slice(-2).map((/** @type {any} */ message) => message.content), ["Hi", "Psst"]);
      assert.equal((await client.ask("get_ticket_details", { ticketId: ticket.id })).data.ticket.id, ticket.id);
      const pending = await client.ask("update_ticket_status", { ticketId, status: "pending" });
      assert.equal(pending.data.ticket.status, "pending");
      const resolved = await client.ask("update_ticket_status", { ticketId, status: "resolved", notes: "Done" });
      assert.equal(resolved.data.ticket.resolutionInfo.resolutionNotes, "Done");
      const wrong = await client.ask("update_ticket_status", { ticketId, status: "pending" });
      assert.equal(wrong.error.code, "INVALID_TRANSITION");
      assert.equal((await client.ask("update_status", { status: "busy" })).data.agent.status, "busy");
      assert.equal((await client.next("status_updated")).agent.status, "busy");
      assert.equal((await client.ask("heartbeat")).data.isOnline, true);
      const bad = await client.ask("send_message", { ticketId: 5, content: { a: 1 }, messageType: "song", clientMessageId: [] });
      const fields = bad.error.details.map((/** @type {any} */ detail) => detail.field).sort();
      assert.deepEqual(fields, ["clientMessageId", "content", "messageType", "ticketId"]);
      assert.deepEqual((await client.ask("nonsense")).error.details[0].field, "event");
      client.socket.emit("update_status", { status: "asleep" });
      const { code, details } = await client.next("error");
      assert.equal(code, "VALIDATION_ERROR");
      assert.equal(details[0].field, "status");
    });

    it("shows tickets and messages as the calls over HTTP do", async () => {
      const client = await desk();
      const { token } = await server.admin();
      const customerInfo = { name: "Vera", userAgent: "Browser/1.0" };
      const { visit: vera, ticketId } = await visit({ initialMessage: "Hello", customerInfo });
      await client.ask("send_message", { ticketId, content: "Psst", messageType: "note", metadata: { a: 1 } });
      const { data } = await client.ask("get_ticket_details", { ticketId });
      const { ticket: { agent, ...shown } } = await server.call("GET", `/api/tickets/${ticketId}`, undefined, token);
      assert.deepEqual(data.ticket, shown);
      assert.equal(agent?.name ?? null, shown.agentInfo.name);
      assert.equal(shown.customerInfo.userAgent, "Browser/1.0");
      assert.equal("userAgent" in shown.metadata, false);
      const told = await client.next("new_ticket", (heard) => heard.ticket.ticketId === ticketId);
      assert.deepEqual(Object.keys(told.ticket).sort(), Object.keys(shown).filter((name) => name !== "messages").sort());
      const { message } = (await vera.ask("customer_message", { content: "Anybody?", metadata: { b: 2 } })).data;
      const { messages } = await server.call("GET", `/api/tickets/${ticketId}/messages?limit=100`, undefined, token);
      assert.deepEqual(messages.find((/** @type {any} */ said) => said.id === message.id), { ...message, read: false });
    });

    it("takes what nobody has, and no colleague's", async () => {
      const jo = await server.agent(`jo-${transport}`);
      const { ticketId } = await visit();
      const [one, other] = [await desk(), await desk(jo.token)];
      assert.equal((await one.ask("join_ticket", { ticketId })).data.ticket.assignedAgent, mara.id);
      assert.equal((await other.ask("join_ticket", { ticketId })).error.code, "ALREADY_ASSIGNED");
      assert.equal((await other.next("ticket_updated", ({ ticket }) => ticket.ticketId === ticketId)).ticket.status, "assigned");
    });

    it("hears of customers, colleagues and itself, with events that can be replayed", async () => {
      const [client, boss] = [await desk(), await desk((await server.logIn(ADMIN)).token)];
      const { visit: vera, ticketId } = await visit({ initialMessage: "First", customerInfo: { name: "Vera" } });
      const opened = await client.next("new_ticket", ({ ticket }) => ticket.ticketId === ticketId);
      assert.equal(opened.ticket.customerInfo.name, "Vera");
      await client.next("customer_message", ({ message }) => message.content === "First");
      await vera.ask("customer_typing", { isTyping: true });
      assert.deepEqual(await client.next("customer_typing"), { ticketId, isTyping: true });
      await client.ask("send_message", { ticketId, content: "Here I am" });
      const own = await client.next("message_sent", ({ message }) => message.content === "Here I am");
      assert.equal((await boss.next("message_sent", ({ message }) => message.content === "Here I am")).eventId, own.eventId);
      await client.ask("update_status", { status: "away" });
      const change = await boss.next("agent_status_change", ({ status }) => status === "away");
      assert.equal(change.agentId, mara.id);
      const ids = boss.heard.map(({ data }) => data?.eventId).filter(Boolean);
      assert.deepEqual(ids, [...new Set(ids)].sort((one, other) => one - other));
    });

    it("is told everything after an event, in order and once, or to begin anew", async () => {
      const client = await desk((await server.admin()).token);
      const { visit: vera } = await visit({ initialMessage: "0" });
      for (let number = 1; number <= 30; number += 1) await vera.ask("customer_message", { content: `${number}` });
      await client.next("customer_message", ({ message }) => message.content === "30");
      const journal = client.heard.filter(({ data }) => data?.eventId);
      const { eventId: middle } = journal[Math.floor(journal.length / 2)].data;

      const back = connect({ auth: { token: (await server.admin()).token } });
      back.socket.on("connect", () => back.socket.emit("resume", { lastEventId: middle }));
      await vera.ask("customer_message", { content: "31" });
      await back.next("customer_message", ({ message }) => message.content === "31");
      const ids = back.heard.map(({ data }) => data?.eventId).filter(Boolean);
      const missed = journal.map(({ data }) => data.eventId).filter((id) => id > middle);
      assert.deepEqual(ids.slice(0, missed.length), missed);
      assert.deepEqual(ids, [...new Set(ids)].sort((one, other) => one - other));

      assert.equal((await client.ask("resume", { lastEventId: 1e9 })).data.reset, true);
      assert.equal(typeof (await client.next("reset")).lastEventId, "number");
      assert.equal((await client.ask("resume", { lastEventId: -1 })).error.details[0].field, "lastEventId");
    });
  });
}

describe("a connection that nobody proves to be theirs", () => {
  it("ends after ten seconds", async () => {
    const server = await Server.start();
    try {
      const client = Client.open(server.origin, "/agent");
      await client.next("connect");
      const begun = Date.now();
      await client.next("disconnect");
      assert.ok(Math.abs(Date.now() - begun - 10_000) < 3_000);
      assert.equal((await client.next("auth_error")).code, "UNAUTHENTICATED");
    } finally {
      await server.stop();
    }
  });
});

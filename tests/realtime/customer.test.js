// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { Client, seqs } from "./client.js";
import { Server } from "./server.js";

for (const transport of ["websocket", "polling"]) {
  describe(`a customer over ${transport}`, () => {
    /** @type {Server} */
    let server;
    /** @type {import("./server.js").Person} */
    let admin;
    /** @type {Client} */
    let desk;
    /** @type {Client[]} */
    const open = [];
    const options = { transports: [transport] };

    before(async () => {
      server = await Server.start();
      admin = await server.admin();
      desk = await Client.desk(server.origin, admin.token, options);
    });
    afterEach(() => open.splice(0).forEach((client) => client.close()));
    after(async () => {
      desk?.close();
      await server?.stop();
    });

    const visit = async (/** @type {object} */ arrival = {}) => {
      const visited = await Client.visit(server.origin, arrival, options);
      open.push(visited.visit);
      return visited;
    };
    const connect = () => {
      const client = Client.open(server.origin, "/customer", options);
      open.push(client);
      return client;
    };

    it("comes without anything, and is somebody new each time", async () => {
      const first = await visit();
      const second = await visit({ customerId: first.ticketId, customerInfo: { name: "Vera", email: "vera@example.com" } });
      assert.notEqual(first.ticketId, second.ticketId);
      assert.ok(first.sessionId.length > 30);
      assert.deepEqual(first.messages, []);
      assert.equal(first.status, "waiting");
    });

    it("goes on by the session's id, and by nothing less", async () => {
      const first = await visit({ initialMessage: "Hello", subject: "A question" });
      const back = await visit({ sessionId: first.sessionId });
      assert.equal(back.ticketId, first.ticketId);
      assert.deepEqual(back.messages.map((/** @type {any} */ message) => message.content), ["Hello"]);
      const client = connect();
      assert.equal((await client.ask("customer_connect", { sessionId: "a guess" })).error.code, "NOT_FOUND");
      assert.equal((await client.ask("customer_message", { content: "x" })).error.code, "CONFLICT");
    });

    it("who is known goes on by their token alone", async () => {
      const body = { name: "CRM", scopes: ["customers"] };
      const { key } = await server.call("POST", "/api/v1/admin/api-keys", body, admin.token);
      const vera = { externalId: `vera-${transport}`, name: "Vera", email: `vera-${transport}@example.com` };
      const { token, customerId } = await server.call("POST", "/api/auth/customer-token", vera, key);
      const first = await visit({ token, initialMessage: "It is me" });
      assert.equal(first.messages[0].senderId, customerId);
      assert.equal(first.sessionId, null);
      assert.equal((await visit({ token })).ticketId, first.ticketId);
      assert.notEqual((await visit({ customerId })).ticketId, first.ticketId);
      assert.equal((await connect().ask("customer_connect", { token: "a guess" })).error.code, "UNAUTHENTICATED");
      assert.equal((await connect().ask("customer_connect", { token: admin.token })).error.code, "FORBIDDEN");
      await server.call("POST", "/api/auth/logout", undefined, token);
      assert.equal((await first.visit.next("disconnect")).reason, "io server disconnect");
    });

    it("names every bad field", async () => {
      const refused = await connect().ask("customer_connect", {
        customerInfo: { name: 5, email: "no address", phone: "abc" }, department: "none", subject: "x".repeat(300), initialMessage: "",
      });
      const fields = refused.error.details.map((/** @type {any} */ detail) => detail.field).sort();
      assert.deepEqual(fields, ["customerInfo.email", "customerInfo.name", "customerInfo.phone", "department", "initialMessage", "subject"]);
      const { visit: client } = await visit();
      const typed = await client.ask("customer_message", { content: 5, messageType: "song", clientMessageId: {} });
      const named = typed.error.details.map((/** @type {any} */ detail) => detail.field).sort();
      assert.deepEqual(named, ["clientMessageId", "content", "messageType"]);
      for (const payload of [[], "text", 5, true]) {
        assert.equal((await client.ask("customer_typing", payload)).error.details[0].field, "body");
      }
      assert.equal((await client.ask("customer_typing", {})).error.details[0].field, "isTyping");
    });

    it("hears answers, typing and who has their ticket, but never a note or an agent's address", async () => {
      const { visit: client, ticketId } = await visit({ initialMessage: "Hello" });
      await desk.ask("typing", { ticketId, isTyping: true });
      assert.deepEqual(await client.next("agent_typing"), { ticketId, isTyping: true });
      await desk.ask("send_message", { ticketId, content: "A secret", messageType: "note" });
      await desk.ask("send_message", { ticketId, content: "Hi", metadata: { internal: true } });
      const { message } = await client.next("agent_message", (heard) => heard.message.content === "Hi");
      assert.equal(message.sender, "agent");
      const { agent } = await client.next("agent_assigned");
      assert.deepEqual(Object.keys(agent).sort(), ["id", "name"]);
      await desk.ask("update_ticket_status", { ticketId, status: "resolved" });
      await client.next("ticket_status_change", ({ status }) => status === "resolved");
      await client.ask("resume", { lastSeq: 0 });
      const everything = JSON.stringify(client.heard);
      assert.ok(!everything.includes("A secret") && !everything.includes("@example.com") && !everything.includes("internal"));
    });

    it("is told what they missed after a message, in order, in all that they have open", async () => {
      const { visit: client, ticketId, sessionId } = await visit({ initialMessage: "1" });
      await desk.ask("send_message", { ticketId, content: "2" });
      await client.ask("customer_message", { content: "3" });
      const other = await visit({ sessionId });
      const { data } = await other.visit.ask("resume", { lastSeq: 1 });
      const messages = await server.messages(ticketId, admin.token);
      assert.equal(data.lastSeq, messages.at(-1)?.seq);
      const replayed = other.visit.heard.filter(({ event }) => event === "agent_message" || event === "customer_message");
      assert.deepEqual(replayed.map((heard) => heard.data.message.seq), seqs(messages).filter((seq) => seq > 1));
      other.visit.forget();
      await client.ask("customer_message", { content: "4" });
      assert.equal((await other.visit.next("customer_message")).message.content, "4");
    });

    it("opens a new ticket that names the old one by writing to a closed one, once however often it is sent", async () => {
      const first = await visit({ initialMessage: "Hello", customerInfo: { name: "Vera" } });
      await desk.ask("update_ticket_status", { ticketId: first.ticketId, status: "resolved" });
      await desk.ask("update_ticket_status", { ticketId: first.ticketId, status: "closed" });
      const words = { content: "One more thing", clientMessageId: "again-1" };
      const answer = await first.visit.ask("customer_message", words);
      assert.notEqual(answer.data.ticketId, first.ticketId);
      const established = await first.visit.next("connection_established", ({ ticketId }) => ticketId === answer.data.ticketId);
      assert.notEqual(established.sessionId, first.sessionId);
      // The same from a client that never heard the answer.
      const back = await visit({ sessionId: first.sessionId });
      const again = await back.visit.ask("customer_message", words);
      assert.equal(again.data.ticketId, answer.data.ticketId);
      await back.visit.ask("customer_message", { content: "And another" });
      const { data: { ticket } } = await desk.ask("get_ticket_details", { ticketId: answer.data.ticketId });
      const said = ticket.messages.filter((/** @type {any} */ message) => message.sender === "customer");
      assert.deepEqual(said.map((/** @type {any} */ message) => message.content), ["One more thing", "And another"]);
      assert.equal(ticket.customerInfo.name, "Vera");
    });

    it("the same message again is the same message", async () => {
      const { visit: client, ticketId } = await visit();
      const words = { content: "Once", clientMessageId: "once" };
      const [one, other] = await Promise.all([client.ask("customer_message", words), client.ask("customer_message", words)]);
      assert.equal(one.data.message.seq, other.data.message.seq);
      assert.equal((await server.messages(ticketId, admin.token)).length, 1);
    });

    it("leaves, and is heard no more", async () => {
      const { visit: client } = await visit();
      assert.equal((await client.ask("customer_disconnect")).success, true);
      assert.equal((await client.ask("customer_message", { content: "x" })).error.code, "CONFLICT");
    });
  });
}

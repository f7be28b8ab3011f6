// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { Client } from "./client.js";
import { Server } from "./server.js";

describe("what agents may do over Socket.IO", () => {
  /** @type {Server} */
  let server;
  /** @type {import("./server.js").Person} */
  let admin;
  /** @type {Client[]} */
  const open = [];

  before(async () => {
    server = await Server.start();
    admin = await server.admin();
  });
  afterEach(() => open.splice(0).forEach((client) => client.close()));
  after(() => server?.stop());

  const desk = async (/** @type {{token: string}} */ { token }) => {
    const client = await Client.desk(server.origin, token);
    open.push(client);
    return client;
  };
  const visit = async (/** @type {object} */ arrival, /** @type {object} */ query = { tenant: "default" }) => {
    const visited = await Client.visit(server.origin, arrival, { query });
    open.push(visited.visit);
    return visited;
  };

  it("ends at the tenant's border: others' tickets are not found, heard of or counted", async () => {
    const stranger = await server.tenant("beta");
    const client = await desk(stranger);
    const { ticketId } = await visit({ initialMessage: "For the first tenant" });
    const { ticket } = (await (await desk(admin)).ask("get_ticket_details", { ticketId })).data;
    for (const [event, payload] of /** @type {[string, object][]} */ ([
      ["get_ticket_details", {}], ["join_ticket", {}], ["send_message", { content: "x" }], ["view_ticket", {}],
      ["typing", { isTyping: true }], ["update_ticket_status", { status: "closed" }],
    ])) {
      const answer = await client.ask(event, { ticketId: ticket.id, ...payload });
      assert.equal(answer.error?.code, "NOT_FOUND", event);
    }
    const own = await visit({ initialMessage: "For the second" }, { tenant: "beta" });
    await client.next("new_ticket");
    const told = client.heard.filter(({ event }) => event === "new_ticket").map(({ data }) => data.ticket.subject);
    assert.deepEqual(told, ["For the second"]);
    const foreign = Client.open(server.origin, "/customer", { query: { tenant: "beta" } });
    open.push(foreign);
    const { sessionId } = await visit({});
    assert.equal((await foreign.ask("customer_connect", { sessionId })).error.code, "NOT_FOUND");
    assert.ok(own.sessionId);
  });

  it("ends at the department's border", async () => {
    await server.call("POST", "/api/v1/admin/chat/departments", { name: "Bikes", slug: "bikes" }, admin.token);
    await server.call("POST", "/api/v1/admin/chat/departments", { name: "Boats", slug: "boats" }, admin.token);
    const [bea, bo] = [await server.agent("bea", { departments: ["bikes"] }, admin), await server.agent("bo", { departments: ["boats"] }, admin)];
    const [bikes, boats] = [await desk(bea), await desk(bo)];
    const { ticketId } = await visit({ initialMessage: "My bike", department: "bikes" });
    await bikes.next("customer_message", ({ message }) => message.content === "My bike");
    assert.equal((await boats.ask("get_ticket_details", { ticketId })).error.code, "NOT_FOUND");
    assert.equal(boats.all("new_ticket").length, 0);
    await server.call("PATCH", `/api/agents/${bo.id}`, { departments: ["boats", "bikes"] }, admin.token);
    assert.equal((await boats.ask("get_ticket_details", { ticketId })).success, true);
    assert.equal(boats.all("disconnect").length, 0);
  });

  it("another role ends the connection, which begins anew as what they are now", async () => {
    const rita = await server.agent("rita", {}, admin);
    const client = await desk(rita);
    await server.call("PATCH", `/api/agents/${rita.id}`, { role: "supervisor" }, admin.token);
    await client.next("auth_error");
    await client.next("disconnect");
    const { agent } = await (await desk(rita)).next("auth_success");
    assert.equal(agent.role, "supervisor");
  });

  it("whoever is let go is out at once, and can't come back", async () => {
    const gus = await server.agent("gus", {}, admin);
    const client = await desk(gus);
    await server.call("DELETE", `/api/agents/${gus.id}`, undefined, admin.token);
    assert.equal((await client.next("auth_error")).code, "UNAUTHENTICATED");
    assert.equal((await client.next("disconnect")).reason, "io server disconnect");
    const back = Client.open(server.origin, "/agent", { auth: { token: gus.token } });
    open.push(back);
    await back.next("auth_error");
  });

  it("a token that was made void opens nothing any more, and other tokens stay good", async () => {
    const lena = await server.agent("lena", {}, admin);
    const other = await server.logIn(lena);
    const [gone, stays] = [await desk(lena), await desk(other)];
    await server.call("POST", "/api/auth/logout", undefined, lena.token);
    await gone.next("disconnect");
    assert.equal((await stays.ask("heartbeat")).success, true);
  });

  it("a connected desk is a sign of life by itself", async () => {
    const pia = await server.agent("pia", {}, admin);
    await desk(pia);
    for (let tries = 0; tries < 100; tries += 1) {
      const { onlineAdmins } = await server.call("GET", "/api/v1/admin/presence", undefined, admin.token);
      if (onlineAdmins.some((/** @type {any} */ seen) => seen.userId === pia.id)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.fail("never online");
  });

  it("pages of foreign origins are refused by polling and WebSocket alike, others get their CORS headers", async () => {
    await server.tenant("shop");
    const url = `${server.origin}/socket.io/?EIO=4&transport=polling`;
    const foreign = await fetch(url, { headers: { Origin: "https://evil.test" } });
    assert.equal(foreign.status, 403);
    const known = await fetch(url, { headers: { Origin: "https://shop.example" } });
    assert.equal(known.status, 200);
    assert.equal(known.headers.get("access-control-allow-origin"), "https://shop.example");
    for (const transport of ["polling", "websocket"]) {
      const options = { transports: [transport], extraHeaders: { Origin: "https://evil.test" }, reconnection: false };
      const client = Client.open(server.origin, "/customer", options);
      open.push(client);
      await client.next("connect_error");
      assert.equal(client.all("connect").length, 0);
    }
  });
});

describe("which agents look at a ticket", () => {
  it("is shown to colleagues who may see it, over Socket.IO and event streams, until they look away", async () => {
    const server = await Server.start();
    /** @type {Client[]} */
    const open = [];
    try {
      const admin = await server.admin();
      const [mara, jo] = [await server.agent("mara", {}, admin), await server.agent("jo", {}, admin)];
      const [one, other, boss] = await Promise.all([mara, jo, admin].map(({ token }) => Client.desk(server.origin, token)));
      const visited = await Client.visit(server.origin, { initialMessage: "Hello" });
      open.push(one, other, boss, visited.visit);
      const { ticketId } = visited;
      const stream = await fetch(`${server.origin}/api/v1/admin/chat/events`, { headers: { Authorization: `Bearer ${admin.token}` } });
      assert.deepEqual((await one.ask("view_ticket", { ticketId })).data, { ticketId, viewers: [] });
      const shown = { ticketId, viewers: [{ agentId: mara.id, name: "mara", isTyping: false }] };
      assert.deepEqual(await other.next("ticket_viewers"), shown);
      assert.deepEqual(await boss.next("ticket_viewers"), shown);
      await one.ask("typing", { ticketId, isTyping: true });
      assert.deepEqual(await other.next("agent_typing"), { ticketId, agentId: mara.id, name: "mara", isTyping: true });
      const { viewers } = (await other.ask("view_ticket", { ticketId })).data;
      assert.deepEqual(viewers, [{ agentId: mara.id, name: "mara", isTyping: true }]);
      assert.deepEqual((await one.next("ticket_viewers")).viewers.map((/** @type {any} */ viewer) => viewer.name), ["jo"]);
      // Typing lapses by itself.
      await other.next("agent_typing", ({ isTyping }) => !isTyping);
      // Whoever closes the desk looks away.
      one.close();
      await other.next("ticket_viewers", (told) => told.viewers.length === 0);
      await other.ask("leave_ticket", { ticketId });
      await boss.next("ticket_viewers", (told) => told.viewers.length === 0);
      const { ticket } = (await boss.ask("get_ticket_details", { ticketId })).data;
      const viewing = { chatId: ticket.id, isViewing: true };
      assert.deepEqual(await server.call("POST", "/api/v1/admin/chat/viewing", viewing, jo.token), { viewers: [] });
      await boss.next("ticket_viewers", (told) => told.viewers[0]?.name === "jo");
      let text = "";
      for await (const piece of /** @type {any} */ (stream.body)) {
        text += Buffer.from(piece).toString();
        if (/event: viewers\ndata: .*"name":"jo"/.test(text)) break;
      }
      assert.equal(visited.visit.all("ticket_viewers").length, 0);
    } finally {
      open.forEach((client) => client.close());
      await server.stop();
    }
  });
});

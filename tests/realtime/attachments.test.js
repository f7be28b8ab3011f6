// @ts-check
import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";
import { Client } from "./client.js";
import { Server } from "./server.js";

describe("messages with files", () => {
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
  after(async () => server?.stop());

  const PDF = "%PDF-1.7\n";
  const names = (/** @type {any} */ message) => message.attachments.map((/** @type {any} */ file) => file.filename);

  /** @param {string} route @param {Record<string, string>} fields @param {string} [token] @returns {Promise<any>} */
  const send = async (route, fields, token) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.append(name, value);
    form.append("file", new Blob([PDF]), "bill.pdf");
    const headers = token ? { Authorization: `Bearer ${token}` } : undefined;
    const response = await fetch(`${server.origin}${route}`, { method: "POST", body: form, headers });
    const answer = await response.json();
    assert.ok(response.ok, JSON.stringify(answer));
    return answer.data ?? answer;
  };
  const visit = async () => {
    const visited = await Client.visit(server.origin, { initialMessage: "Hello" });
    open.push(visited.visit);
    return visited;
  };
  const desk = async () => {
    const client = await Client.desk(server.origin, admin.token);
    open.push(client);
    return client;
  };

  it("reach the other side with an address at which the file is", async () => {
    const agent = await desk();
    const { visit: visitor, sessionId, ticketId } = await visit();
    const { publicId } = await send("/api/v1/chat/upload", { sessionId });
    const said = await visitor.ask("customer_message", { content: "", messageType: "file", attachmentIds: [publicId] });
    assert.deepEqual(names(said.data.message), ["bill.pdf"]);
    const heard = await agent.next("customer_message", ({ message }) => message.attachments?.length > 0);
    assert.equal(heard.message.messageType, "file");
    assert.equal(await (await fetch(heard.message.attachments[0].url)).text(), PDF);

    const { id } = await send(`/api/tickets/${ticketId}/attachments`, {}, admin.token);
    const answered = await agent.ask("send_message", { ticketId, content: "Signed", attachmentIds: [id] });
    assert.deepEqual(names(answered.data.message), ["bill.pdf"]);
    const told = await visitor.next("agent_message", ({ message }) => message.attachments?.length > 0);
    assert.equal(await (await fetch(told.message.attachments[0].url)).text(), PDF);
    const again = await Client.visit(server.origin, { sessionId });
    open.push(again.visit);
    assert.deepEqual(again.messages.filter((/** @type {any} */ message) => message.attachments).map(names), [["bill.pdf"], ["bill.pdf"]]);
  });

  it("carry nothing that is another's, was sent already or is not there", async () => {
    const agent = await desk();
    const [one, other] = [await visit(), await visit()];
    const { publicId } = await send("/api/v1/chat/upload", { sessionId: one.sessionId });
    const taking = { content: "Look", attachmentIds: [publicId] };
    for (const ids of [[publicId], ["nothing"], ["00000000-0000-7000-8000-00000000dead"]]) {
      const refused = await other.visit.ask("customer_message", { ...taking, attachmentIds: ids });
      assert.equal(refused.error.code, "NOT_FOUND", ids[0]);
    }
    assert.equal((await agent.ask("send_message", { ...taking, ticketId: one.ticketId })).error.code, "NOT_FOUND");
    assert.equal((await one.visit.ask("customer_message", taking)).success, true);
    const twice = await one.visit.ask("customer_message", taking);
    assert.deepEqual(twice.error.details.map((/** @type {any} */ detail) => detail.field), ["attachmentIds"]);
    const empty = await one.visit.ask("customer_message", { content: "Look", messageType: "image" });
    assert.deepEqual(empty.error.details.map((/** @type {any} */ detail) => detail.field), ["attachmentIds"]);
    const said = await server.messages(other.ticketId, admin.token);
    assert.equal(said.filter(({ sender }) => sender === "VISITOR").length, 1);
  });
});

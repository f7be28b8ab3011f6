// @ts-check
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Client } from "./client.js";
import { Server } from "./server.js";

describe("what an agent is told", () => {
  /** @type {Server} */
  let server;
  before(async () => {
    server = await Server.start();
  });
  after(() => server?.stop());

  it("comes at once to all that they have open, and is read everywhere at once", async () => {
    const admin = await server.admin();
    const [mara, jo] = [await server.agent("mara", {}, admin), await server.agent("jo", {}, admin)];
    const [one, other, colleague] = await Promise.all([mara, mara, jo].map(({ token }) => Client.desk(server.origin, token)));
    const { visit, ticketId } = await Client.visit(server.origin, { initialMessage: "Hello" });
    await one.ask("join_ticket", { ticketId });
    await visit.ask("customer_message", { content: "Are you there?" });
    const { notification, eventId } = await one.next("notification");
    assert.equal(typeof eventId, "number");
    assert.equal((await other.next("notification")).notification.id, notification.id);
    const read = await one.ask("notification_read", { notificationId: notification.id });
    assert.equal(read.data.notification.isRead, true);
    assert.deepEqual((await other.next("notifications_marked_read")).notificationIds, [notification.id]);
    assert.equal((await colleague.ask("notification_read", { notificationId: notification.id })).error.code, "NOT_FOUND");
    assert.equal((await one.ask("notification_read", {})).error.details[0].field, "notificationId");
    assert.equal((await one.ask("notification_read", { notificationId: "a guess" })).error.code, "NOT_FOUND");
    assert.ok(Array.isArray((await one.ask("notifications_read_all")).data.notificationIds));
    assert.deepEqual((await one.ask("notifications_read_all")).data.notificationIds, []);
    [one, other, colleague, visit].forEach((client) => client.close());
  });
});

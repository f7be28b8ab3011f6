// @ts-check
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Thread } from "../../support-http/web/shared/thread.js";

/** @param {number} seq @returns {any} */
const message = (seq) => ({ id: `id-${seq}`, seq, sender: "VISITOR", message: `message ${seq}` });

describe("a thread", () => {
  it("has each message once and in order, whatever the order and number of their arrivals", () => {
    const orders = [[1, 2, 3, 4, 5], [5, 4, 3, 2, 1], [2, 1, 2, 5, 3, 3, 4, 1, 5], [4, 4, 1, 5, 2, 2, 3]];
    for (const order of orders) {
      const thread = new Thread();
      for (const seq of order) thread.accept(message(seq));
      assert.deepEqual(thread.messages.map((one) => one.seq), [1, 2, 3, 4, 5], `arrived as ${order}`);
      assert.equal(thread.lastSeq, 5);
    }
  });

  it("says whether a message was new, and keeps the newer account of a known one", () => {
    const thread = new Thread();
    assert.equal(thread.accept({ ...message(1), isRead: false }), true);
    assert.equal(thread.accept({ ...message(1), isRead: true }), false);
    assert.equal(thread.messages[0].isRead, true);
  });
});

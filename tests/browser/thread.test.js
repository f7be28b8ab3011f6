// @ts-check
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isOneRun, startsDay, Thread } from "../../support-http/web/shared/thread.js";

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

describe("a run of messages", () => {
  /** @param {object} other @returns {any} */
  const said = (other) => ({ sender: "ADMIN", senderName: "Mara", createdAt: "2031-05-06T12:00:00", ...other });

  it("goes on while the same person writes the same kind of thing without a long pause", () => {
    assert.equal(isOneRun(said({}), said({ createdAt: "2031-05-06T12:04:59" })), true);
    const ends = [{ createdAt: "2031-05-06T12:05:00" }, { senderName: "Jonas" }, { sender: "VISITOR" }, { isNote: true }];
    for (const end of ends) assert.equal(isOneRun(said({}), said(end)), false, JSON.stringify(end));
    assert.equal(isOneRun(undefined, said({})), false);
    assert.equal(isOneRun(said({}), undefined), false);
  });

  it("ends at midnight, where a day begins", () => {
    const [late, early] = [said({ createdAt: "2031-05-06T23:59:59" }), said({ createdAt: "2031-05-07T00:00:01" })];
    assert.equal(isOneRun(late, early), false);
    assert.equal(startsDay(late, early), true);
    assert.equal(startsDay(said({}), late), false);
    assert.equal(startsDay(undefined, late), true);
  });
});

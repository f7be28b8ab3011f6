// @ts-check
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EventReader } from "../../support-http/web/console/event-reader.js";

describe("the reader of the agents' event stream", () => {
  const text = ": hello\n\nid: 7\nevent: message\ndata: {\"a\":1}\n\nevent: heartbeat\r\ndata: {}\r\n\r\ndata: one\ndata: two\n\n";
  const events = [
    { id: "7", name: "message", data: "{\"a\":1}" },
    { id: "", name: "heartbeat", data: "{}" },
    { id: "", name: "message", data: "one\ntwo" },
  ];

  it("finds the same events wherever the network cuts the text", () => {
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 1) {
        const reader = new EventReader();
        const pieces = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        assert.deepEqual(pieces.flatMap((piece) => reader.feed(piece)), events, `cut at ${first} and ${second}`);
      }
    }
  });

  it("keeps an event back that is not complete", () => {
    assert.deepEqual(new EventReader().feed("id: 7\ndata: {}\n"), []);
  });
});

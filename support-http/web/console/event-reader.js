// @ts-check

/** @typedef {{id: string, name: string, data: string}} ServerEvent */

/** Cuts a `text/event-stream` into its events, wherever the network cut it. */
export class EventReader {
  #rest = "";
  #id = "";
  #name = "";
  /** @type {string[]} */
  #data = [];

  /** @param {string} text @returns {ServerEvent[]} the events that this text completes */
  feed(text) {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#line(line.endsWith("\r") ? line.slice(0, -1) : line));
  }

  /** @param {string} line @returns {ServerEvent[]} */
  #line(line) {
    if (line === "") return this.#complete();
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "id") this.#id = value;
    if (field === "event") this.#name = value;
    if (field === "data") this.#data.push(value);
    return [];
  }

  /** @returns {ServerEvent[]} */
  #complete() {
    const event = { id: this.#id, name: this.#name || "message", data: this.#data.join("\n") };
    const isEmpty = this.#data.length === 0;
    this.#id = "";
    this.#name = "";
    this.#data = [];
    return isEmpty ? [] : [event];
  }
}

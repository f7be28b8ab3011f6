// @ts-check
import { backoff, newId, Pause } from "../shared/retry.js";
import { Failure } from "../shared/server.js";
import { Shelf } from "./shelf.js";

/** @typedef {{id: string, file: File, part: number, failure: Failure|null, stop: AbortController}} Upload */

/** Files on their way, one after another. */
export class Uploads {
  /** @type {Upload[]} */
  entries = [];
  #isBusy = false;
  #pausing = new Pause();

  /** @param {import("./conversation.js").Conversation} chat @param {() => void} changed */
  constructor(chat, changed) {
    this.chat = chat;
    this.changed = changed;
    this.shelf = new Shelf(chat.memory.key("files"));
  }

  /** Goes on with what an earlier page could not send. */
  async start() {
    for (const { id, file } of await this.shelf.all()) this.#put(file, null, id);
  }

  /** A file is sent into a chat, which has to begin first. @param {File} file @param {Failure|null} failure */
  add(file, failure) {
    const { id } = this.#put(file, failure, newId());
    if (!failure) void this.shelf.keep(id, file);
  }

  /** @param {File} file @param {Failure|null} failure @param {string} id */
  #put(file, failure, id) {
    const entry = { id, file, part: 0, failure, stop: new AbortController() };
    this.entries.push(entry);
    if (!failure && this.chat.isNew) this.chat.say(file.name);
    void this.go();
    return entry;
  }

  /** @param {Upload} entry */
  remove(entry) {
    entry.stop.abort();
    void this.shelf.drop(entry.id);
    this.entries = this.entries.filter((other) => other !== entry);
    this.changed();
  }

  hurry() {
    this.#pausing.skip();
  }

  /** Sends what waits, if there is a chat to send it into. */
  async go() {
    if (this.#isBusy || !this.#next()) return;
    this.#isBusy = true;
    for (let entry = this.#next(); entry && this.chat.sessionId; entry = this.#next()) await this.#send(entry);
    this.#isBusy = false;
    this.changed();
  }

  #next() {
    return this.entries.find((entry) => !entry.failure);
  }

  /** @param {Upload} entry */
  async #send(entry) {
    const tell = (/** @type {number} */ part) => {
      entry.part = part;
      this.changed();
    };
    for (let attempt = 0; this.entries.includes(entry) && this.chat.sessionId; attempt += 1) {
      try {
        const { url, fileName, fileType, fileSize } = await this.chat.server.upload(entry.file, this.chat.sessionId, tell, entry.stop.signal);
        if (!this.entries.includes(entry)) return;
        // Another tab may do the same with a file that waited: under one id it is one message.
        this.chat.say("", { url, name: fileName, type: fileType, size: fileSize }, entry.id);
        this.remove(entry);
        return;
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure;
        if (!failure.passes || entry.stop.signal.aborted) {
          entry.failure = failure;
          return;
        }
        tell(0);
        await this.#pausing.wait(Math.max(failure.retryAfter, backoff(attempt)), failure.retryAfter === 0);
      }
    }
  }
}

// @ts-check
import { Failure } from "./server.js";
import { backoff, newId, Pause } from "./retry.js";

/**
 * @template C
 * @typedef {object} Unsent
 * @property {string} id the `clientMessageId`, the same at every try
 * @property {number} order
 * @property {number|null} after the last `seq` known at the first try
 * @property {string|null} failure why the server refused it for good
 * @property {string} [code] the refusal's name
 * @property {C} content
 */

/**
 * Messages that the server has not acknowledged, sent one after another in the order they were typed.
 * @template C
 */
export class Outbox {
  #memory;
  #send;
  #changed;
  #delivering = false;
  #attempt = 0;
  #order = 0;
  #pausing = new Pause();

  /**
   * @param {import("./memory.js").Memory} memory
   * @param {(entry: Unsent<C>, keep: () => void) => Promise<boolean>} send answers whether to go on with the next one
   * @param {() => void} changed
   */
  constructor(memory, send, changed) {
    this.#memory = memory;
    this.#send = send;
    this.#changed = changed;
    /** @type {Unsent<C>[]} */
    this.entries = memory.names("unsent/").map((name) => memory.read(name)).filter(Boolean)
      .sort((left, right) => left.order - right.order);
  }

  /** @param {C} content @param {string} [id] the same for what may be added twice */
  add(content, id = newId()) {
    this.#order = Math.max(Date.now(), this.#order + 1);
    /** @type {Unsent<C>} */
    const entry = { id, order: this.#order, after: null, failure: null, content };
    this.entries.push(entry);
    this.#keep(entry);
    void this.deliver();
  }

  /** @param {Unsent<C>} entry */
  remove(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
    this.#memory.forget(`unsent/${entry.id}`);
    this.#changed();
  }

  /** Tries at once instead of waiting out a backoff. */
  hurry() {
    this.#pausing.skip();
    void this.deliver();
  }

  async deliver() {
    if (this.#delivering) return;
    this.#delivering = true;
    try {
      for (let entry = this.#next(); entry; entry = this.#next()) {
        if (!(await this.#try(entry))) break;
      }
    } finally {
      this.#delivering = false;
      this.#changed();
    }
  }

  #next() {
    return this.entries.find((entry) => !entry.failure);
  }

  /** @param {Unsent<C>} entry */
  async #try(entry) {
    try {
      const goOn = await this.#send(entry, () => this.#keep(entry));
      this.#attempt = 0;
      return goOn;
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      if (failure.passes) {
        await this.#pause(failure);
        return true;
      }
      entry.failure = failure.message;
      entry.code = failure.code;
      this.#keep(entry);
      return true;
    }
  }

  /** @param {Failure} failure */
  async #pause(failure) {
    const wait = Math.max(failure.retryAfter, backoff(this.#attempt++));
    // A server that names a time is not asked before it.
    await this.#pausing.wait(wait, failure.retryAfter === 0);
  }

  /** @param {Unsent<C>} entry */
  #keep(entry) {
    this.#memory.write(`unsent/${entry.id}`, entry);
    this.#changed();
  }
}

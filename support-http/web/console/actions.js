// @ts-check
import { Failure } from "../shared/server.js";

/**
 * @typedef {import("./api.js").ChatChange} ChatChange
 * @typedef {{agentId?: string, department?: string, note?: string}} Transfer
 */

/** @param {string} chatId @param {string} [what] */
const ticket = (chatId, what = "") => `api/tickets/${encodeURIComponent(chatId)}${what}`;

/** What an agent can do with a chat besides writing in it. */
export class Actions {
  #api;
  #store;

  /** @param {import("./api.js").Api} api @param {import("./store.js").Store} store */
  constructor(api, store) {
    this.#api = api;
    this.#store = store;
  }

  /**
   * Does it, or tells the agent why it could not be done.
   * @param {() => Promise<unknown>} action @param {string} [done] what to say then @returns {Promise<boolean>}
   */
  async attempt(action, done = "") {
    try {
      await action();
      this.#store.forgetProblems();
      if (done) this.#store.tell(done, "done");
      return true;
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      // Whoever has to log in again is asked to by the page itself.
      if (failure.status !== 401) this.#store.tell(failure.message);
      return false;
    }
  }

  /** @param {string} chatId @param {ChatChange} change */
  change(chatId, change) {
    return this.attempt(async () => this.#store.acceptChat((await this.#api.change(chatId, change)).chat));
  }

  /** @param {string} chatId */
  take(chatId) {
    return this.change(chatId, { assignedTo: this.#store.user.id });
  }

  /** @param {string} chatId */
  release(chatId) {
    return this.change(chatId, { assignedTo: null });
  }

  /** @param {string} chatId */
  wait(chatId) {
    return this.attempt(() => this.#api.patch(ticket(chatId, "/status"), { status: "pending" }), "Waiting for the customer");
  }

  // What a form asks for: its errors belong to the form's own fields, so they are not caught here.

  /** @param {string} chatId @param {Transfer} to */
  async transfer(chatId, to) {
    await this.#api.patch(ticket(chatId, "/transfer"), to);
    this.#store.tell("Transferred", "done");
  }

  /** @param {string} chatId @param {string} reason */
  async escalate(chatId, reason) {
    await this.#api.post(ticket(chatId, "/escalate"), { reason });
    this.#store.tell("Escalated: supervisors are told", "done");
  }

  /** @param {string} chatId @param {string} email */
  async mailTranscript(chatId, email) {
    await this.#api.post(ticket(chatId, "/transcript"), { email });
    this.#store.tell(`The transcript is on its way to ${email}`, "done");
  }

  /** @param {string} chatId @param {string} ticketId */
  downloadTranscript(chatId, ticketId) {
    return this.attempt(() => this.#api.download(ticket(chatId, "/transcript"), { format: "text" }, `${ticketId}.txt`));
  }

  /** @param {string} chatId @param {string} reason */
  async block(chatId, reason) {
    await this.#api.post("api/v1/admin/blocks", { chatId, reason: reason || undefined });
    this.#store.tell("The visitor is blocked and can write no more", "done");
  }
}

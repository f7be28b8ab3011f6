// @ts-check
import { io } from "socket.io-client";

const PATIENCE = 15_000;

/** @typedef {{event: string, data: any}} Heard */

/** Every client that was opened, by the origin of its server. @type {Map<string, Client[]>} */
const opened = new Map();

/** A client that remembers everything it heard, in order. */
export class Client {
  /** @type {Heard[]} */
  heard = [];
  /** @type {Set<() => void>} */
  #waiting = new Set();

  /** @param {import("socket.io-client").Socket} socket */
  constructor(socket) {
    this.socket = socket;
    socket.onAny((event, data) => this.#note(event, data));
    socket.on("connect", () => this.#note("connect", { id: socket.id }));
    socket.on("connect_error", (error) => this.#note("connect_error", { message: error.message }));
    socket.on("disconnect", (reason) => this.#note("disconnect", { reason }));
  }

  /**
   * @param {string} origin @param {string} namespace
   * @param {Partial<import("socket.io-client").ManagerOptions & import("socket.io-client").SocketOptions>} [options]
   */
  static open(origin, namespace, options = {}) {
    const quick = { reconnectionDelay: 50, reconnectionDelayMax: 200 };
    const client = new Client(io(`${origin}${namespace}`, { forceNew: true, ...quick, ...options }));
    opened.set(origin, [...(opened.get(origin) ?? []), client]);
    return client;
  }

  /** Closes what a test left open, one that failed half-way too. @param {string} origin */
  static closeAll(origin) {
    opened.get(origin)?.forEach((client) => client.close());
    opened.delete(origin);
  }

  /** An agent's desk, let in. @param {string} origin @param {string} token @param {object} [options] */
  static async desk(origin, token, options = {}) {
    const desk = Client.open(origin, "/agent", { auth: { token }, ...options });
    await desk.next("auth_success");
    return desk;
  }

  /** A visitor's new conversation. @param {string} origin @param {object} [arrival] @param {object} [options] */
  static async visit(origin, arrival = {}, options = {}) {
    const visit = Client.open(origin, "/customer", options);
    const { data } = await visit.ask("customer_connect", arrival);
    return { visit, ...data };
  }

  /** @param {string} event @param {any} data */
  #note(event, data) {
    this.heard.push({ event, data });
    for (const wake of this.#waiting) wake();
  }

  /**
   * What was heard first, of this name and kind; waited for.
   * @param {string} event @param {(data: any) => boolean} [fits] @returns {Promise<any>}
   */
  async next(event, fits = () => true) {
    const find = () => this.heard.find((heard) => heard.event === event && fits(heard.data));
    await this.until(() => Boolean(find()), `${event} in ${JSON.stringify(this.heard.map((heard) => heard.event))}`);
    return find()?.data;
  }

  /** @param {string} event */
  all(event) {
    return this.heard.filter((heard) => heard.event === event).map((heard) => heard.data);
  }

  forget() {
    this.heard = [];
  }

  /** @param {() => boolean} holds @param {string} what */
  until(holds, what) {
    return new Promise((resolve, reject) => {
      const end = (/** @type {() => void} */ done) => {
        clearTimeout(limit);
        this.#waiting.delete(look);
        done();
      };
      const look = () => holds() && end(() => resolve(undefined));
      const limit = setTimeout(() => end(() => reject(new Error(`waited in vain for ${what}`))), PATIENCE);
      this.#waiting.add(look);
      look();
    });
  }

  /** Sends an event and gives back its acknowledgement. @param {string} event @param {any[]} payload @returns {Promise<any>} */
  ask(event, ...payload) {
    return this.socket.timeout(PATIENCE).emitWithAck(event, ...payload);
  }

  /** Breaks the transport, as a lost network does; the client comes back by itself. */
  breakTransport() {
    // @ts-ignore: there is no public way to lose a network
    this.socket.io.engine?.transport?.ws?.terminate?.() ?? this.socket.io.engine?.close();
  }

  close() {
    this.socket.disconnect();
    // A namespace that the server closed is left already, and its connection may still be there.
    this.socket.io._close();
  }
}

/** Events that two parties agree on. @param {any[]} messages */
export const seqs = (messages) => messages.map((message) => message.seq);

// @ts-check
import { backoff } from "../shared/retry.js";

const SILENCE_LIMIT = 50_000;

const EVENTS = ["connected", "message", "status", "typing", "read", "agent_available", "agent_assigned", "heartbeat",
  "reset"];

/** Live events of one chat. The browser resumes by itself; where it gives up for good, this starts anew. */
export class Stream {
  /** @type {EventSource|null} */
  #source = null;
  #lastEventId = "";
  #attempt = 0;
  #isStopped = false;
  #heardAt = 0;
  /** @type {number|undefined} */
  #timer;
  /** @type {number|undefined} */
  #watch;

  /**
   * @param {import("./server.js").Server} server
   * @param {string} sessionId
   * @param {(name: string, data: any) => void} tell
   */
  constructor(server, sessionId, tell) {
    this.server = server;
    this.sessionId = sessionId;
    this.tell = tell;
  }

  start() {
    this.#connect();
    this.#watch = window.setInterval(() => {
      if (this.#source && Date.now() - this.#heardAt > SILENCE_LIMIT) this.#again();
    }, 10_000);
  }

  stop() {
    this.#isStopped = true;
    clearInterval(this.#watch);
    clearTimeout(this.#timer);
    this.#source?.close();
    this.#source = null;
  }

  /** The network is said to be back: no reason to wait any longer. */
  hurry() {
    if (this.#isStopped || this.#source?.readyState === EventSource.OPEN) return;
    this.#attempt = 0;
    this.#source?.close();
    clearTimeout(this.#timer);
    this.#connect();
  }

  #connect() {
    /** @type {Record<string, string>} */
    const query = { sessionId: this.sessionId };
    if (this.#lastEventId) query.lastEventId = this.#lastEventId;
    const source = new EventSource(this.server.address("api/v1/chat/events", query));
    this.#source = source;
    this.#heardAt = Date.now();
    source.addEventListener("error", () => {
      if (source !== this.#source) return;
      this.tell("lost", null);
      if (source.readyState === EventSource.CLOSED) this.#again();
    });
    for (const name of EVENTS) {
      source.addEventListener(name, (event) => source === this.#source && this.#hear(name, event));
    }
  }

  /** @param {string} name @param {MessageEvent} event */
  #hear(name, event) {
    let data;
    try {
      data = JSON.parse(event.data || "{}");
    } catch {
      return;
    }
    this.#heardAt = Date.now();
    this.#attempt = 0;
    this.#remember(name, event.lastEventId || data.lastEventId);
    this.tell(name, data);
  }

  /**
   * A greeting says where the server's journal ends. For a stream that resumes this is not yet where it has got to.
   * @param {string} name @param {string|number|undefined} id
   */
  #remember(name, id) {
    if (name === "reset") this.#lastEventId = "";
    if (name === "connected" && this.#lastEventId) return;
    if (id !== undefined && id !== null) this.#lastEventId = String(id);
  }

  #again() {
    this.#source?.close();
    this.#source = null;
    this.tell("lost", null);
    clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#connect(), backoff(this.#attempt++));
  }
}

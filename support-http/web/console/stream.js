// @ts-check
import { backoff, Pause } from "../shared/retry.js";
import { failureOf } from "../shared/server.js";
import { EventReader } from "./event-reader.js";

const SILENCE_LIMIT = 50_000;

/**
 * The live events of the whole desk. Read with fetch, since the browser's own EventSource cannot carry a login; it
 * resumes after the last event seen, and tells the same things under the same names.
 */
export class Stream {
  #api;
  #tell;
  #lastEventId = "";
  #pause = new Pause();
  /** @type {AbortController|null} */
  #current = null;
  #isStopped = false;

  /** @param {import("./api.js").Api} api @param {(name: string, data: any) => void} tell */
  constructor(api, tell) {
    this.#api = api;
    this.#tell = tell;
  }

  async run() {
    for (let attempt = 0; !this.#isStopped; attempt += 1) {
      const isRefused = await this.#read(() => (attempt = 0));
      if (this.#isStopped) return;
      this.#tell(isRefused ? "refused" : "lost", null);
      if (isRefused) return;
      await this.#pause.wait(backoff(attempt));
    }
  }

  stop() {
    this.#isStopped = true;
    this.#current?.abort();
    this.#pause.skip();
  }

  /** Does not wait out a pause: the network is said to be back. */
  hurry() {
    this.#pause.skip();
  }

  /** @param {() => void} heard @returns {Promise<boolean>} whether the login was refused */
  async #read(heard) {
    const current = new AbortController();
    this.#current = current;
    let watch = 0;
    const listen = () => {
      clearTimeout(watch);
      watch = window.setTimeout(() => current.abort(), SILENCE_LIMIT);
    };
    listen();
    try {
      const response = await this.#open(current.signal);
      if (response.status === 401) return true;
      if (!response.ok || !response.body) throw failureOf(response, null);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      const events = new EventReader();
      for (let chunk = await reader.read(); !chunk.done; chunk = await reader.read()) {
        listen();
        for (const event of events.feed(chunk.value)) {
          heard();
          this.#hear(event);
        }
      }
    } catch {
      // However it ended: the next connection goes on after the last event that was seen.
    } finally {
      clearTimeout(watch);
      current.abort();
    }
    return false;
  }

  /** @param {AbortSignal} signal */
  #open(signal) {
    const headers = { ...this.#api.headers(), Accept: "text/event-stream" };
    return fetch(this.#api.address("api/v1/admin/chat/events"), {
      headers: this.#lastEventId ? { ...headers, "Last-Event-ID": this.#lastEventId } : headers,
      cache: "no-store",
      credentials: "omit",
      signal,
    });
  }

  /** @param {import("./event-reader.js").ServerEvent} event */
  #hear(event) {
    if (this.#isStopped) return;
    let data;
    try {
      data = JSON.parse(event.data || "{}");
    } catch {
      return;
    }
    this.#remember(event, data);
    this.#tell(event.name, data);
  }

  /**
   * A greeting says where the server's journal ends. For a stream that resumes this is not yet where it has got to.
   * @param {import("./event-reader.js").ServerEvent} event @param {any} data
   */
  #remember(event, data) {
    if (event.name === "reset") this.#lastEventId = "";
    if (event.name === "connected" && this.#lastEventId) return;
    const id = event.id || data.lastEventId;
    if (id !== undefined && id !== null) this.#lastEventId = String(id);
  }
}

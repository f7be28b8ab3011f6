// @ts-check
import { backoff, Pause } from "../shared/retry.js";
import { Failure } from "../shared/server.js";
import { address } from "./api.js";

/** Heartbeats come every 15 s: who hears three less has lost the connection without being told. */
const SILENCE_LIMIT = 50_000;
const EVENTS = ["connected", "heartbeat", "reset", "ticket_created", "new_message", "call_requested", "status_change", "notification"];

/**
 * The customer's live events, through the browser's own EventSource. It reconnects by itself; when it has ended for
 * good, another one is made that goes on after the last event seen.
 */
export class Stream {
  #api;
  #tell;
  #last = "";
  #pause = new Pause();
  #isStopped = false;
  /** @type {EventSource|null} */
  #source = null;

  /** @param {import("./api.js").Api} api @param {(name: string, data: any) => void} tell also of `lost`, when nothing comes in */
  constructor(api, tell) {
    this.#api = api;
    this.#tell = tell;
  }

  async run() {
    for (let attempt = 0; !this.#isStopped; attempt += 1) {
      try {
        const { token } = await this.#api.streamToken();
        if (this.#isStopped) return;
        await this.#listen(token, () => (attempt = 0));
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure;
        if (failure.status === 401 || failure.status === 403) return;
      }
      if (this.#isStopped) return;
      this.#tell("lost", null);
      await this.#pause.wait(backoff(attempt));
    }
  }

  stop() {
    this.#isStopped = true;
    this.#source?.close();
    this.#source?.dispatchEvent(new Event("end"));
    this.#pause.skip();
  }

  hurry() {
    this.#pause.skip();
  }

  /** @param {string} token @param {() => void} heard @returns {Promise<void>} until it has ended for good */
  #listen(token, heard) {
    const url = address("api/customers/me/events");
    url.searchParams.set("token", token);
    if (this.#last) url.searchParams.set("lastEventId", this.#last);
    const source = new EventSource(url);
    this.#source = source;
    return new Promise((resolve) => {
      let watch = 0;
      const end = () => {
        clearTimeout(watch);
        source.close();
        resolve();
      };
      const wait = () => {
        clearTimeout(watch);
        watch = window.setTimeout(end, SILENCE_LIMIT);
      };
      wait();
      source.addEventListener("end", end);
      source.addEventListener("error", () => {
        if (source.readyState === EventSource.CLOSED) end();
        else if (!this.#isStopped) this.#tell("lost", null);
      });
      for (const name of EVENTS) {
        source.addEventListener(name, (event) => {
          wait();
          heard();
          this.#hear(name, event);
        });
      }
    });
  }

  /** @param {string} name @param {MessageEvent} event */
  #hear(name, event) {
    if (this.#isStopped) return;
    this.#last = event.lastEventId || this.#last;
    let data;
    try {
      data = JSON.parse(event.data || "{}");
    } catch {
      return;
    }
    this.#tell(name, data);
  }
}

// @ts-check
import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import { WebSocket } from "ws";

const BINARY = path.resolve(process.env.SUPPORT_ECHO_BIN ?? path.join(import.meta.dirname ?? ".", "../../target/debug/support-echo"));
const PATIENCE = 10_000;

/** How often the echo asks whether a client is still there, and how long it waits for an answer. */
export const PING_INTERVAL = 300;
export const PING_TIMEOUT = 200;

export const sleep = (/** @type {number} */ time) => new Promise((resolve) => setTimeout(resolve, time));

/**
 * @template T @param {Promise<T>} promise @param {string} what @returns {Promise<T>}
 */
const within = (promise, what) => {
  let limit = /** @type {NodeJS.Timeout|undefined} */ (undefined);
  const late = new Promise((_, reject) => (limit = setTimeout(() => reject(new Error(`waited in vain for ${what}`)), PATIENCE)));
  return /** @type {Promise<T>} */ (Promise.race([promise, late])).finally(() => clearTimeout(limit));
};

/** A host that says back what it hears, behind the very libraries that serve the desk. */
export class Echo {
  /** @type {Set<Wire>} */
  #wires = new Set();

  /** @param {import("node:child_process").ChildProcess} process @param {string} origin */
  constructor(process, origin) {
    this.process = process;
    this.origin = origin;
  }

  static async start() {
    const running = spawn(BINARY, [], { stdio: ["ignore", "pipe", "inherit"] });
    const origin = new Promise((resolve, reject) => {
      running.once("error", reject);
      running.once("exit", (code) => reject(new Error(`${BINARY} ended with ${code}`)));
      createInterface(running.stdout).on("line", (line) => resolve(line.split(" ").at(-1)));
    });
    return new Echo(running, await within(origin, "the echo to listen"));
  }

  stop() {
    for (const wire of this.#wires) wire.socket.terminate();
    this.process.kill();
  }

  /** @param {string} at `engine.io` or `socket.io` @param {string} query @param {RequestInit} [options] */
  ask(at, query, options) {
    return fetch(`${this.origin}/${at}/?${query}`, options);
  }

  /** A session over long polling. @param {string} at */
  async poll(at) {
    const opened = await (await this.ask(at, "EIO=4&transport=polling")).text();
    const { sid } = JSON.parse(opened.slice(1));
    const query = `EIO=4&transport=polling&sid=${sid}`;
    return {
      sid,
      /** @param {RequestInit} [options] */
      hear: (options) => this.ask(at, query, options),
      /** @param {string} body */
      say: (body) => this.ask(at, query, { method: "POST", body }),
    };
  }

  /** A WebSocket. @param {string} at @param {string} [query] */
  wire(at, query = "EIO=4&transport=websocket") {
    const wire = new Wire(`${this.origin.replace("http", "ws")}/${at}/?${query}`);
    this.#wires.add(wire);
    return wire;
  }
}

/** A WebSocket that gives its frames one by one, in order. */
export class Wire {
  /** @type {(string|number[])[]} */
  #heard = [];
  /** @type {() => void} */
  #wake = () => {};

  /** @param {string} url */
  constructor(url) {
    this.socket = new WebSocket(url);
    this.opened = new Promise((resolve) => this.socket.once("open", resolve));
    this.closed = new Promise((resolve) => this.socket.once("close", resolve));
    this.socket.on("error", () => {});
    this.socket.on("message", (data, isBinary) => {
      this.#heard.push(isBinary ? [.../** @type {Buffer} */ (data)] : data.toString());
      this.#wake();
    });
  }

  /** @param {string|Uint8Array} packet */
  say(packet) {
    this.socket.send(packet);
  }

  /** The next frame. */
  async hear() {
    while (this.#heard.length === 0) {
      await within(new Promise((resolve) => (this.#wake = () => resolve(undefined))), "a frame");
    }
    return /** @type {string|number[]} */ (this.#heard.shift());
  }

  /** The next frame that is no ping; those are answered. */
  async next() {
    const until = performance.now() + PATIENCE;
    while (performance.now() < until) {
      const frame = await this.hear();
      if (frame !== "2") return frame;
      this.say("3");
    }
    throw new Error("nothing but pings");
  }

  /** Waits until the other side has closed it. */
  ends() {
    return within(this.closed, "the end");
  }
}

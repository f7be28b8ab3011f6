// @ts-check
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const here = import.meta.dirname ?? ".";
const BINARY = path.resolve(here, process.env.SUPPORT_SERVER_BIN ?? "../../target/debug/support-server");
const START_LIMIT = 30_000;

export const ADMIN = { email: "ada@example.com", password: "a long enough password" };
export const OPERATOR = { email: "operator@example.com", password: "a long enough password" };

/** @typedef {{id: string, token: string, email: string, password: string}} Person */

/** The real server with a data folder of its own, which outlives the process. */
export class Server {
  /** @type {import("node:child_process").ChildProcess|null} */
  #process = null;
  #folder = "";
  #log = "";
  /** @type {Record<string, string>} */
  #settings = {};
  origin = "";

  /** @param {Record<string, string>} [settings] */
  static async start(settings = {}) {
    const server = new Server();
    server.#settings = settings;
    server.#folder = await mkdtemp(path.join(tmpdir(), "support-realtime-"));
    await server.#run("127.0.0.1:0");
    return server;
  }

  get log() {
    return this.#log;
  }

  /** Ends the process: as a power cut would, or as an operator does. @param {NodeJS.Signals} [signal] */
  async kill(signal = "SIGKILL") {
    const running = this.#process;
    this.#process = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill(signal);
    await ended;
  }

  /** Starts again where it was, with what it had on disk. */
  async startAgain() {
    await this.#run(new URL(this.origin).host);
  }

  async stop() {
    await this.kill();
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** @param {string} address */
  async #run(address) {
    const running = spawn(BINARY, [], {
      cwd: this.#folder,
      env: {
        PATH: process.env.PATH,
        HOME: this.#folder,
        LISTEN_ADDR: address,
        ADMIN_EMAIL: ADMIN.email,
        ADMIN_PASSWORD: ADMIN.password,
        PLATFORM_EMAIL: OPERATOR.email,
        PLATFORM_PASSWORD: OPERATOR.password,
        RATE_LIMIT_MAX_REQUESTS: "0",
        ...this.#settings,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = running;
    running.stderr.on("data", (text) => (this.#log += text));
    this.origin = await this.#ready(running);
  }

  /** @param {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, any>} running */
  #ready(running) {
    return new Promise((resolve, reject) => {
      const fail = (/** @type {string} */ why) => reject(new Error(`${BINARY} ${why}\n${this.#log}`));
      const limit = setTimeout(() => fail("did not say that it listens"), START_LIMIT);
      running.once("error", (error) => fail(`could not be started: ${error.message}`));
      running.once("exit", (code) => fail(`ended with ${code}`));
      createInterface(running.stdout).on("line", (line) => {
        this.#log += `${line}\n`;
        const address = /^listening on (http:\/\/\S+)/.exec(line)?.[1];
        if (!address) return;
        clearTimeout(limit);
        resolve(new URL(address).origin);
      });
    });
  }

  /**
   * A call over HTTP. Answers what is in the envelope, if there is one.
   * @param {string} method @param {string} route @param {object} [body] @param {string} [token] @returns {Promise<any>}
   */
  async call(method, route, body, token) {
    const response = await fetch(`${this.origin}${route}`, {
      method,
      body: body && JSON.stringify(body),
      headers: { ...(body && { "Content-Type": "application/json" }), ...(token && { Authorization: `Bearer ${token}` }) },
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${route} answered ${response.status}: ${text}`);
    const answer = text ? JSON.parse(text) : {};
    return answer.data ?? answer;
  }

  /** @param {{email: string, password: string}} account @returns {Promise<Person>} */
  async logIn(account) {
    const { token, user } = await this.call("POST", "/api/auth/login", account);
    return { ...account, id: user.id, token };
  }

  admin() {
    return this.logIn(ADMIN);
  }

  /** A new agent, logged in. @param {string} name @param {object} [fields] @param {Person} [admin] */
  async agent(name, fields = {}, admin = undefined) {
    const account = { email: `${name}@example.com`, password: "a long enough password" };
    const { token } = admin ?? (await this.admin());
    await this.call("POST", "/api/agents", { name, role: "agent", ...account, ...fields }, token);
    return this.logIn(account);
  }

  /** A tenant beside the first one, with its admin. @param {string} slug */
  async tenant(slug) {
    const account = { email: `admin@${slug}.example`, password: "a long enough password" };
    const { token } = await this.logIn(OPERATOR);
    const body = { slug, name: slug, timezone: "UTC", domains: [`${slug}.example`], admin: { name: "Admin", ...account } };
    await this.call("POST", "/api/v1/platform/tenants", body, token);
    return this.logIn(account);
  }

  /** The server's own account of a conversation. @param {string} ticket @param {string} token */
  async messages(ticket, token) {
    const { messages } = await this.call("GET", `/api/v1/admin/chat/${ticket}`, undefined, token);
    return /** @type {{seq: number, sender: string, message: string, isNote: boolean}[]} */ (messages);
  }
}

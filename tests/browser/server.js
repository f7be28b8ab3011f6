// @ts-check
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const BINARY = path.resolve(import.meta.dirname ?? ".", process.env.SUPPORT_SERVER_BIN ?? "../../target/debug/support-server");
const START_LIMIT = 30_000;

export const AGENT = { email: "mara@example.com", password: "a long enough password" };

/** The real server with a data folder of its own, which outlives the process. */
export class Server {
  /** @type {import("node:child_process").ChildProcess|null} */
  #process = null;
  #folder = "";
  #log = "";
  origin = "";

  static async start() {
    const server = new Server();
    server.#folder = await mkdtemp(path.join(tmpdir(), "support-browser-"));
    await server.#run("127.0.0.1:0");
    return server;
  }

  /** Ends the process as a power cut would. */
  async kill() {
    const running = this.#process;
    this.#process = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once("exit", resolve));
    running.kill("SIGKILL");
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
        ADMIN_EMAIL: AGENT.email,
        ADMIN_PASSWORD: AGENT.password,
        RATE_LIMIT_MAX_REQUESTS: "0",
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
}

/**
 * A call past the pages, in nobody's name.
 * @param {string} origin @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>}
 */
export const call = (origin, method, path, body) => json(`${origin}/${path}`, method, {}, body);

/**
 * A call past the pages, in the first agent's name.
 * @param {string} origin @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>}
 */
export const callAsAgent = async (origin, method, path, body) => {
  const { token } = await call(origin, "POST", "api/auth/login", AGENT);
  return json(`${origin}/${path}`, method, { Authorization: `Bearer ${token}` }, body);
};

/** The server's own account of a conversation. @param {string} origin @param {string} chatId */
export const messagesOnServer = async (origin, chatId) => {
  const { messages } = await callAsAgent(origin, "GET", `api/v1/admin/chat/${chatId}`);
  return /** @type {{seq: number, sender: string, message: string}[]} */ (messages);
};

/** @param {string} url @param {string} method @param {Record<string, string>} headers @param {object} [body] */
const json = async (url, method, headers, body) => {
  const response = await fetch(url, { method, body: body && JSON.stringify(body),
    headers: body ? { ...headers, "Content-Type": "application/json" } : headers });
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${await response.text()}`);
  const answer = await response.json();
  return answer.data ?? answer;
};

// @ts-check
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

const BINARY = path.resolve(process.env.SUPPORT_SERVER_BIN ?? path.join(import.meta.dirname ?? ".", "../../../target/debug/support-server"));
const START_LIMIT = 30_000;

/** The real server with a data folder of its own, which outlives the process. */
export class ServerProcess {
  /** @type {import("node:child_process").ChildProcess|null} */
  #process = null;
  #folder = "";
  #log = "";
  /** @type {Record<string, string>} */
  #settings;
  origin = "";

  /** @param {Record<string, string>} settings */
  constructor(settings) {
    this.#settings = settings;
  }

  get log() {
    return this.#log;
  }

  async begin() {
    this.#folder = await mkdtemp(path.join(tmpdir(), "support-server-"));
    await this.#run("127.0.0.1:0");
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
      env: { PATH: process.env.PATH, HOME: this.#folder, LISTEN_ADDR: address, RATE_LIMIT_MAX_REQUESTS: "0", ...this.#settings },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#process = running;
    running.stderr.on("data", (text) => (this.#log += text));
    try {
      this.origin = await this.#ready(running);
    } catch (error) {
      // Nobody gets hold of a server that did not start, and what runs on keeps the tests from ending.
      await this.stop();
      throw error;
    }
  }

  /** @param {import("node:child_process").ChildProcessByStdio<null, import("node:stream").Readable, any>} running */
  #ready(running) {
    return new Promise((resolve, reject) => {
      const fail = (/** @type {string} */ why) => {
        clearTimeout(limit);
        reject(new Error(`${BINARY} ${why}\n${this.#log}`));
      };
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

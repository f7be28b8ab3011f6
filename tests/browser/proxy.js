// @ts-check
import { spawn } from "node:child_process";
import { access, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { until } from "./browser.js";

const NGINX = process.env.NGINX ?? "/usr/sbin/nginx";

/** nginx as Debian has it in front of a server, with nothing set but where it listens and leads to. */
export class Proxy {
  /** @type {import("node:child_process").ChildProcess|null} */
  #process = null;
  #folder = "";
  origin = "";

  /** @param {string} server where it leads to @param {string} [settings] what is to differ from the defaults */
  static async before(server, settings = "") {
    const proxy = new Proxy();
    await proxy.#begin(server, settings);
    return proxy;
  }

  async stop() {
    const running = this.#process;
    this.#process = null;
    if (running && running.exitCode === null) {
      const ended = new Promise((resolve) => running.once("exit", resolve));
      running.kill("SIGTERM");
      await ended;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }

  /** @param {string} server @param {string} settings */
  async #begin(server, settings) {
    await access(NGINX).catch(() => {
      throw new Error(`${NGINX} is missing: apt-get install -y nginx-light`);
    });
    this.#folder = await mkdtemp(path.join(tmpdir(), "support-proxy-"));
    const port = await freePort();
    this.origin = `http://127.0.0.1:${port}`;
    const file = path.join(this.#folder, "nginx.conf");
    await writeFile(file, configuration(this.#folder, port, server, settings));
    const running = spawn(NGINX, ["-p", this.#folder, "-c", file, "-g", "daemon off;"], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = running;
    let log = "";
    running.stderr.on("data", (text) => (log += text));
    try {
      await until("nginx answers", () => {
        if (running.exitCode !== null) throw new Error(`nginx ended: ${log}`);
        return fetch(`${this.origin}/healthz`).then((answer) => answer.ok, () => false);
      });
    } catch (error) {
      await this.stop();
      throw error;
    }
  }
}

/** @param {string} folder @param {number} port @param {string} server @param {string} settings */
const configuration = (folder, port, server, settings) => `
worker_processes 1;
pid ${folder}/nginx.pid;
error_log ${folder}/error.log;
events {}
http {
  access_log off;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  ${settings}
  server {
    listen 127.0.0.1:${port};
    location / { proxy_pass ${server}; }
  }
}
`;

/** @returns {Promise<number>} */
const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = address && typeof address === "object" ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });

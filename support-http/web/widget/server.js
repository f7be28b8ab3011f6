// @ts-check
import { callServer, Failure, failureOf } from "../shared/server.js";

/**
 * @typedef {object} Home
 * @property {URL} origin where the server is
 * @property {string} tenant its slug or id
 * @property {string} [language]
 * @property {string} [session] the one conversation to show, on a page of its own
 */

/** The server that the script came from, as one tenant's visitor sees it. */
export class Server {
  /** @type {(() => Promise<string>)|null} what the host page proves with that its visitor is a person */
  challenge = null;

  /** @param {Home} home */
  constructor({ origin, tenant }) {
    this.origin = origin;
    this.tenant = tenant;
  }

  /** @param {string} path @param {Record<string, string|number>} [query] */
  address(path, query = {}) {
    const url = new URL(path, this.origin);
    if (this.tenant) url.searchParams.set("tenant", this.tenant);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    return url;
  }

  /** @param {string} path @param {Record<string, string|number>} query */
  get(path, query) {
    return callServer("GET", this.address(path, query), this.#headers());
  }

  /** @param {string} path @param {object} body @param {Record<string, string>} [headers] @returns {Promise<any>} */
  async post(path, body, headers = {}) {
    const send = (/** @type {Record<string, string>} */ proof) =>
      callServer("POST", this.address(path), { ...this.#headers(), ...headers, ...proof }, body);
    try {
      return await send({});
    } catch (failure) {
      if (!(failure instanceof Failure) || failure.code !== "CAPTCHA_REQUIRED" || !this.challenge) throw failure;
      return send({ "X-Captcha-Token": await this.challenge() });
    }
  }

  /**
   * Only XMLHttpRequest tells how much of a body has left.
   * @param {File} file @param {string} sessionId @param {(part: number) => void} sent @param {AbortSignal} signal
   * @returns {Promise<{url: string, fileName: string, fileSize: number, fileType: string}>}
   */
  upload(file, sessionId, sent, signal) {
    const form = new FormData();
    form.append("sessionId", sessionId);
    form.append("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", this.address("api/v1/chat/upload"));
    for (const [name, value] of Object.entries(this.#headers())) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", ({ loaded, total }) => sent(total ? loaded / total : 0));
    signal.addEventListener("abort", () => request.abort());
    return new Promise((resolve, reject) => {
      request.addEventListener("loadend", () => {
        const { status, response } = request;
        if (status === 200 && response) return resolve(response.data);
        if (status === 0) return reject(new Failure(0, "UNREACHABLE", "The server cannot be reached", 0));
        const retryAfter = request.getResponseHeader("Retry-After") ?? "";
        return reject(failureOf(new Response(null, { status, headers: { "Retry-After": retryAfter } }), response));
      });
      request.send(form);
    });
  }

  /** @returns {Record<string, string>} */
  #headers() {
    return this.tenant ? { "X-Tenant": this.tenant } : {};
  }
}

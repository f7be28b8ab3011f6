// @ts-check
import { callServer } from "../shared/server.js";

/**
 * @typedef {object} Home
 * @property {URL} origin where the server is
 * @property {string} tenant its slug or id
 * @property {string} [session] the one conversation to show, on a page of its own
 */

/** The server that the script came from, as one tenant's visitor sees it. */
export class Server {
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

  /** @param {string} path @param {object} body @param {Record<string, string>} [headers] */
  post(path, body, headers = {}) {
    return callServer("POST", this.address(path), { ...this.#headers(), ...headers }, body);
  }

  /** @returns {Record<string, string>} */
  #headers() {
    return this.tenant ? { "X-Tenant": this.tenant } : {};
  }
}

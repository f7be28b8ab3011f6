// @ts-check
import { Memory } from "../shared/memory.js";

/** @typedef {{token: string, expiresAt: number, customer: string}} Login */

/** What a JSON web token says of itself; nothing where it is none. @param {string} token @returns {any} */
const claimsOf = (token) => {
  try {
    const payload = token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/");
    const bytes = Uint8Array.from(atob(payload), (letter) => letter.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
};

/** The token that a host application left in the address; null when there is none. @param {string} hash */
export const tokenOfHost = (hash) => new URLSearchParams(hash.replace(/^#\/?/, "")).get("token");

/** The login that all tabs of this device share. */
export class Session {
  #memory = new Memory("localStorage", "support-portal");
  /** @type {Set<() => void>} */
  #listeners = new Set();

  constructor() {
    window.addEventListener("storage", (event) => {
      if (event.key === null || event.key === this.#memory.key("login")) this.#tell();
    });
  }

  /** @returns {Login|null} */
  get login() {
    const login = this.#memory.read("login");
    return login && login.expiresAt > Date.now() ? login : null;
  }

  /** @param {string} token @returns {boolean} whether it is a customer's */
  begin(token) {
    const claims = claimsOf(token);
    if (!claims || claims.role !== "customer") return false;
    const customer = String(claims.customerId ?? claims.sub ?? "");
    this.#memory.write("login", { token, customer, expiresAt: Number(claims.exp) * 1_000 });
    this.#tell();
    return true;
  }

  end() {
    this.#memory.forget("login");
    this.#tell();
  }

  /** @param {() => void} listener */
  listen(listener) {
    this.#listeners.add(listener);
  }

  #tell() {
    for (const listener of this.#listeners) listener();
  }
}

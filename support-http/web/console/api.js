// @ts-check
import { callServer, Failure } from "../shared/server.js";

/**
 * @typedef {import("./session.js").Login} Login
 * @typedef {import("../shared/thread.js").Message} Message
 * @typedef {"ACTIVE"|"WAITING"|"RESOLVED"|"CLOSED"} ChatStatus
 * @typedef {"available"|"busy"|"away"|"offline"} Availability
 */

/**
 * @typedef {object} Chat
 * @property {string} chatId
 * @property {string} ticketId
 * @property {ChatStatus} status
 * @property {string|null} subject
 * @property {string|null} visitorName
 * @property {string|null} visitorEmail
 * @property {string|null} department
 * @property {string} priority
 * @property {{id: string, name: string}|null} assignedTo
 * @property {number} unreadCount
 * @property {string|null} lastMessage
 * @property {string|null} lastMessageAt
 * @property {number} version
 * @property {string} createdAt
 * @property {string} updatedAt
 */

const ROOT = new URL("../../", import.meta.url);
const PAGE = 100;

/** The server as an agent calls it. */
export class Api {
  #session;
  #refused;

  /** @param {import("./session.js").Session} session @param {() => void} refused called when the login no longer holds */
  constructor(session, refused) {
    this.#session = session;
    this.#refused = refused;
  }

  /** @param {string} path @param {Record<string, string|number>} [query] */
  address(path, query = {}) {
    const url = new URL(path, ROOT);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value));
    return url;
  }

  /** @returns {Record<string, string>} */
  headers() {
    const token = this.#session.login?.token;
    return token ? { Authorization: `Bearer ${token}` } : {};
  }

  /** @param {string} email @param {string} password @returns {Promise<Login>} */
  login(email, password) {
    return callServer("POST", this.address("api/auth/login"), {}, { email, password });
  }

  /** @returns {Promise<Partial<Login> & {token: string}>} */
  refresh() {
    return this.#call("POST", "api/auth/refresh", {}, {});
  }

  logout() {
    return this.#call("POST", "api/auth/logout", {}, {});
  }

  /** @param {ChatStatus} status @param {number} page @returns {Promise<{chats: Chat[], pagination: {hasNextPage: boolean}}>} */
  chats(status, page) {
    return this.#call("GET", "api/v1/admin/chat", { status, page, limit: PAGE });
  }

  /** @param {string} chatId @returns {Promise<{chat: Chat, messages: Message[]}>} */
  chat(chatId) {
    return this.#call("GET", `api/v1/admin/chat/${encodeURIComponent(chatId)}`);
  }

  /**
   * @param {{chatId: string, message: string, isNote: boolean, clientMessageId: string}} answer
   * @returns {Promise<{message: Message}>}
   */
  answer(answer) {
    return this.#call("POST", "api/v1/admin/chat", {}, answer);
  }

  /** @param {string} chatId @param {{status?: ChatStatus, assignedTo?: string}} change @returns {Promise<{chat: Chat}>} */
  change(chatId, change) {
    return this.#call("PATCH", "api/v1/admin/chat", {}, { chatId, ...change });
  }

  /** @param {string} chatId @param {boolean} isTyping */
  typing(chatId, isTyping) {
    return this.#call("POST", "api/v1/admin/chat/typing", {}, { chatId, isTyping });
  }

  /** @param {string} chatId @param {number} upTo */
  read(chatId, upTo) {
    return this.#call("POST", "api/v1/admin/chat/read", {}, { chatId, upTo });
  }

  /** @param {boolean} isOnline */
  heartbeat(isOnline) {
    return this.#call("POST", "api/v1/admin/presence", {}, { isOnline });
  }

  /** @param {string} agentId @returns {Promise<Availability|null>} */
  async availability(agentId) {
    for (let page = 1; ; page += 1) {
      const answer = await this.#call("GET", "api/agents", { page, limit: PAGE });
      const own = answer.agents.find((/** @type {{id: string}} */ agent) => agent.id === agentId);
      if (own) return own.status;
      if (!answer.pagination?.hasNextPage) return null;
    }
  }

  /** @param {string} agentId @param {Availability} status */
  setAvailability(agentId, status) {
    return this.#call("PATCH", `api/agents/${encodeURIComponent(agentId)}/status`, {}, { status });
  }

  /**
   * @param {string} method @param {string} path @param {Record<string, string|number>} [query] @param {object} [body]
   * @returns {Promise<any>}
   */
  async #call(method, path, query = {}, body = undefined) {
    const token = this.#session.login?.token;
    try {
      return await callServer(method, this.address(path, query), this.headers(), body);
    } catch (failure) {
      // An answer to an older token says nothing about the one in use now.
      if (failure instanceof Failure && failure.status === 401 && token === this.#session.login?.token) this.#refused();
      throw failure;
    }
  }
}

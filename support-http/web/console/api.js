// @ts-check
import { callServer, Failure, failureOf } from "../shared/server.js";

/**
 * @typedef {import("./session.js").Login} Login
 * @typedef {import("../shared/thread.js").Message} Message
 * @typedef {"ACTIVE"|"WAITING"|"RESOLVED"|"CLOSED"} ChatStatus
 * @typedef {{status?: ChatStatus, assignedTo?: string|null, department?: string|null, priority?: string, tags?: string[]}} ChatChange
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
 * @property {string|null} visitorPhone
 * @property {string} channel
 * @property {string|null} department
 * @property {string} priority
 * @property {string[]} tags
 * @property {{id: string, name: string}|null} assignedTo
 * @property {number} unreadCount
 * @property {string|null} lastMessage
 * @property {string|null} lastMessageAt
 * @property {number} version
 * @property {number|null} rating
 * @property {string} createdAt
 * @property {string} updatedAt
 * @property {VisitorContext|null} [visitorContext]
 */

/**
 * @typedef {object} VisitorContext
 * @property {{url: string, title?: string|null}|null} page
 * @property {string|null} referrer
 * @property {string|null} language
 * @property {string|null} userAgent
 * @property {string|null} ipAddress
 * @property {{url: string, title?: string|null, at?: string|null}[]} pages
 */

/**
 * @typedef {object} Ticket
 * @property {string} id
 * @property {string} ticketId
 * @property {string} customerId
 * @property {string} status
 * @property {string} subject
 * @property {string} createdAt
 * @property {{name: string|null, email: string|null, phone: string|null, lastSeen: string, userAgent: string|null, ipAddress: string|null}} customerInfo
 * @property {Record<string, any>} metadata
 */

/**
 * @typedef {object} Agent
 * @property {string} id
 * @property {string} name
 * @property {string} email
 * @property {string} role
 * @property {Availability} status
 * @property {string[]} departments
 * @property {string[]} skills
 * @property {string[]} languages
 * @property {number} maxConcurrentTickets
 * @property {number} activeTicketsCount
 * @property {boolean} isActive
 */

/** @typedef {{id: string, name: string, slug: string, description: string|null, isActive: boolean}} Department */
/** @typedef {{id: string, shortcut: string, title: string, content: string, rendered?: string|null}} CannedResponse */
/** @typedef {{agentId: string, name: string, isTyping: boolean}} Viewer */
/** @typedef {{url: string, fileName: string, fileSize: number, fileType: string}} UploadedFile */
/** @typedef {Record<string, string|number|boolean|null|undefined>} Query */

const ROOT = new URL("../../", import.meta.url);
const PAGE = 100;

/** @param {string} text @returns {any} */
const parseJson = (text) => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

/** The server as an agent calls it. */
export class Api {
  #session;
  #refused;

  /** @param {import("./session.js").Session} session @param {() => void} refused called when the login no longer holds */
  constructor(session, refused) {
    this.#session = session;
    this.#refused = refused;
  }

  /** @param {string} path @param {Query} [query] what is empty is left out */
  address(path, query = {}) {
    const url = new URL(path, ROOT);
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined && value !== null && value !== "") url.searchParams.set(name, String(value));
    }
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

  /** All earlier tokens are void by it: this page goes on with the new one. @param {string} currentPassword @param {string} newPassword */
  async changePassword(currentPassword, newPassword) {
    this.#session.begin(await this.post("api/auth/password", { currentPassword, newPassword }));
  }

  logout() {
    return this.#call("POST", "api/auth/logout", {}, {});
  }

  /**
   * @param {Query} query
   * @returns {Promise<{chats: Chat[], pagination: {hasNextPage: boolean, totalItems: number}, nextCursor: string|null}>}
   */
  chats(query) {
    return this.#call("GET", "api/v1/admin/chat", { limit: PAGE, ...query });
  }

  /** @param {string} chatId @param {number} [after] a `seq`; the last messages if none is named @returns {Promise<{chat: Chat, messages: Message[]}>} */
  chat(chatId, after) {
    return this.#call("GET", `api/v1/admin/chat/${encodeURIComponent(chatId)}`, { after });
  }

  /**
   * @param {{chatId: string, message: string, isNote: boolean, clientMessageId: string, messageType?: string, fileUrl?: string}} answer
   * @returns {Promise<{message: Message}>}
   */
  answer(answer) {
    return this.#call("POST", "api/v1/admin/chat", {}, answer);
  }

  /** @param {string} chatId @param {ChatChange} change @returns {Promise<{chat: Chat}>} */
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

  /** @param {string} chatId @param {boolean} isViewing @returns {Promise<{viewers: Viewer[]}>} */
  viewing(chatId, isViewing) {
    return this.#call("POST", "api/v1/admin/chat/viewing", {}, { chatId, isViewing });
  }

  /** All of the team, page after page. @returns {Promise<Agent[]>} */
  async agents() {
    /** @type {Agent[]} */
    const agents = [];
    for (let page = 1; ; page += 1) {
      const answer = await this.get("api/agents", { page, limit: PAGE });
      agents.push(...answer.agents);
      if (!answer.pagination?.hasNextPage) return agents;
    }
  }

  /** @returns {Promise<Department[]>} */
  departments() {
    return this.get("api/v1/admin/chat/departments");
  }

  /** @param {string} chatId @returns {Promise<CannedResponse[]>} filled in for the chat */
  cannedResponses(chatId) {
    return this.get("api/v1/admin/canned-responses", { ticketId: chatId });
  }

  /** @param {string} chatId @returns {Promise<Ticket>} */
  async ticket(chatId) {
    return (await this.get(`api/tickets/${encodeURIComponent(chatId)}`)).ticket;
  }

  /** @param {string} customerId @returns {Promise<Ticket[]>} */
  async ticketsOf(customerId) {
    return (await this.get("api/tickets", { customerId, limit: 10 })).tickets;
  }

  /** @param {string} agentId @param {Availability} status */
  setAvailability(agentId, status) {
    return this.#call("PATCH", `api/agents/${encodeURIComponent(agentId)}/status`, {}, { status });
  }

  /** @param {string} path @param {Query} [query] @returns {Promise<any>} */
  get(path, query = {}) {
    return this.#call("GET", path, query);
  }

  /** @param {string} path @param {object} [body] @returns {Promise<any>} */
  post(path, body = {}) {
    return this.#call("POST", path, {}, body);
  }

  /** @param {string} path @param {object} body @returns {Promise<any>} */
  put(path, body) {
    return this.#call("PUT", path, {}, body);
  }

  /** @param {string} path @param {object} body @returns {Promise<any>} */
  patch(path, body) {
    return this.#call("PATCH", path, {}, body);
  }

  /** @param {string} path @param {Query} [query] @returns {Promise<any>} */
  remove(path, query = {}) {
    return this.#call("DELETE", path, query);
  }

  /**
   * Sends in a file, telling how far it is: fetch could not.
   * @param {string} chatId @param {File} file @param {(share: number) => void} progressed @param {AbortSignal} signal
   * @returns {Promise<UploadedFile>}
   */
  upload(chatId, file, progressed, signal) {
    const form = new FormData();
    form.append("chatId", chatId);
    form.append("file", file, file.name);
    const request = new XMLHttpRequest();
    request.open("POST", this.address("api/v1/admin/chat/upload"));
    for (const [name, value] of Object.entries(this.headers())) request.setRequestHeader(name, value);
    request.upload.addEventListener("progress", (event) => progressed(event.total ? event.loaded / event.total : 0));
    signal.addEventListener("abort", () => request.abort(), { once: true });
    return new Promise((resolve, reject) => {
      request.addEventListener("error", () => reject(new Failure(0, "UNREACHABLE", "The server cannot be reached", 0)));
      request.addEventListener("load", () => {
        const response = new Response(request.responseText || null, { status: request.status });
        const answer = parseJson(request.responseText);
        if (response.ok && answer) resolve(answer.data ?? answer);
        else reject(failureOf(response, answer));
      });
      request.send(form);
    });
  }

  /** A file that only a login can have, as the browser saves it. @param {string} path @param {Query} query @param {string} name */
  async download(path, query, name) {
    const response = await fetch(this.address(path, query), { headers: this.headers(), cache: "no-store" })
      .catch(() => { throw new Failure(0, "UNREACHABLE", "The server cannot be reached", 0); });
    if (!response.ok) throw failureOf(response, parseJson(await response.text()));
    const link = document.createElement("a");
    link.href = URL.createObjectURL(await response.blob());
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  /**
   * @param {string} method @param {string} path @param {Query} [query] @param {object} [body]
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

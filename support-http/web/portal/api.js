// @ts-check
import { callServer, Failure, failureOf } from "../shared/server.js";

/** Where the server is: pages may live below a path. */
const HOME = new URL("../..", import.meta.url);

/**
 * @typedef {{id: string, filename: string, url: string, size: number, contentType: string, width?: number|null,
 *   height?: number|null, thumbnailUrl?: string|null}} Attachment
 * @typedef {{id: string, ticketId: string, title: string, status: string, priority: string, category: string|null,
 *   messageCount: number, lastMessageAt: string|null, unreadCount: number, createdAt: string, updatedAt: string}} Ticket
 * @typedef {{id: string, seq: number, ticketId: string, body: string, sender: "customer"|"agent"|"bot"|"system",
 *   senderName: string, messageType: string, isRead: boolean, clientMessageId: string|null, createdAt: string,
 *   attachments?: Attachment[], previousTicketId?: string}} Message
 * @typedef {{rating: number, comment: string|null, createdAt: string}} Feedback
 * @typedef {Ticket & {messages: Message[], attachments?: Attachment[], feedback: Feedback|null}} WholeTicket
 * @typedef {{id: string, status: string, contactNumber: string, ticketId: string|null, scheduledAt: string|null,
 *   note: string|null, createdAt: string}} Call
 * @typedef {{id: string, type: string, title: string, message: string, ticketId: string|null, callId: string|null,
 *   isRead: boolean, createdAt: string}} Notification
 * @typedef {{id: string, title: string, slug: string, category: string|null, language: string, snippet: string,
 *   html: string}} Article
 * @typedef {{id: string, name: string|null, email: string|null, phone: string|null,
 *   stats: {totalTickets: number, openTickets: number, resolvedTickets: number}}} Profile
 */

/** @param {string} path */
export const address = (path) => new URL(path, HOME);

/** A file at this page's own origin, by whatever name the server knows itself. @param {string} url */
export const fileAddress = (url) => {
  const [, path] = url.split(/\/(?=api\/files\/)/);
  return path ? address(path).href : url;
};

/** @param {Record<string, string|number|boolean|undefined>} values */
const queryOf = (values) => {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== "") query.set(name, String(value));
  }
  return query.size > 0 ? `?${query}` : "";
};

/** The tenant that the page's address names, for those who have several. */
export const tenant = new URLSearchParams(location.search).get("tenant") ?? "";

/** The calls of a customer's portal. */
export class Api {
  #session;
  #refused;

  /** @param {import("./session.js").Session} session @param {() => void} refused told when the login no longer holds */
  constructor(session, refused) {
    this.#session = session;
    this.#refused = refused;
  }

  /** @param {string} email @param {string} password @returns {Promise<{token: string, user: {role: string}}>} */
  logIn(email, password) {
    return callServer("POST", address("api/auth/login"), {}, { email, password, ...(tenant && { tenant }) });
  }

  /** @returns {Promise<{token: string}>} */
  refresh() {
    return this.#call("POST", "api/auth/refresh");
  }

  logOut() {
    return this.#call("POST", "api/auth/logout");
  }

  /** @param {string} currentPassword @param {string} newPassword @returns {Promise<{token: string}>} */
  changePassword(currentPassword, newPassword) {
    return this.#call("POST", "api/auth/password", { currentPassword, newPassword });
  }

  /** @returns {Promise<Profile>} */
  profile() {
    return this.#own("GET", "");
  }

  /** @param {{name?: string, email?: string, phone?: string}} changes @returns {Promise<Profile>} */
  changeProfile(changes) {
    return this.#own("PATCH", "", changes);
  }

  /** @param {{status?: string, priority?: string, page?: number, limit?: number}} filter */
  async tickets(filter) {
    const { answer, headers } = await this.#read(`/tickets${queryOf(filter)}`);
    return { tickets: /** @type {Ticket[]} */ (answer), total: Number(headers.get("X-Total-Count") ?? answer.length) };
  }

  /** @param {object} ticket @param {string} key the same at every try @returns {Promise<WholeTicket>} */
  openTicket(ticket, key) {
    return this.#own("POST", "/tickets", ticket, { "Idempotency-Key": key });
  }

  /** @param {string} id @returns {Promise<WholeTicket>} */
  ticket(id) {
    return this.#own("GET", `/tickets/${encodeURIComponent(id)}`);
  }

  /** @param {string} id @param {number} after @returns {Promise<Message[]>} */
  messages(id, after) {
    return this.#own("GET", `/tickets/${encodeURIComponent(id)}/messages?after=${after}&limit=100`);
  }

  /** @param {string} id @param {{body: string, attachmentIds?: string[], clientMessageId: string}} message @returns {Promise<Message>} */
  say(id, message) {
    return this.#own("POST", `/tickets/${encodeURIComponent(id)}/messages`, message);
  }

  /** @param {string} id @param {number} upTo */
  markRead(id, upTo) {
    return this.#own("POST", `/tickets/${encodeURIComponent(id)}/read`, { upTo });
  }

  /** @param {string} id @param {"close"|"reopen"} step @returns {Promise<Ticket>} */
  move(id, step) {
    return this.#own("POST", `/tickets/${encodeURIComponent(id)}/${step}`);
  }

  /** @param {string} ticketId @param {number} rating @param {string} comment @returns {Promise<Feedback>} */
  rate(ticketId, rating, comment) {
    return this.#own("POST", "/feedback", { ticketId, rating, ...(comment && { comment }) });
  }

  /** @param {number} page */
  async calls(page) {
    const { answer, headers } = await this.#read(`/calls${queryOf({ page, limit: 20 })}`);
    return { calls: /** @type {Call[]} */ (answer), total: Number(headers.get("X-Total-Count") ?? answer.length) };
  }

  /** @param {object} call @param {string} key the same at every try @returns {Promise<Call>} */
  askForCall(call, key) {
    return this.#own("POST", "/calls", call, { "Idempotency-Key": key });
  }

  /** @param {boolean} unreadOnly @returns {Promise<Notification[]>} */
  notifications(unreadOnly) {
    return this.#own("GET", `/notifications${queryOf({ unreadOnly: unreadOnly || undefined, limit: 100 })}`);
  }

  /** @param {string} id */
  markNotificationRead(id) {
    return this.#own("PATCH", `/notifications/${id}/read`);
  }

  markAllNotificationsRead() {
    return this.#own("POST", "/notifications/read-all");
  }

  /** @param {string} q @param {number} limit @returns {Promise<Article[]>} */
  articles(q, limit) {
    return this.#own("GET", `/kb${queryOf({ q, limit })}`);
  }

  /** @param {string} slug @param {boolean} helpful */
  judge(slug, helpful) {
    return callServer("POST", address(`api/v1/chat/knowledge-base/${encodeURIComponent(slug)}/feedback`), this.#publicHeaders, { helpful });
  }

  /** @returns {Promise<{token: string}>} */
  streamToken() {
    return this.#own("POST", "/events/token");
  }

  /** What the company calls its support. @returns {Promise<string>} */
  async brand() {
    const { name } = await callServer("GET", address("api/v1/chat/widget"), this.#publicHeaders);
    return String(name ?? "");
  }

  /** All that is kept of the customer. */
  export() {
    return this.#download("/export");
  }

  /** What was said in a ticket, as a text. @param {string} id */
  transcript(id) {
    return this.#download(`/tickets/${encodeURIComponent(id)}/transcript?format=text`);
  }

  /** @param {string} path @returns {Promise<Blob>} */
  async #download(path) {
    const response = await fetch(address(`api/customers/me${path}`), { headers: this.#headers(), credentials: "omit" })
      .catch(() => null);
    if (!response) throw new Failure(0, "UNREACHABLE", "The server cannot be reached", 0);
    if (response.status === 401) this.#refused();
    if (!response.ok) throw failureOf(response, null);
    return response.blob();
  }

  /** Calls without a login find their tenant by its name. @returns {Record<string, string>} */
  get #publicHeaders() {
    return tenant ? { "X-Tenant": tenant } : {};
  }

  /**
   * With XMLHttpRequest, since fetch tells nothing of how far an upload is.
   * @param {File} file @param {(share: number) => void} progressed @param {AbortSignal} signal @returns {Promise<Attachment>}
   */
  upload(file, progressed, signal) {
    const form = new FormData();
    form.set("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", address("api/customers/me/attachments"));
    for (const [name, value] of Object.entries(this.#headers())) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progressed(event.loaded / event.total));
    signal.addEventListener("abort", () => request.abort());
    return new Promise((resolve, reject) => {
      request.addEventListener("load", () => {
        if (request.status === 201) resolve(request.response);
        else {
          if (request.status === 401) this.#refused();
          const error = request.response?.error ?? {};
          reject(new Failure(request.status, error.code ?? "", error.details?.[0]?.message ?? error.message ?? "", 0));
        }
      });
      for (const end of ["error", "abort", "timeout"]) {
        request.addEventListener(end, () => reject(new Failure(0, "UNREACHABLE", "", 0)));
      }
      request.send(form);
    });
  }

  /** @returns {Record<string, string>} */
  #headers() {
    const token = this.#session.login?.token;
    return token ? { Authorization: `Bearer ${token}` } : {};
  }

  /** @param {string} method @param {string} path @param {object} [body] @param {Record<string, string>} [headers] */
  #own(method, path, body, headers) {
    return this.#call(method, `api/customers/me${path}`, body, headers);
  }

  /** @param {string} method @param {string} path @param {object} [body] @param {Record<string, string>} [headers] */
  async #call(method, path, body, headers = {}) {
    try {
      return await callServer(method, address(path), { ...this.#headers(), ...headers }, body);
    } catch (failure) {
      if (failure instanceof Failure && failure.status === 401) this.#refused();
      throw failure;
    }
  }

  /** A list whose length stands in a header. @param {string} path */
  async #read(path) {
    const response = await fetch(address(`api/customers/me${path}`), { headers: this.#headers(), credentials: "omit",
      cache: "no-store", signal: AbortSignal.timeout(20_000) }).catch(() => null);
    if (!response) throw new Failure(0, "UNREACHABLE", "The server cannot be reached", 0);
    const answer = await response.json().catch(() => null);
    if (response.status === 401) this.#refused();
    if (!response.ok) throw failureOf(response, answer);
    if (answer === null) throw new Failure(502, "BROKEN_ANSWER", "The server's answer was not understood", 0);
    return { answer, headers: response.headers };
  }
}

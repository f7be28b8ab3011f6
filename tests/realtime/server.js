// @ts-check
import { ServerProcess } from "../testkit/node/server-process.js";
import { Client } from "./client.js";

export const ADMIN = { email: "ada@example.com", password: "a long enough password" };
export const OPERATOR = { email: "operator@example.com", password: "a long enough password" };

/** @typedef {{id: string, token: string, email: string, password: string}} Person */

/** The real server, and what tests ask it past Socket.IO. */
export class Server extends ServerProcess {
  /** @param {Record<string, string>} [settings] */
  static async start(settings = {}) {
    const server = new Server({
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      PLATFORM_EMAIL: OPERATOR.email,
      PLATFORM_PASSWORD: OPERATOR.password,
      ...settings,
    });
    await server.begin();
    return server;
  }

  /** A client that goes on trying to come back would keep the tests from ending. */
  async stop() {
    Client.closeAll(this.origin);
    await super.stop();
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

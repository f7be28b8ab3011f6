// @ts-check
import { ServerProcess } from "../testkit/node/server-process.js";

export const AGENT = { email: "mara@example.com", password: "a long enough password" };

/** The real server, whose first admin is {@link AGENT}. */
export class Server extends ServerProcess {
  /** @param {Record<string, string>} [settings] */
  static async start(settings = {}) {
    const server = new Server({ ADMIN_EMAIL: AGENT.email, ADMIN_PASSWORD: AGENT.password, ...settings });
    await server.begin();
    return server;
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

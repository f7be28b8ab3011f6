// @ts-check
import { createServer } from "node:net";
import { until } from "./browser.js";

/** @typedef {{to: string[], subject: string, html: string, text: string, headers: Record<string, string>}} Mail */

/** A mail server that keeps what it is given. */
export class Mailbox {
  /** @type {Mail[]} */
  mails = [];
  #server = createServer((socket) => this.#talk(socket));
  /** @type {Set<import("node:net").Socket>} */
  #open = new Set();

  static async start() {
    const mailbox = new Mailbox();
    await new Promise((resolve) => mailbox.#server.listen(0, "127.0.0.1", () => resolve(null)));
    return mailbox;
  }

  async stop() {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** What a server must be told to send its mail here. @returns {Record<string, string>} */
  get settings() {
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
    return { SMTP_SERVER: "127.0.0.1", SMTP_PORT: String(port), SMTP_USE_TLS: "none", FROM_EMAIL: "support@shop.example" };
  }

  /** The mail to somebody whose subject has these words, when it has come. @param {string} to @param {RegExp} subject */
  async find(to, subject) {
    const matches = (/** @type {Mail} */ mail) => mail.to.includes(to) && subject.test(mail.subject);
    await until(`a mail to ${to} about ${subject}; there are: ${this.mails.map((mail) => `${mail.to}: ${mail.subject}`)}`,
      () => this.mails.some(matches), 60_000);
    return /** @type {Mail} */ (this.mails.find(matches));
  }

  /** @param {import("node:net").Socket} socket */
  #talk(socket) {
    this.#open.add(socket);
    socket.on("close", () => this.#open.delete(socket));
    socket.on("error", () => socket.destroy());
    socket.setEncoding("latin1");
    /** @type {string[]} */
    let to = [];
    let rest = "";
    let isContent = false;
    const say = (/** @type {string} */ line) => socket.write(`${line}\r\n`);
    const hear = (/** @type {string} */ line) => {
      const [verb = ""] = line.toUpperCase().split(/[ :]/);
      if (verb === "EHLO" || verb === "HELO") return say("250 mailbox");
      if (verb === "RCPT") to.push(/<(.*?)>/.exec(line)?.[1] ?? "");
      if (verb === "DATA") {
        isContent = true;
        return say("354 go on");
      }
      if (verb === "QUIT") {
        say("221 bye");
        return socket.end();
      }
      return say("250 ok");
    };
    say("220 mailbox");
    socket.on("data", (/** @type {string} */ text) => {
      rest += text;
      for (;;) {
        const end = isContent ? rest.indexOf("\r\n.\r\n") : rest.indexOf("\r\n");
        if (end < 0) return;
        const piece = rest.slice(0, end);
        rest = rest.slice(end + (isContent ? 5 : 2));
        if (!isContent) {
          hear(piece);
          continue;
        }
        isContent = false;
        this.mails.push({ to, ...read(piece.replaceAll("\r\n..", "\r\n.")) });
        to = [];
        say("250 kept");
      }
    });
  }
}

/** @param {string} part @returns {{headers: Record<string, string>, body: string}} */
const split = (part) => {
  const [head = "", ...body] = part.split("\r\n\r\n");
  const lines = head.replaceAll(/\r\n[ \t]+/g, " ").split("\r\n");
  const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]));
  return { headers, body: body.join("\r\n\r\n") };
};

/** @param {string} text */
const quotedPrintable = (text) =>
  Buffer.from(text.replaceAll("=\r\n", "").replaceAll(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16))), "latin1").toString("utf8");

/** @param {string} body @param {string} [encoding] */
const decoded = (body, encoding = "") => {
  if (/base64/i.test(encoding)) return Buffer.from(body, "base64").toString("utf8");
  return /quoted/i.test(encoding) ? quotedPrintable(body) : Buffer.from(body, "latin1").toString("utf8");
};

/** @param {string} subject as RFC 2047 writes what is not ASCII */
const readSubject = (subject) => subject.replaceAll(/\?=\s+=\?/g, "?==?").replaceAll(/=\?utf-8\?([bq])\?(.*?)\?=/gi, (_, kind, text) =>
  kind.toLowerCase() === "b" ? Buffer.from(text, "base64").toString("utf8") : quotedPrintable(text.replaceAll("_", " ")));

/** @param {string} source */
const read = (source) => {
  const { headers, body } = split(source);
  /** @type {Record<string, string>} */
  const found = {};
  const collect = (/** @type {string} */ type, /** @type {string} */ content, /** @type {string|undefined} */ encoding) => {
    const boundary = /boundary="?([^";]+)/i.exec(type)?.[1];
    if (!boundary) {
      found[type.split(";")[0] ?? ""] ??= decoded(content, encoding);
      return;
    }
    for (const part of content.split(`--${boundary}`).slice(1, -1)) {
      const inner = split(part.replace(/^\r\n/, ""));
      collect(inner.headers["content-type"] ?? "text/plain", inner.body, inner.headers["content-transfer-encoding"]);
    }
  };
  collect(headers["content-type"] ?? "text/plain", body, headers["content-transfer-encoding"]);
  return { headers, subject: readSubject(headers["subject"] ?? ""), html: found["text/html"] ?? "", text: found["text/plain"] ?? "" };
};

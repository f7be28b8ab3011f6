// @ts-check
import { createServer } from "node:net";

/** A mail server that takes everything and keeps it. */
export class MailServer {
  /** @type {{to: string[], text: string}[]} */
  mails = [];
  port = 0;
  /** @type {Set<import("node:net").Socket>} */
  #open = new Set();
  #server = createServer((socket) => this.#talk(socket));

  static async start() {
    const mail = new MailServer();
    await new Promise((resolve) => mail.#server.listen(0, "127.0.0.1", () => resolve(null)));
    mail.port = /** @type {import("node:net").AddressInfo} */ (mail.#server.address()).port;
    return mail;
  }

  stop() {
    for (const socket of this.#open) socket.destroy();
    this.#server.close();
  }

  /** @param {import("node:net").Socket} socket */
  #talk(socket) {
    this.#open.add(socket);
    socket.on("close", () => this.#open.delete(socket));
    socket.on("error", () => socket.destroy());
    let buffer = "";
    /** @type {string[]} */
    let to = [];
    let isData = false;
    socket.write("220 here\r\n");
    socket.on("data", (data) => {
      buffer += data.toString("latin1");
      for (let end = buffer.indexOf(isData ? "\r\n.\r\n" : "\r\n"); end >= 0; end = buffer.indexOf(isData ? "\r\n.\r\n" : "\r\n")) {
        const part = buffer.slice(0, end);
        buffer = buffer.slice(end + (isData ? 5 : 2));
        if (isData) {
          this.mails.push({ to, text: part });
          to = [];
          isData = false;
          socket.write("250 kept\r\n");
        } else if (/^EHLO/i.test(part)) socket.write("250-here\r\n250 8BITMIME\r\n");
        else if (/^RCPT TO:/i.test(part)) {
          to.push(part.slice(8).trim());
          socket.write("250 ok\r\n");
        } else if (/^DATA/i.test(part)) {
          isData = true;
          socket.write("354 go on\r\n");
        } else if (/^QUIT/i.test(part)) socket.end("221 bye\r\n");
        else socket.write("250 ok\r\n");
      }
    });
  }
}

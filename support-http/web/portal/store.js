// @ts-check
import { Memory } from "../shared/memory.js";
import { Outbox } from "../shared/outbox.js";
import { Failure } from "../shared/server.js";
import { Thread } from "../shared/thread.js";
import { Api } from "./api.js";
import { routeOf } from "./routes.js";
import { inOwnWords, reasonOf } from "./server-words.js";
import { Stream } from "./stream.js";
import { t } from "./words.js";

/**
 * @typedef {import("./api.js").Message} Message
 * @typedef {import("./api.js").WholeTicket} WholeTicket
 * @typedef {{ticket: string, body: string, files: import("./api.js").Attachment[]}} Words
 * @typedef {{ticket: WholeTicket, thread: Thread<Message>}} Opened
 */

const RENEW_BELOW = 6 * 3_600_000;
const LOOK_EVERY = 5 * 60_000;
const FILES_AGAIN_AFTER = 60_000;
const FILES_OLD_AFTER = 50 * 60_000;

/** What the portal knows, and what keeps it up to date. */
export class Store {
  /** @type {Set<() => void>} */
  #listeners = new Set();
  /** @type {Stream|null} */
  #stream = null;
  /** @type {Outbox<Words>|null} */
  #outbox = null;
  #renewal = 0;
  #customer = "";
  /** When the conversation on the screen was read. */
  #readAt = 0;
  /** Whether it has to be read anew once somebody looks: reading it marks it as read. */
  #isStale = false;

  /** @type {import("./api.js").Profile|null} */
  profile = null;
  /** @type {import("./api.js").Notification[]} */
  notifications = [];
  /** The conversation on the screen. @type {Opened|null} */
  opened = null;
  /** What the company calls its support, where the server tells. */
  brand = "";
  /** Whether the live events come in. */
  isConnected = true;
  /** Whether a login ended by itself. */
  hasEnded = false;
  /** Whether the host application sent a token that is none. */
  isTokenRefused = false;
  /** What was said last, for those who do not see the page. */
  announcement = "";
  /** Counts what changes the lists of requests and calls. */
  listVersion = 0;
  /** Counts how often all was read anew: what could not be read before may be read now. */
  readVersion = 0;

  /** @param {import("./session.js").Session} session */
  constructor(session) {
    this.session = session;
    this.api = new Api(session, () => this.#lose());
    this.drafts = new Memory("localStorage", "support-portal");
  }

  begin() {
    this.session.listen(() => this.#follow());
    window.addEventListener("hashchange", () => this.changed());
    window.addEventListener("online", () => this.#hurry());
    document.addEventListener("visibilitychange", () => this.#look());
    this.#follow();
    this.#readBrand().catch(reasonOf);
  }

  get route() {
    return routeOf(location.hash);
  }

  /** @param {() => void} listener @returns {() => void} ends it */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  changed() {
    for (const listener of this.#listeners) listener();
  }

  /** Says something to those who do not see the page. @param {string} text */
  announce(text) {
    // The same sentence again is read again.
    this.announcement = this.announcement === text ? `${text}\u00a0` : text;
    this.changed();
  }

  get unreadNotifications() {
    return this.notifications.filter((one) => !one.isRead).length;
  }

  /** What is written to a ticket and not known to have arrived. @param {string} ticket */
  unsentOf(ticket) {
    const shown = this.opened?.ticket.id === ticket ? this.opened.thread.messages : [];
    const arrived = new Set(shown.map(({ clientMessageId }) => clientMessageId));
    return this.#outbox?.entries.filter((entry) => entry.content.ticket === ticket && !arrived.has(entry.id)) ?? [];
  }

  get unsentCount() {
    return this.#outbox?.entries.length ?? 0;
  }

  /** @param {Words} words */
  say(words) {
    this.#outbox?.add(words);
  }

  /** @param {import("../shared/outbox.js").Unsent<Words>} entry */
  discard(entry) {
    this.#outbox?.remove(entry);
  }

  /** Reads a conversation and keeps it up to date. @param {string} id */
  async open(id) {
    if (this.opened && this.opened.ticket.id !== id && this.opened.ticket.ticketId !== id) this.opened = null;
    const ticket = await this.api.ticket(id);
    /** @type {Thread<Message>} */
    const thread = this.opened?.ticket.id === ticket.id ? this.opened.thread : new Thread();
    for (const message of ticket.messages) thread.accept(message);
    this.opened = { ticket, thread };
    this.#readAt = Date.now();
    this.#isStale = false;
    this.#markNewsRead(ticket.id);
    this.changed();
    return ticket;
  }

  leave() {
    this.opened = null;
  }

  /** Files' addresses run out after an hour: new ones come with the messages, but not again at once. */
  refreshFiles() {
    if (!this.opened || Date.now() - this.#readAt < FILES_AGAIN_AFTER) return;
    this.open(this.opened.ticket.id).catch(reasonOf);
  }

  /** @param {import("./api.js").Ticket} row */
  update(row) {
    if (this.opened?.ticket.id !== row.id) return;
    Object.assign(this.opened.ticket, row);
    this.changed();
  }

  async #readBrand() {
    this.brand = await this.api.brand();
    this.changed();
  }

  async readProfile() {
    this.profile = await this.api.profile();
    this.changed();
  }

  async readNotifications() {
    this.notifications = await this.api.notifications(false);
    this.changed();
  }

  /** @param {import("./api.js").Notification} notification */
  async markRead(notification) {
    if (notification.isRead) return;
    notification.isRead = true;
    this.changed();
    await this.api.markNotificationRead(notification.id);
  }

  async markAllRead() {
    await this.api.markAllNotificationsRead();
    for (const one of this.notifications) one.isRead = true;
    this.changed();
  }

  async logOut() {
    await this.api.logOut().catch((failure) => {
      if (!(failure instanceof Failure)) throw failure;
    });
    for (const start of ["unsent/", "draft/"]) {
      for (const name of this.drafts.names(start)) this.drafts.forget(name);
    }
    if (this.#customer) {
      const own = this.#memoryOf(this.#customer);
      for (const name of own.names("")) own.forget(name);
    }
    this.hasEnded = false;
    this.session.end();
    location.hash = "#/";
  }

  /** Drafts of this customer. */
  get memory() {
    return this.#memoryOf(this.#customer);
  }

  /** @param {string} customer */
  #memoryOf(customer) {
    return new Memory("localStorage", `support-portal|${customer}`);
  }

  /** The login began or ended, here or in another tab. */
  #follow() {
    const customer = this.session.login?.customer ?? "";
    if (customer === this.#customer) {
      this.changed();
      return;
    }
    this.#stop();
    this.#customer = customer;
    if (customer) this.#start(customer);
    this.changed();
  }

  /** @param {string} customer */
  #start(customer) {
    this.hasEnded = false;
    const outbox = new Outbox(this.#memoryOf(customer), (entry) => this.#send(entry), () => this.changed());
    this.#outbox = outbox;
    this.#stream = new Stream(this.api, (name, data) => this.#hear(name, data));
    void this.#stream.run();
    void outbox.deliver();
    this.#read();
    void this.#renew();
    this.#renewal = window.setInterval(() => this.#renew(), LOOK_EVERY);
  }

  #stop() {
    clearInterval(this.#renewal);
    this.#stream?.stop();
    this.#stream = null;
    this.#outbox = null;
    this.profile = null;
    this.notifications = [];
    this.opened = null;
    this.isConnected = true;
    this.announcement = "";
  }

  /** A call was refused: the login no longer holds. What was written stays. */
  #lose() {
    if (!this.#customer) return;
    this.hasEnded = true;
    this.session.end();
  }

  #hurry() {
    this.#stream?.hurry();
    this.#outbox?.hurry();
  }

  /** Looked at again: what came in meanwhile is read now. */
  #look() {
    if (document.hidden) return;
    this.#hurry();
    if (this.opened && this.#isStale) this.open(this.opened.ticket.id).catch(reasonOf);
    else if (this.opened) void this.#markRead();
    if (Date.now() - this.#readAt > FILES_OLD_AFTER) this.refreshFiles();
  }

  /** All that is not a page's own, once more. Failures pass: the stream's next beginning reads again. */
  #read() {
    const ignore = (/** @type {unknown} */ failure) => {
      if (!(failure instanceof Failure)) throw failure;
    };
    this.readProfile().catch(ignore);
    this.readNotifications().catch(ignore);
    this.readVersion += 1;
    if (this.opened && !document.hidden) this.open(this.opened.ticket.id).catch(ignore);
    else this.#isStale = true;
    this.#listsChanged();
  }

  #listsChanged() {
    this.listVersion += 1;
    this.changed();
  }

  async #renew() {
    const login = this.session.login;
    if (!login || login.expiresAt - Date.now() > RENEW_BELOW) return;
    try {
      const { token } = await this.api.refresh();
      this.session.begin(token);
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
    }
  }

  /** @param {import("../shared/outbox.js").Unsent<Words>} entry @returns {Promise<boolean>} */
  async #send(entry) {
    const { ticket, body, files } = entry.content;
    const outbox = this.#outbox;
    try {
      const posted = await this.api.say(ticket, { body, clientMessageId: entry.id,
        ...(files.length > 0 && { attachmentIds: files.map((file) => file.id) }) });
      this.#accept(ticket, posted);
    } catch (failure) {
      // Kept for when the login is there again.
      if (failure instanceof Failure && failure.status === 401) return false;
      throw failure;
    }
    outbox?.remove(entry);
    return true;
  }

  /** @param {string} ticket the id it was written to @param {Message} posted */
  #accept(ticket, posted) {
    const { opened } = this;
    if (opened?.ticket.id === ticket && posted.ticketId === opened.ticket.ticketId) {
      opened.thread.accept(posted);
      return;
    }
    if (!posted.previousTicketId) return;
    if (opened?.ticket.id === ticket) location.hash = `#/requests/${posted.ticketId}`;
    this.announce(t("request.followed", { old: posted.previousTicketId, number: posted.ticketId }));
  }

  /** @param {string} name @param {any} data */
  #hear(name, data) {
    if (name === "lost") {
      this.isConnected = false;
      this.changed();
      return;
    }
    if (!this.isConnected) {
      this.isConnected = true;
      this.#outbox?.hurry();
      this.changed();
    }
    if (name === "connected" || name === "reset") this.#read();
    if (name === "ticket_created" || name === "call_requested") this.#listsChanged();
    if (name === "new_message") this.#hearMessage(data.ticketId, data.message);
    if (name === "status_change") this.#hearStatus(data);
    if (name === "notification") this.#hearNews(data.notification);
  }

  /** @param {string} number @param {Message} message */
  #hearMessage(number, message) {
    this.#listsChanged();
    const { opened } = this;
    if (opened?.ticket.ticketId !== number) return;
    const isNew = opened.thread.accept(message);
    const own = this.#outbox?.entries.find(({ id }) => id === message.clientMessageId);
    if (own) this.#outbox?.remove(own);
    if (isNew && message.sender !== "customer") {
      const text = message.sender === "system" ? inOwnWords(message.body)
        : t("request.said", { name: message.senderName, text: message.body || t("request.attachment", { n: message.attachments?.length ?? 1 }) });
      this.announce(text);
      if (!document.hidden) void this.#markRead();
    }
    this.changed();
  }

  /** @param {{id: string, status: string}} moved */
  #hearStatus(moved) {
    this.#listsChanged();
    if (this.opened?.ticket.id !== moved.id) return;
    this.opened.ticket.status = moved.status;
    this.changed();
  }

  /** @param {import("./api.js").Notification} notification */
  #hearNews(notification) {
    if (this.notifications.some((one) => one.id === notification.id)) return;
    this.notifications = [notification, ...this.notifications];
    if (this.opened && notification.ticketId === this.opened.ticket.id && !document.hidden) this.#markNewsRead(this.opened.ticket.id);
    this.changed();
  }

  async #markRead() {
    const { opened } = this;
    if (!opened || opened.thread.lastSeq === 0) return;
    this.#markNewsRead(opened.ticket.id);
    try {
      await this.api.markRead(opened.ticket.id, opened.thread.lastSeq);
      this.#listsChanged();
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
    }
  }

  /** Who reads a conversation needs no telling of it. @param {string} ticket */
  #markNewsRead(ticket) {
    for (const one of this.notifications.filter((news) => news.ticketId === ticket && !news.isRead)) {
      this.markRead(one).catch((failure) => {
        if (!(failure instanceof Failure)) throw failure;
      });
    }
  }
}

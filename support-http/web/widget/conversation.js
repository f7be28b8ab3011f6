// @ts-check
import { Memory } from "../shared/memory.js";
import { Outbox } from "../shared/outbox.js";
import { Failure } from "../shared/server.js";
import { Thread } from "../shared/thread.js";
import { Server } from "./server.js";
import { Stream } from "./stream.js";

/**
 * @typedef {import("../shared/thread.js").Message} Message
 * @typedef {object} Content
 * @property {string} text
 * @property {Record<string, any>|null} opening what an opening message says of its sender
 * @property {{url: string, name: string, type: string, size: number}} [file]
 * @typedef {import("../shared/outbox.js").Unsent<Content>} Unsent
 * @typedef {{name: string, email: string, phone?: string, externalId?: string, hash?: string}} Visitor
 * @typedef {object} Listener
 * @property {() => void} changed
 * @property {(message: Message) => void} heard the team or a bot said something just now
 */

const TYPING_RENEWAL = 3_000;
const TYPING_LAPSE = 6_000;
const PAGE_OF_MESSAGES = 100;
const MOST_OF_HISTORY = 200;
/** Addresses of files are good for an hour. */
const FRESH_FOR = 45 * 60_000;

/** One visitor's side of a chat: what is known of it, and what the visitor can do. */
export class Conversation {
  thread = new Thread();
  /** @type {string|null} */
  sessionId;
  /** @type {"ACTIVE"|"WAITING"|"RESOLVED"|"CLOSED"|null} */
  status = null;
  /** @type {{id: string, name: string}|null} */
  assignedTo = null;
  /** @type {number|null} */
  rating = null;
  chatId = "";
  department = "";
  /** @type {string|undefined} in which the visitor wants to be answered, where that was said and is not guessed */
  language;
  /** @type {Record<string, unknown>} what the host page says of its visitor */
  attributes = {};
  /** @type {import("./visit.js").Visit|null} */
  visit = null;
  connected = true;
  typingUntil = 0;
  seenUpTo = 0;
  /** Whether the session that this was opened with is no longer good. */
  isGone = false;
  /** @type {Stream|null} */
  #stream = null;
  #syncing = false;
  #syncAgain = false;
  /** Up to here the whole thread was read; single messages beyond it may be known without their neighbours. */
  #wholeUpTo = 0;
  #typingSentAt = 0;
  #readSent = 0;
  #sendingRead = false;
  #readAt = 0;
  /** @type {string|null} the chat whose server knows who the visitor is */
  #provenFor = null;
  /** @type {string|null} the session that this was opened with */
  #given;

  /** @param {import("./server.js").Home} home @param {Listener} listener */
  constructor(home, { changed, heard }) {
    this.server = new Server(home);
    // What a link opens is nothing to remember on this device, where the visitor may have a chat of their own.
    this.memory = home.session
      ? new Memory("sessionStorage", `support-conversation|${home.session.slice(-43)}`)
      : new Memory("localStorage", `support-widget|${home.origin.href}|${home.tenant}`);
    this.changed = changed;
    this.heard = heard;
    this.#given = home.session ?? null;
    if (this.#given && !this.memory.read("session")) this.memory.write("session", this.#given);
    this.sessionId = this.memory.read("session");
    this.readUpTo = Number(this.memory.read("read") ?? 0);
    /** @type {Visitor} */
    this.visitor = this.memory.read("visitor") ?? { name: "", email: "" };
    this.outbox = new Outbox(this.memory, (/** @type {Unsent} */ entry, keep) => this.#post(entry, keep), changed);
  }

  start() {
    if (this.sessionId) this.#listen(this.sessionId);
    void this.outbox.deliver();
    window.addEventListener("online", () => this.hurry());
    window.addEventListener("storage", (event) => {
      if (event.key === this.memory.key("session")) this.#adopt(this.memory.read("session"));
      if (event.key === this.memory.key("read")) this.#readElsewhere(Number(this.memory.read("read") ?? 0));
    });
  }

  hurry() {
    this.#stream?.hurry();
    this.outbox.hurry();
    if (this.sessionId && this.#readAt && Date.now() - this.#readAt > FRESH_FOR) this.readAnew();
  }

  /** Reads all of it once more: what it says of files is good for an hour only. */
  readAnew() {
    this.#wholeUpTo = 0;
    void this.#sync();
  }

  /** Whether nothing of this chat can have reached the server yet. */
  get isNew() {
    return !this.#given && !this.sessionId && this.outbox.entries.every((entry) => entry.failure);
  }

  get isOver() {
    return this.status === "RESOLVED" || this.status === "CLOSED";
  }

  get unread() {
    return this.thread.messages.filter((message) => message.seq > this.readUpTo && isFromTeam(message)).length;
  }

  /** Whether a bot answers, and nobody was asked for yet. */
  get isLedByBot() {
    const { messages } = this.thread;
    return !this.assignedTo && !this.isOver && this.memory.read("person") !== this.sessionId &&
      messages.some(({ sender }) => sender === "BOT") && !messages.some(({ sender }) => sender === "ADMIN");
  }

  /** Unsent messages to show: the one under way may have come back as an event before its acknowledgement. */
  get pending() {
    return this.outbox.entries.filter((entry) => !this.thread.messages.some((message) =>
      message.sender === "VISITOR" && (message.clientMessageId
        ? message.clientMessageId === entry.id
        : entry.after !== null && message.seq > entry.after && message.message === entry.content.text)));
  }

  /** @param {Visitor} visitor */
  introduce(visitor) {
    if (visitor.hash !== this.visitor.hash) this.#provenFor = null;
    this.visitor = visitor;
    this.memory.write("visitor", visitor);
  }

  /** @param {string} text @param {Content["file"]} [file] @param {string} [id] of a message that may be said twice */
  say(text, file, id) {
    this.#typingSentAt = 0;
    this.outbox.add({ text, opening: null, file }, id);
  }

  /** A refused message was not stored, so it goes out as a new one. @param {Unsent} entry */
  sayAgain(entry) {
    this.outbox.remove(entry);
    this.say(entry.content.text, entry.content.file);
  }

  /** @param {boolean} isTyping */
  type(isTyping) {
    if (!this.sessionId || (!isTyping && this.#typingSentAt === 0)) return;
    if (isTyping && Date.now() - this.#typingSentAt < TYPING_RENEWAL) return;
    this.#typingSentAt = isTyping ? Date.now() : 0;
    // Typing lapses by itself, so a lost call needs no second try.
    this.server.post("api/v1/chat/typing", { sessionId: this.sessionId, isTyping }).catch(() => {});
  }

  /** The visitor has the thread before their eyes. */
  look() {
    const last = this.thread.lastSeq;
    if (last > this.readUpTo) {
      this.readUpTo = last;
      this.memory.write("read", last);
      this.changed();
    }
    void this.#sendRead();
  }

  /** Leaves a closed chat behind; messages it refused open the next one. */
  startAnew() {
    // Another tab may have begun the next chat already.
    const begun = this.memory.read("session");
    if (begun && begun !== this.sessionId) this.#adopt(begun);
    else this.#forget();
    for (const entry of this.outbox.entries) entry.after = null;
    void this.outbox.deliver();
  }

  /** @param {string} call @param {object} body @returns {Promise<any>} */
  ask(call, body) {
    return this.server.post(`api/v1/chat/${call}`, { sessionId: this.sessionId, ...body });
  }

  /** @param {number} stars @param {string} comment */
  async rate(stars, comment) {
    try {
      await this.ask("rate", comment ? { rating: stars, comment } : { rating: stars });
    } catch (failure) {
      // In another tab, or by the link of a mail.
      if (!(failure instanceof Failure) || failure.code !== "ALREADY_RATED") throw failure;
    }
    this.rating = stars;
    this.changed();
  }

  /** Leaves the bot: people get what was said, and the talk goes on with them. @param {string} request */
  async askForPerson(request) {
    const { sessionId, chatId, visitor, department } = this;
    if (!sessionId) return;
    const history = this.thread.messages.filter(({ sender }) => sender === "VISITOR" || sender === "BOT")
      .slice(-MOST_OF_HISTORY).map(({ sender, message, fileName, createdAt }) =>
        ({ role: sender === "BOT" ? "bot" : "customer", content: message || fileName, at: createdAt }));
    const made = await this.server.post("human-support/request", {
      session_id: chatId, initial_message: request, history, department: department || undefined,
      user_name: visitor.name || undefined, user_email: visitor.email || undefined,
    }, { "Idempotency-Key": `${chatId}-${this.thread.lastSeq}` });
    this.memory.write("person", made.user_token);
    this.memory.write("session", made.user_token);
    this.memory.forget("read");
    this.#adopt(made.user_token, true);
    await this.server.post("api/v1/chat/close", { sessionId }).catch(() => {});
  }

  /** Another person on this device: nothing of the one before stays. */
  reset() {
    for (const entry of this.outbox.entries) this.outbox.remove(entry);
    for (const name of ["visitor", "person"]) this.memory.forget(name);
    this.visitor = { name: "", email: "" };
    this.attributes = {};
    this.department = "";
    this.visit?.forget();
    this.#forget();
  }

  async #sendRead() {
    if (this.#sendingRead || !this.sessionId || this.status === "CLOSED") return;
    this.#sendingRead = true;
    try {
      while (this.sessionId && this.#readSent < this.readUpTo) {
        const upTo = this.readUpTo;
        await this.server.post("api/v1/chat/read", { sessionId: this.sessionId, upTo });
        this.#readSent = upTo;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    } catch {
      // The next look or the next sync tells it again.
    } finally {
      this.#sendingRead = false;
    }
  }

  /** @param {Unsent} entry @param {() => void} keep */
  async #post(entry, keep) {
    if (this.status === "CLOSED" || this.isGone) return false;
    const sessionId = this.sessionId;
    // While the thread is not read yet, an old message could be taken for this one.
    if (entry.after === null && (!sessionId || this.#wholeUpTo > 0)) {
      entry.after = this.thread.lastSeq;
      keep();
    }
    try {
      const answer = sessionId ? await this.#continueChat(sessionId, entry) : await this.#openChat(entry, keep);
      // The visitor may have left for a new chat meanwhile: then only the message is done with.
      if (this.sessionId === answer.sessionId) this.#take(answer);
      this.outbox.remove(entry);
      return true;
    } catch (failure) {
      if (!(failure instanceof Failure) || !sessionId) throw failure;
      if (failure.code === "TICKET_CLOSED") {
        this.status = "CLOSED";
        entry.after = null;
        keep();
        return false;
      }
      if (!this.#isUnknown(failure)) throw failure;
      if (this.sessionId === sessionId) this.#lose();
      entry.after = null;
      return !this.isGone;
    }
  }

  /** @param {string} sessionId @param {Unsent} entry */
  async #continueChat(sessionId, { id, content: { text, file } }) {
    const carried = file && { fileUrl: file.url, messageType: file.type.startsWith("image/") ? "IMAGE" : "FILE" };
    const identity = this.#provenFor === sessionId ? undefined : this.#identity();
    const answer = await this.server.post("api/v1/chat", { sessionId, message: text, clientMessageId: id, identity, ...carried });
    this.#provenFor = sessionId;
    return answer;
  }

  /**
   * Before there is a session nothing but the idempotency key tells a repeated opening from a second chat, and the
   * key asks for the same body each time: who the visitor is gets fixed at the first try.
   * @param {Unsent} entry @param {() => void} keep
   */
  async #openChat(entry, keep) {
    if (!entry.content.opening) {
      entry.content.opening = this.#introduction();
      keep();
    }
    const body = { ...entry.content.opening, message: entry.content.text, clientMessageId: entry.id };
    const answer = await this.server.post("api/v1/chat", body, { "Idempotency-Key": entry.id });
    this.sessionId = this.#provenFor = answer.sessionId;
    this.memory.write("session", answer.sessionId);
    this.#listen(answer.sessionId);
    return answer;
  }

  #introduction() {
    const { name, email, phone } = this.visitor;
    return {
      visitorName: name || undefined, visitorEmail: email || undefined, visitorPhone: phone || undefined,
      department: this.department || undefined, language: this.language,
      context: this.visit?.context(),
      identity: this.#identity(),
      metadata: Object.keys(this.attributes).length > 0 ? this.attributes : undefined,
    };
  }

  /** What the host's server has signed; a chat that began without it is claimed by it. */
  #identity() {
    const { name, email, phone, externalId, hash } = this.visitor;
    return hash ? { externalId, hash, name: name || undefined, email: email || undefined, phone: phone || undefined } : undefined;
  }

  /** @param {any} answer */
  #take(answer) {
    this.chatId = answer.chatId;
    this.assignedTo = answer.assignedTo ?? null;
    if (answer.rating !== undefined) this.rating = answer.rating;
    if (answer.message) this.#accept(answer.message);
    for (const message of answer.messages ?? []) this.#accept(message);
    this.#become(answer.status);
    this.changed();
  }

  /** @param {Message} message */
  #accept(message) {
    if (!message || !Number.isInteger(message.seq)) return;
    if (message.sender === "VISITOR" && message.isRead) this.seenUpTo = Math.max(this.seenUpTo, message.seq);
    if (message.sender === "ADMIN") this.typingUntil = 0;
    const isNews = this.thread.accept(message) && this.#wholeUpTo > 0 && message.seq > this.readUpTo;
    if (isNews && isFromTeam(message)) this.heard(message);
  }

  /** @param {Conversation["status"]} status */
  #become(status) {
    // What was resolved anew may be rated anew.
    if (this.isOver && (status === "ACTIVE" || status === "WAITING")) this.rating = null;
    this.status = status;
    // Another tab has left this chat for the next one.
    if (status === "CLOSED" && !this.#given) this.#adopt(this.memory.read("session"));
  }

  /**
   * Joins the chat of another tab, unless there still is one here.
   * @param {string|null} sessionId @param {boolean} [isOwn] whether it was begun here
   */
  #adopt(sessionId, isOwn = false) {
    if (!sessionId || sessionId === this.sessionId || (this.sessionId && this.status !== "CLOSED" && !isOwn)) return;
    this.#leave();
    this.sessionId = sessionId;
    this.readUpTo = Number(this.memory.read("read") ?? 0);
    this.#listen(sessionId);
    this.changed();
  }

  /** @param {number} upTo */
  #readElsewhere(upTo) {
    if (this.memory.read("session") !== this.sessionId || upTo <= this.readUpTo) return;
    this.readUpTo = upTo;
    this.changed();
  }

  /** @param {string} sessionId */
  #listen(sessionId) {
    this.#stream?.stop();
    this.#stream = new Stream(this.server, sessionId, (name, data) => this.#hear(name, data));
    this.#stream.start();
    void this.#sync();
  }

  /** @param {string} name @param {any} data */
  #hear(name, data) {
    if (name === "lost") this.connected = false;
    else this.connected = true;
    if (name === "connected") {
      this.outbox.hurry();
      void this.#sync();
    }
    if (name === "reset") {
      this.#wholeUpTo = 0;
      void this.#sync();
    }
    if (name === "message") this.#accept(data);
    if (name === "status") {
      this.assignedTo = data.assignedTo ?? null;
      this.#become(data.status);
    }
    if (name === "agent_assigned") this.assignedTo = data.agent;
    if (name === "read" && data.sender !== "VISITOR") this.seenUpTo = Math.max(this.seenUpTo, data.upTo);
    if (name === "typing" && data.sender !== "VISITOR") this.#hearTyping(data.isTyping);
    this.changed();
  }

  /** @param {boolean} isTyping */
  #hearTyping(isTyping) {
    this.typingUntil = isTyping ? Date.now() + TYPING_LAPSE : 0;
    if (isTyping) setTimeout(this.changed, TYPING_LAPSE + 50);
  }

  /**
   * Reads what came after the last message read so: the stream's replay is not the only way to catch up.
   */
  async #sync() {
    if (this.#syncing) {
      this.#syncAgain = true;
      return;
    }
    this.#syncing = true;
    const sessionId = this.sessionId;
    try {
      for (let isWhole = false; !isWhole && sessionId;) {
        const after = this.#wholeUpTo;
        const answer = await this.server.get("api/v1/chat", after ? { sessionId, after } : { sessionId });
        if (this.sessionId !== sessionId) break;
        this.#take(answer);
        if (this.sessionId !== sessionId) break;
        const messages = answer.messages ?? [];
        this.#wholeUpTo = messages.at(-1)?.seq ?? after;
        isWhole = messages.length < PAGE_OF_MESSAGES;
        this.#readAt = Date.now();
      }
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      if (this.#isUnknown(failure) && this.sessionId === sessionId) {
        this.#lose();
      }
    } finally {
      this.#syncing = false;
    }
    if (!this.#syncAgain) return;
    this.#syncAgain = false;
    await this.#sync();
  }

  /** Whether nobody knows the session; a link that names no tenant is as little good. @param {Failure} failure */
  #isUnknown(failure) {
    return failure.status === 404 && (this.#given !== null || failure.code !== "TENANT_NOT_FOUND");
  }

  /** The server knows nothing of this chat any more. */
  #lose() {
    this.isGone = this.sessionId === this.#given;
    this.#forget();
  }

  #forget() {
    // What another tab has begun since is not this chat's to forget.
    if (this.memory.read("session") === this.sessionId) {
      for (const name of ["session", "read"]) this.memory.forget(name);
    }
    this.#leave();
    this.changed();
  }

  #leave() {
    this.#stream?.stop();
    this.#stream = null;
    this.sessionId = null;
    this.status = null;
    this.assignedTo = null;
    this.rating = null;
    this.connected = true;
    this.typingUntil = 0;
    this.thread = new Thread();
    this.seenUpTo = 0;
    this.readUpTo = 0;
    this.#readSent = 0;
    this.#wholeUpTo = 0;
  }
}

/** @param {Message} message */
const isFromTeam = ({ sender }) => sender === "ADMIN" || sender === "BOT";

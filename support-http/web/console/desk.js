// @ts-check
import { Memory } from "../shared/memory.js";
import { Outbox } from "../shared/outbox.js";
import { backoff, Pause } from "../shared/retry.js";
import { Failure } from "../shared/server.js";
import { isNote } from "../shared/thread.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";

/**
 * @typedef {import("./api.js").Chat} Chat
 * @typedef {import("./api.js").ChatStatus} ChatStatus
 * @typedef {{chatId: string, text: string, isNote: boolean}} Content
 * @typedef {import("../shared/outbox.js").Unsent<Content>} Unsent
 */

const TYPING_RENEWAL = 3_000;
const LIVE_PAGES = 10;

/** What an agent does at the console, and what the server tells meanwhile. */
export class Desk {
  #api;
  #stream;
  #pause = new Pause();
  #isStopped = false;
  #isLoading = false;
  #loadAgain = false;
  #typingSentAt = 0;
  #isSendingRead = false;
  /** @type {Set<string>} */
  #fetching = new Set();

  /**
   * @param {import("./api.js").Api} api @param {import("./session.js").User} user
   * @param {() => void} refused called when the login no longer holds
   */
  constructor(api, user, refused) {
    this.#api = api;
    this.refused = refused;
    this.store = new Store(user);
    this.#stream = new Stream(api, (name, data) => this.#hear(name, data));
    this.memory = new Memory("sessionStorage", `support-console|${user.id}`);
    this.outbox = new Outbox(this.memory, (/** @type {Unsent} */ entry, keep) => this.#post(entry, keep),
      () => this.store.changed());
  }

  start() {
    void this.#stream.run();
    void this.load();
    void this.outbox.deliver();
  }

  stop() {
    this.#isStopped = true;
    this.#stream.stop();
    this.#pause.skip();
    this.outbox.hurry();
  }

  hurry() {
    this.#stream.hurry();
    this.#pause.skip();
    this.outbox.hurry();
  }

  /** Reads the list, and the chat that is open, until it succeeds. */
  async load() {
    this.#loadAgain = true;
    if (this.#isLoading) return;
    this.#isLoading = true;
    for (let attempt = 0; this.#loadAgain && !this.#isStopped; attempt += 1) {
      this.#loadAgain = false;
      try {
        await this.#loadChats();
        if (this.store.selectedId) await this.#fetchChat(this.store.selectedId);
        attempt = 0;
      } catch (failure) {
        if (!(failure instanceof Failure)) throw failure;
        this.#loadAgain = failure.passes;
        if (!failure.passes) this.#notice(failure);
        else await this.#pause.wait(Math.max(failure.retryAfter, backoff(attempt)));
      }
    }
    this.#isLoading = false;
  }

  /** @param {string|null} chatId */
  async select(chatId) {
    this.store.selectedId = chatId;
    this.store.notice = "";
    this.#typingSentAt = 0;
    this.store.changed();
    if (chatId) await this.#attempt(() => this.#fetchChat(chatId));
  }

  /** @param {string} chatId @param {string} text @param {boolean} isNote */
  answer(chatId, text, isNote) {
    this.#typingSentAt = 0;
    this.outbox.add({ chatId, text, isNote });
  }

  /** A refused answer was not stored, so it goes out as a new one. @param {Unsent} entry */
  answerAgain(entry) {
    this.outbox.remove(entry);
    this.outbox.add(entry.content);
  }

  /** @param {string} chatId */
  take(chatId) {
    return this.#change(chatId, { assignedTo: this.store.user.id });
  }

  /** @param {string} chatId @param {ChatStatus} status */
  setStatus(chatId, status) {
    return this.#change(chatId, { status });
  }

  /** @param {string} chatId @param {boolean} isTyping */
  type(chatId, isTyping) {
    if (!isTyping && this.#typingSentAt === 0) return;
    if (isTyping && Date.now() - this.#typingSentAt < TYPING_RENEWAL) return;
    this.#typingSentAt = isTyping ? Date.now() : 0;
    // Typing lapses by itself, so a lost call needs no second try.
    this.#api.typing(chatId, isTyping).catch(() => {});
  }

  /** The agent has the open chat before their eyes. */
  look() {
    const chat = this.store.selected;
    if (!chat) return;
    const last = this.store.lastFromVisitor(chat.chatId);
    if (last > (this.store.readUpTo.get(chat.chatId) ?? 0)) void this.#sendRead(chat.chatId, last);
  }

  /** Unsent answers to show: the one under way may have come back as an event before its acknowledgement. @param {string} chatId */
  pending(chatId) {
    const messages = this.store.threads.get(chatId)?.messages ?? [];
    return this.outbox.entries.filter((entry) => entry.content.chatId === chatId && !messages.some((message) =>
      message.sender === "ADMIN" && (message.clientMessageId
        ? message.clientMessageId === entry.id
        : entry.after !== null && message.seq > entry.after && message.message === entry.content.text &&
          isNote(message) === entry.content.isNote)));
  }

  /** @param {string} chatId @param {number} upTo */
  async #sendRead(chatId, upTo) {
    if (this.#isSendingRead) return;
    this.#isSendingRead = true;
    try {
      await this.#api.read(chatId, upTo);
      this.store.readUpTo.set(chatId, upTo);
      this.store.clearUnread(chatId);
      await new Promise((resolve) => setTimeout(resolve, 300));
    } catch {
      // Not urgent enough to press a server that is away: the next look tells it again.
      await new Promise((resolve) => setTimeout(resolve, 3_000));
    } finally {
      this.#isSendingRead = false;
      if (!this.#isStopped) this.store.changed();
    }
  }

  /** @param {Unsent} entry @param {() => void} keep */
  async #post(entry, keep) {
    if (this.#isStopped) return false;
    const { chatId, text, isNote } = entry.content;
    if (entry.after === null) {
      entry.after = this.store.threads.get(chatId)?.lastSeq ?? null;
      keep();
    }
    try {
      const { message } = await this.#api.answer({ chatId, message: text, isNote, clientMessageId: entry.id });
      this.store.acceptMessage(chatId, message);
      this.outbox.remove(entry);
      return true;
    } catch (failure) {
      // It waits for the next login: nothing is wrong with the answer.
      if (failure instanceof Failure && failure.status === 401) return false;
      throw failure;
    }
  }

  /** @param {string} chatId @param {{status?: ChatStatus, assignedTo?: string}} change */
  #change(chatId, change) {
    return this.#attempt(async () => {
      const { chat } = await this.#api.change(chatId, change);
      this.store.acceptChat(chat);
    });
  }

  /** @param {() => Promise<void>} action */
  async #attempt(action) {
    try {
      await action();
      this.store.notice = "";
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      this.#notice(failure);
    }
    this.store.changed();
  }

  /** @param {Failure} failure */
  #notice(failure) {
    if (failure.status === 401) return;
    this.store.notice = failure.message;
    this.store.changed();
  }

  async #loadChats() {
    const before = new Set(this.store.chats.keys());
    /** @type {[ChatStatus, number][]} */
    const wanted = [["ACTIVE", LIVE_PAGES], ["WAITING", LIVE_PAGES], ["RESOLVED", 1], ["CLOSED", 1]];
    const lists = await Promise.all(wanted.map(([status, pages]) => this.#loadList(status, pages)));
    const chats = lists.flat();
    for (const chat of chats) this.store.acceptChat(chat);
    this.store.keepOnly(before, chats);
    this.store.isLoaded = true;
    this.store.changed();
  }

  /** @param {ChatStatus} status @param {number} pages */
  async #loadList(status, pages) {
    /** @type {Chat[]} */
    const chats = [];
    for (let page = 1; page <= pages; page += 1) {
      const answer = await this.#api.chats(status, page);
      chats.push(...answer.chats);
      if (!answer.pagination.hasNextPage) break;
    }
    return chats;
  }

  /** @param {string} chatId */
  async #fetchChat(chatId) {
    const { chat, messages } = await this.#api.chat(chatId).catch((failure) => this.#lose(chatId, failure));
    this.store.acceptChat(chat);
    this.store.acceptThread(chatId, messages);
  }

  /** A row may outlive the right to see its chat. @param {string} chatId @param {unknown} failure @returns {never} */
  #lose(chatId, failure) {
    if (!(failure instanceof Failure) || failure.status !== 404) throw failure;
    this.store.forgetChat(chatId);
    throw new Failure(failure.status, failure.code, "This chat is in other hands or does not exist", 0);
  }

  /** A message of a chat that the list does not have. @param {string} chatId */
  async #discover(chatId) {
    if (this.#fetching.has(chatId)) return;
    this.#fetching.add(chatId);
    try {
      this.store.acceptChat((await this.#api.chat(chatId)).chat);
    } catch {
      // Another department's, or the server went away: the next list has it if it is ours.
    } finally {
      this.#fetching.delete(chatId);
    }
  }

  /** @param {string} name @param {any} data */
  #hear(name, data) {
    if (name === "refused") return this.refused();
    this.store.isConnected = name !== "lost";
    if (name === "connected" || name === "reset") {
      this.outbox.hurry();
      void this.load();
    }
    if (name === "chat") this.store.acceptChat(data.chat);
    if (name === "message" && !this.store.acceptMessage(data.chatId, data.message)) void this.#discover(data.chatId);
    if (name === "typing" && data.sender === "VISITOR") this.store.acceptTyping(data.chatId, data.isTyping);
    if (name === "read") this.#hearRead(data);
    if (name === "presence" && data.userId === this.store.user.id && data.status) this.store.availability = data.status;
    this.store.changed();
  }

  /** @param {{chatId: string, sender: string, upTo: number}} read */
  #hearRead(read) {
    if (read.sender === "VISITOR") return this.store.acceptSeen(read.chatId, read.upTo);
    if (this.store.lastFromVisitor(read.chatId) <= read.upTo) this.store.clearUnread(read.chatId);
  }
}


// @ts-check
import { isNote, Thread } from "../shared/thread.js";

/**
 * @typedef {import("./api.js").Chat} Chat
 * @typedef {import("../shared/thread.js").Message} Message
 * @typedef {"open"|"waiting"|"unassigned"|"mine"|"resolved"|`department:${string}`} Filter
 * @typedef {{id: number, kind: "problem"|"done", text: string}} Toast
 * @typedef {{query: string, chatIds: string[], cursor: string|null, isLoading: boolean}} Search
 */

const TYPING_LAPSE = 6_000;
const DONE_LAPSE = 5_000;

/** @param {Chat} chat */
export const isLive = (chat) => chat.status === "ACTIVE" || chat.status === "WAITING";

/** What the console knows. It merges what it is told, in whatever order and however often that comes. */
export class Store {
  /** @type {Map<string, Chat>} */
  chats = new Map();
  /** @type {Map<string, Thread>} */
  threads = new Map();
  /** @type {Map<string, number>} when the visitor's typing lapses */
  typing = new Map();
  /** @type {Map<string, number>} up to which message the visitor has read */
  seen = new Map();
  /** @type {Map<string, number>} the last message of the visitor that was heard of, also where the thread is not read */
  heardFromVisitor = new Map();
  /** @type {Map<string, number>} up to which message the server knows that we have read */
  readUpTo = new Map();
  /** @type {Map<string, import("./api.js").Viewer[]>} which colleagues look at a chat */
  viewers = new Map();
  /** @type {import("./api.js").Agent[]} */
  agents = [];
  /** @type {import("./api.js").Department[]} */
  departments = [];
  /** @type {Filter} */
  filter = "open";
  /** @type {Search|null} */
  search = null;
  /** @type {Map<string, Chat>} what was found and is in no list */
  #found = new Map();
  /** @type {Toast[]} */
  toasts = [];
  #lastToast = 0;
  /** @type {string|null} */
  selectedId = null;
  /** @type {import("./api.js").Availability|null} */
  availability = null;
  isConnected = false;
  isLoaded = false;
  isLoadingMore = false;
  hasMoreResolved = false;
  #isChanged = false;
  /** @type {Set<() => void>} */
  #listeners = new Set();

  /** @param {import("./session.js").User} user */
  constructor(user) {
    this.user = user;
  }

  /** @param {() => void} listener @returns {() => void} ends it */
  subscribe(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Tells the views once, after all that happens in this moment. */
  changed() {
    if (this.#isChanged) return;
    this.#isChanged = true;
    queueMicrotask(() => {
      this.#isChanged = false;
      for (const listener of this.#listeners) listener();
    });
  }

  /** @param {string} text @param {"problem"|"done"} [kind] */
  tell(text, kind = "problem") {
    const toast = { id: ++this.#lastToast, kind, text };
    this.toasts = [...this.toasts.filter((other) => other.text !== text), toast].slice(-4);
    if (kind === "done") setTimeout(() => this.dismiss(toast), DONE_LAPSE);
    this.changed();
  }

  /** @param {Toast} toast */
  dismiss(toast) {
    this.toasts = this.toasts.filter((other) => other.id !== toast.id);
    this.changed();
  }

  forgetProblems() {
    this.toasts = this.toasts.filter((toast) => toast.kind !== "problem");
    this.changed();
  }

  get selected() {
    return this.selectedId ? this.known(this.selectedId) : null;
  }

  get selectedThread() {
    return this.selectedId ? this.threads.get(this.selectedId) ?? null : null;
  }

  /** @param {string} chatId */
  known(chatId) {
    return this.chats.get(chatId) ?? this.#found.get(chatId) ?? null;
  }

  /** @param {Filter} filter @returns {Chat[]} newest first */
  list(filter) {
    const moment = (/** @type {Chat} */ chat) => chat.lastMessageAt ?? chat.createdAt;
    return [...this.chats.values()].filter((chat) => this.#belongs(chat, filter))
      .sort((left, right) => (moment(left) < moment(right) ? 1 : moment(left) > moment(right) ? -1 : 0));
  }

  /** What the list shows: what was searched for, else the view. @returns {Chat[]} */
  get shown() {
    if (!this.search) return this.list(this.filter);
    return this.search.chatIds.flatMap((chatId) => this.known(chatId) ?? []);
  }

  /** @param {Filter} filter */
  count(filter) {
    let count = 0;
    for (const chat of this.chats.values()) if (this.#belongs(chat, filter)) count += 1;
    return count;
  }

  /** @param {Filter} filter */
  show(filter) {
    this.filter = filter;
    this.search = null;
    this.changed();
  }

  /** @param {Search} search the question that is open now @param {Chat[]} chats @param {string|null} cursor */
  acceptFound(search, chats, cursor) {
    for (const chat of chats) {
      if (this.chats.has(chat.chatId)) this.acceptChat(chat);
      else this.#found.set(chat.chatId, chat);
    }
    // Before its first answer it showed what was there before.
    if (search.cursor === null) search.chatIds = [];
    const known = new Set(search.chatIds);
    search.chatIds.push(...chats.map((chat) => chat.chatId).filter((chatId) => !known.has(chatId)));
    search.cursor = cursor;
    search.isLoading = false;
    this.changed();
  }

  /** @param {Chat} chat */
  isMine(chat) {
    return chat.assignedTo?.id === this.user.id;
  }

  get unread() {
    let unread = 0;
    for (const chat of this.chats.values()) if (isLive(chat)) unread += chat.unreadCount;
    return unread;
  }

  /** @param {string} chatId */
  isTyping(chatId) {
    return this.known(chatId)?.status !== "CLOSED" && (this.typing.get(chatId) ?? 0) > Date.now();
  }

  /** @param {Chat} chat */
  acceptChat(chat) {
    const known = this.known(chat.chatId);
    const isOlder = known && (chat.version < known.version ||
      (chat.version === known.version && (chat.lastMessageAt ?? "") < (known.lastMessageAt ?? "")));
    if (isOlder) return;
    // Only the chat itself knows its visitor's pages, its row does not.
    const whole = known?.visitorContext && !("visitorContext" in chat) ? { ...chat, visitorContext: known.visitorContext } : chat;
    this.#found.delete(chat.chatId);
    this.chats.set(chat.chatId, this.#isRead(chat) ? { ...whole, unreadCount: 0 } : whole);
    this.changed();
  }

  /** @param {string} chatId */
  forgetChat(chatId) {
    this.chats.delete(chatId);
    this.#found.delete(chatId);
    this.threads.delete(chatId);
    if (this.selectedId === chatId) this.selectedId = null;
    this.changed();
  }

  /** @param {string} chatId */
  lastFromVisitor(chatId) {
    const read = this.threads.get(chatId)?.messages.findLast((message) => message.sender === "VISITOR")?.seq ?? 0;
    return Math.max(read, this.heardFromVisitor.get(chatId) ?? 0);
  }

  /** A row may have been written before our read mark: the chat before our eyes has nothing unread. @param {Chat} chat */
  #isRead(chat) {
    const read = this.readUpTo.get(chat.chatId) ?? 0;
    return chat.chatId === this.selectedId && read > 0 && this.lastFromVisitor(chat.chatId) <= read;
  }

  /**
   * @param {string} chatId @param {Message} message
   * @returns {boolean} whether the chat is known
   */
  acceptMessage(chatId, message) {
    this.threads.get(chatId)?.accept(message);
    if (message.sender === "VISITOR") {
      this.typing.delete(chatId);
      this.heardFromVisitor.set(chatId, Math.max(message.seq, this.heardFromVisitor.get(chatId) ?? 0));
    }
    const chat = this.chats.get(chatId);
    if (chat) this.#acceptPreview(chat, message);
    this.changed();
    return chat !== undefined;
  }

  /** @param {string} chatId @param {Message[]} messages */
  acceptThread(chatId, messages) {
    const thread = this.threads.get(chatId) ?? new Thread();
    this.threads.set(chatId, thread);
    for (const message of messages) thread.accept(message);
    const read = messages.findLast((message) => message.sender === "ADMIN" && !isNote(message) && message.isRead);
    if (read) this.acceptSeen(chatId, read.seq);
    this.changed();
  }

  /** @param {string} chatId @param {boolean} isTyping */
  acceptTyping(chatId, isTyping) {
    this.typing.set(chatId, isTyping ? Date.now() + TYPING_LAPSE : 0);
    if (isTyping) setTimeout(() => this.changed(), TYPING_LAPSE + 50);
    this.changed();
  }

  /** @param {string} chatId @param {import("./api.js").Viewer[]} viewers */
  acceptViewers(chatId, viewers) {
    this.viewers.set(chatId, viewers.filter((viewer) => viewer.agentId !== this.user.id));
    this.changed();
  }

  /** @param {string} chatId @param {number} upTo */
  acceptSeen(chatId, upTo) {
    this.seen.set(chatId, Math.max(upTo, this.seen.get(chatId) ?? 0));
    this.changed();
  }

  /** The team has read this chat. @param {string} chatId */
  clearUnread(chatId) {
    const chat = this.chats.get(chatId);
    if (!chat || chat.unreadCount === 0) return;
    this.chats.set(chatId, { ...chat, unreadCount: 0 });
    this.changed();
  }

  /**
   * A whole list was read: of what was known before, only that remains.
   * @param {Set<string>} before @param {Chat[]} chats
   */
  keepOnly(before, chats) {
    const present = new Set(chats.map((chat) => chat.chatId));
    for (const chatId of before) {
      if (!present.has(chatId) && chatId !== this.selectedId) this.chats.delete(chatId);
    }
    this.changed();
  }

  /**
   * The chat's own row may have come before or after its message; their times tell whether it counts this one.
   * @param {Chat} chat @param {Message} message
   */
  #acceptPreview(chat, message) {
    if (message.sender === "SYSTEM" || isNote(message) || message.createdAt <= (chat.lastMessageAt ?? "")) return;
    this.chats.set(chat.chatId, {
      ...chat,
      lastMessage: message.message || message.fileName || "File",
      lastMessageAt: message.createdAt,
      unreadCount: chat.unreadCount + (message.sender === "VISITOR" ? 1 : 0),
    });
  }

  /** @param {Chat} chat @param {Filter} filter */
  #belongs(chat, filter) {
    if (filter === "resolved") return !isLive(chat);
    if (!isLive(chat)) return false;
    if (filter === "waiting") return chat.status === "WAITING";
    if (filter === "unassigned") return chat.assignedTo === null;
    if (filter.startsWith("department:")) return `department:${chat.department}` === filter;
    return filter === "open" || this.isMine(chat);
  }
}

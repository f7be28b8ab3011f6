// @ts-check
import { Memory } from "../shared/memory.js";
import { Outbox } from "../shared/outbox.js";
import { backoff, Pause } from "../shared/retry.js";
import { Failure } from "../shared/server.js";
import { isNote } from "../shared/thread.js";
import { Actions } from "./actions.js";
import { Store } from "./store.js";
import { Stream } from "./stream.js";

/**
 * @typedef {import("./api.js").Chat} Chat
 * @typedef {import("./api.js").ChatStatus} ChatStatus
 * @typedef {{chatId: string, text: string, isNote: boolean, file?: import("./api.js").UploadedFile}} Content
 * @typedef {import("../shared/outbox.js").Unsent<Content>} Unsent
 */

const TYPING_RENEWAL = 3_000;
const VIEWING_RENEWAL = 30_000;
const LIVE_PAGES = 10;
const COLLEAGUE_LAPSE = 6_500;
const FOUND_AT_ONCE = 30;
const EARLIER_AT_ONCE = 100;

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
  #viewing = 0;
  #colleagueLapse = 0;
  /** @type {Map<ChatStatus, number>} how many pages were read of what is over, and of which there are more */
  #furtherPages = new Map();
  /** @type {Set<(name: string, data: any) => void>} */
  #listeners = new Set();
  /** @type {Set<string>} */
  #fetching = new Set();

  /**
   * @param {import("./api.js").Api} api @param {import("./session.js").User} user
   * @param {() => void} refused called when the login no longer holds
   */
  constructor(api, user, refused) {
    this.#api = api;
    this.api = api;
    this.refused = refused;
    this.store = new Store(user);
    this.actions = new Actions(api, this.store);
    this.#stream = new Stream(api, (name, data) => this.#hear(name, data));
    this.memory = new Memory("sessionStorage", `support-console|${user.id}`);
    this.outbox = new Outbox(this.memory, (/** @type {Unsent} */ entry, keep) => this.#post(entry, keep),
      () => this.store.changed());
  }

  start() {
    void this.#stream.run();
    void this.load();
    void this.outbox.deliver();
    void this.learnTeam();
    this.#viewing = window.setInterval(() => this.#tellViewing(this.store.selectedId, true), VIEWING_RENEWAL);
  }

  /** Who works here, in which departments. */
  async learnTeam() {
    await this.actions.attempt(async () => {
      [this.store.agents, this.store.departments] = await Promise.all([this.#api.agents(), this.#api.departments()]);
    });
    this.store.changed();
  }

  /** Hears every event of the stream, by the server's names. @param {(name: string, data: any) => void} listener @returns {() => void} ends it */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  stop() {
    this.#isStopped = true;
    clearInterval(this.#viewing);
    clearTimeout(this.#colleagueLapse);
    this.#tellViewing(this.store.selectedId, false);
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

  /** Goes on with the list that is shown, where there is more of it. */
  async loadMore() {
    const { search } = this.store;
    if (this.store.isLoadingMore) return;
    if (search ? !search.cursor || search.isLoading : this.store.filter !== "resolved" || !this.store.hasMoreResolved) return;
    this.store.isLoadingMore = true;
    this.store.changed();
    await this.actions.attempt(() => (search ? this.#find(search) : this.#loadResolved()));
    this.store.isLoadingMore = false;
    this.store.changed();
  }

  /** @param {string} query nothing ends the search */
  async search(query) {
    if (query === (this.store.search?.query ?? "")) return;
    // What is shown stays until there is an answer: a focus in it would be lost.
    const chatIds = this.store.shown.map((chat) => chat.chatId);
    const search = query ? { query, chatIds, cursor: null, isLoading: true } : null;
    this.store.search = search;
    this.store.changed();
    if (search) await this.actions.attempt(() => this.#find(search));
  }

  /** @param {import("./store.js").Search} search */
  async #find(search) {
    search.isLoading = true;
    try {
      const cursor = search.cursor ?? undefined;
      const found = await this.#api.chats({ q: search.query, limit: FOUND_AT_ONCE, cursor });
      if (this.store.search === search) this.store.acceptFound(search, found.chats, found.nextCursor);
    } finally {
      search.isLoading = false;
    }
  }

  /** @param {string|null} chatId */
  async select(chatId) {
    if (this.store.selectedId !== chatId) this.#tellViewing(this.store.selectedId, false);
    this.store.selectedId = chatId;
    this.store.forgetProblems();
    this.#typingSentAt = 0;
    this.store.changed();
    if (!chatId) return;
    this.#tellViewing(chatId, true);
    await this.actions.attempt(() => this.#fetchChat(chatId));
  }

  /** Colleagues see who looks at the same chat. @param {string|null} chatId @param {boolean} isViewing */
  #tellViewing(chatId, isViewing) {
    if (!chatId || (isViewing && document.visibilityState !== "visible")) return;
    // It lapses by itself, and is said again before it does.
    this.#api.viewing(chatId, isViewing).then(({ viewers }) => {
      if (isViewing) this.store.acceptViewers(chatId, viewers);
    }).catch(() => {});
  }

  /** @param {string} chatId @param {string} text @param {boolean} isNote @param {import("./api.js").UploadedFile[]} [files] */
  answer(chatId, text, isNote, files = []) {
    this.#typingSentAt = 0;
    const [first, ...others] = files;
    if (text || first) this.outbox.add({ chatId, text, isNote, file: first });
    for (const file of others) this.outbox.add({ chatId, text: "", isNote, file });
  }

  /** A refused answer was not stored, so it goes out as a new one. @param {Unsent} entry */
  answerAgain(entry) {
    this.outbox.remove(entry);
    this.outbox.add(entry.content);
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
    const { chatId, text, isNote, file } = entry.content;
    if (entry.after === null) {
      entry.after = this.store.threads.get(chatId)?.lastSeq ?? null;
      keep();
    }
    try {
      const attached = file ? { messageType: file.fileType.startsWith("image/") ? "IMAGE" : "FILE", fileUrl: file.url } : {};
      const { message } = await this.#api.answer({ chatId, message: text, isNote, clientMessageId: entry.id, ...attached });
      this.store.acceptMessage(chatId, message);
      this.outbox.remove(entry);
      return true;
    } catch (failure) {
      // It waits for the next login: nothing is wrong with the answer.
      if (failure instanceof Failure && failure.status === 401) return false;
      throw failure;
    }
  }

  /** @param {Failure} failure */
  #notice(failure) {
    if (failure.status === 401) return;
    this.store.tell(failure.message);
  }

  async #loadChats() {
    const before = new Set(this.store.chats.keys());
    /** @type {[ChatStatus, number][]} */
    const wanted = [["ACTIVE", LIVE_PAGES], ["WAITING", LIVE_PAGES], ["RESOLVED", 1], ["CLOSED", 1]];
    const lists = await Promise.all(wanted.map(([status, pages]) => this.#loadList(status, pages)));
    this.store.keepOnly(before, lists.flat());
    this.store.isLoaded = true;
    this.store.changed();
  }

  /** @param {ChatStatus} status @param {number} pages */
  async #loadList(status, pages) {
    /** @type {Chat[]} */
    const chats = [];
    for (let page = 1; page <= pages; page += 1) {
      const answer = await this.#loadPage(status, page);
      chats.push(...answer.chats);
      if (!answer.pagination.hasNextPage) break;
    }
    return chats;
  }

  /** @param {ChatStatus} status @param {number} page */
  async #loadPage(status, page) {
    const answer = await this.#api.chats({ status, page });
    for (const chat of answer.chats) this.store.acceptChat(chat);
    if (status === "RESOLVED" || status === "CLOSED") {
      if (answer.pagination.hasNextPage) this.#furtherPages.set(status, page);
      else this.#furtherPages.delete(status);
      this.store.hasMoreResolved = this.#furtherPages.size > 0;
    }
    return answer;
  }

  async #loadResolved() {
    await Promise.all([...this.#furtherPages].map(([status, page]) => this.#loadPage(status, page + 1)));
  }

  /** @param {string} chatId */
  async #fetchChat(chatId) {
    const { chat, messages } = await this.#api.chat(chatId).catch((failure) => this.#lose(chatId, failure));
    this.store.acceptChat(chat);
    this.store.acceptThread(chatId, messages);
  }

  /** Reads what was said before the first message that is known. @param {string} chatId */
  loadEarlier(chatId) {
    return this.actions.attempt(async () => {
      const first = this.store.threads.get(chatId)?.messages[0]?.seq ?? 1;
      const { messages } = await this.#api.chat(chatId, Math.max(0, first - 1 - EARLIER_AT_ONCE));
      this.store.acceptThread(chatId, messages);
    });
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
    for (const listener of this.#listeners) listener(name, data);
    this.store.isConnected = name !== "lost";
    if (name === "connected" || name === "reset") {
      this.outbox.hurry();
      void this.load();
    }
    if (name === "chat") this.store.acceptChat(data.chat);
    if (name === "message" && !this.store.acceptMessage(data.chatId, data.message)) void this.#discover(data.chatId);
    if (name === "typing") this.#hearTyping(data);
    if (name === "viewers") this.store.acceptViewers(data.chatId, data.viewers);
    if (name === "read") this.#hearRead(data);
    if (name === "presence") this.#hearPresence(data);
    this.store.changed();
  }

  /** @param {{chatId: string, sender: string, isTyping: boolean}} typing */
  #hearTyping({ chatId, sender, isTyping }) {
    if (sender === "VISITOR") return this.store.acceptTyping(chatId, isTyping);
    if (chatId !== this.store.selectedId) return;
    // A colleague: the event does not say who, those who look at the chat do.
    this.#tellViewing(chatId, true);
    clearTimeout(this.#colleagueLapse);
    this.#colleagueLapse = window.setTimeout(() => chatId === this.store.selectedId && this.#tellViewing(chatId, true), COLLEAGUE_LAPSE);
  }

  /** @param {{userId: string, isOnline: boolean, status: import("./api.js").Availability}} presence */
  #hearPresence({ userId, isOnline, status }) {
    if (userId === this.store.user.id) {
      if (status) this.store.availability = status;
      return;
    }
    this.store.agents = this.store.agents.map((agent) =>
      (agent.id === userId ? { ...agent, status: isOnline ? status : "offline" } : agent));
  }

  /** @param {{chatId: string, sender: string, upTo: number}} read */
  #hearRead(read) {
    if (read.sender === "VISITOR") return this.store.acceptSeen(read.chatId, read.upTo);
    if (this.store.lastFromVisitor(read.chatId) <= read.upTo) this.store.clearUnread(read.chatId);
  }
}

// @ts-check
import { Memory } from "../shared/memory.js";
import { nameOf } from "./views/words.js";

/**
 * @typedef {object} Notice
 * @property {string} id
 * @property {string} type
 * @property {string} title
 * @property {string} message
 * @property {string|null} ticketId
 * @property {string|null} callbackId
 * @property {boolean} isRead
 * @property {string} createdAt
 */

const SHOWN = 30;
const SOUND_PAUSE = 2_000;
const FRESH = 60_000;
/** What the message itself tells already. */
const TOLD_BY_MESSAGES = new Set(["new_message"]);

/** Makes the agent look: a list in the page, a sound, and the browser's own notifications where they are allowed. */
export class Notifier {
  /** @type {Notice[]} */
  notices = [];
  #desk;
  #memory = new Memory("localStorage", "support-console");
  #soundedAt = 0;
  /** @type {AudioContext|null} */
  #audio = null;
  #end;

  /** @param {import("./desk.js").Desk} desk */
  constructor(desk) {
    this.#desk = desk;
    this.#end = desk.listen((name, data) => this.#hear(name, data));
  }

  get unread() {
    return this.notices.filter((notice) => !notice.isRead).length;
  }

  get hasSound() {
    return this.#memory.read("sound") !== false;
  }

  /** @param {boolean} isOn */
  switchSound(isOn) {
    this.#memory.write("sound", isOn);
    if (isOn) this.#ring();
    this.#desk.store.changed();
  }

  /** Whether the browser may show notifications while the console is out of sight. */
  get permission() {
    return "Notification" in window ? Notification.permission : "denied";
  }

  /** Only a click may ask. */
  async askPermission() {
    await Notification.requestPermission();
    this.#desk.store.changed();
  }

  async load() {
    try {
      const { notifications } = await this.#desk.api.get(this.#path(""), { limit: SHOWN });
      this.notices = notifications;
      this.#desk.store.changed();
    } catch {
      // The next connection asks again.
    }
  }

  stop() {
    this.#end();
    void this.#audio?.close();
  }

  /** @param {Notice} notice */
  async read(notice) {
    if (notice.isRead) return;
    this.#markRead(new Set([notice.id]));
    await this.#desk.api.patch(this.#path(`/${notice.id}/read`), {}).catch(() => {});
  }

  async readAll() {
    await Promise.all(this.notices.filter((notice) => !notice.isRead).map((notice) => this.read(notice)));
  }

  /** @param {string} rest */
  #path(rest) {
    return `api/agents/${encodeURIComponent(this.#desk.store.user.id)}/notifications${rest}`;
  }

  /** @param {Set<string>} ids */
  #markRead(ids) {
    this.notices = this.notices.map((notice) => (ids.has(notice.id) ? { ...notice, isRead: true } : notice));
    this.#desk.store.changed();
  }

  /** @param {string} name @param {any} data */
  #hear(name, data) {
    if (name === "connected") void this.load();
    if (name === "message") this.#hearMessage(data.chatId, data.message);
    if (name === "notifications_marked_read") this.#markRead(new Set(data.notificationIds));
    if (name !== "notification") return;
    /** @type {Notice} */
    const notice = data.notification;
    this.notices = [notice, ...this.notices.filter((other) => other.id !== notice.id)].slice(0, SHOWN);
    const isFresh = Date.now() - Date.parse(notice.createdAt) < FRESH;
    if (!notice.isRead && isFresh && !TOLD_BY_MESSAGES.has(notice.type)) this.#call(notice.title, notice.message, hashOf(notice));
  }

  /** @param {string} chatId @param {import("../shared/thread.js").Message} message */
  #hearMessage(chatId, message) {
    const { store } = this.#desk;
    const chat = store.known(chatId);
    const isOthers = chat?.assignedTo && !store.isMine(chat);
    const isSeen = document.visibilityState === "visible" && document.hasFocus() && store.selectedId === chatId;
    const isOld = Date.now() - Date.parse(message.createdAt) > FRESH;
    if (message.sender !== "VISITOR" || isOthers || isSeen || isOld) return;
    this.#call(chat ? nameOf(chat) : "New message", message.message || "Sent a file", `#/chat/${encodeURIComponent(chatId)}`);
  }

  /** @param {string} title @param {string} text @param {string} hash */
  #call(title, text, hash) {
    if (this.hasSound) this.#ring();
    if (this.permission !== "granted" || document.hasFocus()) return;
    const shown = new Notification(title, { body: text.slice(0, 200), tag: hash, silent: true });
    shown.addEventListener("click", () => {
      window.focus();
      location.hash = hash;
      shown.close();
    });
  }

  /** Two short tones. A browser that wants a click before any sound stays silent until then. */
  #ring() {
    if (Date.now() - this.#soundedAt < SOUND_PAUSE) return;
    this.#soundedAt = Date.now();
    this.#audio ??= new AudioContext();
    const audio = this.#audio;
    void audio.resume().catch(() => {});
    for (const [pitch, after] of [[660, 0], [880, 0.12]]) {
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      const begin = audio.currentTime + after;
      tone.frequency.value = pitch;
      volume.gain.setValueAtTime(0.0001, begin);
      volume.gain.exponentialRampToValueAtTime(0.12, begin + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, begin + 0.25);
      tone.connect(volume).connect(audio.destination);
      tone.start(begin);
      tone.stop(begin + 0.3);
    }
  }
}

/** Where a notification leads. @param {Notice} notice */
export const hashOf = (notice) => {
  if (notice.ticketId) return `#/chat/${encodeURIComponent(notice.ticketId)}`;
  return notice.callbackId ? "#/callbacks" : "#/";
};

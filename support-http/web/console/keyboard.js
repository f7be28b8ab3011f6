// @ts-check
import { Memory } from "../shared/memory.js";

/** @typedef {[string, string][]} Keys what is pressed and what it does */

/** @type {[string, Keys][]} */
export const KEYS = [
  ["Everywhere", [["?", "Show this help"], ["g i", "Inbox"], ["g c", "Callbacks"], ["g a", "Analytics"], ["g s", "Administration"],
    ["/", "Search all chats"]]],
  ["In the inbox", [["j", "Next chat"], ["k", "Previous chat"], ["1 … 5", "Mine, unassigned, waiting, all open, resolved"]]],
  ["In a chat", [["r", "Reply"], ["n", "Private note"], ["a", "Take it"], ["l", "Release it"], ["t", "Transfer"], ["e", "Resolve"], ["x", "Close"],
    ["d", "Show or hide details"], ["Esc", "Leave the text; then the chat"]]],
  ["While writing", [["Enter", "Send"], ["Shift Enter", "New line"], ["/", "Canned responses"]]],
];

const VIEWS = /** @type {const} */ (["mine", "unassigned", "waiting", "open", "resolved"]);
const SECTIONS = { i: "#/", c: "#/callbacks", a: "#/analytics", s: "#/admin" };
const memory = new Memory("localStorage", "support-console");

/** Single keys can be switched off: whoever speaks to their computer would press them by accident. */
export const areKeysOn = () => memory.read("keys") !== false;

/** @param {boolean} isOn */
export const switchKeys = (isOn) => memory.write("keys", isOn);

/** @param {EventTarget|undefined} target */
const isWriting = (target) => target instanceof HTMLElement &&
  (target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox], [type=radio], [type=file])"));

/**
 * @typedef {object} Hands what the keys move
 * @property {import("./desk.js").Desk} desk
 * @property {() => import("./views/conversation.js").ConversationView|null} conversation
 * @property {() => void} help
 * @property {() => boolean} isInbox
 */

/** @param {Hands} hands @param {AbortSignal} signal */
export const listenToKeys = (hands, signal) => {
  let isGoing = false;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
    const target = event.composedPath()[0];
    if (event.key === "Escape") return leave(hands, target);
    if (isWriting(target) || !areKeysOn()) return;
    const section = isGoing ? SECTIONS[/** @type {keyof typeof SECTIONS} */ (event.key)] : undefined;
    isGoing = event.key === "g";
    if (section) location.hash = section;
    else if (!press(hands, event.key)) return;
    event.preventDefault();
  }, { signal });
};

/** @param {Hands} hands @param {EventTarget|undefined} target */
const leave = ({ desk }, target) => {
  if (isWriting(target)) {
    const log = document.querySelector(".thread");
    if (log instanceof HTMLElement) log.focus();
    return;
  }
  if (desk.store.selectedId) location.hash = "#/";
};

/** @param {Hands} hands @param {string} key @returns {boolean} whether it means something */
const press = (hands, key) => {
  if (key === "?") {
    hands.help();
    return true;
  }
  if (key === "/") {
    search(hands);
    return true;
  }
  if (!hands.isInbox()) return false;
  const view = VIEWS[Number(key) - 1];
  if (view) hands.desk.store.show(view);
  else if (key === "j" || key === "k") step(hands.desk, key === "j" ? 1 : -1);
  else return pressInChat(hands, key);
  return true;
};

/** @param {Hands} hands @param {string} key */
const pressInChat = (hands, key) => {
  const conversation = hands.conversation();
  const act = { a: "take", l: "release", t: "transfer", e: "resolve", x: "close", d: "details" }[key];
  if (!conversation || !hands.desk.store.selected) return false;
  if (key === "r" || key === "n") void conversation.composer?.choose(key === "n");
  else if (act) void conversation.act(/** @type {any} */ (act));
  else return false;
  return true;
};

/** What is typed next belongs to the field already, so it is entered at once where it is there. @param {Hands} hands @param {number} [tries] */
const search = (hands, tries = 20) => {
  const field = document.querySelector(".search input");
  if (field instanceof HTMLInputElement) return field.focus();
  if (!hands.isInbox()) location.hash = "#/";
  if (tries > 0) setTimeout(() => search(hands, tries - 1), 50);
};

/** @param {import("./desk.js").Desk} desk @param {number} by */
const step = (desk, by) => {
  const chats = desk.store.shown;
  if (chats.length === 0) return;
  const at = chats.findIndex((chat) => chat.chatId === desk.store.selectedId);
  const next = chats[Math.min(chats.length - 1, Math.max(0, at + by))];
  if (!next) return;
  location.hash = `#/chat/${encodeURIComponent(next.chatId)}`;
  requestAnimationFrame(() => document.querySelector(".chat[aria-current]")?.scrollIntoView({ block: "nearest" }));
};

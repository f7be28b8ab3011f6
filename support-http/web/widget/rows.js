// @ts-check
import { make } from "../shared/dom.js";
import { clock, dayName } from "../shared/moment.js";
import { isOneRun, startsDay } from "../shared/thread.js";

/**
 * @typedef {import("../shared/dom.js").Row} Row
 * @typedef {import("../shared/thread.js").Message} Message
 * @typedef {import("./conversation.js").Unsent} Unsent
 * @typedef {import("./conversation.js").Conversation} Conversation
 */

/** Everything the visitor reads, from the greeting to what is still on its way. @param {Conversation} chat */
export const rowsOf = (chat) => {
  const messages = chat.thread.messages;
  const lastOwn = messages.findLast((message) => message.sender === "VISITOR");
  const accepted = messages.flatMap((message, index) => {
    const before = messages[index - 1];
    const about = aboutLine(chat, message, messages[index + 1], message === lastOwn);
    const drawn = row(`seq/${message.seq}`, [message, about], () => drawMessage(chat, message, about));
    return startsDay(before, message) ? [...dayRow(before, message), drawn] : [drawn];
  });
  const isHeld = chat.status === "CLOSED";
  const pending = chat.pending.map((entry, index, all) => {
    const about = index < all.length - 1 ? "" : isHeld ? "Not sent yet" : "Sending…";
    return row(`unsent/${entry.id}`, [entry.failure, about], () => drawUnsent(chat, entry, about));
  });
  const typing = !isHeld && chat.typingUntil > Date.now() ? [row("typing", 0, drawTyping)] : [];
  return [row("greeting", 0, drawGreeting), ...accepted, ...pending, ...typing];
};

/** @param {string} key @param {unknown} state @param {() => HTMLElement} draw @returns {Row} */
const row = (key, state, draw) => ({ key, state, draw });

/** A chat of today needs no heading. @param {Message|undefined} before @param {Message} message */
const dayRow = (before, message) => {
  const name = dayName(message.createdAt);
  if (!before && name === "Today") return [];
  return [row(`day/${message.seq}`, name, () => make("div", { class: "day" }, name))];
};

/**
 * The line under the last message of a run: who wrote it, when, and whether it was seen.
 * @param {Conversation} chat @param {Message} message @param {Message|undefined} next @param {boolean} isLastOwn
 */
const aboutLine = (chat, message, next, isLastOwn) => {
  if (message.sender === "SYSTEM") return "";
  if (isOneRun(message, next) && !isLastOwn) return "";
  const time = clock(message.createdAt);
  if (message.sender !== "VISITOR") return message.senderName ? `${message.senderName} · ${time}` : time;
  if (!isLastOwn) return time;
  return message.seq <= chat.seenUpTo ? `${time} · Seen` : `${time} · Sent`;
};

const drawGreeting = () => make("div", { class: "message" }, make("div", { class: "text" }, "Hello! How can we help you?"));

const drawTyping = () =>
  make("div", { class: "typing", role: "img", "aria-label": "Typing" }, make("i"), make("i"), make("i"));

/** @param {Conversation} chat @param {Message} message @param {string} about */
const drawMessage = (chat, message, about) => {
  const seq = String(message.seq);
  if (message.sender === "SYSTEM") return make("div", { class: "message system", "data-seq": seq }, message.message);
  const side = message.sender === "VISITOR" ? "visitor" : "agent";
  const text = make("div", { class: "text" }, message.message);
  const file = fileLink(chat, message);
  if (file) text.append(message.message ? "\n" : "", file);
  const node = make("div", { class: `message ${side}`, "data-seq": seq }, text);
  if (about) node.append(make("div", { class: "about" }, about));
  return node;
};

/** @param {Conversation} chat @param {Message} message */
const fileLink = (chat, message) => {
  if (!message.fileUrl || !URL.canParse(message.fileUrl, chat.origin)) return null;
  const url = new URL(message.fileUrl, chat.origin);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  return make("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, message.fileName ?? "File");
};

/** @param {Conversation} chat @param {Unsent} entry @param {string} about */
const drawUnsent = (chat, entry, about) => {
  const text = make("div", { class: "text" }, entry.content.text);
  if (!entry.failure) {
    const state = about ? [make("div", { class: "about" }, about)] : [];
    return make("div", { class: "message visitor unsent" }, text, ...state);
  }
  const again = make("button", { class: "link", type: "button" }, "Try again");
  again.addEventListener("click", () => chat.sayAgain(entry));
  const remove = make("button", { class: "link", type: "button" }, "Remove");
  remove.addEventListener("click", () => chat.outbox.remove(entry));
  const state = make("div", { class: "about" }, `Not sent: ${entry.failure} `, again, remove);
  return make("div", { class: "message visitor failed" }, text, state);
};

// @ts-check
import { make, Rows } from "../../shared/dom.js";
import { clock, dayName } from "../../shared/moment.js";
import { isNote, isOneRun, startsDay } from "../../shared/thread.js";
import { composerView } from "./composer.js";

/**
 * @typedef {import("../../shared/thread.js").Message} Message
 * @typedef {import("../api.js").Chat} Chat
 * @typedef {import("../desk.js").Desk} Desk
 */

/** @param {Desk} desk */
export const conversationView = (desk) => {
  const store = desk.store;
  const back = make("a", { class: "back", href: "#/", "aria-label": "Back to the list" }, "‹");
  const name = make("h2", {});
  const facts = make("p", { class: "facts" });
  const actions = make("div", { class: "actions" });
  const actionRows = new Rows(actions);
  const thread = make("div", { class: "thread", role: "log", "aria-live": "polite", "aria-label": "Messages", tabindex: "0" });
  const rows = new Rows(thread);
  const typing = make("p", { class: "typing", role: "status" });
  const composer = composerView(desk);
  const header = make("header", { class: "about" }, back, make("div", { class: "who" }, name, facts), actions);
  const chosen = make("div", { class: "chosen" }, header, thread, typing, composer);
  const nothing = make("p", { class: "nothing" }, "Choose a chat to read and answer it.");
  let shownId = "";
  const render = () => {
    const chat = store.selected;
    chosen.hidden = chat === null;
    nothing.hidden = chat !== null;
    nothing.textContent = store.selectedId === null ? "Choose a chat to read and answer it." : "Loading…";
    if (!chat) return;
    const isAtEnd = shownId !== chat.chatId || thread.scrollHeight - thread.scrollTop - thread.clientHeight < 80;
    name.textContent = chat.visitorName || "Visitor";
    facts.textContent = factsOf(chat, store.isMine(chat));
    actionRows.show(actionsOf(desk, chat));
    rows.show(messagesOf(desk, chat));
    const typingText = store.isTyping(chat.chatId) ? `${chat.visitorName || "The visitor"} is typing…` : "";
    if (typing.textContent !== typingText) typing.textContent = typingText;
    const isWhole = store.selectedThread !== null;
    if (isAtEnd) thread.scrollTop = thread.scrollHeight;
    if (isWhole) shownId = chat.chatId;
  };
  store.subscribe(render);
  render();
  return make("main", { class: "conversation" }, nothing, chosen);
};

/** @param {Chat} chat @param {boolean} isMine */
const factsOf = (chat, isMine) => {
  const standing = { ACTIVE: "open", WAITING: "waiting", RESOLVED: "resolved", CLOSED: "closed" }[chat.status];
  const holder = chat.assignedTo ? (isMine ? "yours" : `with ${chat.assignedTo.name}`) : "nobody has it";
  return [chat.ticketId, standing, holder, chat.department, chat.visitorEmail].filter(Boolean).join(" · ");
};

/** @param {Desk} desk @param {Chat} chat */
const actionsOf = (desk, chat) => {
  const action = (/** @type {string} */ label, /** @type {() => Promise<void>} */ act, isPrimary = false) => ({
    key: label,
    state: chat.chatId,
    draw: () => {
      const button = make("button", { class: isPrimary ? "button primary" : "button", type: "button" }, label);
      button.addEventListener("click", async () => {
        button.disabled = true;
        await act();
        button.disabled = false;
      });
      return button;
    },
  });
  const id = chat.chatId;
  const take = action("Take", () => desk.take(id), true);
  const close = action("Close", () => desk.setStatus(id, "CLOSED"));
  const reopen = action("Reopen", () => desk.setStatus(id, "ACTIVE"));
  if (chat.status === "CLOSED") return [reopen];
  if (chat.status === "RESOLVED") return [reopen, close];
  const resolve = action("Resolve", () => desk.setStatus(id, "RESOLVED"));
  return desk.store.isMine(chat) ? [resolve, close] : [take, resolve, close];
};

/** @param {Desk} desk @param {Chat} chat */
const messagesOf = (desk, chat) => {
  const messages = desk.store.threads.get(chat.chatId)?.messages ?? [];
  const lastAnswer = messages.findLast((message) => message.sender === "ADMIN" && !isNote(message));
  const isSeen = lastAnswer && lastAnswer.seq <= (desk.store.seen.get(chat.chatId) ?? 0);
  const accepted = messages.flatMap((message, index) => {
    const before = messages[index - 1];
    const mark = message === lastAnswer && isSeen ? " · Seen" : "";
    const by = isOneRun(message, messages[index + 1]) ? "" : byLine(chat, message) + mark;
    const follows = isOneRun(before, message);
    const row = { key: `${chat.chatId}/${message.seq}`, state: [message, by, follows],
      draw: () => drawMessage(message, by, follows) };
    return startsDay(before, message) ? [dayRow(message), row] : [row];
  });
  const pending = desk.pending(chat.chatId).map((entry, index, all) => {
    const state = index < all.length - 1 ? "" : "Sending…";
    return { key: entry.id, state: [entry.failure, state], draw: () => drawUnsent(desk, entry, state) };
  });
  return [...accepted, ...pending];
};

/** @param {Message} message the first of its day */
const dayRow = (message) => {
  const name = dayName(message.createdAt);
  return { key: `day/${message.seq}`, state: name, draw: () => make("p", { class: "day" }, name) };
};

/** Who wrote it and when. @param {Chat} chat @param {Message} message */
const byLine = (chat, message) => {
  const writer = message.senderName ?? (message.sender === "VISITOR" ? chat.visitorName || "Visitor" : "Team");
  const kind = isNote(message) ? " · private note" : message.sender === "BOT" ? " · bot" : "";
  return `${writer}${kind} · ${clock(message.createdAt)}`;
};

/** @param {Message} message @param {string} by @param {boolean} follows whether it goes on with what is above it */
const drawMessage = (message, by, follows) => {
  const seq = String(message.seq);
  if (message.sender === "SYSTEM" && !isNote(message)) {
    return make("p", { class: "message system", "data-seq": seq }, message.message);
  }
  const side = isNote(message) ? "note" : message.sender === "VISITOR" ? "visitor" : "agent";
  const text = make("div", { class: "text" }, message.message);
  const file = fileLink(message);
  if (file) text.append(message.message ? "\n" : "", file);
  const node = make("div", { class: `message ${side}${follows ? " follows" : ""}`, "data-seq": seq }, text);
  if (by) node.append(make("div", { class: "by" }, by));
  return node;
};

/** @param {Message} message */
const fileLink = (message) => {
  if (!message.fileUrl || !URL.canParse(message.fileUrl, location.href)) return null;
  const url = new URL(message.fileUrl, location.href);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  return make("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, message.fileName ?? "File");
};

/** @param {Desk} desk @param {import("../desk.js").Unsent} entry @param {string} state */
const drawUnsent = (desk, entry, state) => {
  const side = entry.content.isNote ? "note" : "agent";
  const text = make("div", { class: "text" }, entry.content.text);
  if (!entry.failure) {
    const about = state ? [make("div", { class: "by" }, state)] : [];
    return make("div", { class: `message ${side} unsent` }, text, ...about);
  }
  const again = make("button", { class: "link", type: "button" }, "Try again");
  again.addEventListener("click", () => desk.answerAgain(entry));
  const remove = make("button", { class: "link", type: "button" }, "Remove");
  remove.addEventListener("click", () => desk.outbox.remove(entry));
  return make("div", { class: `message ${side} failed` }, text,
    make("div", { class: "by" }, `Not sent: ${entry.failure} `, again, remove));
};

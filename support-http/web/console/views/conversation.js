// @ts-check
import { make, Rows } from "../../shared/dom.js";
import { isNote } from "../store.js";
import { composerView } from "./composer.js";
import { moment } from "./moment.js";

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
    name.textContent = chat.visitorName || `Visitor ${chat.ticketId}`;
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
  const accepted = messages.map((message) => {
    const mark = message === lastAnswer && isSeen ? " · Seen" : "";
    return { key: `${chat.chatId}/${message.seq}`, state: [message, mark], draw: () => drawMessage(chat, message, mark) };
  });
  const pending = desk.pending(chat.chatId).map((entry) =>
    ({ key: entry.id, state: entry.failure, draw: () => drawUnsent(desk, entry) }));
  return [...accepted, ...pending];
};

/** @param {Chat} chat @param {Message} message @param {string} mark */
const drawMessage = (chat, message, mark) => {
  const seq = String(message.seq);
  if (message.sender === "SYSTEM" && !isNote(message)) {
    return make("p", { class: "message system", "data-seq": seq }, message.message);
  }
  const side = isNote(message) ? "note" : message.sender === "VISITOR" ? "visitor" : "agent";
  const writer = message.senderName ?? (message.sender === "VISITOR" ? chat.visitorName || "Visitor" : "Team");
  const label = side === "note" ? `${writer} · private note` : message.sender === "BOT" ? `${writer} · bot` : writer;
  const text = make("div", { class: "text" }, message.message);
  const file = fileLink(message);
  if (file) text.append(message.message ? "\n" : "", file);
  return make("div", { class: `message ${side}`, "data-seq": seq }, text,
    make("div", { class: "by" }, `${label} · ${moment(message.createdAt)}${mark}`));
};

/** @param {Message} message */
const fileLink = (message) => {
  if (!message.fileUrl || !URL.canParse(message.fileUrl, location.href)) return null;
  const url = new URL(message.fileUrl, location.href);
  if (url.protocol !== "http:" && url.protocol !== "https:") return null;
  return make("a", { href: url.href, target: "_blank", rel: "noopener noreferrer" }, message.fileName ?? "File");
};

/** @param {Desk} desk @param {import("../desk.js").Unsent} entry */
const drawUnsent = (desk, entry) => {
  const side = entry.content.isNote ? "note" : "agent";
  const text = make("div", { class: "text" }, entry.content.text);
  if (!entry.failure) {
    return make("div", { class: `message ${side} unsent` }, text, make("div", { class: "by" }, "Sending…"));
  }
  const again = make("button", { class: "link", type: "button" }, "Try again");
  again.addEventListener("click", () => desk.answerAgain(entry));
  const remove = make("button", { class: "link", type: "button" }, "Remove");
  remove.addEventListener("click", () => desk.outbox.remove(entry));
  return make("div", { class: `message ${side} failed` }, text,
    make("div", { class: "by" }, `Not sent: ${entry.failure} `, again, remove));
};

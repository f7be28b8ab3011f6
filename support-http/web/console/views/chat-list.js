// @ts-check
import { make, Rows } from "../../shared/dom.js";
import { moment } from "../../shared/moment.js";

/** @type {[import("../store.js").Filter, string, string][]} */
const FILTERS = [
  ["open", "Open", "No open chats. New ones appear here by themselves."],
  ["waiting", "Waiting", "Nobody is waiting."],
  ["mine", "Mine", "You have no chats at the moment."],
  ["resolved", "Resolved", "Nothing has been resolved yet."],
];

/** @param {import("../store.js").Store} store */
export const chatListView = (store) => {
  const tabs = FILTERS.map(([filter, label]) => {
    const count = make("span", { class: "count" });
    const tab = make("button", { type: "button", class: "tab" }, label, count);
    tab.addEventListener("click", () => {
      store.filter = filter;
      store.changed();
    });
    return { filter, tab, count };
  });
  const list = make("ul", { class: "chats", "aria-label": "Chats" });
  const rows = new Rows(list);
  const empty = make("p", { class: "empty" });
  const render = () => {
    for (const { filter, tab, count } of tabs) {
      tab.setAttribute("aria-pressed", String(filter === store.filter));
      const size = filter === "resolved" ? 0 : store.list(filter).length;
      count.textContent = size > 0 ? String(size) : "";
    }
    const chats = store.list(store.filter);
    rows.show(chats.map((chat) => {
      const state = { ...chat, isOpen: chat.chatId === store.selectedId, isTyping: store.isTyping(chat.chatId),
        isMine: store.isMine(chat) };
      return { key: chat.chatId, state, draw: () => drawChat(state) };
    }));
    const text = FILTERS.find(([filter]) => filter === store.filter)?.[2] ?? "";
    empty.textContent = store.isLoaded ? text : "Loading…";
    empty.hidden = chats.length > 0;
  };
  store.subscribe(render);
  render();
  return make("nav", { class: "list", "aria-label": "Chat list" },
    make("div", { class: "tabs", role: "group", "aria-label": "Show" }, ...tabs.map(({ tab }) => tab)), empty, list);
};

/** @param {import("../api.js").Chat & {isOpen: boolean, isTyping: boolean, isMine: boolean}} chat */
const drawChat = (chat) => {
  const preview = chat.isTyping ? "is typing…" : chat.lastMessage ?? chat.subject ?? "";
  const unread = chat.unreadCount > 0
    ? [make("span", { class: "unread", "aria-label": `${chat.unreadCount} unread` }, String(chat.unreadCount))] : [];
  const link = make("a", { class: chat.unreadCount > 0 ? "chat is-unread" : "chat", href: `#/chat/${encodeURIComponent(chat.chatId)}` },
    make("span", { class: "name" }, chat.visitorName || "Visitor"),
    make("time", { datetime: chat.lastMessageAt ?? chat.createdAt }, moment(chat.lastMessageAt ?? chat.createdAt)),
    make("span", { class: "preview" }, preview), ...unread,
    make("span", { class: "facts" }, chat.ticketId, " · ", standing(chat)));
  if (chat.isOpen) link.setAttribute("aria-current", "true");
  return make("li", {}, link);
};

/** @param {import("../api.js").Chat & {isMine: boolean}} chat */
const standing = (chat) => {
  if (chat.status === "RESOLVED") return "resolved";
  if (chat.status === "CLOSED") return "closed";
  if (chat.isMine) return "yours";
  if (chat.assignedTo) return chat.assignedTo.name;
  return make("b", {}, "waiting");
};

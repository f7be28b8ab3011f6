// @ts-check
import { make } from "../../shared/dom.js";
import { availabilityView } from "./availability.js";
import { chatListView } from "./chat-list.js";
import { conversationView } from "./conversation.js";

/**
 * The whole console: its bar, the list, the open chat.
 * @param {import("../desk.js").Desk} desk @param {import("../presence.js").Presence} presence @param {() => void} logout
 */
export const deskView = (desk, presence, logout) => {
  const store = desk.store;
  const connection = make("span", { class: "connection", role: "status" });
  const leave = make("button", { class: "button quiet", type: "button" }, "Log out");
  leave.addEventListener("click", logout);
  const bar = make("header", { class: "bar" },
    make("span", { class: "brand" }, "Support"), connection,
    availabilityView(store, presence),
    make("span", { class: "me" }, store.user.name), leave);
  const notice = make("p", { class: "notice", role: "alert", hidden: "" });
  const desktop = make("div", { class: "desk" }, bar, notice,
    make("div", { class: "columns" }, chatListView(store), conversationView(desk)));
  const render = () => {
    const state = store.isConnected ? "" : store.isLoaded ? "Reconnecting…" : "Connecting…";
    if (connection.textContent !== state) connection.textContent = state;
    notice.hidden = store.notice === "";
    if (notice.textContent !== store.notice) notice.textContent = store.notice;
    desktop.classList.toggle("has-chat", store.selectedId !== null);
    document.title = store.unread > 0 ? `(${store.unread}) Support console` : "Support console";
    if (document.visibilityState === "visible") desk.look();
  };
  store.subscribe(render);
  render();
  return desktop;
};

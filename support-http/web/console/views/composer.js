// @ts-check
import { make } from "../../shared/dom.js";

/**
 * Where the agent writes: an answer to the visitor, or a note for colleagues. Each chat keeps its own draft, also
 * through a reload or a login that ended in the middle of a sentence.
 * @param {import("../desk.js").Desk} desk
 */
export const composerView = (desk) => {
  const store = desk.store;
  const reply = make("button", { type: "button", class: "kind" }, "Reply");
  const note = make("button", { type: "button", class: "kind" }, "Private note");
  const text = make("textarea", { rows: "2", maxlength: "5000" });
  const send = make("button", { class: "button primary", type: "submit" }, "Send");
  const form = make("form", { class: "composer" },
    make("div", { class: "kinds", role: "group", "aria-label": "Write" }, reply, note),
    make("div", { class: "row" }, text, send));
  let chatId = "";
  let isNote = false;

  const render = () => {
    const chat = store.selected;
    if (chat && chat.chatId !== chatId) changeTo(chat.chatId);
    const isShut = chat?.status === "CLOSED" && !isNote;
    form.classList.toggle("is-note", isNote);
    reply.setAttribute("aria-pressed", String(!isNote));
    note.setAttribute("aria-pressed", String(isNote));
    text.disabled = isShut;
    text.placeholder = isShut ? "This chat is closed. Reopen it to answer."
      : isNote ? "Only your team will see this…" : "Write an answer…";
    text.setAttribute("aria-label", isNote ? "Private note" : "Answer");
    send.textContent = isNote ? "Add note" : "Send";
    send.disabled = isShut || text.value.trim() === "";
  };
  const changeTo = (/** @type {string} */ next) => {
    const draft = desk.memory.read(`draft/${next}`) ?? { text: "", isNote: false };
    chatId = next;
    text.value = draft.text;
    isNote = draft.isNote;
  };
  const keepDraft = () => {
    if (text.value.trim() === "") desk.memory.forget(`draft/${chatId}`);
    else desk.memory.write(`draft/${chatId}`, { text: text.value, isNote });
  };
  const choose = (/** @type {boolean} */ next) => {
    isNote = next;
    if (isNote) desk.type(chatId, false);
    keepDraft();
    render();
    text.focus();
  };

  reply.addEventListener("click", () => choose(false));
  note.addEventListener("click", () => choose(true));
  text.addEventListener("input", () => {
    keepDraft();
    if (!isNote) desk.type(chatId, text.value.trim() !== "");
    render();
  });
  text.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const content = text.value.trim();
    if (!content || send.disabled) return;
    desk.answer(chatId, content, isNote);
    text.value = "";
    keepDraft();
    text.focus();
    render();
  });
  store.subscribe(render);
  render();
  return form;
};

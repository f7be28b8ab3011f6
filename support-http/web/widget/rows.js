// @ts-check
import { isOneRun, startsDay } from "../shared/thread.js";
import { WORDS as ENGLISH } from "./languages/en.js";
import { html, nothing } from "../vendor/lit-html.js";

/**
 * @typedef {import("../shared/thread.js").Message} Message
 * @typedef {import("./element.js").SupportWidget} Host
 * @typedef {{key: string, view: unknown}} Row
 */

const LINK = /https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)\]}]/g;

/** Everything the visitor reads, from the greeting to what is still on its way. @param {Host} host @returns {Row[]} */
export const rowsOf = (host) => {
  const { chat, language, uploads } = host;
  const { words } = language;
  const { messages } = chat.thread;
  // The server's own greeting can be said in the visitor's language, the tenant's can't.
  const greeting = host.profile?.greeting;
  const lastOwn = messages.findLast(({ sender }) => sender === "VISITOR");
  const isHeld = chat.status === "CLOSED";
  const rows = [row("greeting", bubble("", greeting && greeting !== ENGLISH.greeting ? greeting : words.greeting))];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    if (startsDay(before, message)) {
      const name = language.dayName(message.createdAt);
      if (before || name !== language.dayName(new Date().toISOString())) {
        rows.push(row(`day/${message.seq}`, html`<div class="day">${name}</div>`));
      }
    }
    rows.push(row(message.clientMessageId || message.id, drawMessage(host, message, aboutLine(host, message, messages[index + 1], message === lastOwn))));
  });
  chat.pending.forEach((entry, index, all) => {
    const about = index < all.length - 1 ? "" : isHeld ? words.notSentYet : words.sending;
    rows.push(row(entry.id, drawUnsent(host, entry, about)));
  });
  for (const upload of uploads.entries) rows.push(row(upload.id, drawUpload(host, upload)));
  if (!isHeld && chat.typingUntil > Date.now()) {
    rows.push(row("typing", html`<div class="typing" role="img" aria-label=${words.typing}><i></i><i></i><i></i></div>`));
  }
  return rows;
};

/** @param {string} key @param {unknown} view @returns {Row} */
const row = (key, view) => ({ key, view });

/**
 * One template for a message on its way and in place: it stays the same node and is read out once.
 * @param {string} kind @param {unknown} text @param {unknown} [about] @param {number} [seq]
 */
const bubble = (kind, text, about = "", seq) => html`<div class="message ${kind}" data-seq=${seq ?? nothing}
  ><div class="text" dir="auto">${text}</div><div class="about" ?hidden=${!about}>${about}</div></div>`;

/**
 * The line under the last message of a run: who wrote it, when, and whether it was seen.
 * @param {Host} host @param {Message} message @param {Message|undefined} next @param {boolean} isLastOwn
 */
const aboutLine = ({ chat, language }, message, next, isLastOwn) => {
  if (message.sender === "SYSTEM" || (isOneRun(message, next) && !isLastOwn)) return "";
  const time = language.clock(message.createdAt);
  if (message.sender !== "VISITOR") return message.senderName ? html`<bdi>${message.senderName}</bdi> · ${time}` : time;
  if (!isLastOwn) return time;
  return `${time} · ${message.seq <= chat.seenUpTo ? language.words.seen : language.words.sent}`;
};

/** @param {Host} host @param {Message} message @param {unknown} about */
const drawMessage = (host, message, about) => {
  const side = message.sender === "SYSTEM" ? "system" : message.sender === "VISITOR" ? "visitor" : "agent";
  const file = drawFile(host, message);
  return bubble(side, file ? html`${linked(message.message)}${file}` : linked(message.message), about, message.seq);
};

/** Addresses in a text can be followed; all else stays text. @param {string} text */
const linked = (text) => {
  const parts = [];
  let end = 0;
  for (const { 0: url, index } of text.matchAll(LINK)) {
    parts.push(text.slice(end, index), html`<a href=${url} target="_blank" rel="noopener noreferrer nofollow">${url}</a>`);
    end = index + url.length;
  }
  return end ? [...parts, text.slice(end)] : text;
};

/** @param {Host} host @param {Message & {fileSize?: number}} message */
const drawFile = ({ chat, language }, { fileUrl, fileName, messageType, fileSize }) => {
  const url = fileUrl && URL.parse(fileUrl, chat.server.origin);
  if (!url || !/^https?:$/.test(url.protocol)) return null;
  const size = fileSize ? html` <small>${language.size(fileSize)}</small>` : "";
  const shown = messageType === "IMAGE" ? html`<img src=${url.href} alt=${fileName} @error=${{ handleEvent: () => chat.readAnew(), once: true }}>`
    : html`<bdi>${fileName}</bdi>${size}`;
  return html`<a class=${messageType} href=${url.href} target="_blank" rel="noopener noreferrer">${shown}</a>`;
};

/** @param {Host} host @param {import("./conversation.js").Unsent} entry @param {string} about */
const drawUnsent = ({ chat, reason, language: { words } }, entry, about) => {
  const text = entry.content.text || entry.content.file?.name;
  if (!entry.failure) return bubble("visitor unsent", text, about);
  return bubble("visitor failed", text, html`${words.notSent(reason(entry.code, entry.failure))}
    <button class="link" @click=${() => chat.sayAgain(entry)}>${words.tryAgain}</button>
    <button class="link" @click=${() => chat.outbox.remove(entry)}>${words.remove}</button>`);
};

/** @param {Host} host @param {import("./uploads.js").Upload} upload */
const drawUpload = ({ uploads, reason, language: { words } }, upload) => {
  const remove = html`<button class="link" @click=${() => uploads.remove(upload)}>${words.remove}</button>`;
  const { failure, file, part } = upload;
  if (failure) return bubble("visitor failed", file.name, html`${words.notSent(reason(failure.code, failure.message))} ${remove}`);
  return bubble("visitor upload", html`${file.name}<progress max="1" .value=${part} aria-label=${words.sending}></progress>`, remove);
};

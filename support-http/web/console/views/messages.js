// @ts-check
import { html, nothing } from "../../vendor/lit.js";
import { clock, dayName } from "../../shared/moment.js";
import { isNote, isOneRun, startsDay } from "../../shared/thread.js";
import { icon } from "../pieces/icons.js";
import { nameOf, size, webAddress } from "./words.js";

/**
 * @typedef {import("../../shared/thread.js").Message} Message
 * @typedef {import("../api.js").Chat} Chat
 * @typedef {import("../desk.js").Desk} Desk
 * @typedef {{id: string, filename: string, url: string, size: number, contentType: string, width?: number|null, height?: number|null, thumbnailUrl?: string|null}} Attachment
 * @typedef {{key: string, content: unknown}} Row
 */

/** @param {Desk} desk @param {Chat} chat @returns {Row[]} */
export const rowsOf = (desk, chat) => {
  const messages = desk.store.threads.get(chat.chatId)?.messages ?? [];
  const lastAnswer = messages.findLast((message) => message.sender === "ADMIN" && !isNote(message));
  const isSeen = lastAnswer && lastAnswer.seq <= (desk.store.seen.get(chat.chatId) ?? 0);
  /** @type {Row[]} */
  const rows = [];
  messages.forEach((message, index) => {
    const before = messages[index - 1];
    if (startsDay(before, message)) {
      rows.push({ key: `day/${message.seq}`, content: html`<p class="day">${dayName(message.createdAt)}</p>` });
    }
    const mark = message === lastAnswer && isSeen ? " · Seen" : "";
    const by = isOneRun(message, messages[index + 1]) ? "" : byLine(chat, message) + mark;
    rows.push({ key: String(message.seq), content: drawn(message, by, isOneRun(before, message)) });
  });
  desk.pending(chat.chatId).forEach((entry, index, all) => {
    rows.push({ key: entry.id, content: drawnUnsent(desk, entry, index < all.length - 1 ? "" : "Sending…") });
  });
  return rows;
};

/** Who wrote it and when. @param {Chat} chat @param {Message} message */
const byLine = (chat, message) => {
  const writer = message.senderName ?? (message.sender === "VISITOR" ? nameOf(chat) : "Team");
  const kind = isNote(message) ? " · private note" : message.sender === "BOT" ? " · bot" : "";
  return `${writer}${kind} · ${clock(message.createdAt)}`;
};

/** @param {Message} message @param {string} by @param {boolean} follows whether it goes on with what is above it */
const drawn = (message, by, follows) => {
  if (message.sender === "SYSTEM") {
    return html`<p class="message system" data-seq=${message.seq} dir="auto">${message.message}</p>`;
  }
  const side = isNote(message) ? "note" : message.sender === "VISITOR" ? "visitor" : "agent";
  return html`<div class="message ${side}${follows ? " follows" : ""}" data-seq=${message.seq}>
    ${message.message ? html`<div class="text" dir="auto">${message.message}</div>` : nothing}
    ${attachmentsOf(message).map(drawnFile)}
    ${by ? html`<div class="by"><bdi>${by}</bdi></div>` : nothing}</div>`;
};

/** @param {Message & {attachments?: Attachment[], fileSize?: number|null}} message @returns {Attachment[]} */
const attachmentsOf = (message) => {
  if (message.attachments?.length) return message.attachments;
  if (!message.fileUrl) return [];
  const contentType = message.messageType === "IMAGE" ? "image/" : "";
  return [{ id: message.fileUrl, filename: message.fileName ?? "File", url: message.fileUrl, size: message.fileSize ?? 0, contentType }];
};

/** @param {Attachment} file */
const drawnFile = (file) => {
  const address = webAddress(file.url);
  if (!address) return html`<span class="file">${icon("file")}<bdi>${file.filename}</bdi></span>`;
  if (file.contentType.startsWith("image/")) {
    const picture = webAddress(file.thumbnailUrl) ?? address;
    return html`<a class="picture" href=${address} target="_blank" rel="noopener noreferrer">
      <img src=${picture} alt=${file.filename} loading="lazy" width=${file.width ?? nothing} height=${file.height ?? nothing}></a>`;
  }
  return html`<a class="file" href=${address} target="_blank" rel="noopener noreferrer" download=${file.filename}>${icon("file")}
    <bdi>${file.filename}</bdi>${file.size ? html`<span class="file-size">${size(file.size)}</span>` : nothing}</a>`;
};

/** @param {Desk} desk @param {import("../desk.js").Unsent} entry @param {string} state */
const drawnUnsent = (desk, entry, state) => {
  const { text, isNote: isPrivate, file } = entry.content;
  const side = isPrivate ? "note" : "agent";
  return html`<div class="message ${side} ${entry.failure ? "failed" : "unsent"}">
    ${text ? html`<div class="text" dir="auto">${text}</div>` : nothing}
    ${file ? html`<span class="file">${icon("file")}<bdi>${file.fileName}</bdi></span>` : nothing}
    ${entry.failure ? html`<div class="by">Not sent: ${entry.failure}
      <button class="link" type="button" @click=${() => desk.answerAgain(entry)}>Try again</button>
      <button class="link" type="button" @click=${() => desk.outbox.remove(entry)}>Remove</button></div>`
    : state ? html`<div class="by">${state}</div>` : nothing}</div>`;
};

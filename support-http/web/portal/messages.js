// @ts-check
import { html, ifDefined, nothing, repeat } from "../vendor/lit.js";
import { isOneRun, startsDay } from "../shared/thread.js";
import { fileAddress } from "./api.js";
import { inOwnWords } from "./server-words.js";
import { clock, dayAndClock, dayName, fileSize } from "./times.js";
import { t } from "./words.js";
import { icon, initials } from "./view.js";

/**
 * @typedef {import("./api.js").Message} Message
 * @typedef {import("../shared/outbox.js").Unsent<import("./store.js").Words>} Unsent
 */

const WIDEST = 320;
const TALLEST = 240;

/** How large a picture is shown, so that nothing moves when it arrives. @param {import("./api.js").Attachment} file */
const shownSize = ({ width, height }) => {
  if (!width || !height) return {};
  const scale = Math.min(1, WIDEST / width, TALLEST / height);
  return { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
};

/** @param {import("./api.js").Attachment} file @param {() => void} expired told when it can't be had any more */
const attachment = (file, expired) => {
  const url = fileAddress(file.url);
  if (file.contentType.startsWith("image/")) {
    const { width, height } = shownSize(file);
    return html`<li><a class="picture" href=${url} target="_blank" rel="noopener">
      <img src=${file.thumbnailUrl ? fileAddress(file.thumbnailUrl) : url} alt=${t("files.picture", { name: file.filename })}
        width=${ifDefined(width)} height=${ifDefined(height)} loading="lazy" @error=${expired}></a></li>`;
  }
  return html`<li><a class="attached" href=${url} target="_blank" rel="noopener">${icon("file")}
    <span class="name" dir="auto">${file.filename}</span><span class="soft">${fileSize(file.size)}</span></a></li>`;
};

/** @param {import("./api.js").Attachment[]|undefined} files @param {() => void} expired */
const attachments = (files, expired) => files?.length
  ? html`<ul class="attachments">${files.map((file) => attachment(file, expired))}</ul>` : nothing;

/** @param {Message|undefined} before @param {Message} message @param {Message|undefined} after @param {{isLastSeen: boolean, expired: () => void}} about */
const row = (before, message, after, { isLastSeen, expired }) => {
  const day = startsDay(before, message) ? html`<p class="day"><span>${dayName(message.createdAt)}</span></p>` : nothing;
  if (message.sender === "system") {
    return html`<li class="message system">${day}<p><span dir="auto">${inOwnWords(message.body)}</span>
      <time class="soft" datetime=${message.createdAt}>${clock(message.createdAt)}</time></p></li>`;
  }
  const isOwn = message.sender === "customer";
  const goesOn = isOneRun(message, after);
  const name = isOwn ? t("request.you") : message.senderName;
  return html`<li class="message ${isOwn ? "own" : "theirs"} ${goesOn ? "goes-on" : ""}" data-seq=${message.seq}>
    ${day}
    ${isOneRun(before, message) ? html`<span class="unseen">${name}</span>` : html`<p class="name"><span dir="auto">${name}</span></p>`}
    <div class="said">
      ${isOwn || goesOn ? nothing : html`<span class="face" aria-hidden="true">${initials(message.senderName)}</span>`}
      ${message.body ? html`<p class="text" dir="auto">${message.body}</p>` : nothing}
      ${attachments(message.attachments, expired)}
    </div>
    ${goesOn ? nothing : html`<p class="soft at"><time datetime=${message.createdAt} title=${dayAndClock(message.createdAt)}>${clock(message.createdAt)}</time>
      ${isLastSeen ? html`· ${t("request.seen")}` : nothing}</p>`}
  </li>`;
};

/** @param {Unsent} entry @param {(entry: Unsent) => void} discard */
const unsentRow = (entry, discard) => html`<li class="message own unsent">
  <div class="said">
    ${entry.content.body ? html`<p class="text" dir="auto">${entry.content.body}</p>` : nothing}
    ${attachments(entry.content.files, () => {})}
  </div>
  ${entry.failure ? html`<p class="problem">${t("request.refused", { reason: entry.failure })}
    <button class="plain" type="button" @click=${() => discard(entry)}>${t("request.discard")}</button></p>`
    : html`<p class="soft at">${t("request.unsent")}</p>`}
</li>`;

/**
 * What was said, and below it what is still to be sent.
 * @param {Message[]} messages @param {Unsent[]} unsent
 * @param {{discard: (entry: Unsent) => void, expired: () => void}} on `expired` when a picture's address has run out
 */
export const messageList = (messages, unsent, { discard, expired }) => {
  const lastSeen = messages.findLast(({ sender, isRead }) => sender === "customer" && isRead)?.seq;
  const lastOwn = messages.findLast(({ sender }) => sender === "customer")?.seq;
  return html`<div class="messages" role="log" aria-live="off" aria-label=${t("request.conversation")} tabindex="0"><ol>
    ${repeat(messages, ({ id }) => id, (message, index) =>
      row(messages[index - 1], message, messages[index + 1], { isLastSeen: message.seq === lastSeen && lastSeen === lastOwn, expired }))}
    ${repeat(unsent, ({ id }) => id, (entry) => unsentRow(entry, discard))}
  </ol></div>`;
};

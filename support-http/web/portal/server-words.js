// @ts-check
import { Failure } from "../shared/server.js";
import { isWord, language, t } from "./words.js";

/** @typedef {import("./words.js").Word} Word */

/** What the server calls a status in its sentences, in the portal's words. @type {Record<string, Word>} */
const STATUS = {
  open: "status.open", waiting: "status.open", "open again": "status.open", assigned: "status.in_progress",
  "in progress": "status.in_progress", pending: "status.pending", "waiting for your answer": "status.pending",
  resolved: "status.resolved", closed: "status.closed",
};

/** @type {[RegExp, Word][]} */
const SENTENCES = [
  [/^You are now talking to (?<name>.+)$/s, "said.given"],
  [/^Someone will be with you as soon as possible$/, "said.soon"],
  [/^Status changed to (?<status>[\w ]+)$/, "said.status"],
  [/^Your request is (?<status>[\w ]+)$/, "said.request"],
  [/^Moved to (?<name>.+)$/s, "said.moved"],
  [/^(?<name>.+) joined$/s, "said.joined"],
  [/^(?<name>.+) answered$/s, "said.answered"],
];

/** A sentence that the system itself said, in the reader's language where it is known. @param {string} sentence */
export const inOwnWords = (sentence) => {
  for (const [form, word] of SENTENCES) {
    const found = form.exec(sentence);
    if (!found) continue;
    const { name = "", status = "" } = found.groups ?? {};
    if (status && !STATUS[status]) return sentence;
    if (language() === "en" && word !== "said.status" && word !== "said.request") return sentence;
    return t(word, { name, status: status && t(STATUS[status]) });
  }
  return sentence;
};

/** Why something failed, for the person who tried. @param {unknown} failure */
export const reasonOf = (failure) => {
  if (!(failure instanceof Failure)) throw failure;
  const known = `error.${failure.code}`;
  if (failure.code !== "NOT_FOUND" && isWord(known)) return t(known);
  if (failure.details.length > 0) return failure.details.map((detail) => fieldReason(detail.message)).join(" ");
  if (failure.status === 0 || failure.status >= 500 || !failure.message) return t("error");
  return isWord(known) ? t(known) : failure.message;
};

/** @param {string} message */
const fieldReason = (message) => (message === "This field is required" ? t("error.REQUIRED") : message);

/** What is wrong with each field, by its name. @param {unknown} failure @returns {Record<string, string>} */
export const fieldsOf = (failure) => {
  if (!(failure instanceof Failure)) throw failure;
  return Object.fromEntries(failure.details.map(({ field, message }) => [field, fieldReason(message)]));
};

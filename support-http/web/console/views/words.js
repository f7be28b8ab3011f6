// @ts-check

/** @typedef {import("../api.js").Chat} Chat */

/** @type {[string, string][]} */
export const PRIORITIES = [["low", "Low"], ["normal", "Normal"], ["high", "High"], ["urgent", "Urgent"]];

const CHANNELS = { web: "Website", chatbot: "Chatbot", portal: "Customer page", messenger: "Messenger", telegram: "Telegram",
  email: "Email", api: "API" };

/** @param {string} channel */
export const channelName = (channel) => CHANNELS[/** @type {keyof typeof CHANNELS} */ (channel)] ?? channel;

/** @param {Chat} chat */
export const nameOf = (chat) => chat.visitorName || chat.visitorEmail || "Visitor";

/** Two letters for a face that nobody has seen. @param {string} name */
export const initials = (name) => {
  const words = name.trim().split(/[\s.@_-]+/u).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0] ?? "").join("");
  return letters.toLocaleUpperCase() || "?";
};

/** @param {number} bytes */
export const size = (bytes) => {
  if (bytes < 1_000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${Math.round(bytes / 1_000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
};

/** An address that a click may lead to, else nothing: others wrote it. @param {string|null|undefined} text */
export const webAddress = (text) => {
  if (!text || !URL.canParse(text, location.href)) return null;
  const url = new URL(text, location.href);
  return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
};

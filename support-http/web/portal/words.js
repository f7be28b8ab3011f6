// @ts-check
import { Memory } from "../shared/memory.js";
import english from "./languages/en.js";

/** @typedef {keyof typeof english} Word */
/** @typedef {string|Record<string, string>} Text a text, or one for each kind of number */

/** Every language by its own name. */
export const LANGUAGES = { en: "English", de: "Deutsch", zh: "中文", ar: "العربية" };
const RIGHT_TO_LEFT = ["ar"];

const memory = new Memory("localStorage", "support");
let current = "en";
/** @type {Partial<Record<Word, Text>>} */
let words = english;

export const language = () => current;

/** What was chosen on this device, else the first of the browser's languages that there is. */
export const preferredLanguage = () => {
  const wanted = [memory.read("language"), ...navigator.languages.map((one) => one.split("-")[0])];
  return wanted.find((one) => one in LANGUAGES) ?? "en";
};

/** @param {string} name */
export const chooseLanguage = async (name) => {
  memory.write("language", name);
  await loadWords(name);
};

/** @param {string} name */
export const loadWords = async (name) => {
  if (name in LANGUAGES) {
    words = (await import(`./languages/${name}.js`).catch(() => ({ default: english }))).default;
    current = name;
  }
  document.documentElement.lang = current;
  document.documentElement.dir = RIGHT_TO_LEFT.includes(current) ? "rtl" : "ltr";
};

/**
 * A text in the chosen language. `{name}` in it becomes the value of that name; `n` chooses among the kinds of number.
 * @param {Word} word @param {Record<string, string|number>} [values]
 */
export const t = (word, values = {}) => {
  const known = words[word] ?? english[word];
  const kind = typeof known === "string" ? "" : new Intl.PluralRules(current).select(Number(values.n));
  const text = typeof known === "string" ? known : /** @type {Record<string, string>} */ (known)[kind] ?? known.other;
  return text.replaceAll(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
};

/** Whether there are such words: for what the server names. @param {string} word @returns {word is Word} */
export const isWord = (word) => word in english;

/** @param {number} count */
export const number = (count) => new Intl.NumberFormat(current).format(count);

// @ts-check
import { language } from "./words.js";

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** @param {Intl.DateTimeFormatOptions} options */
const format = (options) => {
  const key = language() + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(locale(), options);
  formats.set(key, known);
  return known;
};

/** The browser's own variety of the language, where it has one. */
const locale = () => navigator.languages.find((one) => one.split("-")[0] === language()) ?? language();

/** @param {Date} date */
const daysAgo = (date) => {
  const midnight = (/** @type {Date} */ at) => new Date(at.getFullYear(), at.getMonth(), at.getDate(), 12).getTime();
  return Math.round((midnight(new Date()) - midnight(date)) / 86_400_000);
};

/** @param {Date} date */
const isThisYear = (date) => date.getFullYear() === new Date().getFullYear();

/** The hour and minute, for where the day is known. @param {string} iso */
export const clock = (iso) => format({ hour: "2-digit", minute: "2-digit" }).format(new Date(iso));

/** The hour for today, the day for before. @param {string} iso */
export const moment = (iso) => {
  const date = new Date(iso);
  if (daysAgo(date) === 0) return clock(iso);
  return format({ day: "numeric", month: "short", ...(!isThisYear(date) && { year: "numeric" }) }).format(date);
};

/** A day as a heading. @param {string} iso */
export const dayName = (iso) => {
  const date = new Date(iso);
  const ago = daysAgo(date);
  if (ago === 0 || ago === 1) {
    const name = new Intl.RelativeTimeFormat(locale(), { numeric: "auto" }).format(-ago, "day");
    return name.charAt(0).toLocaleUpperCase(locale()) + name.slice(1);
  }
  if (isThisYear(date)) return format({ weekday: "long", day: "numeric", month: "long" }).format(date);
  return format({ day: "numeric", month: "long", year: "numeric" }).format(date);
};

/** @param {string} iso */
export const dayAndClock = (iso) => format({ dateStyle: "medium", timeStyle: "short" }).format(new Date(iso));

/** What an input of kind `datetime-local` takes. @param {Date} date */
export const localInput = (date) => {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 16);
};

/** @param {number} bytes */
export const fileSize = (bytes) => {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const value = bytes / 1_000 ** power;
  return new Intl.NumberFormat(locale(), { style: "unit", unit: units[power], unitDisplay: "short",
    maximumFractionDigits: value < 10 ? 1 : 0 }).format(value);
};

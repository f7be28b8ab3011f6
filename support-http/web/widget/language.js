// @ts-check
import { WORDS as ENGLISH } from "./languages/en.js";

/** @typedef {typeof ENGLISH} Words */

/** Each has its file in `languages`: another one is a file and a line here. English is always there. */
export const LANGUAGES = { en: "English", de: "Deutsch", zh: "中文", ar: "العربية" };

const RIGHT_TO_LEFT = /^(ar|dv|fa|he|ps|sd|ug|ur|yi)\b/;
const DAY = 86_400_000;

/** The first of the wanted that there is. @param {readonly (string|undefined)[]} wanted @returns {string} */
export const bestLanguage = (wanted) =>
  wanted.map((tag) => (tag ?? "").toLowerCase().split("-")[0]).find((name) => Object.hasOwn(LANGUAGES, name)) ?? "en";

/** Keeps what is inserted from turning the sentence around it. @param {string} text */
export const isolated = (text) => `\u2068${text}\u2069`;

/** How the widget speaks: words, numbers and times. */
export class Language {
  /** @param {string} name @param {Words} words */
  constructor(name, words) {
    this.name = name;
    this.words = words;
    this.direction = RIGHT_TO_LEFT.test(name) ? "rtl" : "ltr";
    // The region is the visitor's: 24 hours in London, 12 in New York.
    const locale = navigator.languages?.find((tag) => tag.toLowerCase().startsWith(name)) ?? name;
    this.locale = locale;
    this.number = new Intl.NumberFormat(locale);
    this.time = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
    this.day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });
    this.relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  }

  /** @param {string} name one of {@link LANGUAGES} @param {URL} origin where its file is */
  static async load(name, origin) {
    if (name === "en") return new Language(name, ENGLISH);
    const file = new URL(`assets/widget/languages/${name}.js`, origin).href;
    try {
      const { WORDS } = await import(file);
      return new Language(name, WORDS);
    } catch {
      return new Language("en", ENGLISH);
    }
  }

  /** @param {string} iso */
  clock(iso) {
    return this.time.format(new Date(iso));
  }

  /** A day as a heading: today, yesterday, or its date. @param {string} iso */
  dayName(iso) {
    const days = Math.round((startOfDay(new Date(iso)) - startOfDay(new Date())) / DAY);
    if (Math.abs(days) > 1) return this.day.format(new Date(iso));
    const name = this.relative.format(days, "day");
    return name.charAt(0).toLocaleUpperCase(this.locale) + name.slice(1);
  }

  /** A moment to come. @param {string} iso */
  moment(iso) {
    const days = Math.round((startOfDay(new Date(iso)) - startOfDay(new Date())) / DAY);
    const day = days < 2 ? this.relative.format(days, "day")
      : new Intl.DateTimeFormat(this.locale, days < 7 ? { weekday: "long" } : { day: "numeric", month: "short" }).format(new Date(iso));
    return `${day}, ${this.clock(iso)}`;
  }

  /** @param {number} bytes */
  size(bytes) {
    const unit = bytes < 1_000_000 ? "kilobyte" : "megabyte";
    const count = unit === "kilobyte" ? Math.ceil(bytes / 1_024) : bytes / 1_048_576;
    return new Intl.NumberFormat(this.locale, { style: "unit", unit, maximumFractionDigits: 1 }).format(count);
  }
}

/** @param {Date} date */
const startOfDay = (date) => new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

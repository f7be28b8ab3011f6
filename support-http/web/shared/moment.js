// @ts-check

const time = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });

/** @param {Date} date @param {number} [back] whether it was today, or so many days before */
const isDay = (date, back = 0) => {
  const other = new Date();
  other.setDate(other.getDate() - back);
  return date.toDateString() === other.toDateString();
};

/** @param {Date} date */
const isThisYear = (date) => date.getFullYear() === new Date().getFullYear();

/** The hour and minute, for where the day is known. @param {string} iso */
export const clock = (iso) => time.format(new Date(iso));

/** The hour for today, the day for before. @param {string} iso */
export const moment = (iso) => {
  const date = new Date(iso);
  if (isDay(date)) return time.format(date);
  return isThisYear(date) ? day.format(date) : dayOfYear.format(date);
};

/** A day as a heading. @param {string} iso */
export const dayName = (iso) => {
  const date = new Date(iso);
  if (isDay(date)) return "Today";
  if (isDay(date, 1)) return "Yesterday";
  return isThisYear(date) ? weekday.format(date) : dayOfYear.format(date);
};

/** Days and times as people here write them. */

import { LANGUAGE } from "../texts.en.js";

// In the language of the texts, and as in that country, where the browser says which.
const LOCALE = navigator.languages.find((one) => one.startsWith(LANGUAGE)) ?? LANGUAGE;
const LONG = { weekday: "long", day: "numeric", month: "long", year: "numeric" };
const format = (options) => new Intl.DateTimeFormat(LOCALE, options);
const FORMATS = {
  long: format(LONG),
  short: format({ day: "numeric", month: "short" }),
  year: format({ day: "numeric", month: "short", year: "numeric" }),
  time: format({ hour: "numeric", minute: "2-digit" }),
};

/** "Tuesday, 17 November 2026" */
export function longDay(date) {
  return FORMATS.long.format(date);
}

/** "17 Nov", and the year where it is not this one. */
export function shortDay(date) {
  const isNow = date.getFullYear() === new Date().getFullYear();
  return FORMATS[isNow ? "short" : "year"].format(date);
}

/** "18:40" */
export function timeOfDay(date) {
  return FORMATS.time.format(date);
}

/** Texts by key, with values. */

import { TEXTS } from "../texts.en.js";

/** @returns {string} the text; the key itself, where there is none */
export function t(key, values = {}) {
  let text = TEXTS[key] ?? key;
  const [one, more] = text.split("|");
  if (more !== undefined) text = values.count === 1 ? one : more;
  return text.replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}

/** Is there such a text? */
export function has(key) {
  return key in TEXTS;
}

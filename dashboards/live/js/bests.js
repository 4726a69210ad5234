/** The best of each kind that was lifted, in a few large numbers. */

import { shortDay } from "./dates.js";
import { el } from "./dom.js";
import { kindOf, lifted } from "./past.js";
import { fixed, loadText, number } from "./units.js";

/** @param {object[]} bests of one athlete @returns {HTMLElement[]} */
export function bestTiles(bests, app) {
  const kinds = new Map();
  for (const best of bests) kinds.set(kindOf(best), [...(kinds.get(kindOf(best)) ?? []), best]);
  return [...kinds.values()].map((some) => {
    const tiles = some.map((best) => tile(best, app));
    const heading = el("h3", { text: lifted(app, some[0]) });
    return el("article", {}, heading, el("dl", { class: "tiles" }, ...tiles));
  });
}

function tile(best, app) {
  const about = {
    testid: "best-row",
    "data-kind": best.kind,
    "data-exercise": best.exercise,
    "data-variant": best.variant,
    "data-value": best.value,
  };
  return el(
    "div",
    about,
    el("dt", { text: app.texts(`best.${best.kind}`) }),
    el("dd", { text: valueText(best, app.settings.get("unit")) }),
    el("dd", { class: "more", text: shortDay(new Date(best.time)) }),
  );
}

function valueText({ kind, value }, unit) {
  if (kind === "load" || kind === "volume") return loadText(value, unit);
  if (kind === "velocity") return `${fixed(value, 2)} m/s`;
  return kind === "hold" ? `${fixed(value, 1)} s` : number(value, 0);
}

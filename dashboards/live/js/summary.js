/** What each athlete did in the session, in a few large numbers, and what it meant. */

import { ofSession } from "./advice.js";
import { el } from "./dom.js";
import { saidLines } from "./said.js";
import { clock, fixed, loadText } from "./units.js";

/** @returns {HTMLElement[]} one for each athlete */
export function summaries(device, app) {
  const hidden = app.settings.get("hiddenRules");
  return device.sessions().map(({ athlete, values }) => {
    const said = ofSession(device, athlete, hidden).map((one) => one.values);
    const heading = el("h2", {
      text: app.texts("after.summary", { athlete: app.athlete(athlete) }),
    });
    const tiles = numbers(values, app).map(([name, text, more]) =>
      el(
        "div",
        {},
        el("dd", { text }),
        el("dt", { text: app.texts(`sum.${name}`) }),
        more ? el("dd", { class: "more", text: more }) : null,
      ),
    );
    return el(
      "article",
      { testid: "session", "data-athlete": athlete },
      heading,
      el("dl", { class: "tiles" }, ...tiles),
      ...saidLines(said, app),
    );
  });
}

function numbers(values, app) {
  const load = (kg) => loadText(kg, app.settings.get("unit"));
  const range = { low: load(values.e1rm_low_kg), high: load(values.e1rm_high_kg) };
  const found = [
    ["sets", String(values.sets)],
    ["reps", String(values.reps)],
    ["volume", load(values.volume_kg)],
    ["load", load(values.load_kg)],
    ["tut", clock(values.time_under_tension_s)],
    ["best", values.best_velocity_mps === null ? "" : fixed(values.best_velocity_mps, 2)],
    ["faults", String(values.faults)],
    ["e1rm", load(values.e1rm_kg), app.texts("sum.e1rm.range", range)],
  ];
  return found.filter(([, text]) => text !== "");
}

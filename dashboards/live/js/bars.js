/** The velocity of each rep as a bar, with the line below which it is time to stop. */

import { mark, say, svg } from "./dom.js";
import { fixed } from "./units.js";

const MOST = 20;
const WIDE = 300;
const HIGH = 100;
const FAULTS = ["over_arch", "sag", "short_lockout"];

export class Bars {
  #title = svg("title");
  element = svg("svg", { class: "bars", role: "img", preserveAspectRatio: "none" }, this.#title);

  constructor(t) {
    this.t = t;
  }

  /** @param {object[]} reps of one set @param {?number} loss_pct at which to stop */
  show(reps, loss_pct, isCertain) {
    const counted = reps.filter((rep) => !rep.values.partial);
    const known = counted.filter((rep) => typeof rep.values.mean_velocity_mps === "number");
    const best = Math.max(0, ...known.map((rep) => rep.values.mean_velocity_mps));
    const shown = known.slice(-MOST);
    mark(this.element, "viewBox", `0 0 ${WIDE} ${HIGH}`);
    const step = WIDE / Math.max(8, shown.length);
    const bars = shown.map((rep, at) => bar(rep, at * step, step, best, loss_pct, isCertain(rep)));
    this.element.replaceChildren(this.#title, ...bars, ...limit(best, loss_pct));
    say(
      this.#title,
      `${this.t("lift.velocity")}: ${this.t("lift.best", { best: fixed(best, 2) })}`,
    );
  }
}

function bar(rep, x, step, best, loss_pct, certain) {
  const share = best ? Math.max(0, rep.values.mean_velocity_mps) / best : 0;
  const high = share * (HIGH - 12);
  const fault = FAULTS.find((name) => rep.values[`fault_${name}`]);
  const slow = loss_pct !== null && share <= 1 - loss_pct / 100;
  const box = { x: x + step * 0.12, width: step * 0.76 };
  const parts = [svg("rect", { ...box, y: HIGH - high, height: high, rx: 2 })];
  if (fault)
    parts.push(svg("rect", { ...box, class: "mark", y: HIGH - high - 10, height: 7, rx: 2 }));
  const about = {
    class: "bar",
    "data-slow": slow,
    "data-certain": certain,
    "data-fault": fault ?? null,
  };
  return svg("g", about, ...parts);
}

function limit(best, loss_pct) {
  if (!best || loss_pct === null) return [];
  const y = HIGH - (1 - loss_pct / 100) * (HIGH - 12);
  return [svg("line", { class: "limit", x1: 0, x2: WIDE, y1: y, y2: y })];
}

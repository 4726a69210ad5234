/** The four parts of a rep: how long each lasted, against what it is to last. */

import { el, mark, say } from "./dom.js";
import { fixed } from "./units.js";
import { PARTS } from "./wanted.js";

export class Tempo {
  #cells = {};

  constructor(t) {
    this.element = el("div", { class: "tempo", "aria-label": t("lift.tempo"), role: "group" });
    this.t = t;
    for (const part of PARTS) {
      const cell = {
        box: el("div", { class: "part", "data-phase": part }),
        value: el("b", { testid: `tempo-${part}` }),
        target: el("span", { class: "target" }),
        fill: el("i", { class: "fill" }),
      };
      cell.box.append(cell.fill, el("span", { text: t(`phase.${part}`) }), cell.target, cell.value);
      this.#cells[part] = cell;
      this.element.append(cell.box);
    }
  }

  /**
   * @param {object} device whose `parts` were seen live
   * @param {object} wanted as of `wantedOf`
   * @param {{phase: string, phase_s: number}} motion of the moment
   */
  show(device, wanted, motion) {
    for (const part of PARTS) {
      const { box, value, target, fill } = this.#cells[part];
      const wanted_s = aimOf(wanted, part);
      const running = motion.phase === part && device.isLifting();
      const lasted_s = running ? motion.phase_s : device.parts[part];
      say(value, fixed(lasted_s, 1));
      say(target, targetText(wanted, part, this.t));
      mark(box, "data-running", running);
      mark(box, "data-met", running || lasted_s === null ? null : met(lasted_s, wanted, part));
      fill.style.transform = `scaleX(${running && wanted_s ? Math.min(1, lasted_s / wanted_s) : 0})`;
    }
  }
}

/** As the pipeline judges it: within 0.3 s or 20 %, a hold at least as long; null: nothing asked. */
function met(lasted_s, wanted, part) {
  if (part === "top" && wanted.hold_s !== null) return lasted_s >= wanted.hold_s - 0.05;
  const wanted_s = wanted.parts_s[part];
  return wanted_s === null ? null : Math.abs(lasted_s - wanted_s) <= Math.max(0.3, 0.2 * wanted_s);
}

function targetText(wanted, part, t) {
  const wanted_s = aimOf(wanted, part);
  if (wanted_s !== null) return `${wanted_s} s`;
  return wanted.tempo === null ? "" : t("lift.asfast");
}

function aimOf(wanted, part) {
  return part === "top" ? wanted.hold_s : wanted.parts_s[part];
}

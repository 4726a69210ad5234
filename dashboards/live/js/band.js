/** The phase of the moment in one word, how long it has lasted, and a bar that fills to its target. */

import { el, mark, say } from "./dom.js";
import { fixed } from "./units.js";

export class Band {
  #word = el("b", { testid: "phase", class: "word" });
  #time = el("b", { testid: "hold", class: "time" });
  #target = el("span", { testid: "target", class: "target" });
  #fill = el("i", { class: "fill" });

  constructor() {
    this.element = el("div", { class: "band" }, this.#fill, this.#word, this.#time, this.#target);
  }

  /**
   * @param {string} phase
   * @param {string} word what it is called
   * @param {?number} seconds how long it has lasted; null: it does not matter
   * @param {?number} wanted_s its target; null for none. One of 0 s is never reached: it is over
   */
  show(phase, word, seconds, wanted_s) {
    const reached = seconds !== null && wanted_s > 0 && seconds >= wanted_s;
    mark(this.element, "data-phase", phase);
    mark(this.element, "data-reached", reached || wanted_s === null);
    say(this.#word, reached ? `${word} ✓` : word);
    say(this.#time, seconds === null ? "" : fixed(seconds, 1));
    say(this.#target, seconds === null || wanted_s === null ? "" : `/ ${wanted_s} s`);
    const share = seconds === null || !wanted_s ? 0 : Math.min(1, seconds / wanted_s);
    this.#fill.style.transform = `scaleX(${share})`;
  }
}

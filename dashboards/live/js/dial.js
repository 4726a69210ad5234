/** The number that fills the screen, in a ring that grows while the top is held. */

import { el, mark, say, svg } from "./dom.js";

const RADIUS = 92;
const ROUND = 2 * Math.PI * RADIUS;

export class Dial {
  #count = el("b", { testid: "rep-count", class: "count", text: "0" });
  #aim = el("span", { class: "aim" });
  #arc = svg("circle", { class: "arc", cx: 100, cy: 100, r: RADIUS });

  constructor() {
    const track = svg("circle", { class: "track", cx: 100, cy: 100, r: RADIUS });
    const ring = svg("svg", { viewBox: "0 0 200 200", "aria-hidden": "true" }, track, this.#arc);
    this.element = el(
      "div",
      { class: "dial" },
      ring,
      el("div", { class: "middle" }, this.#count, this.#aim),
    );
    this.#arc.style.strokeDasharray = `${ROUND}`;
    this.hold(null, null);
  }

  /** @param {number} count @param {boolean} certain lighter, where not @param {string} aim below it */
  show(count, certain, aim) {
    say(this.#count, String(count));
    mark(this.#count, "data-certain", certain);
    mark(this.#count, "data-digits", String(count).length);
    say(this.#aim, aim);
  }

  /** held_s: null where the top is not held; wanted_s: null for no target. */
  hold(held_s, wanted_s) {
    const share = held_s === null || !wanted_s ? 0 : Math.min(1, held_s / wanted_s);
    this.#arc.style.strokeDashoffset = String(ROUND * (1 - share));
    mark(this.#arc, "data-reached", share >= 1);
    mark(this.element, "data-holding", held_s !== null && wanted_s !== null);
  }
}

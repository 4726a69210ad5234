/** One number over time: a point for each session. */

import { shortDay } from "./dates.js";
import { el, say } from "./dom.js";

const DAY_S = 86_400;
const LEAST_S = 14 * DAY_S;
const HIGH = 132;

export class Trend {
  #plot = null;
  #data = [[], []];
  #value = el("b");
  #when = el("span");
  #box = el("div", { class: "plot", role: "img" });
  #size = new ResizeObserver(() => this.#fit());

  /**
   * @param {string} name what it is called
   * @param {string} unit
   * @param {function(number): string} text a value as it is shown, without its unit
   */
  constructor(name, unit, text) {
    this.unit = unit;
    this.text = text;
    this.name = name;
    const caption = el("figcaption", {}, el("span", { text: name }), this.#value, this.#when);
    this.element = el("figure", { class: "trend", testid: "trend" }, caption, this.#box);
    this.#size.observe(this.#box);
  }

  /** @param {number[]} time_s rising @param {(?number)[]} values @param {string} label in words */
  show(time_s, values, label) {
    this.#data = [time_s, values];
    const points = values.filter((value) => value !== null).length;
    this.element.dataset.points = String(points);
    this.element.hidden = points === 0; // no load was ever said, for one
    this.#box.setAttribute("aria-label", label);
    this.#plot?.setData(this.#data);
    this.#tell(null);
  }

  /** With the colours of now. */
  recolour() {
    this.#plot?.destroy();
    this.#plot = null;
    this.#fit();
  }

  close() {
    this.#size.disconnect();
    this.#plot?.destroy();
    this.#plot = null;
  }

  /** The point that is pointed at, else the newest. */
  #tell(at) {
    const [time_s, values] = this.#data;
    const index = at ?? values.findLastIndex((value) => value !== null);
    const value = values[index] ?? null;
    say(this.#value, value === null ? "–" : `${this.text(value)}${this.unit}`);
    say(this.#when, value === null ? "" : shortDay(new Date(time_s[index] * 1000)));
  }

  /** The first and the last day, where there is room for both. */
  #ends() {
    const [time_s] = this.#data;
    const [least_s, most_s] = around(time_s);
    const [first_s, last_s] = [time_s[0], time_s.at(-1)];
    return last_s - first_s > 0.45 * (most_s - least_s) ? [first_s, last_s] : [last_s];
  }

  #fit() {
    const width = this.#box.clientWidth;
    if (!width) return;
    if (this.#plot) this.#plot.setSize({ width, height: HIGH });
    else this.#plot = new globalThis.uPlot(this.#options(width), this.#data, this.#box);
  }

  #options(width) {
    const look = getComputedStyle(this.element);
    const colour = (name) => look.getPropertyValue(name).trim();
    const axis = {
      stroke: colour("--soft"),
      font: `11px ${look.fontFamily}`,
      ticks: { show: false },
      grid: { stroke: colour("--line"), width: 1 },
    };
    const days = (_, splits) => splits.map((split) => shortDay(new Date(split * 1000)));
    const numbers = (_, splits) => splits.map((split) => this.text(split));
    const stroke = colour("--trace");
    return {
      width,
      height: HIGH,
      padding: [8, 26, 0, 0],
      legend: { show: false },
      cursor: { drag: { x: false, y: false }, y: false, points: { size: 10 } },
      scales: { x: { range: () => around(this.#data[0]) }, y: { range: above } },
      axes: [
        {
          ...axis,
          size: 22,
          gap: 2,
          grid: { show: false },
          values: days,
          splits: () => this.#ends(),
        },
        { ...axis, size: 38, gap: 4, space: 30, values: numbers },
      ],
      series: [{}, { stroke, width: 2, spanGaps: true, points: { show: true, size: 6 } }],
      hooks: { setCursor: [(plot) => this.#tell(plot.cursor.idx)] },
    };
  }
}

/** Never less than two weeks: one session is a point, and not all there is. */
function around(time_s) {
  const [first_s, last_s] = [time_s[0] ?? 0, time_s.at(-1) ?? 0];
  const more_s = Math.max((last_s - first_s) * 0.03, (LEAST_S - (last_s - first_s)) / 2);
  return [first_s - more_s, last_s + more_s];
}

/** Room above and below, so that a small change does not look like a great one. */
function above(_, least, most) {
  if (least === null) return [0, 1];
  const room = Math.max((most - least) * 0.15, Math.abs(most) * 0.1, 0.05);
  return [Math.max(0, least - room), most + room];
}

/** How one kind that an athlete lifts goes over time: load, velocity, reps, range of motion. */

import { shortDay } from "./dates.js";
import { el, say } from "./dom.js";
import { lifted, overTime } from "./past.js";
import { Trend } from "./trend.js";
import { fromKg, number } from "./units.js";

const NAMES = ["load_kg", "velocity_mps", "reps", "rom_deg"];

export class OverTime {
  #heading = el("h2");
  #hint = el("p", { class: "hint" });

  constructor(app) {
    this.app = app;
    this.t = app.texts;
    this.look = matchMedia("(prefers-color-scheme: dark)");
    this.recolour = () => Object.values(this.trends ?? {}).forEach((trend) => trend.recolour());
    this.look.addEventListener("change", this.recolour);
    this.box = el("div", { class: "trends" });
    this.element = el("section", { class: "overtime" }, this.#heading, this.#hint, this.box);
    this.#make();
  }

  /** @param {object[]} sets of one athlete and one kind */
  show(sets) {
    const what = lifted(this.app, sets[0]);
    const found = overTime(sets);
    if (this.unit !== this.app.settings.get("unit")) this.#make();
    say(this.#heading, this.t("history.overtime", { what }));
    say(this.#hint, this.t("history.points", { count: found.time_s.length }));
    for (const name of NAMES) {
      const values = found[name].map((value) => this.#shown(name, value));
      this.trends[name].show(found.time_s, values, this.#words(name, what, found.time_s, values));
    }
  }

  close() {
    this.look.removeEventListener("change", this.recolour);
    for (const trend of Object.values(this.trends)) trend.close();
  }

  #make() {
    for (const trend of Object.values(this.trends ?? {})) trend.close();
    this.unit = this.app.settings.get("unit");
    const units = { load_kg: ` ${this.unit}`, velocity_mps: " m/s", reps: "", rom_deg: "°" };
    const texts = { load_kg: 1, velocity_mps: 2, reps: 0, rom_deg: 0 };
    const made = NAMES.map((name) => {
      const text = (value) => number(value, texts[name]);
      return [name, new Trend(this.t(`trend.${name}`), units[name], text)];
    });
    this.trends = Object.fromEntries(made);
    this.box.replaceChildren(...NAMES.map((name) => this.trends[name].element));
    for (const name of NAMES) this.trends[name].element.dataset.name = name;
  }

  #shown(name, value) {
    return name === "load_kg" && value !== null ? fromKg(value, this.unit) : value;
  }

  /** What the plot shows, to those who do not see it. */
  #words(name, what, time_s, values) {
    const known = values.map((value, at) => [at, value]).filter(([, value]) => value !== null);
    const label = `${what}, ${this.t(`trend.${name}`)}`;
    if (!known.length) return `${label}: –`;
    const { unit, text } = this.trends[name];
    const said = ([at, value]) =>
      `${text(value)}${unit} (${shortDay(new Date(time_s[at] * 1000))})`;
    const ends = { first: said(known[0]), last: said(known.at(-1)), count: known.length };
    return `${label}: ${this.t("trend.words", ends)}`;
  }
}

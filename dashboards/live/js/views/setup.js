/** Who lifts what, with which load and targets: with a thumb, then hands off. */

import { athleteKey } from "../command.js";
import { el, say } from "../dom.js";
import { Today } from "../today.js";
import { fromKg, number, toKg, UNITS } from "../units.js";
import { Variants } from "../variants.js";
import { PARTS, tempoParts, tempoText } from "../wanted.js";
import { choices, field, stepper, toggle } from "../widgets.js";

const EXERCISES = [
  "hip_thrust",
  "single_leg_hip_thrust",
  "glute_bridge",
  "squat",
  "deadlift",
  "lunge",
];
const USUAL_S = { eccentric: 2, bottom: 0, concentric: null, top: 2 };
const LABELS = { eccentric: "down", bottom: "bottom", concentric: "up", top: "top" };
const MOST_KG = 1000;

export function view(app) {
  const setup = new Setup(app);
  return { element: setup.element, update: (change) => setup.update(change), close() {} };
}

class Setup {
  constructor(app) {
    this.app = app;
    this.t = app.texts;
    this.element = el("div", { class: "page setup" });
    this.trouble = el("p", { class: "trouble", role: "alert" });
    this.today = new Today(app, (lift) => this.#fill(lift));
    this.#make();
  }

  /** The form is not made anew under somebody's thumb: only when another sensor is picked. */
  update(change) {
    const device = this.app.device();
    const isFirst = device?.state && !this.known;
    if (isFirst || device?.key !== this.key || change.name === "unit") this.#make();
    if (change.name === "hiddenRules") this.today.draw();
  }

  #make() {
    const device = this.app.device();
    this.key = device?.key;
    this.known = device?.state ?? null;
    if (!this.known) {
      const heading = el("h1", { text: this.t("view.setup") });
      this.element.replaceChildren(heading, el("p", { text: this.t("setup.nosensor") }));
      return;
    }
    const { athlete, exercise, variant, load_kg, targets } = this.known.next;
    this.chosen = { athlete, exercise, variant, load_kg };
    this.targets = { ...targets };
    this.which = "next";
    this.#draw(device);
    if (device.setNumber() === null && this.app.config.coaching)
      this.today.load(athlete, device.session);
  }

  /** What is planned goes into the form; it is asked for when that is sent. */
  #fill({ exercise, variant, load_kg, reps, tempo, hold_s }) {
    Object.assign(this.chosen, { exercise, variant, load_kg: load_kg ?? this.chosen.load_kg });
    Object.assign(this.targets, { reps: reps[1], tempo, hold_s });
    this.#draw(this.app.device());
  }

  #draw(device) {
    const go = el("button", {
      class: "main",
      type: "button",
      text: this.t("setup.go"),
      onclick: () => this.#go(),
    });
    this.element.replaceChildren(
      el("h1", { text: this.t("view.setup") }),
      this.today.element,
      this.#load(),
      this.#reps(),
      this.#hold(),
      this.#tempo(),
      this.#loss(),
      this.#who(),
      this.#what(),
      this.#whichSet(device),
      this.trouble,
      el("div", { class: "foot" }, go),
    );
  }

  #who() {
    const known = this.app.config.athletes ?? [];
    const keys = new Set([...known.map((one) => one.key), this.chosen.athlete]);
    const options = [...keys].map((key) => [key, this.app.athlete(key)]);
    const name = el("input", {
      type: "text",
      placeholder: this.t("setup.newname"),
      "aria-label": this.t("setup.newname"),
      autocomplete: "off",
    });
    name.addEventListener("input", () => {
      this.chosen.athlete = athleteKey(name.value) || this.known.next.athlete;
    });
    const pick = choices(options, this.chosen.athlete, (key) => {
      this.chosen.athlete = key;
      if (this.today.day) this.today.load(key, this.app.device().session);
    });
    return field(this.t("setup.who"), pick, name);
  }

  #what() {
    const named = this.app.config.exercises?.map((one) => one.key);
    const keys = new Set([...(named?.length ? named : EXERCISES), this.chosen.exercise]);
    const options = [...keys].map((key) => [key, this.app.exercise(key)]);
    const variants = new Variants(this.t, (variant) => (this.chosen.variant = variant));
    const pick = choices(options, this.chosen.exercise, (key) => {
      this.chosen.exercise = key;
      variants.show(key, this.chosen.variant);
    });
    variants.show(this.chosen.exercise, this.chosen.variant);
    return field(this.t("setup.what"), pick, variants.element);
  }

  #load() {
    const unit = this.app.settings.get("unit");
    const { load_kg } = this.chosen;
    const about = {
      name: this.t("setup.load"),
      steps: [2.5, 10],
      least: 0,
      most: fromKg(MOST_KG, unit),
      start: unit === "lb" ? 45 : 20, // an empty bar
      text: (value) => `${number(value, 1)} ${unit}`,
      value: load_kg === null ? null : Number(number(fromKg(load_kg, unit), 1)),
    };
    const changed = (value) =>
      (this.chosen.load_kg = value === null ? null : Math.min(MOST_KG, toKg(value, unit)));
    const units = choices(
      UNITS.map((one) => [one, one]),
      unit,
      (one) => this.app.settings.set("unit", one),
    );
    units.setAttribute("aria-label", this.t("setup.unit"));
    const element = stepper(about, changed);
    element.classList.add("large");
    return field(this.t("setup.load"), element, units);
  }

  #target(name, label, about) {
    const element = stepper(
      { name: this.t(label), value: this.targets[name], text: String, ...about },
      (value) => (this.targets[name] = value),
    );
    return field(this.t(label), element);
  }

  #reps() {
    return this.#target("reps", "setup.reps", { steps: [1], least: 1, most: 1000, start: 8 });
  }

  #hold() {
    const text = (value) => value.toFixed(1);
    return this.#target("hold_s", "setup.hold", {
      steps: [0.5],
      least: 0.5,
      most: 600,
      start: 2,
      text,
    });
  }

  #loss() {
    const text = (value) => `${value} %`;
    return this.#target("velocity_loss_pct", "setup.loss", {
      steps: [5],
      least: 5,
      most: 100,
      start: 20,
      text,
    });
  }

  #tempo() {
    const parts_s = this.targets.tempo ? tempoParts(this.targets.tempo) : { ...USUAL_S };
    const keep = () => (this.targets.tempo = tempoText(parts_s));
    const columns = PARTS.map((part) => {
      const label = this.t(`setup.tempo.${LABELS[part]}`);
      const about = {
        name: label,
        steps: [0.5],
        least: 0,
        most: 99,
        start: 0.5,
        value: parts_s[part],
        none: this.t("setup.fast"),
        text: (value) => value.toFixed(1),
      };
      const element = stepper(about, (value) => {
        parts_s[part] = value;
        keep();
      });
      element.classList.add("upright");
      return el("div", { class: "part", "data-phase": part }, el("span", { text: label }), element);
    });
    const box = el("div", { class: "tempo" }, ...columns);
    box.hidden = !this.targets.tempo;
    const use = toggle(this.t("setup.tempo.use"), Boolean(this.targets.tempo), (on) => {
      box.hidden = !on;
      if (on) keep();
      else this.targets.tempo = null;
    });
    return field(this.t("setup.tempo"), use, box);
  }

  #whichSet(device) {
    if (device.setNumber() === null) return "";
    const options = ["next", "latest"].map((name) => [name, this.t(`setup.${name}`)]);
    return field(
      this.t("setup.which"),
      choices(options, "next", (name) => (this.which = name)),
    );
  }

  /** Only what is different is asked for: each command can be undone, and none for nothing. */
  async #go() {
    const { next } = this.known;
    const { key } = this.app.device();
    const latest = this.which === "latest";
    const different = Object.entries(this.chosen).filter(
      ([name, value]) => value !== null && (latest || value !== next[name]),
    );
    const asked = [];
    if (different.length) {
      asked.push({ command: "choose", set: this.which, ...Object.fromEntries(different) });
    }
    const names = ["reps", "tempo", "hold_s", "velocity_loss_pct"];
    if (names.some((name) => this.targets[name] !== next.targets[name])) {
      const wanted = names.filter((name) => this.targets[name] !== null);
      const fields = Object.fromEntries(wanted.map((name) => [name, this.targets[name]]));
      asked.push({ command: "set_targets", ...fields });
    }
    for (const command of asked) {
      const answer = await this.app.send(key, command);
      say(this.trouble, answer.ok ? "" : answer.text);
      if (!answer.ok) return;
    }
    this.app.go("#/lift");
  }
}

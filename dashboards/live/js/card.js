/** One sensor in short, to be read from across the room: who, how many, what is wrong. */

import { cueOf } from "./advice.js";
import { faultsOf } from "./cues.js";
import { el, mark, say } from "./dom.js";
import { lifted } from "./past.js";
import { fixed, loadText } from "./units.js";

export class Card {
  #who = el("b", { class: "who" });
  #link = el("span", { class: "link" }, el("i"), el("b"));
  #what = el("span", { class: "what" });
  #count = el("b", { class: "count" });
  #aim = el("span", { class: "aim" });
  #phase = el("b", { class: "word" });
  #hold = el("b", { class: "time" });
  #target = el("span", { class: "target" });
  #last = el("span", { class: "last" });
  #flags = el("span", { class: "flags" });
  #told = "";

  /** @param {object} app @param {object} device */
  constructor(app, device) {
    this.app = app;
    this.t = app.texts;
    this.device = device;
    const follow = () => {
      app.pick(device.key);
      app.go("#/lift");
    };
    this.button = el(
      "button",
      { type: "button", class: "card", testid: "coach-card", onclick: follow },
      el("span", { class: "top" }, this.#who, this.#link),
      this.#what,
      el("span", { class: "number" }, this.#count, this.#aim),
      (this.band = el("span", { class: "band" }, this.#phase, this.#hold, this.#target)),
      this.#last,
      this.#flags,
    );
    this.button.dataset.device = this.button.title = device.key;
    this.element = el("li", {}, this.button);
  }

  /** Where it belongs: 0 for who lifts now, 1 for who rests, 2 for the others. */
  rank() {
    const { device } = this;
    if (!device.state || device.state.ended) return 2;
    return device.isOpen() ? 0 : 1;
  }

  /** Draw what has changed. */
  draw() {
    const { device, app } = this;
    const nowMs = app.now();
    const wanted = device.wanted();
    const link = app.model.link(device.key, nowMs);
    const silent = link !== "ok" || device.isSilent(nowMs);
    const last = device.lastRep();
    this.#head(device.choice(), wanted, link, silent);
    const count = device.count();
    say(this.#count, String(count));
    mark(this.#count, "data-certain", !last || device.isCertain(last));
    say(this.#aim, wanted.reps === null ? this.t("lift.reps") : `/ ${wanted.reps}`);
    mark(this.button, "data-reps", count);
    mark(this.button, "data-open", device.isOpen());
    mark(this.button, "data-silent", silent);
    this.#band(device.motion(nowMs), wanted, silent);
    this.#lastSet();
    this.#flag(link, silent);
  }

  #head(choice, wanted, link, silent) {
    const { app, device } = this;
    const hasName = choice?.athlete && choice.athlete !== "nobody";
    say(this.#who, hasName ? app.athlete(choice.athlete) : device.key);
    const load = loadText(wanted.load_kg, app.settings.get("unit"));
    const what = choice ? [lifted(app, choice), load] : [];
    say(this.#what, what.filter(Boolean).join(" · "));
    mark(this.#link, "data-state", link === "ok" && silent ? "silent" : link);
    say(this.#link.lastChild, hasName ? device.key : "");
  }

  #band(motion, wanted, silent) {
    const isLifting = this.device.isLifting() && !silent;
    const phase = isLifting ? motion.phase : "idle";
    const held_s = phase === "top" ? motion.hold_s : null;
    const isHeld = held_s !== null && wanted.hold_s !== null;
    let word = isLifting ? this.t(`phase.${phase}`) : this.t("phase.idle");
    if (silent) word = this.t("phase.silent");
    else if (this.device.state?.ended) word = this.t("coach.ended");
    else if (!isLifting && !this.device.sets().length) word = this.t("phase.ready");
    mark(this.band, "data-phase", phase);
    mark(this.band, "data-reached", !isHeld || held_s >= wanted.hold_s);
    say(this.#phase, word);
    say(this.#hold, held_s === null ? "" : fixed(held_s, 1));
    say(this.#target, isHeld ? `/ ${wanted.hold_s} s` : "");
  }

  #lastSet() {
    const set = this.device.sets().at(-1);
    if (!set) return say(this.#last, this.t("coach.nothing"));
    const { values } = set;
    const velocity = fixed(values.mean_velocity_mps, 2);
    return say(this.#last, this.t("coach.last", { set: values.set, count: values.reps, velocity }));
  }

  /** What somebody should look at: a sensor that is away, time to stop, faults of this set. */
  #flag(link, silent) {
    const flags = [];
    if (silent) flags.push(["silent", this.t(`coach.link.${link === "ok" ? "silent" : link}`)]);
    const reps = this.device.reps();
    const cue = cueOf(this.device, this.app.settings.get("hiddenRules"));
    if (cue?.values.level === "stop") flags.push(["stop", this.t("lift.stop")]);
    for (const [name, count] of counted(reps)) {
      const fault = this.t(`fault.short.${name}`);
      flags.push([name, this.t("coach.times", { count, fault })]);
    }
    const told = JSON.stringify(flags);
    if (told === this.#told) return;
    this.#told = told;
    const shown = flags.map(([tone, text]) => el("span", { "data-tone": tone, text }));
    this.#flags.replaceChildren(...shown);
  }
}

/** Faults and in how many reps. */
function counted(reps) {
  const found = new Map();
  for (const name of reps.flatMap((rep) => faultsOf(rep.values)))
    found.set(name, (found.get(name) ?? 0) + 1);
  return found;
}

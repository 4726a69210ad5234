/** While lifting: to be read from three metres, and touched by nobody. */

import { Band } from "../band.js";
import { Bars } from "../bars.js";
import { cueOf } from "../advice.js";
import { beats, faultsOf } from "../cues.js";
import { Dial } from "../dial.js";
import { el, mark, say } from "../dom.js";
import { Tempo } from "../tempo.js";
import { Trace } from "../trace.js";
import { clock, loadText } from "../units.js";

export function view(app) {
  const lift = new Lift(app);
  return {
    element: lift.element,
    update: (change) => lift.update(change),
    close: () => lift.close(),
  };
}

class Lift {
  #before = null; // the motion in the frame before
  #frame = 0;

  constructor(app) {
    this.app = app;
    this.t = app.texts;
    this.about = el("p", { class: "about" });
    this.dial = new Dial();
    this.band = new Band();
    this.tempo = new Tempo(this.t);
    this.bars = new Bars(this.t);
    this.fault = el("p", { class: "fault", testid: "fault" });
    this.cue = el("p", { class: "fault", testid: "cue", "data-tone": "watch", hidden: true });
    this.callWord = el("b");
    this.callText = el("span");
    const call = { class: "call", testid: "call", hidden: true };
    this.call = el("p", call, this.callWord, this.callText);
    const traceBox = el("div", { class: "trace", role: "img", "aria-label": this.t("lift.trace") });
    this.trace = new Trace(traceBox);
    this.buttons = el(
      "p",
      { class: "buttons" },
      this.#button("end_set", "lift.end"),
      this.#button("restart_set", "lift.restart"),
    );
    const heading = el("h1", { class: "hidden", text: this.t("view.lift") });
    const left = el(
      "section",
      { class: "left" },
      heading,
      this.about,
      this.call,
      this.dial.element,
      this.band.element,
    );
    const velocity = el(
      "figure",
      { class: "velocity" },
      el("figcaption", { text: this.t("lift.velocity") }),
      this.bars.element,
    );
    const right = el(
      "section",
      { class: "right" },
      this.tempo.element,
      this.fault,
      this.cue,
      traceBox,
      velocity,
      this.buttons,
    );
    this.element = el("div", { class: "lift" }, left, right);
    this.#all();
    this.#frame = requestAnimationFrame(() => this.#draw());
  }

  update(change) {
    const own = this.app.device();
    if (change.kind === "setting" && change.name === "theme") this.trace.recolour();
    if (change.device && change.device !== own?.key) return;
    if (change.kind !== "live") this.#all();
  }

  close() {
    cancelAnimationFrame(this.#frame);
    this.trace.close();
  }

  /** What changes with events; what changes all the time is drawn in frames. */
  #all() {
    const device = this.app.device();
    if (!device) return;
    const reps = device.reps();
    const open = device.isOpen();
    const last = device.lastRep();
    const wanted = (this.wanted = device.wanted());
    const aim =
      wanted.reps === null ? this.t("lift.reps") : this.t("lift.of", { target: wanted.reps });
    this.dial.show(device.count(), !last || device.isCertain(last), aim);
    mark(this.element, "data-open", open);
    say(this.about, this.#aboutText(device, wanted));
    this.bars.show(reps, wanted.loss_pct, (rep) => device.isCertain(rep));
    const cue = cueOf(device, this.app.settings.get("hiddenRules"))?.values ?? null;
    this.#faultLine(last, device);
    this.#cueLine(cue, last);
    this.#callLine(open ? last : null, wanted, device, cue);
    this.buttons.hidden = !open;
  }

  #aboutText(device, wanted) {
    const choice = device.choice();
    if (!choice) return this.t("setup.nosensor");
    const { exercise, variant } = choice;
    const number = device.setNumber() ?? 0;
    const set = this.t("lift.set", { set: device.isOpen() ? number : number + 1 });
    const load = loadText(wanted.load_kg, this.app.settings.get("unit"));
    const what = [this.app.exercise(exercise), variant].filter(Boolean).join(", ");
    return [set, what, load].filter(Boolean).join(" · ");
  }

  /** The latest rep in plain words. */
  #faultLine(last, device) {
    if (!last) {
      mark(this.fault, "data-tone", "plain");
      say(this.fault, this.t("lift.waiting"));
      return;
    }
    const faults = faultsOf(last.values);
    const sure = device.isCertain(last);
    mark(
      this.fault,
      "data-tone",
      faults[0] ?? (last.values.partial ? "watch" : sure ? "good" : "plain"),
    );
    if (faults.length) say(this.fault, faults.map((name) => this.t(`fault.${name}`)).join(". "));
    else if (last.values.partial) say(this.fault, this.t("fault.partial"));
    else say(this.fault, this.t(sure ? "fault.none" : "lift.unsure"));
  }

  /** What the coach says of it, in the place of a word of praise; not again what a fault says. */
  #cueLine(cue, last) {
    const shown = cue && cue.level !== "stop" && !faultsOf(last.values).includes(cue.rule);
    this.cue.hidden = !shown;
    say(this.cue, shown ? cue.text : "");
    this.fault.hidden = Boolean(shown) && faultsOf(last.values).length === 0;
  }

  /** Time to stop, or done: large, above the ring. */
  #callLine(last, wanted, device, cue) {
    const done = wanted.reps !== null && device.count() >= wanted.reps;
    const stop = cue?.level === "stop";
    this.call.hidden = !last || !(done || stop);
    mark(this.call, "data-tone", stop ? "stop" : "good");
    const text = stop ? this.t("lift.stop") : this.t("lift.done", { target: wanted.reps });
    say(this.callWord, text);
    say(this.callText, stop ? cue.text : "");
  }

  #draw() {
    this.#frame = requestAnimationFrame(() => this.#draw());
    const device = this.app.device();
    if (!device) return;
    const nowMs = this.app.now();
    const motion = device.motion(nowMs);
    const { wanted } = this;
    if (!wanted) return;
    const silent = device.isSilent(nowMs);
    const lifting = device.isLifting() && !silent;
    mark(this.element, "data-silent", silent);
    const held_s = motion.phase === "top" && lifting ? motion.hold_s : null;
    this.dial.hold(held_s, wanted.hold_s);
    if (silent) this.band.show("idle", this.t("phase.silent"), null, null);
    else this.#bandLine(device, motion, wanted, nowMs);
    this.tempo.show(device, wanted, motion);
    this.trace.draw(device.trace, device.nowS(nowMs));
    if (lifting)
      for (const cue of beats(this.#before, motion, wanted)) this.app.sound.play({ cue });
    this.#before = lifting ? motion : null;
  }

  #bandLine(device, motion, wanted, nowMs) {
    const isTop = motion.phase === "top";
    if (device.isLifting() && motion.phase !== "idle") {
      const wanted_s = isTop ? wanted.hold_s : wanted.parts_s[motion.phase];
      this.band.show(motion.phase, this.t(`phase.${motion.phase}`), motion.phase_s, wanted_s);
      return;
    }
    const rest_s = device.restS(nowMs);
    if (rest_s === null) this.band.show("idle", this.t("phase.ready"), null, null);
    else this.band.show("idle", `${this.t("phase.idle")} ${clock(rest_s)}`, null, null);
  }

  #button(command, text) {
    const ask = async () => {
      const device = this.app.device();
      const answer = await this.app.send(device.key, { command });
      say(this.fault, answer.text);
    };
    return el("button", { type: "button", text: this.t(text), onclick: ask });
  }
}

/**
 * What is worth a sound or a word, and when. Pure: it says what, `Sound` and the page say how.
 *
 * A cue is {cue, ...}: "count" (with count), "done" (with target), "fault" (with faults), "set"
 * (with set, count), "stop" and "advice" (with text; the coach says when). Each is given once.
 */

import { cueOf } from "./advice.js";

export const FAULTS = ["over_arch", "sag", "short_lockout"];

/** The faults of a rep, by name. */
export function faultsOf(values) {
  return FAULTS.filter((name) => values[`fault_${name}`]);
}

export class Cues {
  #told = new Set();
  #session = null;

  /**
   * @param {object} change of a `Model`, about this device
   * @param {object} device
   * @param {string} when to count: "top", "bottom" or "off"
   * @param {string[]} hidden rules of advice that are not to be heard
   * @returns {object[]}
   */
  of(change, device, when, hidden) {
    if (!change.fresh || !change.now?.valid) return [];
    if (device.session !== this.#session) this.#told.clear();
    this.#session = device.session;
    if (change.kind === "rep") return this.#ofRep(change.now, device, when);
    if (change.kind === "set") return this.#ofSet(change.now);
    if (change.kind === "advice") return this.#ofAdvice(change.now, device, hidden);
    return [];
  }

  #ofRep(rep, device, when) {
    const { partial, rep: number, final, end_s } = rep.values;
    if (partial || number === null || !device.isCertain(rep)) return [];
    if (final && this.#has("top", rep)) return []; // told anew after its set
    const wanted = device.wanted();
    const cues = [];
    if (this.#first("top", rep)) {
      if (when === "top") cues.push({ cue: "count", count: number });
      if (number === wanted.reps) cues.push({ cue: "done", target: wanted.reps });
    }
    if (end_s !== null && this.#first("end", rep)) {
      if (when === "bottom") cues.push({ cue: "count", count: number });
      const faults = faultsOf(rep.values);
      if (faults.length) cues.push({ cue: "fault", faults });
    }
    return cues;
  }

  #ofSet(set) {
    if (set.revision > 0 || !this.#first("set", set)) return [];
    return [{ cue: "set", set: set.values.set, count: set.values.reps }];
  }

  /** Of the latest rep alone, and only what is to be done. */
  #ofAdvice(advice, device, hidden) {
    const { level, text } = advice.values;
    if (cueOf(device, hidden)?.id !== advice.id || !this.#first("advice", advice)) return [];
    if (level === "stop") return [{ cue: "stop", text }];
    return level === "attention" ? [{ cue: "advice", text }] : [];
  }

  #has(what, event) {
    return this.#told.has(`${what} ${event.id}`);
  }

  #first(what, event) {
    if (this.#has(what, event)) return false;
    this.#told.add(`${what} ${event.id}`);
    return true;
  }
}

/**
 * The beats between two looks at a lifter: each whole second of the running phase up to its target.
 * @param {?{phase: string, phase_s: number}} before
 * @param {{phase: string, phase_s: number}} now
 * @param {object} wanted as of `wantedOf`
 * @returns {string[]} "begin", "beat", "end" of the phase; "held" when the hold is reached
 */
export function beats(before, now, wanted) {
  const found = [];
  const target_s = wanted.parts_s[now.phase] ?? null;
  const since_s =
    before?.phase === now.phase && now.phase_s >= before.phase_s ? before.phase_s : -1;
  const crossed = (at_s) => since_s < at_s && now.phase_s >= at_s;
  if (target_s) {
    if (since_s < 0) found.push("begin");
    const whole_s = Math.floor(now.phase_s);
    if (whole_s > 0 && whole_s < target_s && crossed(whole_s)) found.push("beat");
    if (crossed(target_s)) found.push("end");
  }
  if (now.phase === "top" && wanted.hold_s && crossed(wanted.hold_s)) found.push("held");
  return found;
}

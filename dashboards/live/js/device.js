/**
 * What is known of one sensor in its running session. Pure, as `Model`.
 *
 * A higher revision of an event replaces a lower one; one that is not valid stays away. The retained
 * state says the whole; events that are newer than it hold, those that it no longer has are taken out.
 */

import { PARTS, wantedNext, wantedOf } from "./wanted.js";

const FIRST = "1";
const SURE = 0.8;
const FRESH_S = 2.5;
const TRACE_S = 30;
const GAP_S = 1;
const REPEATED_S = 0.35;
const SILENT_MS = 1500;
const MOST_AHEAD_S = 3600;
const MEASURED = {
  eccentric: "eccentric_s",
  bottom: "bottom_pause_s",
  concentric: "concentric_s",
  top: "top_pause_s",
};
const MAPS = { rep: "reps", set: "sets", session: "sessions", advice: "advice" };

export class Device {
  constructor(key) {
    this.key = key;
    this.session = null;
    /** The retained state, the sensor's health and the latest live payload, as they came. */
    this.state = this.sensor = this.live = null;
    this.sensorHeardMs = this.liveHeardMs = null;
    this.#forget();
  }

  // -- what comes in --------------------------------------------------------------------

  /** A rep, set, session or advice -> {id, now, before, fresh}, null where it is known or of another session. */
  takeEvent(kind, content, nowMs) {
    const { id, revision, session, values } = content;
    if (typeof id !== "string" || !Number.isInteger(revision) || !isObject(values))
      throw TypeError();
    if (!this.#isOf(session) || this.#isOfArchive(kind, content)) return null;
    const known = this.events[MAPS[kind]];
    const before = known.get(id) ?? null;
    if (before && before.revision >= revision) return null;
    known.set(id, content);
    if (kind === "rep" && content.valid && this.lastRep()?.id === id) this.#measured(values);
    const clock_s = this.nowS(nowMs);
    const fresh = clock_s === null || clock_s - content.at_s < FRESH_S;
    return { id, now: content, before: before?.valid ? before : null, fresh };
  }

  takeState(content) {
    if (typeof content.session !== "string" || !isObject(content.next)) throw TypeError();
    if (!Array.isArray(content.reps) || !Array.isArray(content.sets)) throw TypeError();
    if (content.session !== this.session) this.#forget();
    else if (this.state && content.at_s < this.state.at_s && content.ended === this.state.ended) {
      return false;
    }
    this.session = content.session;
    this.state = content;
    const running = content.running;
    this.#settle("reps", content.reps, running, (rep) => rep.values.set === running?.values.set);
    this.#settle("sets", content.sets, null, () => true);
    this.#settle("sessions", content.sessions ?? [], null, () => true);
    const number = running?.values.set ?? this.sets().at(-1)?.values.set ?? null;
    const isAbout = ({ values }) => values.set === null || values.set === number;
    this.#settle("advice", content.advice ?? [], null, isAbout);
    return true;
  }

  takeLive(content, nowMs) {
    if (typeof content.at_s !== "number" || !this.#isOf(content.session)) return false;
    this.#timePhases(content);
    this.live = content;
    this.liveHeardMs = nowMs;
    this.#trace(content);
    return true;
  }

  takeSensor(content, nowMs) {
    this.sensor = content;
    this.sensorHeardMs = nowMs;
    return true;
  }

  // -- what is known --------------------------------------------------------------------

  /** Seconds since the session began, now; null where nobody knows. */
  nowS(nowMs) {
    if (!this.live) return null;
    return this.live.at_s + Math.min(MOST_AHEAD_S, (nowMs - this.liveHeardMs) / 1000);
  }

  /** The number of the set that is lifted now or was lifted last; null before the first. */
  setNumber() {
    const numbers = standing(this.events.reps).map((rep) => rep.values.set);
    if (this.state?.running) numbers.push(this.state.running.values.set);
    numbers.push(...this.sets().map((one) => one.values.set));
    return numbers.length ? Math.max(...numbers) : null;
  }

  /** Is somebody in the middle of a set? */
  isOpen() {
    const number = this.setNumber();
    if (number === null || this.state?.ended) return false;
    if (this.sets().some((one) => one.values.set === number)) return false;
    return this.reps(number).length > 0 || this.state?.running?.open === true;
  }

  /** The reps of a set (of the latest one) that stand, in order; partial ones too. */
  reps(number = this.setNumber()) {
    const found = standing(this.events.reps).filter((rep) => rep.values.set === number);
    // Added ones begin at the same time: then their numbers tell.
    const placed = (rep) => rep.values.rep ?? 0;
    return found.sort((a, b) => a.values.start_s - b.values.start_s || placed(a) - placed(b));
  }

  /** The sets that are over and stand, in order. */
  sets() {
    return standing(this.events.sets).sort((a, b) => a.values.set - b.values.set);
  }

  /** One for each athlete. */
  sessions() {
    return standing(this.events.sessions);
  }

  /** What the coach has said and still says: of reps, sets, the session and the week. */
  advice() {
    return standing(this.events.advice);
  }

  /** The number that is shown: reps of the latest set. */
  count() {
    return Math.max(0, ...this.reps().map((rep) => rep.values.rep ?? 0));
  }

  /** The latest rep of the latest set, partial ones too; null for none. */
  lastRep() {
    return this.reps().at(-1) ?? null;
  }

  /** False while a rep may still be taken back: it is shown lighter, and nothing is said of it. */
  isCertain(rep) {
    if (rep.revision > 0 && rep.values.final) return true;
    if (rep.revision === 0 && rep.values.confidence < SURE) return false;
    const counted = this.reps(rep.values.set).filter((one) => !one.values.partial);
    return counted.length > 1 || !this.isOpen();
  }

  /** Who lifts what: in the open set, else in the next one. */
  choice() {
    const running = this.state?.running;
    if (this.isOpen() && running?.values.set === this.setNumber()) return running;
    const rep = this.isOpen() ? this.lastRep() : null;
    return rep ?? this.state?.next ?? null;
  }

  /** What is aimed at in the open set, else in the next one; see `wantedOf`. */
  wanted() {
    const choice = this.choice();
    return choice?.values ? wantedOf(choice.values) : wantedNext(choice);
  }

  /** Where the lifter is: {phase, phase_s, hold_s, pitch_deg}, ahead of the latest live payload. */
  motion(nowMs) {
    if (!this.live) return { phase: "idle", phase_s: 0, hold_s: null, pitch_deg: null };
    const { phase, phase_s, hold_s, pitch_deg } = this.live;
    const since_s = Math.min(1, (nowMs - this.liveHeardMs) / 1000);
    const held_s = hold_s === null ? null : hold_s + since_s;
    return { phase, phase_s: phase_s + since_s, hold_s: held_s, pitch_deg };
  }

  /** Is the tracker in the middle of a set? */
  isLifting() {
    return this.live !== null && this.live.set !== null;
  }

  /** Does the sensor say nothing, though it has before? */
  isSilent(nowMs) {
    return this.live !== null && nowMs - this.liveHeardMs > SILENT_MS;
  }

  /** Seconds since the last set was over; null in a set, and before the first. */
  restS(nowMs) {
    const last = this.sets().at(-1);
    if (!last || this.isOpen()) return null;
    const now_s = this.nowS(nowMs) ?? this.state?.at_s ?? null;
    return now_s === null ? null : Math.max(0, now_s - last.values.end_s);
  }

  // -- inside ---------------------------------------------------------------------------

  #forget() {
    this.events = Object.fromEntries(Object.values(MAPS).map((name) => [name, new Map()]));
    /** The pitch of the last half minute: seconds of the session, degrees, phase. */
    this.trace = { at_s: [], pitch_deg: [], phase: [] };
    /** How long each phase lasted when it was seen last: seconds by PARTS. */
    this.parts = Object.fromEntries(PARTS.map((part) => [part, null]));
    this.live = null;
  }

  /** Of the running session? Where no state has come, the first that is heard of is the running one. */
  #isOf(session) {
    if (this.state) return session === this.session;
    if (session !== this.session) this.#forget();
    this.session = session;
    return true;
  }

  /** Of this session too, but found by another version of the tracker, long after it. */
  #isOfArchive(kind, { algorithm = FIRST }) {
    return kind !== "advice" && this.state && algorithm !== (this.state.algorithm ?? FIRST);
  }

  /** Take what the state has, and take out what it no longer has. */
  #settle(name, told, whose, isAbout) {
    const known = this.events[name];
    const { at_s, session } = this.state;
    const ids = new Set(told.map((one) => one.id));
    for (const one of standing(known)) {
      if (!ids.has(one.id) && isAbout(one) && one.at_s <= at_s)
        known.set(one.id, { ...one, valid: false });
    }
    for (const one of told) {
      const before = known.get(one.id);
      const { athlete, exercise, variant } = one.athlete ? one : (whose ?? {});
      if (one.id === null || before?.revision > one.revision) continue;
      if (before?.valid && before.revision === one.revision) continue;
      const time_us = before?.time_us ?? 0;
      const rest = { athlete, exercise, variant, session, time_us, at_s, valid: true };
      known.set(one.id, { ...rest, id: one.id, revision: one.revision, values: one.values });
    }
  }

  /** How long the phase before lasted, when another begins. */
  #timePhases(now) {
    const before = this.live;
    if (!before || before.phase === now.phase) return;
    const lasted_s = now.at_s - now.phase_s - (before.at_s - before.phase_s);
    if (before.phase in this.parts && lasted_s > 0) this.parts[before.phase] = lasted_s;
  }

  /** What the tracker measured of a rep takes the place of what was seen live. */
  #measured(values) {
    for (const part of PARTS) {
      const measured_s = values[MEASURED[part]];
      if (typeof measured_s === "number") this.parts[part] = measured_s;
    }
  }

  #trace(live) {
    const { at_s, pitch_deg, phase } = this.trace;
    // The tracker knows late that a phase has begun, and says when it was.
    for (let at = at_s.length - 1; at >= 0 && at_s[at] >= live.at_s - live.phase_s; at -= 1) {
      phase[at] = live.phase;
    }
    const add = (time_s, pitch, name) => {
      at_s.push(time_s);
      pitch_deg.push(pitch);
      phase.push(name);
    };
    const last_s = at_s.at(-1);
    const isRepeated = live.pitch_deg === pitch_deg.at(-1); // no new sample was looked at
    if (live.at_s <= last_s || (isRepeated && live.at_s - last_s < REPEATED_S)) return;
    if (live.at_s - last_s > GAP_S) add(last_s + 0.001, null, "idle");
    add(live.at_s, live.pitch_deg, live.phase);
    const old = at_s.findIndex((time_s) => time_s >= live.at_s - TRACE_S);
    if (old > 0) for (const list of [at_s, pitch_deg, phase]) list.splice(0, old);
  }
}

function standing(events) {
  return [...events.values()].filter((one) => one.valid);
}

function isObject(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value);
}

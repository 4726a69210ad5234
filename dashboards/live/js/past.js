/** What rows of history say together: by day, by session, by what was lifted. Pure. */

/** Exercise and variant as one key: what is lifted in another way is not compared. */
export function kindOf({ exercise, variant }) {
  return `${exercise}/${variant}`;
}

/** The same for people. */
export function lifted(app, { exercise, variant }) {
  return [app.exercise(exercise), variant].filter(Boolean).join(", ");
}

/** The kinds among rows, the one that was lifted last first. */
export function kinds(rows) {
  const newest = newestFirst(rows);
  const found = new Map(
    newest.map(({ exercise, variant }) => [kindOf({ exercise, variant }), { exercise, variant }]),
  );
  return [...found.values()];
}

/** The keys of the athletes among rows, the one who lifted last first. */
export function athletes(rows) {
  return [...new Set(newestFirst(rows).map((row) => row.athlete))];
}

/** The sets of a session, in order. */
export function setsOf(session, sets) {
  const isOfIt = (set) =>
    set.session === session.session &&
    set.device === session.device &&
    set.athlete === session.athlete;
  return sets.filter(isOfIt).sort((a, b) => a.set - b.set);
}

/**
 * @param {object[]} sessions
 * @param {function(Date): string} dayOf a day as one text
 * @returns {[string, object[]][]} days with their sessions, the newest first
 */
export function byDay(sessions, dayOf) {
  const days = new Map();
  for (const session of newestFirst(sessions)) {
    const day = dayOf(new Date(session.time));
    days.set(day, [...(days.get(day) ?? []), session]);
  }
  return [...days];
}

/**
 * One kind over time, a point for each session.
 * @param {object[]} sets of one athlete and one kind
 * @returns {{time_s: number[], load_kg: (?number)[], velocity_mps: (?number)[],
 *   reps: (?number)[], rom_deg: (?number)[]}} since 1970 UTC; the top load, the best velocity,
 *   all reps, the mean range of motion of a rep
 */
export function overTime(sets) {
  const sessions = new Map();
  for (const set of newestFirst(sets).reverse()) {
    const key = `${set.device} ${set.session}`;
    sessions.set(key, [...(sessions.get(key) ?? []), set]);
  }
  const found = { time_s: [], load_kg: [], velocity_mps: [], reps: [], rom_deg: [] };
  for (const one of sessions.values()) {
    found.time_s.push(Date.parse(one[0].time) / 1000);
    found.load_kg.push(most(one.map((set) => set.load_kg)));
    found.velocity_mps.push(most(one.map((set) => set.best_velocity_mps)));
    found.reps.push(one.reduce((sum, set) => sum + (set.reps ?? 0), 0));
    found.rom_deg.push(mean(one));
  }
  return found;
}

/** The reps of a set, in order of time. */
export function repsOf(set, reps) {
  return reps.filter((rep) => rep.session === set.session && rep.set === set.set);
}

function newestFirst(rows) {
  return [...rows].sort((a, b) => Date.parse(b.time) - Date.parse(a.time));
}

function most(values) {
  const known = values.filter((value) => value !== null);
  return known.length ? Math.max(...known) : null;
}

/** A set counts as often as it has reps. */
function mean(sets) {
  const known = sets.filter((set) => set.rom_deg !== null && set.reps > 0);
  const reps = known.reduce((sum, set) => sum + set.reps, 0);
  return reps ? known.reduce((sum, set) => sum + set.rom_deg * set.reps, 0) / reps : null;
}

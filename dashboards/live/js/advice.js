/** What the coach has said: what of it is shown, and in which order. Pure. */

export const LEVELS = ["stop", "attention", "good", "info"];
const NEAR_KG = 0.005;

/**
 * The most pressing first, else as they came.
 * @param {object[]} advice events that stand
 * @param {string[]} hidden names of rules that are not to be shown on this phone
 */
export function ordered(advice, hidden) {
  const shown = advice.filter(({ values }) => !hidden.includes(values.rule));
  return shown.sort((a, b) => rank(a) - rank(b));
}

/** Of one set, after it. */
export function ofSet(device, number, hidden) {
  const isOfIt = ({ values }) => values.when === "set" && values.set === number;
  return ordered(device.advice().filter(isOfIt), hidden);
}

/** Of an athlete's session, and of the week with it. */
export function ofSession(device, athlete, hidden) {
  const isOfIt = ({ values, athlete: whose }) =>
    (values.when === "session" || values.when === "week") && whose === athlete;
  return ordered(device.advice().filter(isOfIt), hidden);
}

/** What is said of the latest rep of an open set; gone with the next rep, and with the set. */
export function cueOf(device, hidden) {
  const last = device.isOpen() ? device.lastRep() : null;
  if (!last || last.values.rep === null) return null;
  const isOfIt = ({ values }) =>
    values.when === "rep" && values.set === last.values.set && values.rep === last.values.rep;
  return ordered(device.advice().filter(isOfIt), hidden)[0] ?? null;
}

/**
 * What is proposed for the next set, if the same is lifted again and it is not chosen yet.
 * @returns {?{load_kg: ?number, reps: ?number}} null in it: as it is
 */
export function proposalOf(device, hidden) {
  const set = device.isOpen() ? null : device.sets().at(-1);
  const next = device.state?.next;
  if (!set || !next || !isSame(set, next)) return null;
  const said = ofSet(device, set.values.set, hidden);
  const load_kg = said.map(({ values }) => values.load_kg).find(isNumber) ?? null;
  const reps = said.map(({ values }) => values.target_reps).find(isNumber) ?? null;
  const isLoad = load_kg !== null && !(Math.abs((next.load_kg ?? NaN) - load_kg) < NEAR_KG);
  const isReps = reps !== null && reps !== next.targets?.reps;
  if (!isLoad && !isReps) return null;
  return { load_kg: isLoad ? load_kg : null, reps: isReps ? reps : null };
}

function isSame(set, next) {
  return ["athlete", "exercise", "variant"].every((name) => set[name] === next[name]);
}

function isNumber(value) {
  return typeof value === "number";
}

function rank({ values }) {
  const at = LEVELS.indexOf(values.level);
  return at < 0 ? LEVELS.length : at;
}

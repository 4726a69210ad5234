/** What a set is to be, in one shape wherever it comes from. Pure. */

/** The phases of a rep in the order of a tempo text. */
export const PARTS = ["eccentric", "bottom", "concentric", "top"];
const FIELDS = {
  eccentric: "target_eccentric_s",
  bottom: "target_bottom_pause_s",
  concentric: "target_concentric_s",
  top: "target_top_pause_s",
};

/**
 * From the values of a rep or set.
 * @returns {{reps: ?number, tempo: ?string, parts_s: Object<string, ?number>, hold_s: ?number,
 *   loss_pct: ?number, load_kg: ?number}} null for no target; in parts_s also for X
 */
export function wantedOf(values) {
  const parts_s = Object.fromEntries(PARTS.map((part) => [part, values[FIELDS[part]] ?? null]));
  return {
    reps: values.target_reps ?? null,
    tempo: values.target_tempo ?? null,
    parts_s,
    hold_s: values.target_hold_s ?? null,
    loss_pct: values.target_velocity_loss_pct ?? null,
    load_kg: values.load_kg ?? null,
  };
}

/** From `next` of a state; the hold is that of the tempo, where no other is asked for. */
export function wantedNext(next) {
  const targets = next?.targets ?? {};
  const parts_s = tempoParts(targets.tempo);
  return {
    reps: targets.reps ?? null,
    tempo: targets.tempo ?? null,
    parts_s,
    hold_s: targets.hold_s ?? parts_s.top,
    loss_pct: targets.velocity_loss_pct ?? null,
    load_kg: next?.load_kg ?? null,
  };
}

/** "3-1-X-2" -> seconds by PARTS; null for X, and for no tempo. */
export function tempoParts(tempo) {
  const parts = (tempo ?? "X-X-X-X").split("-");
  return Object.fromEntries(PARTS.map((part, at) => [part, seconds(parts[at])]));
}

/** Seconds by PARTS, null for X -> "3-1-X-2". */
export function tempoText(parts_s) {
  return PARTS.map((part) => parts_s[part] ?? "X").join("-");
}

function seconds(text) {
  return text === "X" || text === undefined ? null : Number(text);
}

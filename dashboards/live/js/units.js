/** Loads are kept in kilograms; only what is shown and typed is in the unit that was chosen. Pure. */

const KG_PER_LB = 0.45359237;

export const UNITS = ["kg", "lb"];

/** @param {number} kg @param {string} unit "kg" or "lb" */
export function fromKg(kg, unit) {
  return unit === "lb" ? kg / KG_PER_LB : kg;
}

/** Kilograms, to a gram: 135 lb come back as 135 lb. */
export function toKg(value, unit) {
  const kg = unit === "lb" ? value * KG_PER_LB : value;
  return Math.round(kg * 1000) / 1000;
}

/** "62.5 kg", "135 lb"; to a tenth, which no plate is below. */
export function loadText(kg, unit) {
  return kg === null || kg === undefined ? "" : `${number(fromKg(kg, unit), 1)} ${unit}`;
}

/** With as many decimals as it has, at most `decimals`. */
export function number(value, decimals) {
  return String(Number(value.toFixed(decimals)));
}

/** 75 -> "1:15". */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** "1.4", or a dash where nothing is known. */
export function fixed(value, decimals) {
  return typeof value === "number" ? value.toFixed(decimals) : "–";
}

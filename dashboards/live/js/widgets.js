/** Things to touch, large enough for a thumb. */

import { el, say } from "./dom.js";
import { t } from "./texts.js";

let numbers = 0;

/** A label above whatever is set there. */
export function field(label, ...children) {
  return el("fieldset", { class: "field" }, el("legend", { text: label }), ...children);
}

/** A switch: label, and a checkbox that looks like one. */
export function toggle(label, on, changed) {
  const box = el("input", { type: "checkbox", role: "switch", checked: on });
  box.addEventListener("change", () => changed(box.checked));
  return el("label", { class: "toggle" }, el("span", { text: label }), box);
}

/** One of several: [[value, text], ...]. */
export function choices(options, value, changed) {
  const name = `choice-${(numbers += 1)}`;
  const made = options.map(([key, text]) => {
    const radio = el("input", { type: "radio", name, value: key, checked: key === value });
    radio.addEventListener("change", () => changed(key));
    return el("label", { class: "chip" }, radio, el("span", { text }));
  });
  return el("div", { class: "chips" }, ...made);
}

/**
 * A number with buttons below and above it; null where nothing is chosen.
 * @param {object} about name; steps (rising); least, most; start (the first value after null);
 *   text(value) as it is shown; none (the text for null); value
 * @param {function(?number)} changed
 */
export function stepper(about, changed) {
  const { name, steps, least, most, start } = about;
  let value = about.value;
  const shown = el("output", { "aria-live": "polite" });
  const show = () =>
    say(shown, value === null ? (about.none ?? t("setup.none")) : about.text(value));
  const by = (step) => {
    value = stepped(value, step, { least, most, start });
    show();
    changed(value);
  };
  const button = (step) => {
    const key = step < 0 ? "setup.less" : "setup.more";
    const label = t(key, { name, step: Math.abs(step) });
    const sign = step < 0 ? "−" : "+";
    const text = steps.length > 1 ? `${sign}${Math.abs(step)}` : sign;
    return el("button", { type: "button", "aria-label": label, text, onclick: () => by(step) });
  };
  show();
  const less = [...steps].reverse().map((step) => button(-step));
  const more = steps.map((step) => button(step));
  return el("div", { class: "stepper" }, ...less, shown, ...more);
}

/** From nothing to a start; below the least to nothing. */
function stepped(value, step, { least, most, start }) {
  if (value === null) return step > 0 ? start : null;
  const next = Math.round((value + step) * 1000) / 1000;
  if (next < least) return value > least && step < -1 ? least : null;
  return Math.min(most, next);
}

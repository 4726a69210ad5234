/** The ways in which a lift can be done, as words to pick; together they are the variant. */

import { variantKey } from "./command.js";
import { el } from "./dom.js";

export const SINGLE_LEG = ["single_leg_hip_thrust", "lunge"];
const SIDES = ["left", "right"];
// Of each row one at most.
const ROWS = [
  ["banded"],
  ["paused"],
  ["wide", "narrow", "high"],
  ["bench", "floor"],
  ["cluster", "rest_pause"],
];

/** The variant with this word, without the others of its row; without it, if it had it. Pure. */
export function turned(variant, word) {
  const row = [SIDES, ...ROWS].find((words) => words.includes(word)) ?? [];
  const had = wordsOf(variant);
  const others = had.filter((one) => one !== word && !row.includes(one));
  return variantKey([...others, ...(had.includes(word) ? [] : [word])].join("-"));
}

/** The variant without a side, which only a lift with one leg has. Pure. */
export function withoutSide(variant) {
  return wordsOf(variant)
    .filter((word) => !SIDES.includes(word))
    .join("-");
}

export class Variants {
  #sides = el("div", { class: "sides" });
  #words = el("div", { class: "chips" });
  #field;
  #buttons = new Map();

  /** @param {function} t texts @param {function(string)} changed with the variant */
  constructor(t, changed) {
    this.t = t;
    this.changed = changed;
    this.#field = el("input", {
      type: "text",
      placeholder: t("setup.variant.hint"),
      "aria-label": t("setup.variant"),
      autocapitalize: "none",
      autocomplete: "off",
    });
    this.#field.addEventListener("input", () => this.#take(variantKey(this.#field.value)));
    this.#sides.append(...SIDES.map((word) => this.#button(word)));
    this.#words.append(...ROWS.flat().map((word) => this.#button(word)));
    this.element = el("div", { class: "variants" }, this.#sides, this.#words, this.#field);
  }

  /** @param {string} exercise left and right are for one leg */
  show(exercise, variant) {
    const isOneLeg = SINGLE_LEG.includes(exercise);
    this.#sides.hidden = !isOneLeg;
    const kept = isOneLeg ? variant : withoutSide(variant);
    this.#field.value = kept;
    this.#take(kept);
  }

  #take(variant) {
    this.variant = variant;
    const words = wordsOf(variant);
    for (const [word, button] of this.#buttons)
      button.setAttribute("aria-pressed", String(words.includes(word)));
    this.changed(variant);
  }

  #button(word) {
    const turn = () => {
      this.#field.value = turned(this.variant, word);
      this.#take(this.#field.value);
    };
    const text = this.t(`variant.${word}`);
    const about = { type: "button", class: "pick", "data-word": word, onclick: turn };
    const button = el("button", { ...about, text });
    this.#buttons.set(word, button);
    return button;
  }
}

function wordsOf(variant) {
  return variant.split("-").filter(Boolean);
}

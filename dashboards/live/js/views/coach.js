/** All sensors at once, those that are lifted with first. */

import { Card } from "../card.js";
import { el, mark } from "../dom.js";

const SORTED_MS = 2000; // cards do not run away from a finger
const FEW = 4;
const MANY = 16;

export function view(app) {
  const coach = new Coach(app);
  return {
    element: coach.element,
    update: (change) => coach.update(change),
    close: () => coach.close(),
  };
}

class Coach {
  #cards = new Map();
  #changed = new Set();
  #frame = 0;
  #sortedMs = -Infinity;

  constructor(app) {
    this.app = app;
    const t = app.texts;
    this.list = el("ul", { class: "cards" });
    this.none = el("p", { class: "hint", text: t("coach.none") });
    this.hint = el("p", { class: "hidden", text: t("coach.hint") });
    const heading = el("h1", { class: "hidden", text: t("view.coach") });
    this.element = el("div", { class: "coach" }, heading, this.hint, this.none, this.list);
    this.#all();
  }

  /** Many sensors say many things at once: all of it is drawn once in a frame. */
  update(change) {
    if (change.kind === "answer" || change.kind === "foreign") return;
    if (change.device) this.#changed.add(change.device);
    else for (const key of this.app.model.devices.keys()) this.#changed.add(key);
    this.#frame ||= requestAnimationFrame(() => this.#all());
  }

  close() {
    cancelAnimationFrame(this.#frame);
  }

  #all() {
    this.#frame = 0;
    const { devices } = this.app.model;
    const isMore = devices.size !== this.#cards.size;
    for (const [key, device] of devices) {
      if (this.#cards.has(key)) continue;
      this.#cards.set(key, new Card(this.app, device));
      this.#changed.add(key);
    }
    for (const key of this.#changed) this.#cards.get(key)?.draw();
    this.#changed.clear();
    this.none.hidden = devices.size > 0;
    const size = devices.size <= FEW ? "few" : devices.size > MANY ? "many" : "some";
    mark(this.list, "data-size", size);
    this.#sort(isMore);
  }

  #sort(atOnce) {
    const nowMs = this.app.now();
    const lastMs = Math.max(this.#sortedMs, this.app.touchedMs);
    if (!atOnce && nowMs - lastMs < SORTED_MS) return;
    this.#sortedMs = nowMs;
    const ranked = [...this.#cards.values()].map((card) => [card.rank(), card]);
    ranked.sort(([a, one], [b, other]) => a - b || compare(one.device.key, other.device.key));
    const focused = document.activeElement;
    ranked.forEach(([, { element }], at) => {
      const there = this.list.children[at];
      if (there !== element) this.list.insertBefore(element, there ?? null);
    });
    if (this.list.contains(focused)) focused.focus({ preventScroll: true }); // moved, it lost it
  }
}

const { compare } = new Intl.Collator(undefined, { numeric: true });

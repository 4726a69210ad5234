/** The reps of a set, each with what can be put right. */

import { faultsOf } from "./cues.js";
import { el, mark } from "./dom.js";
import { fixed } from "./units.js";

const PARTS = ["eccentric_s", "bottom_pause_s", "concentric_s", "top_pause_s"];

export class RepList {
  #told = null;
  #open = null; // the id of the rep whose buttons are shown
  element = el("ol", { class: "reps" });

  /** @param {function(object)} ask called with a command, without schema and id */
  constructor(app, ask) {
    this.t = app.texts;
    this.ask = ask;
  }

  /** A row that is drawn anew under a thumb would not feel it: only where something is different. */
  show(reps, device) {
    const told = reps.map((rep) => [rep.id, rep.revision, device.isCertain(rep)]).join();
    if (told === this.#told) return;
    this.#told = told;
    const focused = document.activeElement?.dataset?.key;
    const rows = reps.map((rep, at) => this.#row(rep, reps[at + 1], device));
    this.element.replaceChildren(...rows);
    if (focused) this.element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #row(rep, next, device) {
    const { values } = rep;
    const number = values.partial ? this.t("after.partial") : String(values.rep ?? "–");
    const actions = el(
      "div",
      { class: "actions", hidden: this.#open !== rep.id },
      ...this.#actions(rep, next),
    );
    const head = el(
      "button",
      {
        type: "button",
        class: "rep",
        "data-key": rep.id,
        "aria-expanded": String(this.#open === rep.id),
        "aria-label": `${this.t("after.actions", { rep: number })}. ${this.#words(values)}`,
      },
      el("b", { text: number }),
      el("span", { class: "speed", text: `${fixed(values.mean_velocity_mps, 2)} m/s` }),
      el("span", { class: "parts", text: PARTS.map((part) => fixed(values[part], 1)).join(" · ") }),
      el("span", {
        class: "words",
        "data-tone": faultsOf(values)[0] ?? "good",
        text: this.#words(values),
      }),
    );
    head.addEventListener("click", () => this.#turn(rep.id));
    const about = {
      testid: "rep-row",
      "data-rep": values.rep,
      "data-id": rep.id,
      "data-certain": device.isCertain(rep),
    };
    return el("li", about, head, actions);
  }

  #words(values) {
    const words = faultsOf(values).map((name) => this.t(`fault.short.${name}`));
    if (values.added) words.push(this.t("after.added"));
    if (values.merged) words.push(this.t("after.merged"));
    return words.join(", ");
  }

  #actions(rep, next) {
    const button = (text, command) =>
      el("button", {
        type: "button",
        text: this.t(text),
        "data-key": `${rep.id} ${command.command}`,
        onclick: () => this.ask(command),
      });
    return [
      button("after.delete", { command: "delete_rep", rep: rep.id }),
      next ? button("after.merge", { command: "merge_rep", rep: rep.id }) : null,
      button("after.add", { command: "add_rep", after: rep.id }),
    ].filter(Boolean);
  }

  #turn(id) {
    this.#open = this.#open === id ? null : id;
    for (const row of this.element.children) {
      const isOpen = row.dataset.id === this.#open;
      row.querySelector(".actions").hidden = !isOpen;
      mark(row.querySelector(".rep"), "aria-expanded", isOpen);
    }
  }
}

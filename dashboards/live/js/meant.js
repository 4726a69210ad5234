/** What the latest set meant, and what is proposed for the next one. */

import { ofSet, proposalOf } from "./advice.js";
import { el, mark, say } from "./dom.js";
import { saidLines } from "./said.js";
import { loadText } from "./units.js";

export class Meant {
  #told = "";
  #lines = el("div");
  #use = el("button", { class: "main", type: "button", testid: "use" });
  #answer = el("p", { class: "answer", role: "status", hidden: true });
  #heading = el("h2");
  element = el("section", { class: "meant", testid: "meant" }, this.#heading);

  /** @param {function(object): Promise<{ok: boolean, text: string}>} ask called with a command -> its answer */
  constructor(app, ask) {
    this.app = app;
    this.ask = ask;
    this.element.append(el("p", { class: "buttons" }, this.#use), this.#answer, this.#lines);
    this.#use.addEventListener("click", () => this.#take());
  }

  show(device) {
    const { settings, texts: t } = this.app;
    const hidden = settings.get("hiddenRules");
    const number = device.setNumber();
    const said = device.isOpen() ? [] : ofSet(device, number, hidden);
    this.proposal = proposalOf(device, hidden);
    this.element.hidden = said.length === 0;
    say(this.#heading, t("meant.set", { set: number }));
    this.#use.hidden = this.proposal === null;
    say(this.#use, this.proposal ? this.#useText(this.proposal) : "");
    const values = said.map((one) => one.values);
    const told = JSON.stringify([number, values]); // what is opened stays open, where nothing is new
    if (told === this.#told) return;
    this.#told = told;
    this.#answer.hidden = true;
    this.#lines.replaceChildren(...saidLines(values, this.app));
  }

  #useText({ load_kg, reps }) {
    const { settings, texts: t } = this.app;
    const load = loadText(load_kg, settings.get("unit"));
    const count = reps === null ? "" : t("meant.reps", { count: reps });
    if (load && count) return t("meant.use.both", { load, reps: count });
    return t("meant.use", { what: load || count });
  }

  /** The load, and the reps beside the other targets, which stay as they are. */
  async #take() {
    if (!this.proposal) return;
    const { load_kg, reps } = this.proposal;
    const { next } = this.app.device().state;
    const known = Object.entries(next.targets).filter(([, value]) => value !== null);
    const targets = { ...Object.fromEntries(known), reps };
    const asked = [];
    if (load_kg !== null) asked.push({ command: "choose", set: "next", load_kg });
    if (reps !== null) asked.push({ command: "set_targets", ...targets });
    for (const command of asked) {
      const { ok, text } = await this.ask(command);
      this.#answer.hidden = false;
      say(this.#answer, text);
      mark(this.#answer, "data-ok", ok);
      if (!ok) return;
    }
  }
}

/** What is to be done today, by the plan or by what was lifted so far: a tap sets it up. */

import { ordered } from "./advice.js";
import { el, say } from "./dom.js";
import { lifted } from "./past.js";
import { saidLines } from "./said.js";
import { loadText } from "./units.js";

const MOST_SAID = 3;

export class Today {
  #asked = 0;
  element = el("section", { class: "today", testid: "today", hidden: true });

  /** @param {function(object)} fill called with the lift that was tapped */
  constructor(app, fill) {
    this.app = app;
    this.fill = fill;
    this.filled = el("p", { class: "hint", role: "status" });
  }

  /** As it was before this session; without history there is nothing to show. */
  async load(athlete, session) {
    const asked = (this.#asked += 1);
    this.day = null;
    const query = new URLSearchParams({ athlete, session: session ?? "" });
    const day = await this.app.api(`coach?${query}`).catch((error) => error);
    if (asked !== this.#asked) return;
    if (day instanceof Error) this.#failed(day);
    else this.day = day;
    say(this.filled, "");
    this.draw();
  }

  draw() {
    const { app, day } = this;
    if (!day) return;
    this.element.hidden = false;
    const { title, lines, lifts } = day.today;
    const said = day.advice.map((values) => ({ values }));
    const advice = ordered(said, app.settings.get("hiddenRules")).map((one) => one.values);
    this.element.replaceChildren(
      el("h2", { text: app.texts("today.title") }),
      el("b", { class: "title", text: title }),
      ...lines.map((text) => el("p", { text })),
      el("div", { class: "planned" }, ...lifts.map((one) => this.#lift(one))),
      this.filled,
      ...saidLines(advice, app, MOST_SAID),
    );
  }

  #failed(error) {
    const text = this.app.texts("today.failed", { why: error.message });
    this.element.hidden = false;
    this.element.replaceChildren(el("p", { class: "hint", text }));
  }

  #lift(one) {
    const { app } = this;
    const { sets, reps, load_kg, tempo, hold_s } = one;
    const count = reps[0] === reps[1] ? `${reps[1]}` : `${reps[0]}–${reps[1]}`;
    const what = lifted(app, one);
    const much = [`${sets} × ${count}`, loadText(load_kg, app.settings.get("unit"))];
    const how = [tempo, hold_s === null ? "" : app.texts("today.hold", { hold_s })];
    const button = el(
      "button",
      { type: "button", testid: "planned" },
      el("b", { text: what.charAt(0).toUpperCase() + what.slice(1) }),
      el("span", { text: much.filter(Boolean).join(" · ") }),
      el("small", { text: how.filter(Boolean).join(" · ") }),
    );
    button.addEventListener("click", () => {
      this.fill(one);
      say(this.filled, app.texts("today.filled"));
      button.focus({ preventScroll: true }); // the form is drawn anew around it
    });
    return button;
  }
}

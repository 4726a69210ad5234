/** After a set: how long the rest is, what it was, what is to be put right. */

import { faultsOf } from "../cues.js";
import { el, mark, say } from "../dom.js";
import { Meant } from "../meant.js";
import { RepList } from "../replist.js";
import { clock, fixed, loadText } from "../units.js";
import { summaries } from "../summary.js";

const MOST_NOTE = 200;
const MARKS = ["full_lockout", "to_failure"];

export function view(app) {
  const after = new After(app);
  return {
    element: after.element,
    update: (change) => after.update(change),
    close: () => clearInterval(after.timer),
  };
}

class After {
  constructor(app) {
    this.app = app;
    this.t = app.texts;
    this.rest = el("b", { class: "rest", testid: "rest" });
    this.restLabel = el("span", { class: "restlabel" });
    this.headline = el("p", { class: "headline" });
    this.answer = el("p", { class: "answer", role: "status" });
    this.undo = el("button", { type: "button", onclick: () => this.#ask({ command: "undo" }) });
    this.meant = new Meant(app, (command) => this.#ask(command));
    this.reps = new RepList(app, (command) => this.#ask(command));
    this.note = el("input", {
      type: "text",
      maxlength: MOST_NOTE,
      id: "note",
      autocomplete: "off",
    });
    this.setsBox = el("section", {});
    this.summaryBox = el("section", {});
    this.element = el(
      "div",
      { class: "page after" },
      ...this.#top(),
      this.meant.element,
      this.#set(),
      this.setsBox,
      this.summaryBox,
    );
    this.timer = setInterval(() => this.#tick(), 250);
    this.#all();
  }

  update(change) {
    if (change.device && change.device !== this.app.device()?.key) return;
    if (!["live", "tick", "sensor", "status"].includes(change.kind)) this.#all();
  }

  #top() {
    const go = (hash) => () => this.app.go(hash);
    const next = el("button", {
      class: "main",
      type: "button",
      text: this.t("after.next"),
      onclick: go("#/lift"),
    });
    const change = el("button", {
      type: "button",
      text: this.t("after.change"),
      onclick: go("#/setup"),
    });
    return [
      el("h1", { class: "hidden", text: this.t("view.after") }),
      el(
        "section",
        { class: "resting" },
        el("p", {}, this.restLabel, this.rest),
        el("p", { class: "buttons" }, next, change),
      ),
    ];
  }

  #set() {
    this.open = [
      el("button", {
        type: "button",
        text: this.t("lift.end"),
        onclick: () => this.#ask({ command: "end_set" }),
      }),
      el("button", {
        type: "button",
        text: this.t("lift.restart"),
        onclick: () => this.#ask({ command: "restart_set" }),
      }),
    ];
    const add = el("button", {
      type: "button",
      text: this.t("after.addlast"),
      onclick: () => this.#ask({ command: "add_rep" }),
    });
    const save = (event) => {
      event.preventDefault();
      this.#ask({ command: "note", text: this.note.value.trim() });
      this.note.blur();
    };
    const label = el("label", { for: "note", text: this.t("after.note") });
    const saveButton = el("button", { text: this.t("after.save") });
    const note = el(
      "form",
      { class: "note", onsubmit: save },
      label,
      el("p", {}, this.note, saveButton),
    );
    this.setBox = el(
      "section",
      { hidden: true },
      this.headline,
      el(
        "p",
        { class: "legend", "aria-hidden": "true" },
        el("span", { text: this.t("after.legend") }),
      ),
      this.reps.element,
      el("p", { class: "buttons" }, add, ...this.open, this.undo),
      this.answer,
      note,
      this.#marks(),
    );
    return this.setBox;
  }

  /** What only the lifter knows of a set. */
  #marks() {
    this.marks = MARKS.map((name) => {
      const button = el("button", { type: "button", "data-mark": name });
      button.append(this.t(`mark.${name}`), el("small", { text: this.t(`mark.${name}.hint`) }));
      const turn = () => this.#ask({ command: "mark", mark: this.mark === name ? "" : name });
      button.addEventListener("click", turn);
      return button;
    });
    const summary = el("summary", { text: this.t("after.more") });
    this.marksBox = el("details", { class: "more marks" }, summary, el("p", {}, ...this.marks));
    return this.marksBox;
  }

  #tick() {
    const device = this.app.device();
    const rest_s = device?.restS(this.app.now()) ?? null;
    const open = device?.isOpen() ?? false;
    say(this.rest, rest_s === null ? "" : clock(rest_s));
    let label = this.t("after.none");
    if (open) label = this.t("after.running", { set: device.setNumber() });
    else if (device?.state?.ended) label = this.t("after.ended");
    else if (rest_s !== null) label = this.t("after.rest");
    say(this.restLabel, label);
  }

  #all() {
    this.#tick();
    const device = this.app.device();
    const number = device?.setNumber() ?? null;
    this.setBox.hidden = number === null;
    this.meant.element.hidden = number === null;
    if (number === null) return;
    this.meant.show(device);
    say(this.headline, this.t("after.reps", { set: number }));
    this.reps.show(device.reps(), device);
    for (const button of this.open) button.hidden = !device.isOpen();
    const what = device.state?.undo ?? null;
    this.undo.disabled = what === null;
    say(this.undo, what === null ? this.t("after.undone") : this.t("after.undo", { what }));
    const values = device.sets().find((one) => one.values.set === number)?.values;
    if (document.activeElement !== this.note) this.note.value = values?.note ?? "";
    this.marksBox.hidden = device.isOpen();
    this.mark = values?.mark ?? "";
    for (const button of this.marks)
      mark(button, "aria-pressed", button.dataset.mark === this.mark);
    this.#table(device);
    this.#summary(device);
  }

  /** What was opened in it stays open, where nothing is new. */
  #summary(device) {
    const { settings } = this.app;
    const shown = [device.sessions(), device.advice(), settings.get("hiddenRules")];
    const told = JSON.stringify([...shown, settings.get("unit")]);
    if (told === this.told) return;
    this.told = told;
    this.summaryBox.replaceChildren(...summaries(device, this.app));
  }

  async #ask(command) {
    const answer = await this.app.send(this.app.device().key, command);
    say(this.answer, answer.text);
    mark(this.answer, "data-ok", answer.ok);
    return answer;
  }

  #table(device) {
    const sets = device.sets();
    if (!sets.length) return this.setsBox.replaceChildren();
    const names = ["set", "load", "reps", "tempo", "held", "velocity", "loss"];
    const head = names.map((name) => el("th", { scope: "col", text: this.t(`col.${name}`) }));
    const rows = sets.map((one) => this.#row(one));
    const table = el("table", {}, el("thead", {}, el("tr", {}, ...head)), ...rows);
    const heading = el("h2", { text: this.t("after.sets") });
    return this.setsBox.replaceChildren(
      heading,
      el(
        "div",
        { class: "wide", tabindex: 0, role: "region", "aria-label": this.t("after.sets") },
        table,
      ),
    );
  }

  #row({ athlete, exercise, variant, values }) {
    const { app, t } = this;
    const share = (pct) => (typeof pct === "number" ? `${Math.round(pct)} %` : "–");
    const aim = values.target_reps === null ? "" : ` / ${values.target_reps}`;
    const texts = [
      String(values.set),
      loadText(values.load_kg, app.settings.get("unit")) || "–",
      `${values.reps}${aim}`,
      values.tempo ?? "–",
      share(values.hold_met_pct),
      fixed(values.mean_velocity_mps, 2),
      share(values.velocity_loss_pct),
    ];
    const faults = faultsOf(values).map(
      (name) => `${values[`fault_${name}`]} × ${t(`fault.short.${name}`)}`,
    );
    const cells = texts.map((text) => el("td", { text }));
    const who = athlete === "nobody" ? "" : app.athlete(athlete);
    const marked = values.mark ? t(`mark.${values.mark}`) : "";
    const about = [who, app.exercise(exercise), variant, marked, values.note];
    const what = about.filter(Boolean).join(" · ");
    const row = { testid: "set-row", "data-set": values.set, "data-reps": values.reps };
    const fault = el("span", { class: "words", text: faults.join(", ") });
    const more = el("td", { colspan: 7 }, fault, el("span", { text: what }));
    return el("tbody", row, el("tr", {}, ...cells), el("tr", { class: "second" }, more));
  }
}

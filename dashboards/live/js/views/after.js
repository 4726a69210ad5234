/** After a set: how long the rest is, what it was, what is to be put right. */

import { faultsOf } from "../cues.js";
import { el, mark, say } from "../dom.js";
import { RepList } from "../replist.js";
import { clock, fixed, loadText } from "../units.js";
import { summaries } from "../summary.js";

const MOST_NOTE = 200;

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
    );
    return this.setBox;
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
    if (number === null) return;
    say(this.headline, this.t("after.reps", { set: number }));
    this.reps.show(device.reps(), device);
    for (const button of this.open) button.hidden = !device.isOpen();
    const what = device.state?.undo ?? null;
    this.undo.disabled = what === null;
    say(this.undo, what === null ? this.t("after.undone") : this.t("after.undo", { what }));
    const kept = device.sets().find((one) => one.values.set === number)?.values.note ?? "";
    if (document.activeElement !== this.note) this.note.value = kept;
    this.#table(device);
    this.summaryBox.replaceChildren(...summaries(device.sessions(), this.app));
  }

  async #ask(command) {
    const answer = await this.app.send(this.app.device().key, command);
    say(this.answer, answer.text);
    mark(this.answer, "data-ok", answer.ok);
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
    const what = [who, app.exercise(exercise), variant, values.note].filter(Boolean).join(" · ");
    const about = { testid: "set-row", "data-set": values.set, "data-reps": values.reps };
    const fault = el("span", { class: "words", text: faults.join(", ") });
    const more = el("td", { colspan: 7 }, fault, el("span", { text: what }));
    return el("tbody", about, el("tr", {}, ...cells), el("tr", { class: "second" }, more));
  }
}

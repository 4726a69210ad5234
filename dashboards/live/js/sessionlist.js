/** Sessions of the past, the newest first: each opens to its sets, each set to its reps. */

import { faultsOf } from "./cues.js";
import { longDay, timeOfDay } from "./dates.js";
import { el } from "./dom.js";
import { byDay, lifted } from "./past.js";
import { fixed, loadText } from "./units.js";

const SHOWN = 20;
const PARTS = ["eccentric_s", "bottom_pause_s", "concentric_s", "top_pause_s"];
const COLUMNS = ["rep", "velocity", "down", "bottom", "up", "top", "rom"];

export class SessionList {
  #open = new Set(); // ids of sessions and sets
  #shown = SHOWN;
  #sessions = [];
  element = el("div", { class: "past" });

  /**
   * @param {object} app
   * @param {object} past {setsOf(session), repsOf(set)} -> rows, null while they are fetched,
   *   an Error where that failed
   */
  constructor(app, past) {
    this.app = app;
    this.t = app.texts;
    this.past = past;
  }

  /** @param {object[]} sessions @param {boolean} named whose they are is said */
  show(sessions, named) {
    this.#sessions = sessions;
    this.named = named;
    this.redraw();
  }

  /** What is open stays open, and who has the focus keeps it. */
  redraw() {
    const focused = document.activeElement?.dataset?.key;
    const newest = byDay(this.#sessions, longDay);
    const days = [];
    let left = this.#shown;
    for (const [day, sessions] of newest) {
      if (left <= 0) break;
      days.push(this.#day(day, sessions));
      left -= sessions.length;
    }
    const isAll = days.length === newest.length;
    this.element.replaceChildren(...days, ...(isAll ? [] : [this.#more()]));
    if (focused) this.element.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  }

  #more() {
    const more = () => {
      this.#shown += SHOWN * 3;
      this.redraw();
    };
    return el("button", { type: "button", text: this.t("history.more"), onclick: more });
  }

  #day(day, sessions) {
    const rows = sessions.map((session) => this.#session(session));
    return el("section", {}, el("h3", { text: day }), el("ul", { class: "days" }, ...rows));
  }

  #session(session) {
    const { t } = this;
    const much = [
      t("history.sets", { count: session.sets ?? 0 }),
      t("history.reps", { count: session.reps ?? 0 }),
      loadText(session.load_kg, this.#unit),
      session.ended ? "" : t("history.running"),
    ];
    const head = this.#fold(
      session.id,
      el("span", { class: "when", text: timeOfDay(new Date(session.time)) }),
      el("b", { text: this.#what(session) }),
      el("span", { class: "much", text: much.filter(Boolean).join(" · ") }),
    );
    const about = {
      testid: "history-row",
      "data-session": session.session,
      "data-athlete": session.athlete,
      "data-reps": session.reps,
    };
    return el("li", about, head, this.#open.has(session.id) ? this.#sets(session) : null);
  }

  #what(session) {
    const what = this.past.kindsOf(session).map((kind) => lifted(this.app, kind));
    return [this.named ? this.app.athlete(session.athlete) : "", what.join(" + ")]
      .filter(Boolean)
      .join(": ");
  }

  #sets(session) {
    const sets = this.past.setsOf(session);
    const trouble = this.#trouble(sets, "history.nosets");
    if (trouble) return trouble;
    const isMixed = new Set(sets.map((set) => lifted(this.app, set))).size > 1;
    const also = [
      ["history.volume", loadText(session.volume_kg, this.#unit)],
      ["history.e1rm", loadText(session.e1rm_kg, this.#unit)],
    ];
    const texts = also.filter(([, load]) => load).map(([key, load]) => this.t(key, { load }));
    const total = el("li", { class: "hint", text: texts.join(" · ") });
    return el("ul", { class: "inner" }, ...sets.map((set) => this.#set(set, isMixed)), total);
  }

  #set(set, isMixed) {
    const { t } = this;
    const aim = set.target_reps === null ? "" : ` / ${set.target_reps}`;
    const load = loadText(set.load_kg, this.#unit);
    const count = set.reps ?? "–";
    const loss = set.velocity_loss_pct === null ? null : Math.round(set.velocity_loss_pct);
    const much = [
      isMixed ? lifted(this.app, set) : "",
      `${fixed(set.best_velocity_mps, 2)} m/s`,
      loss === null ? "" : t("history.loss", { loss }),
      set.note,
    ];
    const faults = faultsOf(named(set.faults));
    const words = faults.map((name) => `${set.faults[name]} × ${t(`fault.short.${name}`)}`);
    const head = this.#fold(
      set.id,
      el("span", { class: "when", text: t("lift.set", { set: set.set }) }),
      el("b", { text: load ? `${load} × ${count}${aim}` : t("history.count", { count, aim }) }),
      el("span", { class: "much", text: much.filter(Boolean).join(" · ") }),
      el("span", { class: "words", text: words.join(", ") }),
    );
    const about = { testid: "history-set", "data-set": set.set, "data-reps": set.reps };
    return el("li", about, head, this.#open.has(set.id) ? this.#reps(set) : null);
  }

  #reps(set) {
    const reps = this.past.repsOf(set);
    const trouble = this.#trouble(reps, "history.noreps");
    if (trouble) return trouble;
    const heads = COLUMNS.map((name) => el("th", { scope: "col", text: this.t(`col.${name}`) }));
    const rows = reps.map((rep) => this.#rep(rep));
    const table = el("table", {}, el("thead", {}, el("tr", {}, ...heads)), ...rows);
    const label = this.t("after.reps", { set: set.set });
    return el("div", { class: "wide", tabindex: 0, role: "region", "aria-label": label }, table);
  }

  #rep(rep) {
    const texts = [
      rep.partial ? "–" : String(rep.rep ?? "–"),
      fixed(rep.mean_velocity_mps, 2),
      ...PARTS.map((part) => fixed(rep[part], 1)),
      fixed(rep.rom_deg, 0),
    ];
    const words = faultsOf(named(rep.faults)).map((name) => this.t(`fault.short.${name}`));
    if (rep.partial) words.push(this.t("after.partial"));
    if (rep.added) words.push(this.t("after.added"));
    const cells = el("tr", {}, ...texts.map((text) => el("td", { text })));
    const about = { testid: "history-rep", "data-rep": rep.rep };
    if (!words.length) return el("tbody", about, cells);
    const said = el("span", { class: "words", text: words.join(", ") });
    const more = el("tr", { class: "second" }, el("td", { colspan: COLUMNS.length }, said));
    return el("tbody", about, cells, more);
  }

  /** A line that opens and closes what is below it. */
  #fold(id, ...children) {
    const turn = () => {
      if (!this.#open.delete(id)) this.#open.add(id);
      this.redraw();
    };
    const about = { "data-key": id, "aria-expanded": this.#open.has(id), onclick: turn };
    return el("button", { type: "button", class: "fold", ...about }, ...children);
  }

  /** Instead of rows: that they are fetched, could not be, or are none. */
  #trouble(rows, none) {
    if (rows === null) return el("p", { class: "hint", text: this.t("history.loading") });
    if (rows instanceof Error) {
      const text = this.t("history.failed", { why: rows.message });
      return el("p", { class: "trouble", role: "alert", text });
    }
    return rows.length ? null : el("p", { class: "hint", text: this.t(none) });
  }

  get #unit() {
    return this.app.settings.get("unit");
  }
}

/** Faults of a row as values of an event have them. */
function named(faults) {
  return Object.fromEntries(Object.entries(faults ?? {}).map(([key, n]) => [`fault_${key}`, n]));
}

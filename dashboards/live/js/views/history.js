/** What was lifted until now: sessions, bests, and how it goes over time. From the local store. */

import { bestTiles } from "../bests.js";
import { el, mark, say } from "../dom.js";
import { OverTime } from "../overtime.js";
import { athletes, kindOf, kinds, lifted, repsOf, setsOf } from "../past.js";
import { SessionList } from "../sessionlist.js";
import { WeekStrip } from "../week.js";

const ALL = ""; // everyone; every exercise
const SETTLED_MS = 1500; // until the store has what was said
const AROUND_MS = 60_000;
const LONGEST_S = 1800;
const TABLES = ["sessions", "sets", "reps"];

export function view(app) {
  if (app.config.history === false) {
    const element = el("p", { class: "wait", text: app.texts("history.none") });
    return { element, update() {}, close() {} };
  }
  const history = new History(app);
  return {
    element: history.element,
    update: (change) => history.update(change),
    close: () => history.close(),
  };
}

class History {
  #asked = 0; // which question is the newest: late answers to others are passed over
  #later = 0;

  constructor(app) {
    this.app = app;
    this.t = app.texts;
    this.sessions = [];
    this.bests = [];
    this.sets = new Map(); // athlete -> rows, or an Error; null while they are fetched
    this.reps = new Map(); // id of a set -> {set, rows}, as above
    this.athlete = null; // null: not known yet
    this.kind = ALL;
    this.#make();
    this.#load();
  }

  update(change) {
    if (change.kind === "setting" && change.name === "unit" && !this.all.hidden) this.#draw();
    if (change.kind === "setting" && change.name === "theme") this.overTime.recolour();
    if (change.kind !== "set" && change.kind !== "session") return;
    clearTimeout(this.#later);
    this.#later = setTimeout(() => this.#load(), SETTLED_MS);
  }

  close() {
    clearTimeout(this.#later);
    this.#asked = NaN;
    this.overTime.close();
  }

  #make() {
    const { t } = this;
    this.who = el("select", { "data-testid": "history-athlete" });
    this.what = el("select", { "data-testid": "history-exercise" });
    this.who.addEventListener("change", () => this.#pick(this.who.value, ALL));
    this.what.addEventListener("change", () => this.#pick(this.athlete, this.what.value));
    this.whoBox = el("label", {}, el("span", { text: t("history.who") }), this.who);
    this.whatBox = el("label", {}, el("span", { text: t("history.what") }), this.what);
    this.pickers = el("div", { class: "pickers" }, this.whoBox, this.whatBox);
    this.message = el("p", { class: "hint", role: "status", text: t("history.loading") });
    this.again = el("button", { type: "button", text: t("history.again"), hidden: true });
    this.again.addEventListener("click", () => this.#load());
    this.lift = el("button", { class: "main", type: "button", text: t("nav.lift"), hidden: true });
    this.lift.addEventListener("click", () => this.app.go("#/lift"));
    this.week = new WeekStrip(this.app);
    this.overTime = new OverTime(this.app);
    this.bestBox = el("section", { class: "bests" });
    this.list = new SessionList(this.app, {
      setsOf: (session) => this.#setsOf(session),
      repsOf: (set) => this.#repsOf(set),
      kindsOf: (session) => this.#kindsOf(session),
    });
    const heading = el("h2", { text: t("history.sessions") });
    const sessions = el("section", { class: "sessions" }, heading, this.list.element);
    this.files = el("section", { class: "files" });
    const parts = [this.week.element, this.overTime.element, this.bestBox, sessions, this.files];
    this.all = el("div", { class: "columns" }, ...parts);
    this.element = el(
      "div",
      { class: "page history" },
      el("h1", { text: t("view.history") }),
      this.pickers,
      this.message,
      this.again,
      this.lift,
      this.all,
    );
    this.#tell(t("history.loading"));
  }

  // -- what is fetched ------------------------------------------------------------------

  /** All that is shown, anew. */
  async #load() {
    const asked = (this.#asked += 1);
    if (!this.sessions.length) this.#tell(this.t("history.loading"));
    try {
      const sessions = await this.#rows("sessions");
      if (asked !== this.#asked) return;
      this.sessions = sessions.filter((session) => session.reps || session.partials);
      this.athlete = this.#likely();
      const { athlete } = this;
      if (athlete !== ALL && this.sessions.length) await this.#loadOne(athlete, asked);
      if (asked !== this.#asked) return;
    } catch (error) {
      if (asked === this.#asked) this.#tell(this.t("history.failed", { why: error.message }), true);
      return;
    }
    for (const { set } of this.reps.values()) this.#fetchReps(set);
    if (this.app.config.coaching) this.week.load(this.athlete === ALL ? null : this.athlete);
    this.#draw();
  }

  async #loadOne(athlete, asked) {
    const found = await Promise.all([
      this.#rows("sets", { athlete }),
      this.#rows("bests", { athlete }),
    ]);
    if (asked !== this.#asked) return;
    this.sets.clear(); // of others they are fetched again, when they are looked at
    this.sets.set(athlete, found[0]);
    this.bests = found[1];
  }

  async #rows(what, query = {}) {
    return (await this.app.api(`history/${what}?${new URLSearchParams(query)}`)).rows;
  }

  /** Who was picked or else lifts now, if there is history of them; else who did last. */
  #likely() {
    const known = athletes(this.sessions);
    if (this.athlete === ALL || known.includes(this.athlete)) return this.athlete;
    const now = this.app.device()?.choice()?.athlete;
    return known.includes(now) ? now : (known[0] ?? null);
  }

  #setsOf(session) {
    const { athlete } = session;
    const rows = this.sets.get(athlete);
    if (rows === undefined) this.#fetchSets(athlete);
    if (rows instanceof Error) this.sets.delete(athlete); // who opens it once more tries again
    return Array.isArray(rows) ? setsOf(session, rows) : (rows ?? null);
  }

  async #fetchSets(athlete) {
    this.sets.set(athlete, null);
    this.sets.set(athlete, await this.#rows("sets", { athlete }).catch((error) => error));
    this.list.redraw();
  }

  #repsOf(set) {
    const known = this.reps.get(set.id);
    if (known?.rows instanceof Error) this.reps.delete(set.id);
    if (!known) this.#fetchReps(set);
    return known?.rows ?? null;
  }

  async #fetchReps(set) {
    const begun_ms = Date.parse(set.time);
    const until_ms = begun_ms + 1000 * (set.duration_s ?? LONGEST_S) + AROUND_MS;
    const query = {
      athlete: set.athlete,
      exercise: set.exercise,
      since: new Date(begun_ms - AROUND_MS).toISOString(),
      until: new Date(until_ms).toISOString(),
    };
    if (!this.reps.has(set.id)) this.reps.set(set.id, { set, rows: null });
    const found = await this.#rows("reps", query).catch((error) => error);
    this.reps.set(set.id, { set, rows: Array.isArray(found) ? repsOf(set, found) : found });
    this.list.redraw();
  }

  // -- what is shown --------------------------------------------------------------------

  #pick(athlete, kind) {
    const isOther = athlete !== this.athlete;
    this.athlete = athlete;
    this.kind = kind;
    if (isOther) this.#load();
    else this.#draw();
  }

  /** Instead of history. */
  #tell(text, failed = false) {
    say(this.message, text);
    this.message.hidden = text === "";
    mark(this.message, "data-failed", failed);
    this.again.hidden = !failed;
    this.lift.hidden = true;
    this.pickers.hidden = this.all.hidden = text !== "";
  }

  #draw() {
    if (!this.sessions.length) {
      this.#tell(this.t("history.empty"));
      this.lift.hidden = false;
      return;
    }
    this.#tell("");
    this.#options();
    const isOne = this.athlete !== ALL;
    const own = this.sessions.filter((one) => !isOne || one.athlete === this.athlete);
    const shown = own.filter((one) => this.kind === ALL || this.#isOfKind(one));
    this.list.show(shown, !isOne);
    this.#overTimeOf(this.#ownSets());
    this.#bestsOf(isOne ? this.bests : []);
    this.#links();
  }

  #options() {
    const people = athletes(this.sessions).map((key) => [key, this.app.athlete(key)]);
    people.sort(([, one], [, other]) => one.localeCompare(other, undefined, { numeric: true }));
    this.whoBox.hidden = people.length < 2;
    fill(this.who, [[ALL, this.t("history.everyone")], ...people], this.athlete);
    const lifts = kinds(this.athlete === ALL ? this.sessions : this.#ownSets());
    const named = lifts.map((kind) => [kindOf(kind), lifted(this.app, kind)]);
    if (!named.some(([key]) => key === this.kind)) this.kind = ALL;
    fill(this.what, [[ALL, this.t("history.everything")], ...named], this.kind);
  }

  /** Of the one who was picked. */
  #ownSets() {
    const rows = this.sets.get(this.athlete);
    return Array.isArray(rows) ? rows : [];
  }

  #kindsOf(session) {
    const rows = this.sets.get(session.athlete);
    const sets = Array.isArray(rows) ? setsOf(session, rows) : [];
    return kinds(sets.length ? sets : [session]);
  }

  #isOfKind(session) {
    return this.#kindsOf(session).some((kind) => kindOf(kind) === this.kind);
  }

  /** Of the exercise that was picked, else of the one that was lifted last. */
  #overTimeOf(sets) {
    this.overTime.element.hidden = !sets.length;
    if (!sets.length) return;
    const kind = this.kind === ALL ? kindOf(kinds(sets)[0]) : this.kind;
    this.overTime.show(sets.filter((set) => kindOf(set) === kind));
  }

  #bestsOf(bests) {
    const some = bests.filter((best) => this.kind === ALL || kindOf(best) === this.kind);
    const heading = el("h2", { text: this.t("history.bests") });
    this.bestBox.hidden = some.length === 0;
    this.bestBox.replaceChildren(heading, ...bestTiles(some, this.app));
  }

  #links() {
    const query = { format: "csv" };
    if (this.athlete !== ALL) query.athlete = this.athlete;
    if (this.kind !== ALL) [query.exercise] = this.kind.split("/");
    const links = TABLES.map((what) =>
      el("a", {
        class: "button",
        testid: "csv",
        "data-what": what,
        href: `api/history/${what}?${new URLSearchParams(query)}`,
        download: `hiprep-${what}.csv`,
        text: this.t(`history.csv.${what}`),
      }),
    );
    const heading = el("h2", { text: this.t("history.export") });
    const hint = el("p", { class: "hint", text: this.t("history.export.hint") });
    this.files.replaceChildren(heading, hint, el("p", { class: "buttons" }, ...links));
  }
}

/** The options of a picker; nothing changes under a finger, where they are the same. */
function fill(select, options, value) {
  const shown = [...select.options].map((option) => [option.value, option.textContent]);
  if (JSON.stringify(shown) !== JSON.stringify(options))
    select.replaceChildren(...options.map(([key, text]) => el("option", { value: key, text })));
  select.value = value;
}

/** The week of an athlete in a strip: what was lifted on which day, against the aim, and what is next. */

import { el } from "./dom.js";

const DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

export class WeekStrip {
  #asked = 0;
  element = el("section", { class: "week", testid: "week", hidden: true });

  constructor(app) {
    this.app = app;
  }

  /** @param {?string} athlete null for everyone: then there is none to show */
  async load(athlete) {
    const asked = (this.#asked += 1);
    const query = new URLSearchParams({ athlete: athlete ?? "" });
    const day = athlete ? await this.app.api(`coach?${query}`).catch(() => null) : null;
    if (asked !== this.#asked) return;
    this.element.hidden = !day;
    if (day) this.#draw(day.week);
  }

  #draw(week) {
    const { texts: t } = this.app;
    const today = (new Date().getDay() + 6) % 7;
    const next = week.next_weekday === null ? null : today + week.next_days;
    const cells = DAYS.map((name, at) => {
      const sessions = week.sessions.filter((one) => one.weekday === name);
      const kinds = [...new Set(sessions.map((one) => t(`week.kind.${one.kind}`)))];
      const word = kinds.length ? kinds.join(", ") : at === next ? t("week.next") : "";
      const about = {
        "data-lifted": sessions.length > 0,
        "data-thrust": sessions.some((one) => one.thrust),
        "data-next": at === next,
        "data-today": at === today,
      };
      const label = el("span", { text: t(`week.${name}`) });
      return el("li", about, label, el("b", { text: word }));
    });
    this.element.replaceChildren(
      el("h2", { text: t("week.title") }),
      el("ol", {}, ...cells),
      el("p", { text: [this.#done(week), this.#next(week)].filter(Boolean).join(" ") }),
    );
  }

  #done({ done, aim }) {
    const { texts: t } = this.app;
    const [low, high] = aim;
    return t("week.done", { count: done, aim: low === high ? `${high}` : `${low}–${high}` });
  }

  #next({ next_kind, next_weekday, next_days }) {
    const { texts: t } = this.app;
    if (next_weekday === null) return "";
    const kind = t(`week.kind.${next_kind}`);
    if (next_days === 0) return t("week.from.today", { kind });
    return t("week.from", { kind, day: next_weekday, count: next_days });
  }
}

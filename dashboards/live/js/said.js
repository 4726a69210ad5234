/** Sentences of the coach as lines to read; each can be silenced on this phone. */

import { el } from "./dom.js";

/**
 * @param {object[]} said {rule, level, text} each, in order
 * @param {object} app
 * @param {number} most so many at first; the others open with a tap
 * @returns {HTMLElement[]}
 */
export function saidLines(said, app, most = 4) {
  const lines = said.map((one) => line(one, app));
  const list = (some) => el("ul", { class: "said" }, ...some);
  if (lines.length <= most) return lines.length ? [list(lines)] : [];
  const rest = lines.slice(most);
  const summary = el("summary", { text: app.texts("said.more", { count: rest.length }) });
  return [list(lines.slice(0, most)), el("details", { class: "more" }, summary, list(rest))];
}

function line({ rule, level, text }, app) {
  const { settings, texts: t } = app;
  const hide = () => settings.set("hiddenRules", [...settings.get("hiddenRules"), rule]);
  const button = el("button", { type: "button", testid: "hide", onclick: hide });
  button.append(t("said.hide"), el("small", { text: ruleName(rule) }));
  const tone = el("b", { class: "hidden", text: `${t(`level.${level}`)}: ` });
  const summary = el("summary", {}, tone, el("span", { text }));
  const about = { testid: "advice", "data-rule": rule, "data-level": level };
  return el("li", about, el("details", {}, summary, button));
}

/** "velocity_stop" -> "velocity stop" */
export function ruleName(rule) {
  return rule.replaceAll("_", " ");
}

/** What this browser remembers: sound, screen, units, colours. */

import { el, mark, say } from "../dom.js";
import { ruleName } from "../said.js";
import { UNITS } from "../units.js";
import { choices, field, toggle } from "../widgets.js";

export function view(app) {
  const { settings, texts: t } = app;
  const awake = el("p", { class: "hint" });
  const pick = (name, options, label) =>
    field(
      t(label),
      choices(options, settings.get(name), (value) => settings.set(name, value)),
    );
  const flag = (name, label) =>
    toggle(t(label), settings.get(name), (value) => settings.set(name, value));
  const sound = toggle(t("options.sound"), settings.get("sound"), () => app.sound.toggle());
  const counts = ["top", "bottom", "off"].map((name) => [name, t(`options.count.${name}`)]);
  const themes = ["auto", "light", "dark"].map((name) => [name, t(`options.theme.${name}`)]);
  const rules = el("section", { testid: "hidden-rules" });
  const about = { version: app.config.version ?? "", site: app.model.site };
  const element = el(
    "div",
    { class: "page" },
    el("h1", { text: t("view.settings") }),
    pick(
      "unit",
      UNITS.map((unit) => [unit, unit]),
      "options.unit",
    ),
    el("h2", { text: t("options.sound") }),
    sound,
    el("p", { class: "hint", text: t("options.sound.hint") }),
    pick("count", counts, "options.count"),
    flag("voice", "options.voice"),
    flag("metronome", "options.metronome"),
    flag("holdCue", "options.hold"),
    flag("stopCue", "options.stop"),
    el("button", { type: "button", text: t("options.try"), onclick: () => app.sound.try() }),
    rules,
    el("h2", { text: t("options.screen") }),
    flag("awake", "options.awake"),
    awake,
    flag("follow", "options.follow"),
    pick("theme", themes, "options.theme"),
    el("p", { class: "hint", text: t("options.about", about) }),
  );
  const update = () => {
    say(awake, t(`options.awake.${app.awake.how}`));
    mark(sound.querySelector("input"), "data-on", settings.get("sound"));
    sound.querySelector("input").checked = settings.get("sound");
    rules.replaceChildren(...hiddenRules(settings, t));
  };
  update();
  return { element, update, close() {} };
}

/** What was silenced on this phone, each to be heard again. */
function hiddenRules(settings, t) {
  const hidden = settings.get("hiddenRules");
  if (!hidden.length) return [];
  const buttons = hidden.map((rule) => {
    const others = hidden.filter((one) => one !== rule);
    const show = () => settings.set("hiddenRules", others);
    const text = t("options.rule", { rule: ruleName(rule) });
    return el("button", { type: "button", "data-rule": rule, text, onclick: show });
  });
  return [el("h2", { text: t("options.rules") }), el("p", { class: "buttons" }, ...buttons)];
}

/** Where there is no config.json: which broker? What is typed stays in this tab. */

import { el } from "../dom.js";
import { t } from "../texts.js";

const KEY = "hiprep-broker";
const FIELDS = ["url", "site", "user", "password"];

/** What was typed before, in this tab; null for nothing. */
export function kept() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

/** It was wrong: ask again, the next time. */
export function forget() {
  sessionStorage.removeItem(KEY);
}

/** @param {function(object, object)} begin called with config and broker */
export function form(begin) {
  const inputs = Object.fromEntries(FIELDS.map((name) => [name, input(name)]));
  const trouble = el("p", { class: "trouble", role: "alert" });
  const submit = (event) => {
    event.preventDefault();
    const typed = Object.fromEntries(FIELDS.map((name) => [name, inputs[name].value.trim()]));
    trouble.textContent = wrong(typed.url);
    if (trouble.textContent) return;
    const broker = { ...typed, user: typed.user || null, password: typed.password || null };
    sessionStorage.setItem(KEY, JSON.stringify(broker));
    begin({ site: broker.site, history: false }, broker);
  };
  const labels = FIELDS.map((name) =>
    el("label", { class: "line", text: t(`broker.${name}`) }, inputs[name]),
  );
  const go = el("button", { class: "main", text: t("broker.go") });
  const heading = el("h1", { text: t("broker.title") });
  const hint = el("p", { text: t("broker.hint") });
  return el("form", { class: "page", onsubmit: submit }, heading, hint, ...labels, trouble, go);
}

function input(name) {
  const type = name === "password" ? "password" : "text";
  const value = name === "site" ? "home" : "";
  const needed = name === "url" || name === "site";
  return el("input", { type, value, required: needed, autocomplete: "off", spellcheck: "false" });
}

function wrong(url) {
  if (!/^wss?:\/\/./.test(url)) return t("broker.bad");
  return location.protocol === "https:" && url.startsWith("ws:") ? t("broker.mixed") : "";
}

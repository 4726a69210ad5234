/**
 * A browser from elsewhere says the code once. Nothing but this file, the texts and the style can be
 * had before that: it imports nothing else.
 */

import { LANGUAGE, TEXTS } from "../texts.en.js";

const DIGITS = 6;

const t = (key, values = {}) =>
  TEXTS[key].replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));

class Pairing {
  #sending = false;
  #timer = 0;

  constructor() {
    this.code = made("input", {
      id: "code",
      type: "text",
      inputmode: "numeric",
      autocomplete: "one-time-code",
      enterkeyhint: "go",
      spellcheck: "false",
      "aria-describedby": "message",
      "data-testid": "pair-code",
    });
    this.go = made("button", { class: "main" }, t("pair.go"));
    this.message = made("p", { id: "message", class: "trouble", "data-testid": "pair-message" });
    // What counts down is not read aloud each second.
    this.aloud = made("p", { class: "hidden", role: "alert" });
    this.code.addEventListener("input", () => this.#typed());
    this.element = made("form", { class: "page pair", novalidate: "" });
    this.element.append(
      made("h1", {}, t("pair.title")),
      made("p", { id: "hint" }, t("pair.hint")),
      made("label", { for: "code" }, t("pair.code")),
      this.code,
      this.message,
      this.aloud,
      this.go,
    );
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  /** Digits alone, also of what is pasted with spaces or words around it. */
  #typed() {
    const digits = this.code.value.replace(/\D/g, "").slice(0, DIGITS);
    if (digits !== this.code.value) this.code.value = digits;
    if (!this.#timer) this.#say("");
  }

  async #send() {
    if (this.#sending || this.#timer) return;
    if (this.code.value.length !== DIGITS) return this.#wrong(t("pair.short"));
    this.#sending = true;
    this.#say(t("pair.sending"), "wait");
    const body = JSON.stringify({ code: this.code.value });
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("pair", { method: "POST", headers, body }).catch(() => null);
    const content = (await answer?.json().catch(() => null)) ?? {};
    if (answer?.ok) await this.#done();
    else if (answer?.status === 429) this.#wait(content.wait_s ?? 60);
    else if (answer?.status === 403) this.#wrong(t("pair.wrong"));
    else if (answer?.status === 404) this.#wrong(t("pair.none"));
    else if (answer) this.#wrong(t("pair.refused", { why: content.text ?? answer.status }));
    else this.#wrong(t("pair.offline"));
    this.#sending = false;
  }

  /** On to the page, if the browser has kept what it was given. */
  async #done() {
    const config = await fetch("config.json", { cache: "no-store" }).catch(() => null);
    if (config?.status === 401) return this.#wrong(t("pair.cookie"));
    this.#say(t("pair.done"), "good");
    location.replace(`./${location.hash}`); // a history that was asked for, for one
  }

  #wrong(text) {
    this.#say(text);
    this.code.focus();
    this.code.select();
  }

  #wait(wait_s) {
    const untilMs = performance.now() + wait_s * 1000;
    this.go.disabled = true;
    const tick = () => {
      const left_s = Math.ceil((untilMs - performance.now()) / 1000);
      if (left_s > 0) this.message.textContent = t("pair.wait", { time: clock(left_s) });
      else this.#waited();
    };
    this.#say(t("pair.wait", { time: clock(Math.ceil(wait_s)) }));
    this.#timer = setInterval(tick, 250);
  }

  #waited() {
    clearInterval(this.#timer);
    this.#timer = 0;
    this.go.disabled = false;
    this.#say(t("pair.now"), "good");
    this.code.focus();
    this.code.select();
  }

  #say(text, tone = "trouble") {
    this.message.textContent = text;
    this.message.dataset.tone = tone;
    this.aloud.textContent = text;
    this.code.setAttribute("aria-invalid", String(text !== "" && tone === "trouble"));
  }
}

/** 75 -> "1:15" */
function clock(seconds) {
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function made(tag, attributes, text = "") {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.textContent = text;
  return element;
}

document.documentElement.lang = LANGUAGE;
document.title = `${t("pair.title")} · hiprep`;
const pairing = new Pairing();
document.getElementById("view").replaceChildren(pairing.element);
pairing.code.focus();

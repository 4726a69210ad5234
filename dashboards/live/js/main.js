/** The start of the page: its config, the connection, the views by the hash of the address. */

import { LANGUAGE } from "../texts.en.js";
import { Awake } from "./awake.js";
import { made } from "./command.js";
import { Cues } from "./cues.js";
import { Head } from "./head.js";
import { filters, Model, ROOT } from "./model.js";
import { Link } from "./mqtt.js";
import { Settings } from "./settings.js";
import { Sound } from "./sound.js";
import { has, t } from "./texts.js";
import * as connect from "./views/connect.js";

// Those that may be missing, or are seldom seen, are fetched when they are asked for.
const VIEWS = {
  lift: () => import("./views/lift.js"),
  setup: () => import("./views/setup.js"),
  after: () => import("./views/after.js"),
  history: () => import("./views/history.js"),
  coach: () => import("./views/coach.js"),
  settings: () => import("./views/settings.js"),
};
const UNTOUCHED_MS = 8000;

class App {
  constructor(config) {
    this.config = config;
    this.settings = new Settings();
    this.model = new Model(config.site ?? "home");
    this.texts = this.t = t;
    this.cues = new Cues();
    this.sound = new Sound(this.settings, t, LANGUAGE);
    this.awake = new Awake(this.settings);
    this.head = new Head(this);
    this.shown = null;
    this.route = "";
    this.touchedMs = -Infinity;
    for (const one of config.devices ?? []) this.model.device(one.key);
  }

  /** Connect, and show what the address asks for. */
  start(broker) {
    this.link = new Link(
      broker,
      (topic, text) => this.#came(topic, text),
      (state, why) => this.#changed({ kind: "link", state, why }),
    );
    addEventListener("hashchange", () => this.#show());
    addEventListener("pointerdown", () => (this.touchedMs = this.now()), { passive: true });
    addEventListener("keydown", () => (this.touchedMs = this.now()), { passive: true });
    setInterval(() => this.#tick(), 1000);
    this.settings.listen((name, value) => this.#set(name, value));
    this.#set("theme", this.settings.get("theme"));
    this.#listen();
    return this.#show();
  }

  now() {
    return performance.now();
  }

  /** The one that is followed: picked, else the first that streamed, else any; null for none. */
  device() {
    const { devices } = this.model;
    const picked = devices.get(this.settings.get("device"));
    const known = [...devices.values()];
    const streams = known.find((one) => one.sensor?.available);
    return picked ?? devices.get(this.settled) ?? streams ?? known[0] ?? null;
  }

  /** Follow this sensor from now on; it is remembered. */
  pick(key) {
    this.settings.set("device", key);
  }

  athlete(key) {
    if (!key || key === "nobody") return t("athlete.nobody");
    return this.config.athletes?.find((one) => one.key === key)?.name ?? key;
  }

  exercise(key) {
    const named = this.config.exercises?.find((one) => one.key === key)?.name;
    return has(`exercise.${key}`) ? t(`exercise.${key}`) : (named ?? key);
  }

  /** @returns {Promise<{ok: boolean, text: string}>} text: for people, whatever came of it */
  async send(device, command) {
    const answer = await this.link.ask(
      `${ROOT}/${this.model.site}/${device}/command`,
      made(command),
    );
    if (answer.text === "") return { ...answer, text: t("answer.none") };
    return answer.ok ? answer : { ...answer, text: t("answer.refused", { why: answer.text }) };
  }

  /** What the server of the page knows: JSON of an address below api/. Throws Error, for people. */
  async api(path) {
    const below = path.replace(/^\/?(api\/)?/, "api/");
    const response = await fetch(new URL(below, document.baseURI)).catch(() => null);
    if (!response) throw new Error(t("link.away"));
    if (response.status === 401) toPairing();
    if (response.ok) return response.json();
    const { text } = await response.json().catch(() => ({}));
    throw new Error(text ?? `${response.status} ${response.statusText}`);
  }

  go(hash) {
    location.hash = hash;
  }

  /** To those who do not see the screen. */
  announce(text) {
    document.getElementById("announcement").textContent = text;
  }

  #came(topic, text) {
    const change = this.model.take(topic, text, this.now());
    if (!change) return;
    if (change.kind === "answer") this.link.answered(change.answer);
    this.#changed(change);
    if (this.device()?.key !== this.heardOf) this.#listen();
  }

  #changed(change) {
    if (change.state === "refused") connect.forget();
    const own = this.device();
    if (change.device === own?.key && ["rep", "set", "advice"].includes(change.kind)) {
      const [count, hidden] = [this.settings.get("count"), this.settings.get("hiddenRules")];
      for (const cue of this.cues.of(change, own, count, hidden)) this.#cue(cue);
      this.#follow(change);
    }
    this.shown?.update(change);
    if (change.kind !== "live") this.head.update(change);
    if (own && change.kind !== "live") this.#number(own.count());
  }

  /** For whoever measures: the number that is shown, and since when. */
  #number(count) {
    const { dataset } = document.documentElement;
    if (dataset.rep === String(count)) return;
    dataset.rep = String(count);
    dataset.repMs = String(Date.now());
  }

  #cue(cue) {
    this.sound.play(cue);
    if (cue.cue === "count") this.announce(t("announce.rep", { rep: cue.count }));
    if (cue.cue === "fault") this.announce(cue.faults.map((name) => t(`fault.${name}`)).join(". "));
    if (cue.cue === "set") this.announce(t("announce.set", cue));
    if (cue.cue === "done") this.announce(t("lift.done", cue));
    if (cue.cue === "stop" || cue.cue === "advice") this.announce(cue.text);
  }

  /** Hands off: the page turns by itself, but never under somebody's finger. */
  #follow({ kind, now, before, fresh }) {
    if (!this.settings.get("follow") || !fresh || before || !now.valid) return;
    if (this.now() - this.touchedMs < UNTOUCHED_MS) return;
    if (kind === "set" && this.route === "lift") this.go("#/after");
    const begins = kind === "rep" && this.device().isOpen() && this.device().reps().length === 1;
    if (begins && this.route === "after") this.go("#/lift");
  }

  #listen() {
    this.heardOf = this.device()?.key;
    this.link.subscribe(filters(this.model.site, this.heardOf, this.route === "coach"));
  }

  /** Once sensors had a second to be heard of, the one that is followed stays. */
  #tick() {
    if (this.device()?.sensor?.available) this.settled ??= this.device().key;
    this.#changed({ kind: "tick" });
  }

  #set(name, value) {
    if (name === "theme") document.documentElement.dataset.theme = value;
    if (name === "device") this.#listen();
    this.#changed({ kind: "setting", name });
  }

  async #show() {
    const asked = location.hash.replace(/^#\//, "");
    const route = asked in VIEWS ? asked : "lift";
    if (route === this.route) return;
    this.route = route;
    this.#listen();
    const found = await VIEWS[route]().catch((error) => ({ view: () => missing(error) }));
    if (route !== this.route) return; // another one was asked for meanwhile
    this.shown?.close();
    this.shown = found.view(this);
    const main = document.getElementById("view");
    main.replaceChildren(this.shown.element);
    main.scrollTop = 0;
    document.body.dataset.route = route;
    document.title = `${t(`view.${route}`)} · hiprep`;
    this.head.update({ kind: "route" });
  }
}

function missing(error) {
  const element = document.createElement("p");
  element.className = "wait";
  element.textContent = t("view.missing", { why: error.message });
  return { element, update() {}, close() {} };
}

/** The broker as a config names it; null where none is named. */
function brokerOf({ mqtt }) {
  if (mqtt?.url) return { url: mqtt.url, user: mqtt.user, password: mqtt.password };
  if (!mqtt?.path) return null;
  const scheme = location.protocol === "https:" ? "wss:" : "ws:";
  return { url: `${scheme}//${location.host}${mqtt.path}` };
}

/** This browser is not paired, or no more. */
function toPairing() {
  location.replace("pair.html");
  return null;
}

async function configured() {
  const response = await fetch("config.json", { cache: "no-store" }).catch(() => null);
  if (response?.status === 401) return toPairing();
  return response?.ok ? response.json().catch(() => ({})) : {};
}

async function start() {
  const config = await configured();
  if (!config) return;
  const broker = brokerOf(config) ?? connect.kept();
  const begin = (whole, where) => new App(whole).start(where);
  if (broker) await begin({ ...config, site: broker.site ?? config.site }, broker);
  else document.getElementById("view").replaceChildren(connect.form(begin));
}

await start();

/** What is above and below every view: sensor, connection, sound, and the ways to the other views. */

import { el, icon, mark, say } from "./dom.js";
import { t } from "./texts.js";

const ROUTES = ["lift", "setup", "after", "history", "coach", "settings"];
const BACK_MS = 3000;
const LOW_PCT = 15;

export class Head {
  #device = document.getElementById("device");
  #link = document.getElementById("link");
  #banner = document.getElementById("banner");
  #sound = document.getElementById("sound");
  #nav = document.getElementById("nav");
  #trouble = null;
  #state = "connecting";
  #why = "";
  #backUntilMs = 0;

  constructor(app) {
    this.app = app;
    const skip = document.getElementById("skip");
    say(skip, t("nav.skip"));
    skip.addEventListener("click", () => document.getElementById("view").focus());
    say(document.getElementById("device-label"), t("device.pick"));
    this.#device.addEventListener("change", () => app.pick(this.#device.value));
    this.#sound.addEventListener("click", () => app.sound.toggle());
    const routes = ROUTES.filter((name) => name !== "history" || app.config.history !== false);
    this.#nav.append(...routes.map((name) => this.#tab(name)));
    this.#soundLook();
  }

  update(change) {
    if (change.kind === "link") [this.#state, this.#why] = [change.state, change.why];
    if (change.kind === "route") {
      for (const tab of this.#nav.children) {
        mark(tab, "aria-current", tab.dataset.route === this.app.route ? "page" : null);
      }
    }
    if (change.kind === "setting") this.#soundLook();
    this.#devices();
    this.#linkLook();
  }

  #tab(name) {
    const label = el("span", { text: t(`nav.${name}`) });
    return el("a", { href: `#/${name}`, "data-route": name }, icon(name), label);
  }

  #soundLook() {
    const on = this.app.settings.get("sound");
    this.#sound.replaceChildren(icon(on ? "sound" : "mute"));
    mark(this.#sound, "aria-pressed", on);
    mark(this.#sound, "aria-label", t(on ? "sound.on" : "sound.off"));
    mark(this.#sound, "title", t(on ? "sound.on" : "sound.off"));
  }

  #devices() {
    const keys = [...this.app.model.devices.keys()];
    const label = (key) => {
      const athlete = this.app.model.devices.get(key).choice()?.athlete;
      return athlete && athlete !== "nobody" ? `${this.app.athlete(athlete)} · ${key}` : key;
    };
    const labels = keys.map(label);
    if (labels.join("\n") !== this.labels) {
      this.labels = labels.join("\n");
      this.#device.replaceChildren(
        ...keys.map((key, at) => el("option", { value: key, text: labels[at] })),
      );
    }
    this.#device.value = this.app.device()?.key ?? "";
    this.#device.disabled = keys.length < 2;
  }

  #linkLook() {
    const { app } = this;
    const device = app.device();
    const sensor = device ? app.model.link(device.key, app.now()) : "unknown";
    const state = this.#state === "connected" ? sensor : this.#state;
    const prefix = this.#state === "connected" ? "sensor" : "link";
    const text = t(`${prefix}.${state}`, { why: this.#why });
    mark(this.#link, "data-state", state);
    const battery = device?.sensor?.battery_pct;
    const percent = typeof battery === "number" ? Math.round(battery) : null;
    const more = percent === null ? "" : t("sensor.battery", { percent });
    say(this.#link.querySelector("b"), state === "ok" ? more : text);
    mark(this.#link, "title", [text, more].filter(Boolean).join(", "));
    this.#tell(state, text, prefix, percent);
  }

  /** Trouble stays on the screen as long as it lasts; then, for a while, that it is over. */
  #tell(state, text, prefix, percent) {
    const nowMs = this.app.now();
    const isTrouble = !["ok", "connecting", "unknown"].includes(state);
    if (isTrouble && text !== this.#trouble?.text) this.app.announce(text);
    if (!isTrouble && this.#trouble && state === "ok") {
      this.#backUntilMs = nowMs + BACK_MS;
      this.back = t(`${this.#trouble.prefix}.back`);
      this.app.announce(this.back);
    }
    if (isTrouble) this.#trouble = { text, prefix };
    else if (state === "ok") this.#trouble = null;
    const [schema] = this.app.model.foreign;
    const low = percent !== null && percent < LOW_PCT;
    let shown = ["", ""];
    if (isTrouble) shown = ["trouble", text];
    else if (schema) shown = ["trouble", t("foreign", { schema })];
    else if (nowMs < this.#backUntilMs) shown = ["good", this.back];
    else if (low) shown = ["watch", t("sensor.low", { percent })];
    this.#banner.hidden = shown[1] === "";
    mark(this.#banner, "data-tone", shown[0]);
    say(this.#banner, shown[1]);
  }
}

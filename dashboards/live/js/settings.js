/** What this browser remembers. Without storage (private windows) it holds until the page is left. */

const KEY = "hiprep";
export const DEFAULTS = {
  device: null, // which sensor is followed
  unit: "kg",
  theme: "auto",
  awake: true,
  follow: true, // go to the sets when one is over, and back when the next begins
  sound: false, // nothing is heard before somebody asks for it
  count: "top", // or "bottom", or "off"
  voice: false,
  metronome: false,
  holdCue: true,
  stopCue: true,
  hiddenRules: [], // of the coach, by name: what they say is not shown
};

export class Settings {
  #values = { ...DEFAULTS };
  #listeners = new Set();

  constructor() {
    try {
      Object.assign(this.#values, JSON.parse(localStorage.getItem(KEY) ?? "{}"));
    } catch {
      // Somebody else's text, or no storage: the defaults stand.
    }
  }

  get(name) {
    return this.#values[name];
  }

  set(name, value) {
    this.#values[name] = value;
    try {
      localStorage.setItem(KEY, JSON.stringify(this.#values));
    } catch {
      // It holds until the page is left.
    }
    for (const listener of this.#listeners) listener(name, value);
  }

  /** Call it with (name, value) of each change -> how to end that. */
  listen(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

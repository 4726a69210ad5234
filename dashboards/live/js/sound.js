/** Beeps and a voice. Silent until somebody has tapped for it: browsers ask for that too. */

const BEEPS = {
  // Hertz, and seconds; several are played one after the other.
  count: [[880, 0.09]],
  begin: [[520, 0.04]],
  beat: [[660, 0.04]],
  end: [[990, 0.05]],
  held: [
    [784, 0.1],
    [1175, 0.16],
  ],
  done: [
    [660, 0.1],
    [880, 0.1],
    [1320, 0.2],
  ],
  stop: [
    [440, 0.22],
    [330, 0.22],
    [247, 0.34],
  ],
};
const LOUD = { begin: 0.15, beat: 0.15, end: 0.2, stop: 0.5 };

export class Sound {
  #context = null;

  /** @param {Settings} settings @param {function} t texts @param {string} language */
  constructor(settings, t, language) {
    this.settings = settings;
    this.t = t;
    this.language = language;
    // After a reload the browser waits for another tap.
    addEventListener("pointerdown", () => settings.get("sound") && this.#ready(), {
      passive: true,
    });
  }

  /** On or off, by a tap. */
  toggle() {
    const on = !this.settings.get("sound");
    this.settings.set("sound", on);
    if (on) this.#ready();
    if (on) this.#beep("count");
    else globalThis.speechSynthesis?.cancel();
  }

  /** A cue of `Cues`, or a beat. */
  play(cue) {
    if (!this.settings.get("sound")) return;
    if (cue.cue === "stop" && !this.settings.get("stopCue")) return;
    if (cue.cue === "held" && !this.settings.get("holdCue")) return;
    const isBeat = cue.cue === "begin" || cue.cue === "beat" || cue.cue === "end";
    if (isBeat && !this.settings.get("metronome")) return;
    if (!this.#say(cue)) this.#beep(cue.cue);
  }

  /** Something to hear, whatever is switched off. */
  try() {
    this.#ready();
    if (!this.#say({ cue: "count", count: 3 })) this.#beep("count");
  }

  #say(cue) {
    const voice = globalThis.speechSynthesis;
    if (!this.settings.get("voice") || !voice) return false;
    const texts = {
      count: ["say.rep", { rep: cue.count }],
      done: ["say.done"],
      stop: ["say.stop"],
    };
    const text = cue.cue in texts ? this.t(...texts[cue.cue]) : cue.cue === "advice" && cue.text;
    if (!text) return false;
    const words = new SpeechSynthesisUtterance(text);
    words.lang = this.language;
    words.rate = 1.2;
    voice.cancel(); // a count that is late is no count
    voice.speak(words);
    return true;
  }

  #ready() {
    const Context = globalThis.AudioContext ?? globalThis.webkitAudioContext;
    this.#context ??= Context ? new Context() : null;
    this.#context?.resume?.().catch(() => {});
  }

  #beep(name) {
    const context = this.#context;
    if (!context || context.state !== "running" || !(name in BEEPS)) return;
    let at_s = context.currentTime;
    for (const [hertz, lasts_s] of BEEPS[name]) {
      const tone = context.createOscillator();
      const loud = context.createGain();
      tone.frequency.value = hertz;
      loud.gain.setValueAtTime(0, at_s);
      loud.gain.linearRampToValueAtTime(LOUD[name] ?? 0.35, at_s + 0.008);
      loud.gain.setValueAtTime(LOUD[name] ?? 0.35, at_s + lasts_s - 0.02);
      loud.gain.linearRampToValueAtTime(0, at_s + lasts_s);
      tone.connect(loud).connect(context.destination);
      tone.start(at_s);
      tone.stop(at_s + lasts_s);
      at_s += lasts_s + 0.02;
    }
  }
}

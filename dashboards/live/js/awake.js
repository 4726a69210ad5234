/**
 * The screen stays on while this page is looked at.
 *
 * By the wake lock of the browser, which is only there on https and on loopback. Elsewhere by a
 * blank video behind the page, made of a canvas and of silence: browsers keep the screen on for a
 * video that is large enough and has sound, and begin to play it only after a tap.
 */

import { el } from "./dom.js";

const FRAMES_HZ = 1;

export class Awake {
  #lock = null;
  #video = null;
  #timer = null;
  #audio = null;

  constructor(settings) {
    this.settings = settings;
    settings.listen((name) => name === "awake" && this.update());
    document.addEventListener("visibilitychange", () => this.update());
    addEventListener("pointerdown", () => this.update(), { passive: true });
    this.update();
  }

  /** "lock", "video" (once it was tapped) or "off". */
  get how() {
    if (!this.settings.get("awake")) return "off";
    return "wakeLock" in navigator ? "lock" : "video";
  }

  async update() {
    const wanted = this.settings.get("awake") && !document.hidden;
    if (this.how === "video") this.#play();
    else this.#stop();
    if (!wanted || this.how !== "lock") {
      const lock = this.#lock;
      this.#lock = null;
      await lock?.release().catch(() => {});
    } else if (!this.#lock || this.#lock.released) {
      // Refused where the battery is low: then it may go dark.
      this.#lock = await navigator.wakeLock.request("screen").catch(() => null);
    }
  }

  #play() {
    if (!navigator.userActivation?.hasBeenActive && !this.#video) return;
    this.#video ??= this.#made();
    if (this.#video.paused && !document.hidden) this.#video.play().catch(() => {});
  }

  #made() {
    const canvas = el("canvas", { width: 16, height: 16 });
    const paint = canvas.getContext("2d");
    let light = false;
    const draw = () => {
      light = !light;
      paint.fillStyle = light ? "#000" : "#010101"; // a picture that never changes is no video
      paint.fillRect(0, 0, 16, 16);
    };
    draw();
    this.#timer = setInterval(draw, 1000 / FRAMES_HZ);
    const stream = canvas.captureStream(FRAMES_HZ);
    for (const track of this.#silence()) stream.addTrack(track);
    const about = { class: "awake", playsinline: true, "aria-hidden": "true", tabindex: -1 };
    const video = el("video", { ...about, disablepictureinpicture: true });
    video.srcObject = stream;
    document.body.prepend(video);
    return video;
  }

  #silence() {
    const Context = globalThis.AudioContext ?? globalThis.webkitAudioContext;
    if (!Context) return [];
    this.#audio = new Context();
    const out = this.#audio.createMediaStreamDestination();
    const tone = this.#audio.createOscillator();
    const loud = this.#audio.createGain();
    loud.gain.value = 0;
    tone.connect(loud).connect(out);
    tone.start();
    return out.stream.getAudioTracks();
  }

  #stop() {
    clearInterval(this.#timer);
    this.#audio?.close();
    this.#video?.remove();
    this.#video = this.#audio = null;
  }
}

/** The pitch of the last seconds, drawn once in each frame of the screen. */

const SHOWN_S = 12;
const BEHIND_S = 0.3; // live values come ten times a second: the newest is beyond the edge
const LEAST_DEG = [-5, 65];

export class Trace {
  #plot = null;
  #size;
  #dark = matchMedia("(prefers-color-scheme: dark)");
  #drawn_s = NaN;

  /** @param {HTMLElement} element it fills */
  constructor(element) {
    this.element = element;
    this.recolour = () => this.#make();
    this.#size = new ResizeObserver(() => this.#fit());
    this.#size.observe(element);
    this.#dark.addEventListener("change", this.recolour);
  }

  /** @param {{at_s: number[], pitch_deg: number[], phase: string[]}} trace @param {?number} now_s */
  draw(trace, now_s) {
    if (!this.#plot || now_s === null || now_s === this.#drawn_s) return;
    this.#drawn_s = now_s;
    const end_s = now_s - BEHIND_S;
    const top = trace.pitch_deg.map((pitch, at) => (trace.phase[at] === "top" ? pitch : null));
    this.#plot.batch(() => {
      this.#plot.setData([trace.at_s, trace.pitch_deg, top], false);
      this.#plot.setScale("x", { min: end_s - SHOWN_S, max: end_s });
    });
  }

  close() {
    this.#size.disconnect();
    this.#dark.removeEventListener("change", this.recolour);
    this.#plot?.destroy();
    this.#plot = null;
  }

  #fit() {
    const { clientWidth: width, clientHeight: height } = this.element;
    if (!width || !height) return;
    if (this.#plot) this.#plot.setSize({ width, height });
    else this.#make();
  }

  #make() {
    this.#plot?.destroy();
    const { clientWidth: width, clientHeight: height } = this.element;
    const look = getComputedStyle(this.element);
    const colour = (name) => look.getPropertyValue(name).trim();
    const range = (_, least, most) => [
      Math.min(LEAST_DEG[0], (least ?? 0) - 3),
      Math.max(LEAST_DEG[1], (most ?? 0) + 5),
    ];
    const options = {
      width,
      height,
      pxAlign: 0,
      legend: { show: false },
      cursor: { show: false },
      padding: [4, 0, 4, 0],
      scales: { x: { time: false }, y: { range } },
      axes: [
        { show: false },
        {
          size: 34,
          stroke: colour("--soft"),
          grid: { stroke: colour("--line"), width: 1 },
          ticks: { show: false },
          splits: [0, 30, 60],
          values: (_, splits) => splits.map((split) => `${split}°`),
        },
      ],
      series: [
        {},
        { stroke: colour("--trace"), width: 2.5, points: { show: false } },
        { stroke: colour("--good"), width: 5, points: { show: false } },
      ],
    };
    this.#plot = new globalThis.uPlot(options, [[], [], []], this.element);
    this.#drawn_s = NaN;
  }
}

/** The connection to the broker, over a websocket: thin over mqtt.min.js, which is a plain script. */

const KEEPALIVE_S = 30;
const RECONNECT_MS = 1000;
const SILENT_MS = 6000;
const ANSWER_MS = 8000;
const decoder = new TextDecoder();

export class Link {
  #client = null;
  #filters = [];
  #waiting = new Map();
  #heardMs = 0;

  /**
   * @param {{url: string, user: ?string, password: ?string}} broker
   * @param {function(string, string)} onMessage with topic and text
   * @param {function(string, string)} onState "connecting", "connected", "lost" or "refused"; why
   */
  constructor(broker, onMessage, onState) {
    this.state = "connecting";
    this.#client = globalThis.mqtt.connect(broker.url, {
      clean: true,
      clientId: `hiprep-page-${Math.random().toString(36).slice(2, 12)}`,
      connectTimeout: 5000,
      keepalive: KEEPALIVE_S,
      password: broker.password ?? undefined,
      protocolVersion: 4,
      queueQoSZero: false,
      reconnectPeriod: RECONNECT_MS,
      resubscribe: false,
      timerVariant: "native", // the other ones need a worker made of text, which the CSP forbids
      username: broker.user ?? undefined,
    });
    this.#client.on("connect", () => this.#connected(onState));
    this.#client.on("close", () => this.#set("lost", "", onState));
    this.#client.on("error", (error) => {
      // 4 and 5: the broker says who may come in.
      if (error.code === 4 || error.code === 5) this.#set("refused", error.message, onState);
    });
    this.#client.on("message", (topic, payload) => {
      this.#heardMs = performance.now();
      onMessage(topic, decoder.decode(payload));
    });
    document.addEventListener("visibilitychange", () => this.#wake());
    globalThis.addEventListener("online", () => this.#wake());
  }

  /** Hear these topics, and no others that were asked for before. */
  subscribe(filters) {
    const gone = this.#filters.filter((one) => !filters.includes(one));
    const fresh = filters.filter((one) => !this.#filters.includes(one));
    this.#filters = filters;
    if (!this.#client.connected) return;
    if (gone.length) this.#client.unsubscribe(gone);
    if (fresh.length) this.#client.subscribe(fresh, { qos: 1 });
  }

  /**
   * Publish a command; nothing is kept for later: what is obeyed late surprises.
   * @returns {Promise<{ok: boolean, text: string}>} its answer; text is "" where nobody answered
   */
  ask(topic, command) {
    if (!this.#client.connected) return Promise.resolve({ ok: false, text: "" });
    return new Promise((resolve) => {
      const done = (answer) => {
        clearTimeout(timer);
        this.#waiting.delete(command.id);
        resolve(answer);
      };
      const timer = setTimeout(() => done({ ok: false, text: "" }), ANSWER_MS);
      this.#waiting.set(command.id, done);
      this.#client.publish(topic, JSON.stringify(command), { qos: 1, retain: false });
    });
  }

  /** An answer came: whoever asked for it hears it. */
  answered(answer) {
    this.#waiting.get(answer.id)?.(answer);
  }

  close() {
    this.#client.end(true);
  }

  #connected(onState) {
    this.#heardMs = performance.now();
    if (this.#filters.length) this.#client.subscribe(this.#filters, { qos: 1 });
    this.#set("connected", "", onState);
  }

  #set(state, why, onState) {
    if (this.state === "refused" && state === "lost") return;
    this.state = state;
    onState(state, why);
  }

  /** A phone slept, or has a network again: a connection may be dead and not know it yet. */
  #wake() {
    if (document.hidden) return;
    if (!this.#client.connected) this.#client.reconnect();
    else if (performance.now() - this.#heardMs > SILENT_MS) this.#client.stream.destroy();
  }
}

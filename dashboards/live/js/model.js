/**
 * What is known of all sensors of a site: MQTT messages go in, plain state comes out.
 *
 * Pure: no DOM, no network, no clock of its own; times in milliseconds are arguments. It runs in a
 * browser as well as in node. The payloads are those of docs/mqtt.md.
 *
 *   const model = new Model("home");
 *   const change = model.take(topic, text, nowMs);   // null: nothing is different now
 *   model.devices.get("belt-7").count();
 *
 * A change is {kind, device, ...}. kind: "rep", "set", "session", "advice" (with id, now, before,
 * fresh), "state", "live", "sensor" (device alone), "answer" (with answer), "status" (of a service),
 * or "foreign" (a payload of a version that is not known here).
 */

import { Device } from "./device.js";

export const ROOT = "hiprep/v1";
export const EVENTS = ["rep", "set", "session", "advice"];
const VERSION = "1";
const OF_DEVICES = ["state", "live", "sensor", "answer"];
const LIVE_STALE_MS = 2500;

export class Model {
  /** @param {string} site which place; messages of others are passed over */
  constructor(site) {
    this.site = site;
    /** @type {Map<string, Device>} by key, in the order in which they were heard of */
    this.devices = new Map();
    /** @type {Map<string, boolean>} name of a service -> whether it is there */
    this.services = new Map();
    /** Schemas that nobody here knows: this page is older than what is sent. */
    this.foreign = new Set();
    /** Messages that nobody could read. */
    this.unreadable = 0;
  }

  /**
   * What came on a topic.
   * @param {string} topic
   * @param {string} text the payload
   * @param {number} nowMs on a clock that only rises
   * @returns {object|null} what is different now
   */
  take(topic, text, nowMs) {
    const place = placeOf(topic, this.site);
    if (!place) return null;
    const content = parsed(text);
    if (!content) {
      this.unreadable += text === "" ? 0 : 1; // an empty one clears a retained topic
      return null;
    }
    if (content.schema !== `hiprep/${place.name}/${VERSION}`)
      return this.#strange(content.schema, place);
    try {
      return this.#taken(place, content, nowMs);
    } catch {
      this.unreadable += 1;
      return null;
    }
  }

  /** The device of that key, made if it is not known yet. */
  device(key) {
    if (!this.devices.has(key)) this.devices.set(key, new Device(key));
    return this.devices.get(key);
  }

  /**
   * How a sensor is, seen from here: "ok", "searching", "lost", "silent" (it is said to stream, and
   * nothing comes), "gone" (whoever listens to it is not there) or "unknown".
   */
  link(key, nowMs) {
    const device = this.devices.get(key);
    const gateways = [...this.services].filter(([name]) => !/^store(-|$)/.test(name));
    if (gateways.length && gateways.every(([, online]) => !online)) return "gone";
    if (!device?.sensor) return "unknown";
    const { available, phase } = device.sensor;
    if (!available) return phase === "lost" || phase === "failed" ? "lost" : "searching";
    const heardMs = Math.max(device.liveHeardMs ?? 0, device.sensorHeardMs ?? 0);
    return nowMs - heardMs > LIVE_STALE_MS ? "silent" : "ok";
  }

  #taken(place, content, nowMs) {
    if (place.name === "status") return this.#status(place.device, content);
    const device = this.device(place.device);
    const at = { kind: place.name, device: place.device };
    if (EVENTS.includes(place.name)) {
      const change = device.takeEvent(place.name, content, nowMs);
      return change && { ...at, ...change };
    }
    if (place.name === "answer") return { ...at, answer: content };
    const takers = { state: "takeState", live: "takeLive", sensor: "takeSensor" };
    return device[takers[place.name]](content, nowMs) ? at : null;
  }

  #status(service, content) {
    const before = this.services.get(service);
    this.services.set(service, content.online === true);
    return before === content.online ? null : { kind: "status", service };
  }

  /** Another version of what belongs there, or nothing of ours. */
  #strange(schema, { name }) {
    if (typeof schema !== "string" || !new RegExp(`^hiprep/${name}/\\d{1,6}$`).test(schema)) {
      this.unreadable += 1;
      return null;
    }
    if (this.foreign.has(schema) || this.foreign.size > 20) return null;
    this.foreign.add(schema);
    return { kind: "foreign", schema };
  }
}

/** What to subscribe to: the state of all, and all of one device, or of every one. */
export function filters(site, device, all = false) {
  const root = `${ROOT}/${site}`;
  const shared = ["state", "sensor", "status", "answer"].map((name) => `${root}/+/${name}`);
  if (!all && !device) return shared;
  const whose = all ? "+" : device;
  const events = EVENTS.map((kind) => `${root}/${whose}/+/${kind}`);
  return [...shared, `${root}/${whose}/live`, ...events];
}

/** Which device (or service) and kind of payload a topic is about; null for none of ours. */
export function placeOf(topic, site) {
  const parts = topic.split("/");
  if (parts[0] !== "hiprep" || parts[1] !== "v1" || parts[2] !== site) return null;
  const [device, last, kind] = parts.slice(3);
  if (parts.length === 6 && EVENTS.includes(kind)) return { device, name: kind };
  if (parts.length !== 5) return null;
  return last === "status" || OF_DEVICES.includes(last) ? { device, name: last } : null;
}

function parsed(text) {
  try {
    const content = JSON.parse(text);
    return content && typeof content === "object" && !Array.isArray(content) ? content : null;
  } catch {
    return null;
  }
}

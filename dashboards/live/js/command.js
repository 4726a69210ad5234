/** Commands as docs/mqtt.md has them. Pure but for the id, which nobody can guess. */

const SCHEMA = "hiprep/command/1";

/**
 * @param {{command: string}} asked with its fields; those that are undefined are left out
 * @returns {object} the payload, with an id of its own
 */
export function made(asked) {
  const known = Object.entries(asked).filter(([, value]) => value !== undefined);
  return { schema: SCHEMA, id: newId(), ...Object.fromEntries(known) };
}

/** Letters and digits. crypto.randomUUID is not there on plain http. */
export function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `page-${[...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}

/** What somebody typed, in the letters that a name of an athlete may have: "Anna B." -> "Anna-B". */
export function athleteKey(text) {
  return plain(text)
    .replace(/[^A-Za-z0-9_-]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 60);
}

/** The same for a variant, whose words have no order: "Wide, banded" -> "banded-wide". */
export function variantKey(text) {
  const words = athleteKey(text).toLowerCase().split("-").filter(Boolean);
  return [...new Set(words)].sort().join("-");
}

function plain(text) {
  return text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "");
}

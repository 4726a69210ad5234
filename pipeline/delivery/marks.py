"""What a board needs of an event to mark it on a trace: InfluxQL works nothing of this out."""

from typing import Any, TypeGuard

from pipeline.delivery.messages import Message

OWN_MARKS = ("text", "set_key", "end_ms")

_COUNTS = {"rep": "rep", "set": "reps", "session": "sets"}
_FAULTS = {
    "fault_over_arch": "over-arched",
    "fault_sag": "sagged",
    "fault_short_lockout": "lockout short",
}


def marks(message: Message) -> dict[str, str | float]:
    """text: a few words. set_key: see `set_key`. end_ms: milliseconds since 1970 UTC.

    What cannot be told from the values is not there.
    """
    values = message.values
    found: dict[str, str | float] = {"text": _text(message)}
    number, start_s, end_s = (values.get(name) for name in ("set", "start_s", "end_s"))
    if message.kind != "session" and _is_number(number):
        found["set_key"] = set_key(message.session, int(number))
    if _is_number(start_s) and _is_number(end_s):
        # The time of a session is when it began; that of the others, when they were seen first.
        lasted_s = end_s if message.kind == "session" else end_s - start_s
        found["end_ms"] = float(round(message.time_us / 1000 + 1000 * lasted_s))
    return found


def set_key(session: str, number: int) -> str:
    """Which set of a device: of all its sessions."""
    return f"{session}-{number}"


def _text(message: Message) -> str:
    values = message.values
    if message.kind == "advice":
        said = values.get("text")
        return said if isinstance(said, str) else ""
    count = values.get(_COUNTS[message.kind])
    shown = f"{count:.0f}" if _is_number(count) else "?"
    if message.kind == "session":
        return f"session: {shown} sets"
    if message.kind == "set":
        load_kg = values.get("load_kg")
        load = f" with {load_kg:g} kg" if _is_number(load_kg) else ""
        return f"{shown} reps{load}"
    faults = [words for name, words in _FAULTS.items() if values.get(name)]
    name = "partial rep" if values.get("partial") else f"rep {shown}"
    return f"{name}: {', '.join(faults)}" if faults else name


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12

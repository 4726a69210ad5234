"""What goes over MQTT: topics, payloads, and what an event becomes on its way.

A message is one state of one event. Its identity is ``id``; a higher ``revision`` replaces a lower
one. What was withdrawn, deleted or moved to somebody else stays, with ``valid`` false. MQTT 3.1.1;
docs/mqtt.md is for those at the other end.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from operator import attrgetter, itemgetter
from typing import Any, Literal

VERSION = 1
ROOT = f"hiprep/v{VERSION}"
FIRST_ALGORITHM = "1"
NOBODY = "nobody"  # the athlete of a sensor that nobody was named for

Kind = Literal["rep", "set", "session", "advice"]
EVENT_KINDS: tuple[Kind, ...] = ("rep", "set", "session", "advice")
Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_ID = re.compile(r"[A-Za-z0-9_-]{1,120}")
_VARIANT = re.compile(r"[a-z0-9_-]{0,60}")


class PayloadError(ValueError):
    """A topic or payload that is none of ours; its text says why."""


@dataclass(frozen=True, slots=True)
class Message:
    """One state of one event.

    time_us: where it stands in time, microseconds since 1970 UTC: the same in every revision.
    known_us: when it became known, on the clock of the gateway. at_s: the same on the clock of the
    session. seq: rises with each message of a device, over restarts; 0 until the outbox gives it.
    variant: of the exercise, "" if none was named. values: the event's own, as in
    `pipeline.events`, units in their names; null where they are not known. algorithm: the version
    of the tracker that found it; a gateway that does not say has the first.
    """

    kind: Kind
    id: str
    revision: int
    valid: bool
    site: str
    device: str
    athlete: str
    session: str
    exercise: str
    variant: str
    time_us: int
    known_us: int
    at_s: float
    values: Mapping[str, Any]
    seq: int = 0
    algorithm: str = FIRST_ALGORITHM


_FIELDS = tuple(field.name for field in fields(Message) if field.name != "kind")
_NEEDED = _FIELDS[:-2]  # all but seq and algorithm, in the order of a Message
_needed = itemgetter(*_NEEDED)
_KINDS: dict[Any, Kind] = {f"hiprep/{kind}/{VERSION}": kind for kind in EVENT_KINDS}


def many(count: int, kind: str) -> str:
    """So many events of a kind, for people: ``3 reps``."""
    return f"{count} {kind}" if count == 1 or kind == "advice" else f"{count} {kind}s"


def event_topic(message: Message) -> str:
    """Where a message is published, QoS 1, not retained."""
    return f"{ROOT}/{message.site}/{message.device}/{message.athlete}/{message.kind}"


def device_topic(site: str, device: str, name: str) -> str:
    """Topics of a device that belong to no athlete: state, live, sensor, command, answer."""
    return f"{ROOT}/{site}/{device}/{name}"


def receipt_topic(site: str, device: str) -> str:
    """Where a store says what it has."""
    return f"{ROOT}/{site}/{device}/receipt"


def to_payload(message: Message) -> bytes:
    """UTF-8 JSON; the kind and its version are its ``schema``."""
    whole: dict[str, Any] = {"schema": f"hiprep/{message.kind}/{VERSION}"}
    whole |= {name: getattr(message, name) for name in _FIELDS}
    whole["values"] = dict(message.values)
    return json.dumps(whole, separators=(",", ":"), allow_nan=False).encode()


def from_payload(topic: str, payload: bytes) -> Message:
    """The message again. Raises PayloadError for what is none, or does not fit its topic."""
    try:
        whole = _decoder.decode(payload.decode())
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"is no JSON: {error}") from None
    if not isinstance(whole, dict):
        raise PayloadError("is no JSON object")
    schema = whole.get("schema")
    kind = _KINDS.get(schema) if isinstance(schema, str) else None
    if kind is None:
        raise PayloadError(f"has the schema {schema!r}, not one of {', '.join(_KINDS)}")
    try:
        others = (whole.get("seq", 0), whole.get("algorithm", FIRST_ALGORITHM))
        message = Message(kind, *(*_needed(whole), *others))
    except KeyError:
        missing = sorted(set(_NEEDED) - whole.keys())
        raise PayloadError(f"lacks {', '.join(missing)}") from None
    _check(message)
    if event_topic(message) != topic:
        raise PayloadError(f"belongs to {event_topic(message)}, not to {topic}")
    return message


_NAMES = ("site", "device", "athlete", "session", "exercise", "algorithm")
_names = attrgetter(*_NAMES)
_NUMBERS = ("revision", "seq", "time_us", "known_us")
_numbers = attrgetter(*_NUMBERS)
_MOST = 2**62


def _check(message: Message) -> None:
    if not isinstance(message.id, str) or not _ID.fullmatch(message.id):
        raise PayloadError("id must be letters, digits, _ and -")
    for name, text in zip(_NAMES, _names(message), strict=True):
        if not isinstance(text, str) or not _is_name(text):
            raise PayloadError(f"{name} must be letters, digits, _ and -")
    if not isinstance(message.variant, str) or not _VARIANT.fullmatch(message.variant):
        raise PayloadError("variant must be letters, digits, _ and -")
    for name, value in zip(_NUMBERS, _numbers(message), strict=True):
        if type(value) is not int or not 0 <= value < _MOST:
            raise PayloadError(f"{name} must be a whole number from 0 on")
    if type(message.valid) is not bool:
        raise PayloadError("valid must be true or false")
    if type(message.at_s) not in (int, float) or not abs(message.at_s) < 1e9:
        raise PayloadError("at_s must be a number of seconds")
    if not isinstance(message.values, dict):
        raise PayloadError("values must be an object")


@lru_cache(maxsize=1024)
def _is_name(text: str) -> bool:
    """Of these there are few, and they come again and again."""
    return _ID.fullmatch(text) is not None


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number in JSON")


_decoder = json.JSONDecoder(parse_constant=_no_number)

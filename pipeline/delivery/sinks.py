"""What a store writes into databases of points, and what it may hear from them.

A sink is such a database. Every number is computed before: a query selects and filters, no more.
"""

import math
import re
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Protocol

from pipeline.delivery.changes import Change
from pipeline.delivery.marks import OWN_MARKS, marks
from pipeline.delivery.messages import Message

TAGS = ("athlete", "exercise", "variant", "device", "site")
OWN_FIELDS = ("id", "session", "algorithm", "revision", "valid", *OWN_MARKS)
PLAIN = "standard"  # the variant where none was named: a tag cannot be empty, nor chosen then

Field = bool | int | float | str

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
_TAKEN = {*TAGS, *OWN_FIELDS, "time"}


class SinkUnavailableError(Exception):
    """A database that takes nothing now, or of which nobody knows what it took: ask again."""


class SinkSettingsError(SinkUnavailableError):
    """It will take nothing before a setting is put right. The text names it, and the cure."""


@dataclass(frozen=True, slots=True)
class Point:
    """A row of a measurement; tags and time are what tells it from others.

    tags, names of fields: letters, digits, _ and -, none empty. time_ns: nanoseconds since 1970
    UTC. anew: what stands there is deleted first, as it has fields that this point has not.
    """

    measurement: str
    tags: Mapping[str, str]
    fields: Mapping[str, Field]
    time_ns: int
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A point that a database will never take as it is, and why."""

    point: Point
    reason: str


class Sink(Protocol):
    """A database of points. Writing a point again changes nothing."""

    name: str

    def check(self) -> None:
        """Raises SinkUnavailableError, where it would not take a point now."""

    def write(self, points: Sequence[Point]) -> list[Refused]:
        """Write all that it takes -> the others. Raises SinkUnavailableError."""

    def close(self) -> None:
        """Let go of its connections."""


def point_of(message: Message, *, anew: bool = False) -> Point:
    """A message as a point: measurement rep, set, session or advice.

    Its time never moves; the last three digits are of the id, so that two events of one moment
    stay two.
    """
    return Point(
        measurement=message.kind,
        tags=tags_of(message),
        fields=_fields(message),
        time_ns=message.time_us * 1000 + zlib.crc32(message.id.encode()) % 1000,
        anew=anew,
    )


def tags_of(message: Message) -> dict[str, str]:
    """The tags of its point."""
    return {name: getattr(message, name) or PLAIN for name in TAGS}


def points_of(change: Change) -> list[Point]:
    """What a change makes of the points of one event.

    Where it stood under other tags, a point stays that is not valid. An earlier try may have
    written any of the states that were passed over, so each of them counts.
    """
    new, point = change.new, point_of(change.new)
    if change.before is None and not change.passed:
        return [point]
    earlier = [state for state in (change.before, *change.passed) if state is not None]
    elsewhere = {
        tuple(place.items()): state for state in earlier if (place := tags_of(state)) != point.tags
    }
    gone = any(_fields(state).keys() - point.fields.keys() for state in earlier)
    left = [
        point_of(replace(state, valid=False, revision=new.revision)) for state in elsewhere.values()
    ]
    return [*left, replace(point, anew=gone or bool(elsewhere))]


def _fields(message: Message) -> dict[str, Field]:
    """Own values first, then what a query needs of the envelope."""
    fields: dict[str, Field] = {}
    unusable = _unusable(tuple(message.values))
    for name, value in message.values.items():
        kept = value if type(value) is float and math.isfinite(value) else held(value)
        if kept is not None and name not in unusable:
            fields[name] = kept
    fields["id"] = message.id
    fields["session"] = message.session
    fields["algorithm"] = message.algorithm
    fields["revision"] = message.revision
    fields["valid"] = message.valid
    fields.update(marks(message))
    return fields


@lru_cache(maxsize=1024)
def _unusable(names: tuple[str, ...]) -> frozenset[str]:
    """Those that no field may have. Almost all messages have the same names."""
    return frozenset(name for name in names if name in _TAKEN or not _NAME.fullmatch(name))


def held(value: Any) -> Field | None:
    """A number is always a float: a field has the type that came first, and JSON may say 3 or 3.0.

    None for what a point cannot hold: null, what has parts, a number out of bounds.
    """
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, bool | str):
        return value
    if not isinstance(value, int):
        return None
    try:
        return float(value)
    except OverflowError:
        return None

"""What was lifted and said, as a store has it: sessions, sets, reps, advice, and the bests.

The rows are the same wherever they are read from. Only what is valid is history.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Protocol, TypeVar, get_type_hints

from pipeline.delivery.messages import Kind
from pipeline.delivery.sinks import PLAIN

BestKind = Literal["reps", "velocity", "load", "volume", "hold"]
BEST_UNITS: dict[BestKind, str] = {
    "reps": "",
    "velocity": "m/s",
    "load": "kg",
    "volume": "kg",
    "hold": "s",
}

_FAULT = "fault_"
_LARGEST = 1e20  # no value of ours; NaN and infinity are none either


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What every row has. time_us: when it began, microseconds since 1970 UTC. variant: "" if none.

    A number that nobody knows is None.
    """

    id: str
    time_us: int
    site: str
    device: str
    athlete: str
    session: str
    exercise: str
    variant: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RepRow(Row):
    """One rep, values as of `pipeline.delivery.values.RepValues`. faults: name -> 1.

    load_kg: of its set.
    """

    set: int | None
    rep: int | None
    partial: bool
    final: bool
    added: bool
    load_kg: float | None
    eccentric_s: float | None
    bottom_pause_s: float | None
    concentric_s: float | None
    top_pause_s: float | None
    rom_deg: float | None
    displacement_m: float | None
    mean_velocity_mps: float | None
    peak_velocity_mps: float | None
    velocity_loss_pct: float | None
    tilt_deg: float | None = None
    confidence: float | None
    faults: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRow(Row):
    """One set, values as of `pipeline.delivery.values.SetValues` and `AskedFor`.

    faults: name -> in how many reps. target_tempo, note, mark: "" if none.
    """

    set: int | None
    reps: int | None
    partials: int | None
    load_kg: float | None
    volume_kg: float | None
    duration_s: float | None
    rest_before_s: float | None
    eccentric_s: float | None
    bottom_pause_s: float | None
    concentric_s: float | None
    top_pause_s: float | None
    rom_deg: float | None
    displacement_m: float | None
    mean_velocity_mps: float | None
    best_velocity_mps: float | None
    velocity_loss_pct: float | None
    confidence: float | None
    rom_cv_pct: float | None
    velocity_cv_pct: float | None
    duration_cv_pct: float | None
    hold_met_pct: float | None
    target_reps: int | None
    target_tempo: str
    target_hold_s: float | None
    target_velocity_loss_pct: float | None
    note: str
    mark: str = ""
    faults: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow(Row):
    """One session, values as of `pipeline.delivery.values.SessionValues`."""

    sets: int | None
    reps: int | None
    partials: int | None
    duration_s: float | None
    rest_s: float | None
    load_kg: float | None
    volume_kg: float | None
    best_velocity_mps: float | None
    e1rm_kg: float | None
    e1rm_low_kg: float | None
    e1rm_high_kg: float | None
    ended: bool
    faults: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class AdviceRow(Row):
    """What was said to a lifter, values as of `pipeline.delivery.values.AdviceValues`."""

    set: int | None
    rep: int | None
    when: str
    rule: str
    level: str
    text: str
    load_kg: float | None
    target_reps: int | None


@dataclass(frozen=True, slots=True)
class Best:
    """The best of its kind. id: of the set or rep; the earliest, if several are as good.

    kind: "reps" counted in a set, mean "velocity" of a rep, "load" of a set, "volume" of a set
    (load times reps), "hold" at the top of a rep.
    """

    athlete: str
    exercise: str
    variant: str
    kind: BestKind
    value: float
    time_us: int
    id: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: None for all. Times from since_us to before until_us; limit: the newest."""

    athlete: str | None = None
    exercise: str | None = None
    since_us: int = 0
    until_us: int | None = None
    limit: int | None = None


class HistoryError(Exception):
    """History that cannot be read; one line that says why, and the cure."""


class HistorySource(Protocol):
    """Where history can be read. Raises HistoryError."""

    def rows(self, kind: Kind, wanted: Wanted) -> list["Flat"]:
        """The newest valid states of events, in order of time."""
        ...


_HINTS: dict[type, dict[str, Any]] = {
    kind: get_type_hints(kind) for kind in (RepRow, SetRow, SessionRow, AdviceRow)
}
_R = TypeVar("_R", RepRow, SetRow, SessionRow, AdviceRow)


@dataclass(frozen=True, slots=True)
class Flat:
    """A row as a database of points has it: texts, numbers and flags, none of them nested.

    What is missing, or is not what it should be, is None.
    """

    time_ns: int
    values: Mapping[str, Any]

    def row(self, kind: type[_R]) -> _R:
        """As a row of that kind."""
        takers: dict[Any, Callable[[str], Any]] = {
            str: self.text,
            bool: self.flag,
            int | None: self.whole,
            float | None: self.number,
        }
        values = {name: takers[hint](name) for name, hint in _HINTS[kind].items() if hint in takers}
        if values["variant"] == PLAIN:
            values["variant"] = ""
        if "faults" in _HINTS[kind]:
            values["faults"] = self._faults()
        return kind(time_us=self.time_ns // 1000, **values)

    def text(self, name: str) -> str:
        """A text; "" if there is none."""
        value = self.values.get(name)
        return value if isinstance(value, str) else ""

    def number(self, name: str) -> float | None:
        """A number."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return None
        return float(value) if abs(value) < _LARGEST else None

    def whole(self, name: str) -> int | None:
        """A number that counts."""
        value = self.number(name)
        return None if value is None else round(value)

    def flag(self, name: str) -> bool:
        """Whether it is so."""
        return self.values.get(name) is True

    def _faults(self) -> dict[str, int]:
        names = sorted(name for name in self.values if name.startswith(_FAULT))
        counts = {name.removeprefix(_FAULT): self.whole(name) for name in names}
        return {name: count for name, count in counts.items() if count}


def reps(source: HistorySource, wanted: Wanted) -> list[RepRow]:
    """Reps in order of time, the partial ones too."""
    return [row.row(RepRow) for row in source.rows("rep", wanted)]


def sets(source: HistorySource, wanted: Wanted) -> list[SetRow]:
    """Sets in order of time."""
    return [row.row(SetRow) for row in source.rows("set", wanted)]


def sessions(source: HistorySource, wanted: Wanted) -> list[SessionRow]:
    """Sessions in order of time."""
    return [row.row(SessionRow) for row in source.rows("session", wanted)]


def advice(source: HistorySource, wanted: Wanted) -> list[AdviceRow]:
    """What was said and stands, in order of time."""
    return [row.row(AdviceRow) for row in source.rows("advice", wanted)]


def bests(source: HistorySource, wanted: Wanted) -> list[Best]:
    """The bests of each athlete, exercise and variant. Raises HistoryError."""
    unlimited = replace(wanted, limit=None)
    return bests_of(sets(source, unlimited), reps(source, unlimited))


def bests_of(set_rows: Iterable[SetRow], rep_rows: Iterable[RepRow]) -> list[Best]:
    """The bests among sets and reps that count, in order of athlete, exercise and variant."""
    found: dict[tuple[str, str, str, BestKind], Best] = {}
    for best in _candidates(set_rows, rep_rows):
        key = (best.athlete, best.exercise, best.variant, best.kind)
        before = found.get(key)
        if before is None or (best.value, -best.time_us) > (before.value, -before.time_us):
            found[key] = best
    order = list(BEST_UNITS)
    return [found[key] for key in sorted(found, key=lambda key: (*key[:3], order.index(key[3])))]


def _candidates(set_rows: Iterable[SetRow], rep_rows: Iterable[RepRow]) -> Iterator[Best]:
    for one in set_rows:
        yield from _of(one, "reps", one.reps)
        yield from _of(one, "load", one.load_kg if one.reps else None)
        yield from _of(one, "volume", one.volume_kg)
    for rep in rep_rows:
        if rep.rep is not None:
            yield from _of(rep, "velocity", rep.mean_velocity_mps)
            yield from _of(rep, "hold", rep.top_pause_s)


def _of(row: Row, kind: BestKind, value: float | None) -> Iterator[Best]:
    """A best that there may be: nothing is none."""
    if value:
        yield Best(row.athlete, row.exercise, row.variant, kind, value, row.time_us, row.id)

"""What the tracker says: frozen plain values, comparable with ==, one JSON object each.

Words and units are those of the project's contract: seconds on the stream's clock,
degrees of pelvis pitch, metres and metres per second of the sensor at the pelvis.
"""

from dataclasses import dataclass, fields
from functools import cache
from typing import Any

PHASES = ("idle", "bottom", "concentric", "top", "eccentric")

SHORT_SHARE = 0.08
"""A lockout is short that stays this share of the range below the reference (contract)."""


@dataclass(frozen=True, slots=True)
class Rep:
    """One repetition; a higher revision of the same id replaces a lower one.

    Revision 0 is published at the lockout (for a lift that starts at the top: when the
    lifter stands again), 1 when the rep is over, 2 and up after its set. What is not known
    yet is None. ``rep`` is the number shown: None for a partial rep. ``tilt_deg``: how far the
    pelvis tipped sideways in the top pause, positive where the left side sank (`pipeline.tilt`).
    """

    id: str
    set: int
    rep: int | None
    exercise: str
    revision: int
    partial: bool
    start_s: float
    concentric_start_s: float
    concentric_end_s: float
    eccentric_start_s: float | None
    eccentric_end_s: float | None
    end_s: float | None
    concentric_s: float
    top_pause_s: float | None
    eccentric_s: float | None
    bottom_pause_s: float | None
    rom_deg: float
    displacement_m: float | None
    mean_velocity_mps: float | None
    peak_velocity_mps: float | None
    velocity_loss_pct: float | None
    faults: tuple[str, ...]
    confidence: float
    tilt_deg: float | None = None


@dataclass(frozen=True, slots=True)
class RepWithdrawn:
    """A rep that was published and proved to be none."""

    id: str


@dataclass(frozen=True, slots=True)
class Tempo:
    """Medians over the counted reps of a set, seconds; None where no rep had that phase."""

    eccentric_s: float | None
    bottom_pause_s: float | None
    concentric_s: float | None
    top_pause_s: float | None


@dataclass(frozen=True, slots=True)
class SetSummary:
    """A set, over. ``reps`` counts what counts; ``partials`` are extra.

    axis: left-right axis of the pelvis in sensor axes, unit vector; the pitch grows when the
    sensor turns about it (right-hand rule). zero: where up points in sensor axes at the bottom
    (for a lift that starts at the top: at the top), unit vector: there the pitch is 0.
    """

    id: str
    set: int
    exercise: str
    reps: int
    partials: int
    start_s: float
    end_s: float
    tempo: Tempo
    rom_deg: float
    displacement_m: float
    mean_velocity_mps: float
    best_velocity_mps: float
    velocity_loss_pct: float
    faults: dict[str, int]
    axis: tuple[float, float, float]
    zero: tuple[float, float, float]
    confidence: float


@dataclass(frozen=True, slots=True)
class Gap:
    """Samples that never came: [start_s, end_s) held none, and it was too long to bridge."""

    start_s: float
    end_s: float


Event = Rep | RepWithdrawn | SetSummary | Gap

_TYPES = {Rep: "rep", RepWithdrawn: "rep_withdrawn", SetSummary: "set", Gap: "gap"}


@dataclass(frozen=True, slots=True)
class Status:
    """Where the lifter is now: for displays, ten times a second.

    phase: one of PHASES. pitch_deg: None until the axis is known. phase_s: how long the phase
    has lasted. reps: number shown. set: number of the open set, None outside of one.
    """

    t_s: float
    phase: str
    phase_s: float
    pitch_deg: float | None
    set: int | None
    reps: int


def to_json(event: Event) -> dict[str, Any]:
    """The event as plain JSON values, with its ``type``; times to 1 ms, values to 4 digits."""
    return {"type": _TYPES[type(event)], **_plain(event)}


def fields_of(one: object) -> dict[str, Any]:
    """The fields of a dataclass as they are, where `dataclasses.asdict` takes time to copy them."""
    kind: Any = type(one)
    return {name: getattr(one, name) for name in _names(kind)}


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _plain(one: Any) -> dict[str, Any]:
    return {key: _rounded(key, value) for key, value in fields_of(one).items()}


def _rounded(key: str, value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 3 if key.endswith("_s") else 4)
    if isinstance(value, dict):
        return {name: _rounded(name, part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_rounded(key, part) for part in value]
    return _plain(value) if isinstance(value, Tempo) else value

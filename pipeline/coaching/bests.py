"""The bests of a lift by range of reps, and what counts as a new one.

News is only what beats everything at that load and above it, with as many reps and more, by more
than the error of measurement: a faster rep with less load, or one faster by chance, is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.coaching.lifted import LiftedSet, sessions
from pipeline.coaching.load_velocity import OneRepMax, fast_velocity_mps, one_rep_max
from pipeline.coaching.measures import known, measured

RANGES = ((1, 5), (6, 8), (9, 12), (13, None))
"""Reps of a set, at least and at most: strength, between, growth, endurance."""

# Two fastest reps, each known to 0.02 m/s (docs/accuracy.md): the difference of two such means
# differs from nothing by chance up to 1.96 x 0.02.
VELOCITY_ERROR_MPS = 0.04
# A pause is known to 0.022 s on average, 0.03 as a standard deviation (docs/accuracy.md), twice.
HOLD_ERROR_S = 0.1

_SAME_KG = 0.25

Kind = Literal["load", "reps", "velocity", "hold"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What a set has to offer. velocity_mps: of its two fastest reps, None where slow was asked.

    hold_s: the longest one, None where none was asked for.
    """

    load_kg: float
    reps: int
    velocity_mps: float | None
    hold_s: float | None
    session: str


@dataclass(frozen=True, slots=True)
class Best:
    """The bests in one range of reps; None where there is none.

    load_kg: the heaviest, and reps with it. velocity_mps: with that load. one_rep_max: of the
    session that makes it largest by its lower end, of all whose heaviest set is in the range.
    """

    range_reps: tuple[int, int | None]
    load_kg: float
    reps: int
    velocity_mps: float | None
    hold_s: float | None
    one_rep_max: OneRepMax | None


@dataclass(frozen=True, slots=True)
class News:
    """A best that was beaten: by what, and what it was before."""

    kind: Kind
    mark: Mark
    value: float
    before: float


def range_of(reps: int) -> tuple[int, int | None]:
    """The range that so many reps are in; at least one."""
    return next(one for one in reversed(RANGES) if reps >= one[0])


def mark(one: LiftedSet) -> Mark | None:
    """What a set has to offer; None if nobody said its load, or no rep counts."""
    if one.load_kg is None or one.load_kg < 0 or not one.counted:
        return None
    asked = one.wanted.hold_s is not None or one.wanted.top_pause_s is not None
    holds = [held_s for _, held_s in known(measured(one), "top_pause_s")] if asked else []
    return Mark(
        one.load_kg,
        len(one.counted),
        fast_velocity_mps(one),
        max(holds, default=None),
        one.session,
    )


def bests(history: Sequence[LiftedSet], lift: tuple[str, str]) -> tuple[Best, ...]:
    """The bests of a lift, range by range; ranges never lifted in are left out."""
    of_lift = tuple(one for one in history if one.lift == lift and not one.is_reference)
    marks = [found for found in map(mark, of_lift) if found]
    strengths = _one_rep_maxes(of_lift)
    found = []
    for range_reps in RANGES:
        here = [one for one in marks if range_of(one.reps) == range_reps]
        if not here:
            continue
        top = max(here, key=lambda one: (one.load_kg, one.reps))
        at_load = [one for one in here if one.load_kg >= top.load_kg - _SAME_KG]
        found.append(
            Best(
                range_reps,
                top.load_kg,
                top.reps,
                max((v for one in at_load if (v := one.velocity_mps) is not None), default=None),
                max((held for one in here if (held := one.hold_s) is not None), default=None),
                max(
                    (most for reps, most in strengths if range_of(reps) == range_reps),
                    key=lambda most: most.low_kg,
                    default=None,
                ),
            )
        )
    return tuple(found)


def news(latest: Mark, before: Sequence[Mark]) -> list[News]:
    """What of the latest set is a new best against the sets of the same lift before it.

    Nothing without a set of another session: of the first day everything would be one.
    """
    if all(one.session == latest.session for one in before):
        return []
    least, _ = range_of(latest.reps)
    in_range = [one for one in before if one.reps >= least]
    found: list[News] = []
    heaviest_kg = max((one.load_kg for one in in_range), default=None)
    if heaviest_kg is not None and latest.load_kg > heaviest_kg + _SAME_KG:
        found.append(News("load", latest, latest.load_kg, heaviest_kg))
    at_load = [one for one in before if one.load_kg >= latest.load_kg - _SAME_KG]
    if any(abs(one.load_kg - latest.load_kg) <= _SAME_KG for one in at_load):
        most = max(one.reps for one in at_load)
        if latest.reps > most:
            found.append(News("reps", latest, latest.reps, most))
        fastest = max((v for one in at_load if (v := one.velocity_mps) is not None), default=None)
        if _beats(latest.velocity_mps, fastest, VELOCITY_ERROR_MPS):
            found.append(News("velocity", latest, latest.velocity_mps or 0.0, fastest or 0.0))
    heavy_holds = (one.hold_s for one in in_range if one.load_kg >= latest.load_kg - _SAME_KG)
    longest_s = max((held for held in heavy_holds if held is not None), default=None)
    if _beats(latest.hold_s, longest_s, HOLD_ERROR_S):
        found.append(News("hold", latest, latest.hold_s or 0.0, longest_s or 0.0))
    return found


def _beats(value: float | None, before: float | None, error: float) -> bool:
    return value is not None and before is not None and value > before + error


def _one_rep_maxes(of_lift: tuple[LiftedSet, ...]) -> list[tuple[int, OneRepMax]]:
    """Of each session that gives an estimate: the reps of its heaviest set, and the estimate."""
    found = []
    for session in sessions(of_lift):
        pairs = [
            (one.load_kg, velocity_mps)
            for one in session.sets
            if one.load_kg and (velocity_mps := fast_velocity_mps(one)) is not None
        ]
        most = one_rep_max(of_lift[0].exercise, pairs)
        heaviest = max(
            (one for one in session.sets if one.load_kg and one.counted),
            key=lambda one: one.load_kg or 0.0,
            default=None,
        )
        if most and heaviest:
            found.append((len(heaviest.counted), most))
    return found

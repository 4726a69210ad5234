"""Left against right, of lifts that are done with one leg at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance
from typing import Literal

from pipeline.coaching.fatigue import best_velocity_mps, is_same_load
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.measures import known, measured
from pipeline.events import SHORT_SHARE

Side = Literal["left", "right"]
What = Literal["reps", "rom_deg", "best_velocity_mps", "top_pause_s"]

# One rep more or less is how a set ends.
_REPS = 2.0
# What the fastest rep of a set differs by from set to set without a reason.
_NOISE_MPS = 0.03
_TWO_SIDED_95 = 1.96
# Of fewer reps a middle says nothing.
_LEAST_REPS = 3
# A count in the head is no closer.
_HOLD_S, _HOLD_SHARE = 0.3, 0.2


@dataclass(frozen=True, slots=True)
class Difference:
    """The two sides differ in this by more than noise. left, right: reps a set, or in its unit."""

    what: What
    left: float
    right: float

    @property
    def less(self) -> Side:
        """The side that did less."""
        return "left" if self.left < self.right else "right"


def side_of(variant: str) -> Side | None:
    """The side that a variant names, as the left one of ``banded-left``."""
    words = variant.split("-")
    if "left" in words:
        return "left"
    return "right" if "right" in words else None


def without_side(variant: str) -> str:
    """What else a variant says: ``banded`` of ``banded-left``."""
    return "-".join(word for word in variant.split("-") if word not in ("left", "right"))


def differences(left: Sequence[LiftedSet], right: Sequence[LiftedSet]) -> list[Difference]:
    """In what they differ, of sets with the same loads; the most telling first."""
    both_left = [one for one in left if any(_alike(one, other) for other in right)]
    both_right = [one for one in right if any(_alike(one, other) for other in left)]
    if not both_left or not both_right:
        return []
    found = (
        _reps(both_left, both_right),
        _velocity(both_left, both_right),
        _range(both_left, both_right),
        _hold(both_left, both_right),
    )
    return [one for one in found if one is not None]


def _alike(one: LiftedSet, other: LiftedSet) -> bool:
    """With the same load, or both without one, and as many reps asked for."""
    loads = is_same_load(one.load_kg, other.load_kg) or (not one.load_kg and not other.load_kg)
    return loads and one.wanted.reps == other.wanted.reps


def _reps(left: Sequence[LiftedSet], right: Sequence[LiftedSet]) -> Difference | None:
    of_left, of_right = (fmean(len(one.counted) for one in sets) for sets in (left, right))
    return Difference("reps", of_left, of_right) if abs(of_left - of_right) >= _REPS else None


def _velocity(left: Sequence[LiftedSet], right: Sequence[LiftedSet]) -> Difference | None:
    of_left, of_right = (
        [mps for mps in map(best_velocity_mps, sets) if mps is not None] for sets in (left, right)
    )
    if not of_left or not of_right:
        return None
    found = Difference("best_velocity_mps", fmean(of_left), fmean(of_right))
    error_mps = _TWO_SIDED_95 * _NOISE_MPS * sqrt(1 / len(of_left) + 1 / len(of_right))
    return found if abs(found.left - found.right) > error_mps else None


def _range(left: Sequence[LiftedSet], right: Sequence[LiftedSet]) -> Difference | None:
    found = _means("rom_deg", left, right)
    if found is None or abs(found.left - found.right) < SHORT_SHARE * max(found.left, found.right):
        return None
    return found


def _hold(left: Sequence[LiftedSet], right: Sequence[LiftedSet]) -> Difference | None:
    found = _means("top_pause_s", left, right)
    if found is None:
        return None
    least_s = max(_HOLD_S, _HOLD_SHARE * max(found.left, found.right))
    return found if abs(found.left - found.right) > least_s else None


def _means(
    measure: Literal["rom_deg", "top_pause_s"],
    left: Sequence[LiftedSet],
    right: Sequence[LiftedSet],
) -> Difference | None:
    """Of all reps; None of few, or if they differ by less than the reps scatter."""
    of_left, of_right = (
        [value for one in sets for _, value in known(measured(one), measure)]
        for sets in (left, right)
    )
    if min(len(of_left), len(of_right)) < _LEAST_REPS:
        return None
    error = sqrt(variance(of_left) / len(of_left) + variance(of_right) / len(of_right))
    found = Difference(measure, fmean(of_left), fmean(of_right))
    return found if abs(found.left - found.right) > 2 * error else None

"""What is taken from the reps of a set: what was measured, of those that count."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Literal

from pipeline.coaching.lifted import LiftedRep, LiftedSet

Measure = Literal[
    "concentric_s",
    "top_pause_s",
    "eccentric_s",
    "bottom_pause_s",
    "rom_deg",
    "mean_velocity_mps",
    "tilt_deg",
]

# With two points less than this a line fits anything.
_LEAST_FOR_TREND = 5


@dataclass(frozen=True, slots=True)
class Trend:
    """The straight line through the reps of a set, read at its first and at its last one.

    error: standard error of the change between them.
    """

    first: float
    last: float
    error: float

    @property
    def change(self) -> float:
        """From the first rep to the last."""
        return self.last - self.first

    @property
    def certain(self) -> bool:
        """It is more than the reps scatter: two standard errors, 95 of 100 cases."""
        return abs(self.change) > 2 * self.error


def measured(one: LiftedSet) -> tuple[LiftedRep, ...]:
    """The reps that count and were not added by hand."""
    return tuple(rep for rep in one.counted if not rep.added)


def known(reps: Sequence[LiftedRep], measure: Measure) -> list[tuple[LiftedRep, float]]:
    """The reps of which a measure is known, with it."""
    pairs = ((rep, getattr(rep, measure)) for rep in reps)
    return [(rep, value) for rep, value in pairs if value is not None]


def trend(values: Sequence[float]) -> Trend | None:
    """Least squares over the reps; None for less than five."""
    n = len(values)
    if n < _LEAST_FOR_TREND:
        return None
    middle, mean = (n - 1) / 2, sum(values) / n
    spread = sum((k - middle) ** 2 for k in range(n))
    slope = sum((k - middle) * (value - mean) for k, value in enumerate(values)) / spread
    left = sum((value - mean - slope * (k - middle)) ** 2 for k, value in enumerate(values))
    error = (n - 1) * sqrt(left / (n - 2) / spread)
    return Trend(mean - slope * middle, mean + slope * middle, error)

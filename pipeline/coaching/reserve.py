"""Reps in reserve from the velocity of a rep, after a calibration of the lifter's own.

Near failure velocity and reps in reserve lie on a line, for each lifter and lift on another one: a
general line is not good enough, one's own is within about 2 reps (Jukic and others, 2024, squat).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.measures import known, measured

LEAST_ERROR_REPS = 2.0
"""No estimate is better than that, however well the line fits."""

# Two sets to failure, since one says nothing of how much they differ.
_LEAST_SETS, _LEAST_REPS = 2, 4
# Further from failure velocity hardly changes from rep to rep: the line is of what is near.
_FURTHEST = 8
_TWO_SIDED_95 = 1.96


@dataclass(frozen=True, slots=True)
class Calibration:
    """Line of one lift: reps in reserve = at_zero + per_mps * velocity.

    error_reps: in 95 of 100 reps the estimate is nearer than that; 2 at least. fastest_mps: beyond
    it nobody was calibrated.
    """

    lift: tuple[str, str]
    at_zero: float
    per_mps: float
    error_reps: float
    fastest_mps: float


@dataclass(frozen=True, slots=True)
class Reserve:
    """So many reps were left, give or take the error."""

    reps: float
    error_reps: float


def calibrated(sets: Sequence[LiftedSet]) -> Calibration | None:
    """From sets lifted to failure: after the last rep that counts none was left.

    None from too little: less than two sets, sets of different lifts, sets of less than four reps
    whose velocity is known up to the last, a way up with a tempo, velocity that does not fall.
    """
    if len(sets) < _LEAST_SETS or len({one.lift for one in sets}) > 1:
        return None
    points: list[tuple[float, float]] = []
    for one in sets:
        reps = measured(one)
        left = {id(rep): len(reps) - k for k, rep in enumerate(reps, 1)}
        found = [(value, left[id(rep)]) for rep, value in known(reps, "mean_velocity_mps")]
        if len(found) < _LEAST_REPS or found[-1][1] or one.wanted.concentric_s is not None:
            return None
        points += [(value, float(count)) for value, count in found if count <= _FURTHEST]
    return _line(sets[0].lift, points)


def in_reserve(calibration: Calibration | None, one: LiftedSet) -> Reserve | None:
    """What was left after the last rep of a set; None if it cannot be said.

    Without a calibration of this very lift, after a way up with a tempo, without the velocity of
    the last rep, or if that is faster than all that was calibrated.
    """
    reps = measured(one)
    if calibration is None or one.lift != calibration.lift or not reps:
        return None
    velocity_mps = reps[-1].mean_velocity_mps
    if velocity_mps is None or velocity_mps > calibration.fastest_mps:
        return None
    if one.wanted.concentric_s is not None:
        return None
    left = calibration.at_zero + calibration.per_mps * velocity_mps
    return Reserve(max(0.0, left), calibration.error_reps)


def _line(lift: tuple[str, str], points: list[tuple[float, float]]) -> Calibration | None:
    """Least squares of reps left over velocity."""
    n = len(points)
    mean_mps = sum(velocity for velocity, _ in points) / n
    mean = sum(left for _, left in points) / n
    spread = sum((velocity - mean_mps) ** 2 for velocity, _ in points)
    together = sum((velocity - mean_mps) * (left - mean) for velocity, left in points)
    if together <= 0:
        return None
    per_mps = together / spread
    at_zero = mean - per_mps * mean_mps
    off = sum((left - at_zero - per_mps * velocity) ** 2 for velocity, left in points)
    error = _TWO_SIDED_95 * sqrt(off / (n - 2))
    return Calibration(
        lift=lift,
        at_zero=at_zero,
        per_mps=per_mps,
        error_reps=max(LEAST_ERROR_REPS, error),
        fastest_mps=max(velocity for velocity, _ in points),
    )

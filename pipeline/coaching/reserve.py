"""Reps in reserve from the velocity of a rep, after a calibration of the lifter's own.

Near failure velocity and reps in reserve lie on a line, for each lifter and lift on another one: a
general line is not good enough, one's own is within about 2 reps (Jukic and others, 2024, squat).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import sqrt

from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.measures import known, measured
from pipeline.coaching.mini_sets import is_unbroken

LEAST_ERROR_REPS = 2.0
"""No estimate is better than that, however well the line fits."""

LEAST_SETS = 2
"""So many sets to failure, since one says nothing of how much they differ."""

_LEAST_REPS = 4
# What is older was lifted by who was weaker.
_MOST_SETS = 4
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


def calibrations(history: Iterable[LiftedSet], lift: tuple[str, str]) -> list[LiftedSet]:
    """The newest sets of a lift that are marked as lifted to failure and can calibrate it."""
    of_lift = [one for one in history if one.lift == lift and one.mark == "to_failure"]
    return [one for one in of_lift if can_calibrate(one)][-_MOST_SETS:]


def can_calibrate(one: LiftedSet) -> bool:
    """Whether the way to failure is known: up to the last rep, as fast as possible, without rests.

    Of four reps or more the velocity is to be known.
    """
    found = known(measured(one), "mean_velocity_mps")
    if len(found) < _LEAST_REPS or found[-1][0] is not measured(one)[-1]:
        return False
    return one.wanted.concentric_s is None and is_unbroken(one)


def calibrated(sets: Sequence[LiftedSet]) -> Calibration | None:
    """From sets lifted to failure: after the last rep that counts none was left.

    None from too little: less than two sets, sets of different lifts, one that cannot calibrate,
    velocity that does not fall.
    """
    if len(sets) < LEAST_SETS or len({one.lift for one in sets}) > 1:
        return None
    points: list[tuple[float, float]] = []
    for one in sets:
        if not can_calibrate(one):
            return None
        reps = measured(one)
        left = {id(rep): len(reps) - k for k, rep in enumerate(reps, 1)}
        found = [(value, left[id(rep)]) for rep, value in known(reps, "mean_velocity_mps")]
        points += [(value, float(count)) for value, count in found if count <= _FURTHEST]
    return _line(sets[0].lift, points)


def in_reserve(calibration: Calibration | None, one: LiftedSet) -> Reserve | None:
    """What was left after the last rep of a set; None if it cannot be said.

    Without a calibration of this very lift, after a way up with a tempo or a rest in the set,
    without the velocity of the last rep, or if that is faster than all that was calibrated.
    """
    reps = measured(one)
    if calibration is None or one.lift != calibration.lift or not reps:
        return None
    velocity_mps = reps[-1].mean_velocity_mps
    if velocity_mps is None or velocity_mps > calibration.fastest_mps:
        return None
    if one.wanted.concentric_s is not None or not is_unbroken(one):
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

"""The load that could be lifted once, from how velocity falls as load rises.

Mean velocity falls in a straight line with the load, for each lifter at another slope; at the load
that goes up once and no more it is about the same for all. For the hip thrust that velocity is
0.25 m/s, with a standard deviation of 0.03 between lifters (de Hoyo and others, "Predicting
loading intensity measuring velocity in barbell hip thrust exercise", J Strength Cond Res 2021, 102
lifters).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from pipeline.coaching.lifted import DAY_US, LiftedSet
from pipeline.coaching.measures import known, measured, trend
from pipeline.coaching.mini_sets import mini_sets

# exercise -> mean velocity at one repetition maximum, m/s, and its standard deviation
LAST_VELOCITY_MPS = {"hip_thrust": (0.25, 0.03)}

# Two loads nearer to each other than this say more of noise than of the line.
_LEAST_SPREAD = 0.2
# Further away from what was lifted nobody knows whether the line is straight.
_FURTHEST = 1.6
# What one mean velocity differs from the line by: measurement, and from set to set.
_NOISE_MPS = 0.03
_TWO_SIDED_95 = 1.96

# A line of one's own: strength changes by a few percent in six weeks, and a set of two weeks ago
# says half of what one of today says.
WINDOW_DAYS = 42.0
_HALF_LIFE_DAYS = 14.0
# With fewer sets nothing shows which of them was lifted lazily.
_LEAST_SETS = 6
_LEAST_KEPT = 4
_LEAST_KG = 1.0
_MOST_SETS = 60
# One mean velocity is known to 0.02 m/s (docs/accuracy.md).
_REP_NOISE_MPS = 0.02
# Under the line of the faster sets by so many standard deviations: lifted lazily, or tired. Over it
# nobody gets by lifting: an error in load or velocity.
_LAZY_SD, _WRONG_SD = 2.0, 3.0
_USUAL_SETS = 4
_ROUNDS = 10

_Floats = NDArray[np.float64]
_Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class OneRepMax:
    """An estimate in kg, and between what it lies in 95 of 100 cases."""

    load_kg: float
    low_kg: float
    high_kg: float


@dataclass(frozen=True, slots=True)
class FastSet:
    """A set that nobody was asked to lift slowly. velocity_mps: what it began with."""

    load_kg: float
    velocity_mps: float
    age_days: float = 0.0


@dataclass(frozen=True, slots=True)
class LoadVelocityLine:
    """A lifter's own line at full intent: velocity = at_rest_mps + slope * load.

    slope: m/s per kg, less than 0. sets: how many it rests on; slow: how many were left aside as
    lifted lazily or tired. one_rep_max: where it meets the last velocity, with an interval.
    line_kg: what of half that interval is the line's own error; the rest is that this lifter's
    last velocity is not known, which is the same from week to week.
    """

    at_rest_mps: float
    slope: float
    sets: int
    slow: int
    one_rep_max: OneRepMax
    line_kg: float

    def velocity_mps(self, load_kg: float) -> float:
        """How fast this lifter moves a load."""
        return self.at_rest_mps + self.slope * load_kg

    def one_rep_max_pct(self, load_kg: float) -> float:
        """A load in percent of the one that goes up once."""
        return 100.0 * load_kg / self.one_rep_max.load_kg


def one_rep_max(exercise: str, lifted: Iterable[tuple[float, float]]) -> OneRepMax | None:
    """From pairs of load (kg) and the best mean velocity at it (m/s), lifted as fast as possible.

    Least squares over the fastest of each load. None from too little: one load, loads that are
    close, no fall of velocity, a maximum far beyond what was lifted, an exercise whose last
    velocity is not known.
    """
    if exercise not in LAST_VELOCITY_MPS:
        return None
    best: dict[float, float] = {}
    for load_kg, velocity_mps in lifted:
        if load_kg > 0:
            best[load_kg] = max(velocity_mps, best.get(load_kg, 0.0))
    if len(best) < 2 or min(best) > (1 - _LEAST_SPREAD) * max(best):
        return None
    return _estimate(list(best), list(best.values()), *LAST_VELOCITY_MPS[exercise])


def fast_velocity_mps(one: LiftedSet) -> float | None:
    """Mean velocity of the two fastest measured reps of a set; None where it was to be slow.

    Of two, since the fastest of many is the one whose error was largest.
    """
    if one.wanted.concentric_s is not None:
        return None
    fastest = sorted(velocity for _, velocity in known(measured(one), "mean_velocity_mps"))[-2:]
    return sum(fastest) / len(fastest) if fastest and fastest[0] > 0 else None


def fresh_velocity_mps(one: LiftedSet) -> float | None:
    """Mean velocity a set began with, before it tired the lifter; None where it was to be slow.

    Where five reps or more get slower, read off the straight line through them: all of them say
    more of it than the two fastest, and fast ones come by chance too. Of a set with rests in it,
    up to the first: after one it is faster again.
    """
    fast_mps, parts = fast_velocity_mps(one), mini_sets(one)
    reps = parts[0] if parts else ()
    through = trend([velocity for _, velocity in known(reps, "mean_velocity_mps")])
    falls = through is not None and through.change < 0
    return through.first if fast_mps is not None and through and falls else fast_mps


def fast_sets(sets: Iterable[LiftedSet], lift: tuple[str, str], now_us: int) -> list[FastSet]:
    """Of one lift, what was lifted up to six weeks before `now_us`; in the order given."""
    found = []
    for one in sets:
        age_days = (now_us - one.time_us) / DAY_US
        if one.lift != lift or one.is_reference or not one.load_kg:
            continue
        if not 0 <= age_days <= WINDOW_DAYS:
            continue
        velocity_mps = fresh_velocity_mps(one)
        if velocity_mps is not None:
            found.append(FastSet(one.load_kg, velocity_mps, age_days))
    return found


def own_line(exercise: str, sets: Iterable[FastSet]) -> LoadVelocityLine | None:
    """A lifter's line through the faster of the sets, recent ones weighing more.

    Of all lines through two sets, the one under which few lie far, and over which next to none;
    then least squares over what is near it. None from too little, as in `one_rep_max`, and where
    a single set decides: without any one of them there must be two loads or more.
    """
    if exercise not in LAST_VELOCITY_MPS:
        return None
    newest = sorted((one for one in sets if one.load_kg >= _LEAST_KG), key=lambda one: one.age_days)
    newest = newest[:_MOST_SETS]
    if len(newest) < _LEAST_SETS:
        return None
    load_kg = np.array([one.load_kg for one in newest])
    velocity_mps = np.array([one.velocity_mps for one in newest])
    weight = np.exp2(-np.array([one.age_days for one in newest]) / _HALF_LIFE_DAYS)
    kept = _near_the_upper(load_kg, velocity_mps, weight)
    if kept is None:
        return None
    fit = _fit(load_kg, velocity_mps, weight * kept)
    read = _read(exercise, fit, weight * kept, load_kg)
    if read is None:
        return None
    most_kg, whole_kg, line_kg = read
    return LoadVelocityLine(
        at_rest_mps=fit.middle_mps - fit.slope * fit.middle_kg,
        slope=fit.slope,
        sets=int(kept.sum()),
        slow=int((~kept & (velocity_mps < fit.at(load_kg))).sum()),
        one_rep_max=OneRepMax(most_kg, most_kg - whole_kg, most_kg + whole_kg),
        line_kg=line_kg,
    )


@dataclass(frozen=True, slots=True)
class _Fit:
    """A straight line by weighted least squares; spread: of the loads, weighted."""

    middle_kg: float
    middle_mps: float
    slope: float
    spread: float

    def at(self, load_kg: _Floats) -> _Floats:
        """Velocity on the line."""
        return self.middle_mps + self.slope * (load_kg - self.middle_kg)


def _fit(load_kg: _Floats, velocity_mps: _Floats, weight: _Floats) -> _Fit:
    middle_kg = float(np.average(load_kg, weights=weight))
    middle_mps = float(np.average(velocity_mps, weights=weight))
    off_kg = load_kg - middle_kg
    spread = float(weight @ off_kg**2)
    return _Fit(middle_kg, middle_mps, float(weight @ (off_kg * velocity_mps)) / spread, spread)


def _near_the_upper(load_kg: _Floats, velocity_mps: _Floats, weight: _Floats) -> _Bools | None:
    """Which sets lie on the line of the fast ones; None if they are too few or too near."""
    first = _first_line(load_kg, velocity_mps, weight)
    if first is None:
        return None
    left_mps = velocity_mps - first
    sd_mps = _REP_NOISE_MPS
    kept: _Bools = (left_mps > -_LAZY_SD * sd_mps) & (left_mps < _WRONG_SD * sd_mps)
    for _ in range(_ROUNDS):
        if not _enough(load_kg[kept]):
            return None
        left_mps = velocity_mps - _fit(load_kg, velocity_mps, weight * kept).at(load_kg)
        # Few sets say little of their own noise: the usual one counts as some more of them.
        squares = float(left_mps[kept] @ left_mps[kept]) + _USUAL_SETS * _REP_NOISE_MPS**2
        sd_mps = sqrt(squares / (_USUAL_SETS + int(kept.sum()) - 2))
        found: _Bools = (left_mps > -_LAZY_SD * sd_mps) & (left_mps < _WRONG_SD * sd_mps)
        if (found == kept).all():
            break
        kept = found
    return kept if _enough(load_kg[kept]) else None


def _first_line(load_kg: _Floats, velocity_mps: _Floats, weight: _Floats) -> _Floats | None:
    """Velocities on the best of all falling lines through two of the sets.

    A lazy set costs a line above it no more than its two standard deviations: however slow it was.
    """
    one, other = np.triu_indices(len(load_kg), 1)
    heavier_kg = np.maximum(load_kg[one], load_kg[other])
    apart = np.minimum(load_kg[one], load_kg[other]) <= (1 - _LEAST_SPREAD) * heavier_kg
    one, other = one[apart], other[apart]
    slope = (velocity_mps[one] - velocity_mps[other]) / (load_kg[one] - load_kg[other])
    one, slope = one[slope < 0], slope[slope < 0]
    if not len(one):
        return None
    lines = velocity_mps[one, None] + slope[:, None] * (load_kg - load_kg[one, None])
    left = (velocity_mps - lines) / _REP_NOISE_MPS
    cost = np.minimum(left**2, np.where(left < 0, _LAZY_SD**2, (_WRONG_SD + 1) ** 2)) @ weight
    best: _Floats = lines[int(np.argmin(cost))]
    return best


def _enough(load_kg: _Floats) -> bool:
    """Whether without any one set there are still loads that are far enough apart."""
    if len(load_kg) < _LEAST_KEPT:
        return False
    loads_kg = np.sort(load_kg)
    furthest = 1 - _LEAST_SPREAD
    return bool(loads_kg[1] <= furthest * loads_kg[-1] and loads_kg[0] <= furthest * loads_kg[-2])


def _read(
    exercise: str, fit: _Fit, weight: _Floats, load_kg: _Floats
) -> tuple[float, float, float] | None:
    """Load at the last velocity; half its interval; what of that is the line's own."""
    last_mps, last_sd_mps = LAST_VELOCITY_MPS[exercise]
    if fit.slope >= 0:
        return None
    most_kg = fit.middle_kg + (last_mps - fit.middle_mps) / fit.slope
    heaviest_kg = float(load_kg[weight > 0].max())
    if not (1 - _LEAST_SPREAD) * heaviest_kg <= most_kg <= _FURTHEST * heaviest_kg:
        return None
    # Each velocity has a share in the line where it is read; their errors add up in squares.
    off_kg = most_kg - fit.middle_kg
    share = weight * (1 / weight.sum() + off_kg * (load_kg - fit.middle_kg) / fit.spread)
    of_line = _NOISE_MPS**2 * float(share @ share)
    to_kg = _TWO_SIDED_95 / -fit.slope
    return most_kg, to_kg * sqrt(of_line + last_sd_mps**2), to_kg * sqrt(of_line)


def _estimate(
    loads_kg: list[float], velocities: list[float], last_mps: float, last_sd_mps: float
) -> OneRepMax | None:
    n = len(loads_kg)
    middle_kg, middle_mps = sum(loads_kg) / n, sum(velocities) / n
    spread = sum((load - middle_kg) ** 2 for load in loads_kg)
    pairs = zip(loads_kg, velocities, strict=True)
    slope = sum((load - middle_kg) * (velocity - middle_mps) for load, velocity in pairs) / spread
    if slope >= 0:
        return None
    load_kg = middle_kg + (last_mps - middle_mps) / slope
    if not max(loads_kg) * (1 - _LEAST_SPREAD) <= load_kg <= _FURTHEST * max(loads_kg):
        return None
    # The line's own error where it is read, and that of the velocity at which it is read.
    of_line = _NOISE_MPS**2 * (1 / n + (load_kg - middle_kg) ** 2 / spread)
    error_kg = _TWO_SIDED_95 * sqrt(of_line + last_sd_mps**2) / -slope
    return OneRepMax(load_kg, load_kg - error_kg, load_kg + error_kg)

"""The load that could be lifted once, from how velocity falls as load rises.

Mean velocity falls in a straight line with the load, for each lifter at another slope; at the load
that goes up once and no more it is about the same for all. For the hip thrust that velocity is
0.25 m/s, with a standard deviation of 0.03 between lifters (de Hoyo and others, "Load-velocity
relationship in the hip thrust", J Strength Cond Res 2021, 102 lifters).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt

# exercise -> mean velocity at one repetition maximum, m/s, and its standard deviation
LAST_VELOCITY_MPS = {"hip_thrust": (0.25, 0.03)}

# Two loads nearer to each other than this say more of noise than of the line.
_LEAST_SPREAD = 0.2
# Further away from what was lifted nobody knows whether the line is straight.
_FURTHEST = 1.6
# What one mean velocity differs from the line by: measurement, and from set to set.
_NOISE_MPS = 0.03
_TWO_SIDED_95 = 1.96


@dataclass(frozen=True, slots=True)
class OneRepMax:
    """An estimate in kg, and between what it lies in 95 of 100 cases."""

    load_kg: float
    low_kg: float
    high_kg: float


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

"""What was lost in short gaps, found again from what came before and after.

A straight line through a gap cuts the top off a movement: 0.2 s lost in the middle of a
concentric are several degrees of pitch. A cubic keeps the slopes on both sides; for the
specific force, which shakes more, the line is drawn through the means of both sides. What is still
missing shows wherever the lifter is still: there the accelerometer tells the tilt, and the sum
of the angular rate must agree with it, but for a constant offset of each sensor and one step
for each gap.
"""

import numpy as np

from pipeline.orientation import FRAME_S
from sensor.samples import STANDARD_GRAVITY_MPS2, Bools, Floats, Ints

_AROUND = 300  # frames on each side of a gap in which to look for stillness
_SIDE = 6  # frames on each side that tell level and slope
_STILL_RADPS = np.radians(4.0)
_STILL_MPS2 = 0.3

# Standard deviations of what the fit may assume, rad and rad/s.
_TILT = np.radians(2.0)  # of one still frame: tremor shakes along as well as up
_OFFSET = np.radians(1.5)  # tilt error of a consumer accelerometer, 25 mg
_RATE = np.radians(3.0)  # offset of a consumer gyroscope
_LOST_SHARE = 0.2  # of the rotation in a gap, after the cubic


def mend(acc: Floats, gyr: Floats, bridged: Bools) -> tuple[Floats, Floats]:
    """(n, 3) specific force and angular rate with lines through gaps -> with what was lost.

    bridged: (n,) True for the frames that lie in a gap.
    """
    gaps = _runs(bridged)
    if not gaps:
        return acc, gyr
    acc, gyr = acc.copy(), gyr.copy()
    for start, stop in gaps:
        _refill(acc, start, stop, degree=1)
        _refill(gyr, start, stop, degree=3)
    axis = np.linalg.eigh(gyr.T @ gyr)[1][:, 2]
    lost = _steps(acc, gyr, axis, gaps)
    for (start, stop), angle in zip(gaps, lost, strict=True):
        gyr[start:stop] += axis * (angle / ((stop - start) * FRAME_S))
    return acc, gyr


def _runs(mask: Bools) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(mask.astype(np.int8), prepend=0, append=0)).tolist()
    return list(zip(edges[::2], edges[1::2], strict=True))


def _refill(values: Floats, start: int, stop: int, degree: int) -> None:
    """Fill frames start..stop by a polynomial through both sides, in place."""
    first, last = max(0, start - _SIDE), min(len(values), stop + _SIDE)
    known = np.r_[first:start, stop:last]
    if start - first < _SIDE or last - stop < _SIDE:
        return
    middle = 0.5 * (first + last)
    basis = np.vander((np.arange(first, last) - middle) / (last - first), degree + 1)
    fit = np.linalg.lstsq(basis[known - first], values[known])[0]
    values[start:stop] = (basis @ fit)[start - first : stop - first]


def _steps(acc: Floats, gyr: Floats, axis: Floats, gaps: list[tuple[int, int]]) -> list[float]:
    """The rotation about `axis` that each gap still lacks, rad."""
    rate = gyr @ axis
    angle = np.cumsum(rate) * FRAME_S
    size = np.sqrt(np.vecdot(acc, acc))
    still = (np.abs(rate) < _STILL_RADPS) & (np.abs(size - STANDARD_GRAVITY_MPS2) < _STILL_MPS2)
    at = np.flatnonzero(still)[::3]
    across = acc[at[0]] - axis * (axis @ acc[at[0]]) if len(at) else axis
    if np.linalg.norm(across) < 0.5 * STANDARD_GRAVITY_MPS2:
        return [0.0] * len(gaps)
    across /= np.linalg.norm(across)
    # Up turns backwards in the axes of a sensor that turns forwards.
    tilt = np.unwrap(np.arctan2(-(acc[at] @ np.cross(axis, across)), acc[at] @ across))
    moved = [
        np.abs(rate[max(0, start - _SIDE) : stop + _SIDE]).max() * (stop - start) * FRAME_S
        for start, stop in gaps
    ]
    return [_step(at, tilt, tilt - angle[at], gaps, moved, k) for k in range(len(gaps))]


def _step(
    at: Ints, tilt: Floats, missing: Floats, gaps: list[tuple[int, int]], moved: list[float], k: int
) -> float:
    """One gap, seen from the seconds around it: what came earlier or later has its own errors.

    at: frames in which the lifter is still; tilt there, and how far the angle falls short of it.
    """
    start, stop = gaps[k]
    inside = (at > start - _AROUND) & (at < stop + _AROUND)
    if (
        np.count_nonzero(inside & (at < start)) < _SIDE
        or np.count_nonzero(inside & (at >= stop)) < _SIDE
    ):
        return 0.0
    at, tilt, missing = at[inside], tilt[inside], missing[inside]
    near = [n for n, (a, b) in enumerate(gaps) if at[0] < a and b < at[-1]]
    columns = [np.ones(len(at)), (at - start) * FRAME_S, np.cos(tilt), np.sin(tilt)]
    columns += [(at >= gaps[n][1]).astype(float) for n in near]
    prior = np.array(
        [10.0, _RATE, _OFFSET, _OFFSET, *(_LOST_SHARE * moved[n] + 1e-3 for n in near)]
    )
    rows = np.column_stack(columns) / _TILT
    fit = np.linalg.solve(rows.T @ rows + np.diag(prior**-2), rows.T @ (missing / _TILT))
    return float(fit[4 + near.index(k)])

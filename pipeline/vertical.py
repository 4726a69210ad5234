"""Vertical velocity and height of the sensor over a whole set.

The integral of the vertical acceleration drifts. What makes it drift is known in kind: an
accelerometer offset, constant in sensor axes, and slow errors of orientation. Both enter the
velocity linearly, so one least-squares fit through every moment at which the velocity is
known to be zero takes them out: pauses with a high weight, turning points with a low one
(a velocity forced to zero 20 ms beside the turn is wrong by 0.05 m/s). The hips also come
back to about the same place at every bottom.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.orientation import FRAME_S
from sensor.samples import Floats, Ints

_KNOT = round(8.0 / FRAME_S)  # frames

# Standard deviations of what the fit may assume.
_OFFSET_MPS2 = 0.4  # accelerometer offset, 40 mg: a consumer part
_SCALE_MPS2 = 0.1  # its scale and cross-axis errors, 1 %
_SLOW_MPS2 = 0.02  # slow change of it in one knot: half a degree of tilt while turning
_START_MPS = 1.0
_JOLT_MPS = 0.05  # plates on the floor: a blow that the sensor's range or rate cuts off
_LOST_MPS = 0.1
_PAUSE_MPS = 0.01
_TURN_MPS = 0.03
_PLACE_M = 0.03  # hips slide on the bench, a belt gives


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of the vertical movement, in frames.

    pauses: (start, end) in which the sensor neither rises nor sinks. turns: where it turns
    without a pause. bottoms: where it is at its lowest, once for each rep. jolts: where plates
    or hips may have hit the floor. gaps: after which something of the velocity is missing.
    """

    pauses: Sequence[tuple[int, int]]
    turns: Sequence[int]
    bottoms: Sequence[int]
    jolts: Sequence[int]
    gaps: Sequence[int] = ()


def vertical_motion(acc_up_mps2: Floats, up: Floats, known: Known) -> tuple[Floats, Floats]:
    """(n,) vertical acceleration and (n, 3) up -> (n,) velocity m/s, (n,) height m."""
    velocity = np.cumsum(acc_up_mps2) * FRAME_S
    # What the accelerometer's offset, scale and cross-axis errors add to the acceleration.
    errors = np.hstack((up, (up[:, :, None] * up[:, None, :])[:, *np.triu_indices(3)]))
    errors_v = np.cumsum(errors, axis=0) * FRAME_S
    at = np.array([k for a, b in known.pauses for k in range(a, b, 5)] + [*known.turns], dtype=int)
    bottoms = np.asarray(known.bottoms, dtype=int)
    steps = np.asarray([*known.jolts, *known.gaps], dtype=int)
    knots = np.arange(0, len(velocity), _KNOT)
    errors_z = np.cumsum(errors_v, axis=0)[bottoms] * FRAME_S
    rows = np.vstack((
        np.hstack((errors_v[at], *_slow(at, knots, steps)[0])),
        np.diff(np.hstack((errors_z, *_slow(bottoms, knots, steps)[1])), axis=0),
    ))  # fmt: skip
    heights = np.cumsum(velocity)[bottoms] * FRAME_S
    values = np.concatenate((velocity[at], np.diff(heights)))
    sigma = np.full(len(rows), _PLACE_M)
    sigma[: len(at)] = _PAUSE_MPS
    sigma[len(at) - len(known.turns) : len(at)] = _TURN_MPS
    prior: Floats = np.repeat(
        np.array([_OFFSET_MPS2, _SCALE_MPS2, _SLOW_MPS2, _JOLT_MPS, _LOST_MPS, _START_MPS]),
        (3, 6, len(knots), len(known.jolts), len(known.gaps), 1),
    )
    rows /= sigma[:, None]
    normal = rows.T @ rows + np.diag(prior**-2)
    fit: Floats = np.linalg.solve(normal, rows.T @ (values / sigma))
    velocity -= errors_v @ fit[:9] + _drift(len(velocity), fit[9:], knots, steps)
    return velocity, np.cumsum(velocity) * FRAME_S


def _slow(at: Ints, knots: Ints, steps: Ints) -> tuple[list[Floats], list[Floats]]:
    """What slow errors and jolts add to velocity and to height at some frames.

    A slow error is constant between two knots, a jolt is a step of the velocity; the last
    column is the unknown velocity at the start. Two lists of (len(at), k) columns.
    """
    frames = at[:, None].astype(np.float64)
    since = (frames - knots) * FRAME_S
    full_s = _KNOT * FRAME_S
    inside = np.clip(since, 0.0, full_s)
    after = np.maximum(since - full_s, 0.0)
    jolted = (frames - steps) * FRAME_S
    ones = np.ones((len(at), 1))
    to_velocity = [inside, (jolted >= 0.0).astype(np.float64), ones]
    to_height = [
        0.5 * inside * inside + full_s * after,
        np.maximum(jolted, 0.0),
        frames * FRAME_S,
    ]
    return to_velocity, to_height


def _drift(n: int, fit: Floats, knots: Ints, steps: Ints) -> Floats:
    """(n,) velocity that slow errors and jolts make up."""
    drift = np.repeat(fit[: len(knots)] * FRAME_S, _KNOT)[:n]
    drift[0] += fit[-1]
    np.add.at(drift, steps[steps < n], fit[len(knots) : -1][steps < n])
    return np.cumsum(drift)

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
from sensor.samples import Floats

_KNOT_S = 8.0

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
    n = len(acc_up_mps2)
    velocity = np.cumsum(acc_up_mps2) * FRAME_S
    knots = np.arange(n) // round(_KNOT_S / FRAME_S)
    slow = knots[:, None] == np.arange(int(knots[-1]) + 1)
    bottoms = np.asarray(known.bottoms, dtype=int)
    jolts = np.arange(n)[:, None] >= np.asarray([*known.jolts, *known.gaps], dtype=int)
    scale = (up[:, :, None] * up[:, None, :])[:, *np.triu_indices(3)]
    drift: Floats = np.column_stack(
        (np.cumsum(np.hstack((up, scale, slow)), axis=0) * FRAME_S, jolts, np.ones(n))
    )
    at = np.array([k for a, b in known.pauses for k in range(a, b, 5)] + [*known.turns], dtype=int)
    rows = np.vstack((drift[at], np.diff(np.cumsum(drift, axis=0)[bottoms] * FRAME_S, axis=0)))
    values = np.concatenate((velocity[at], np.diff(np.cumsum(velocity)[bottoms] * FRAME_S)))
    sigma = np.full(len(rows), _PLACE_M)
    sigma[: len(at)] = _PAUSE_MPS
    sigma[len(at) - len(known.turns) : len(at)] = _TURN_MPS
    prior: Floats = np.repeat(
        np.array([_OFFSET_MPS2, _SCALE_MPS2, _SLOW_MPS2, _JOLT_MPS, _LOST_MPS, _START_MPS]),
        (3, 6, slow.shape[1], len(known.jolts), len(known.gaps), 1),
    )
    rows /= sigma[:, None]
    normal = rows.T @ rows + np.diag(prior**-2)
    fit: Floats = np.linalg.solve(normal, rows.T @ (values / sigma))
    velocity = velocity - drift @ fit
    return velocity, np.cumsum(velocity) * FRAME_S

"""Movements made by hand: exact, without noise, with boundaries that can be calculated."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock

Y_AXIS = np.array([0.0, 1.0, 0.0])
UP = (0.8, 55.0, 0.33)
DOWN = (1.2, 0.0, 0.0)


@dataclass(frozen=True, eq=False, slots=True)
class Moved:
    """t_s (n,), pitch_deg (n,) about +y, height_m (n,), and the sensor's samples."""

    t_s: Floats
    pitch_deg: Floats
    height_m: Floats
    samples: SampleBlock


def min_jerk(x: NDArray[np.floating]) -> Floats:
    """0 to 1 with least jerk."""
    x = np.clip(x, 0.0, 1.0)
    return np.asarray(x**3 * (10.0 - 15.0 * x + 6.0 * x**2), dtype=float)


def min_jerk_crossings(size: float, seconds: float, slow: float) -> tuple[float, float]:
    """Seconds from its start at which a movement passes the contract's threshold."""
    peak = 1.875 * size / seconds
    share = np.sqrt(max(slow, 0.02 * peak) * seconds / (30.0 * size))
    begin = 0.5 * (1.0 - np.sqrt(1.0 - 4.0 * share)) * seconds
    return begin, seconds - begin


def path(steps: Sequence[tuple[float, float]], rate_hz: float, lead_s: float = 0.0) -> Floats:
    """Steps (seconds, target), each with least jerk, from 0 after `lead_s` -> (n,)."""
    t_s = np.arange(0.0, lead_s + sum(step[0] for step in steps), 1.0 / rate_hz)
    values, at, start_s = np.zeros_like(t_s), 0.0, lead_s
    for seconds, target in steps:
        values += (target - at) * min_jerk((t_s - start_s) / seconds)
        start_s, at = start_s + seconds, target
    return values


def move(*steps: tuple[float, float, float], rate_hz: float = 100.0, lead_s: float = 4.0) -> Moved:
    """Steps (seconds, pitch deg, height m) after a rest at the bottom.

    The sensor's y axis is the pelvis' left-right axis; it moves straight up and down.
    """
    fine_hz = 20.0 * rate_hz
    pitch = path([(s, to) for s, to, _ in steps], fine_hz, lead_s)
    height = path([(s, to) for s, _, to in steps], fine_hz, lead_s)
    rate = np.radians(np.gradient(pitch)) * fine_hz
    up_mps2 = STANDARD_GRAVITY_MPS2 + np.gradient(np.gradient(height)) * fine_hz**2
    every = slice(None, None, 20)
    pitch, height, rate, up_mps2 = pitch[every], height[every], rate[every], up_mps2[every]
    t_s = np.arange(len(pitch)) / rate_hz
    still = np.zeros_like(t_s)
    acc = up_of(pitch) * up_mps2[:, None]
    gyr = np.column_stack((still, rate, still))
    return Moved(t_s, pitch, height, SampleBlock(t_s, acc, gyr))


def up_of(pitch_deg: Floats) -> Floats:
    """(n,) -> (n, 3): where up points in the axes of a sensor that turns about +y."""
    angle = np.radians(pitch_deg)
    return np.column_stack((-np.sin(angle), np.zeros_like(angle), np.cos(angle)))


def rep(top_s: float = 0.5, bottom_s: float = 0.5) -> list[tuple[float, float, float]]:
    """One good rep: 0.8 s up, 1.2 s down."""
    return [UP, (top_s, *UP[1:]), DOWN, (bottom_s, 0.0, 0.0)]


def rotation(seed: int) -> Floats:
    """(3, 3), uniform."""
    q, r = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    q = q * np.sign(np.diag(r))
    return np.asarray(q * np.linalg.det(q))

"""Movement that nobody wills: impacts, bar bounce, tremor, sway, breathing.

Sizes after biomechanics notes A3 and A6: impacts 1-5 g in 10-60 ms with ringing, belt wobble
of 8-15 Hz, bar bounce 2-6 Hz of a few mm, squeeze tremor 6-12 Hz. Tremor is drawn up to
2 m/s2, more than the 0.1 m/s2 given there, as a shaking hold near failure is plainly visible.
"""

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.signal import butter, sosfilt

from sensor.samples import Floats
from sensor.simulator.motion import MOTION_HZ, SKIN, Motion

_SOFT_LENGTH_M = 0.3


def impact(
    motion: Motion, size_mps2: float, rng: np.random.Generator, delay_s: float = 0.0
) -> None:
    """A knock from below: a ringing of the hips, and the sensor wobbles on the belt."""
    time = _times(0.4)
    omega = 2 * np.pi * rng.uniform(12, 28)
    onset = 1 - np.exp(-((time / rng.uniform(0.003, 0.012)) ** 2))
    ringing = onset * np.exp(-time / rng.uniform(0.025, 0.06)) * np.sin(omega * time)
    for channel, share in (("z", 1.0), ("x", rng.normal(0, 0.4)), ("y", rng.normal(0, 0.2))):
        motion.shake(channel, share * size_mps2 / omega**2 * ringing, delay_s)
    wobble_deg = float(np.clip(0.08 * size_mps2 * rng.lognormal(0, 0.3), 0, 3))
    for channel in SKIN:
        motion.shake(channel, rng.normal(0, 0.6) * wobble_deg * _ringing(8, 15, rng), delay_s)


def bounce(motion: Motion, size_m: float, rng: np.random.Generator, delay_s: float = 0.0) -> None:
    """The bar swings on the hips after a stop."""
    time = _times(1.2)
    onset = np.clip(time / 0.06, 0, 1) ** 2
    omega = 2 * np.pi * rng.uniform(2, 6)
    swing = size_m * onset * np.exp(-time / rng.uniform(0.1, 0.25)) * np.sin(omega * time)
    motion.shake("z", swing, delay_s)


def tremor(
    motion: Motion,
    acc_mps2: float,
    radius_m: float,
    seconds: float,
    rng: np.random.Generator,
    delay_s: float = 0.0,
) -> None:
    """A squeeze that shakes: pitch and height together. acc_mps2: rms at 8 Hz."""
    if seconds < 0.25:
        return
    time = _times(seconds)
    frequency = rng.uniform(6, 11) + np.cumsum(rng.normal(0, 0.02, len(time)))
    height = np.sqrt(2) * acc_mps2 / (2 * np.pi * 8) ** 2
    wave = np.sin(2 * np.pi * np.cumsum(frequency) / MOTION_HZ + rng.uniform(0, 6))
    wave *= _faded(len(time), 0.12) * (1 + 0.3 * np.sin(2 * np.pi * time * rng.uniform(0.2, 0.8)))
    motion.shake("z", height * wave, delay_s)
    motion.shake("pitch", np.degrees(height / radius_m) * wave, delay_s)


def strain(
    motion: Motion,
    acc_mps2: float,
    seconds: float,
    rng: np.random.Generator,
    delay_s: float = 0.0,
) -> None:
    """Muscle noise of 6-25 Hz under load. acc_mps2: rms on each axis."""
    count = int(seconds * MOTION_HZ)
    band = butter(2, (6, 25), "bandpass", fs=MOTION_HZ, output="sos")
    noise = sosfilt(band, rng.normal(size=(4, count)), axis=1)
    felt = np.diff(noise, 2, axis=1).std(axis=1, keepdims=True) * MOTION_HZ**2
    noise *= acc_mps2 / felt * _faded(count, 0.3)
    for channel, values in zip(("x", "y", "z"), noise[:3], strict=True):
        motion.shake(channel, values, delay_s)
    motion.shake("skin_y", np.degrees(noise[3] / _SOFT_LENGTH_M), delay_s)


def sway(seconds: float, rng: np.random.Generator) -> dict[str, Floats]:
    """Slow wandering of a body that means to be still, and breathing: channel -> (n,)."""
    time = _times(seconds)
    knots = np.arange(0, seconds + 3, 1.2)
    unrest = rng.uniform(0.6, 2.0)
    sizes = {"pitch": 0.15, "list": 0.12, "twist": 0.12, "heading": 0.15}
    places = {"x": 0.0012, "y": 0.0012, "z": 0.0004}
    wander = {
        channel: unrest * size * CubicSpline(knots, rng.normal(size=len(knots)))(time)
        for channel, size in {**sizes, **places}.items()
    }
    breath_s = rng.uniform(2.5, 5.0)
    beats = np.cumsum(np.clip(rng.normal(breath_s, 0.3, len(knots)), 1.5, 8))
    beats = np.concatenate(([-breath_s, 0.0], beats))
    phase = CubicSpline(beats, np.arange(len(beats)))(time)
    breath = 0.5 - 0.5 * np.cos(2 * np.pi * phase)
    wander["skin_y"] = rng.uniform(0.05, 0.4) * breath
    wander["z"] += rng.uniform(0.0, 0.002) * breath
    return wander


def _ringing(lowest_hz: float, highest_hz: float, rng: np.random.Generator) -> Floats:
    time = _times(0.5)
    onset = 1 - np.exp(-((time / 0.02) ** 2))
    omega = 2 * np.pi * rng.uniform(lowest_hz, highest_hz)
    return np.asarray(onset * np.exp(-time / rng.uniform(0.05, 0.12)) * np.sin(omega * time))


def _times(seconds: float) -> Floats:
    return np.arange(int(seconds * MOTION_HZ)) / MOTION_HZ


def _faded(count: int, seconds: float) -> Floats:
    edge = np.arange(count) / (seconds * MOTION_HZ)
    share = np.clip(np.minimum(edge, edge[::-1]), 0, 1)
    return np.asarray(share * share * (3 - 2 * share))

"""What happens around a set: coming, getting down, arranging the bar, resting, getting up.

Gait: 1.7-2.1 steps/s, hips rise and fall 3-5 cm, pelvis tilts 2-5 deg (biomechanics notes; the
rest from memory). Small movements near a set stay well under 30 % of the lift's ROM, so that
by the contract they are nothing, not partial reps.
"""

import numpy as np
from scipy.interpolate import CubicSpline

from sensor.samples import Floats
from sensor.simulator import shakes
from sensor.simulator.motion import MOTION_HZ, Motion, Profile

STANDING_M = 0.95
CHAIR_M = 0.50
FLOOR_M = 0.14
_STEADY = Profile(0.12, 0.12, steady=True)


def walk(motion: Motion, seconds: float, rng: np.random.Generator) -> None:
    """In legs of several steps, turning now and then."""
    step_hz = rng.uniform(1.7, 2.1)
    gait = _Gait(rng)
    end = motion.now_s + seconds
    while motion.now_s < end - 1.5:
        leg = min(rng.uniform(3, 15), end - motion.now_s)
        if rng.random() < 0.6:
            turn_s = min(leg, rng.uniform(1.0, 2.5))
            motion.move("heading", motion.at["heading"] + rng.uniform(-150, 150), turn_s)
        gait.leg(motion, leg, step_hz * rng.uniform(0.95, 1.05), 0.0)
        motion.wait(leg)
        if rng.random() < 0.15:
            stand(motion, rng.uniform(1, 4), rng)


def climb(motion: Motion, seconds: float, rng: np.random.Generator) -> None:
    """Stairs, up or down; from then on the floor is the one that was reached."""
    gait = _Gait(rng)
    rise = rng.choice((-1, 1)) * 0.17
    gait.leg(motion, seconds, rng.uniform(1.3, 1.9), rise)
    motion.wait(seconds)
    motion.at["z"] = STANDING_M


def stand(motion: Motion, seconds: float, rng: np.random.Generator) -> None:
    """Shifting weight from leg to leg, looking around."""
    end = motion.now_s + seconds
    while motion.now_s < end - 1.0:
        length = min(rng.uniform(0.8, 3.0), end - motion.now_s)
        if rng.random() < 0.5:
            motion.move("list", rng.normal(0, 2.5), length)
            motion.move("y", motion.at["y"] + rng.normal(0, 0.02), length)
            motion.move("pitch", rng.normal(0, 2.0), length)
            motion.move("heading", motion.at["heading"] + rng.normal(0, 6), length)
        motion.wait(length + rng.uniform(0, 1.0))


def sit_down(motion: Motion, height_m: float, rng: np.random.Generator) -> None:
    """From standing to a chair, a bench or the floor: leaning forward on the way."""
    seconds = rng.uniform(1.2, 2.0) if height_m > 0.3 else rng.uniform(1.8, 3.2)
    motion.nudge("pitch", -rng.uniform(20, 45), seconds * 1.05, rising=rng.uniform(0.4, 0.6))
    motion.nudge("list", rng.normal(0, 6), seconds)
    motion.nudge("twist", rng.normal(0, 8), seconds)
    motion.move("z", height_m, seconds, profile=Profile(2.0, 1.2))
    motion.move("x", motion.at["x"] - rng.uniform(0.1, 0.3), seconds)
    shakes.impact(motion, rng.uniform(2, 15), rng, seconds)
    motion.wait(1.1 * seconds)
    motion.move("pitch", rng.uniform(-5, 15), 0.8)
    motion.wait(rng.uniform(0.8, 2.5))


def recline(motion: Motion, pitch_deg: float, height_m: float, rng: np.random.Generator) -> None:
    """From sitting back on to the bench or down on the floor."""
    seconds = rng.uniform(1.2, 3.0)
    motion.move("pitch", pitch_deg, seconds, profile=Profile(rng.uniform(1.5, 3), 2.0))
    motion.move("z", height_m, seconds)
    motion.move("x", motion.at["x"] + rng.uniform(-0.1, 0.1), seconds)
    motion.nudge("list", rng.normal(0, 4), seconds)
    motion.nudge("twist", rng.normal(0, 6), seconds)
    motion.wait(seconds + rng.uniform(0.3, 1.5))


def shift(motion: Motion, bumps: int, limit_deg: float, rng: np.random.Generator) -> None:
    """Scooting up, rolling the bar over the legs and into place: irregular bumps of the hips."""
    for _ in range(bumps):
        seconds = rng.uniform(0.3, 1.6)
        size = min(rng.uniform(2, 15), limit_deg) * rng.choice((-1, 1), p=(0.35, 0.65))
        rising = rng.uniform(0.3, 0.7)
        motion.nudge("pitch", size, seconds, rising=rising)
        motion.nudge("z", abs(size) * rng.uniform(0.0, 0.006), seconds, rising=rising)
        motion.move("x", motion.at["x"] + rng.normal(0, 0.03), seconds)
        motion.nudge("list", rng.normal(0, 4), seconds * rng.uniform(0.6, 1.2))
        motion.nudge("twist", rng.normal(0, 4), seconds * rng.uniform(0.6, 1.2))
        if rng.random() < 0.5:
            shakes.impact(motion, rng.uniform(1, 10), rng, seconds)
        motion.wait(seconds * 1.2 + rng.exponential(1.0))


def rest(motion: Motion, seconds: float, limit_deg: float, rng: np.random.Generator) -> None:
    """Between sets, in place: still for the most part, fidgeting now and then."""
    end = motion.now_s + seconds
    while motion.now_s < end - 4.0:
        motion.wait(min(rng.exponential(8.0), end - motion.now_s - 3.9))
        fidget = rng.uniform(0.4, 2.0)
        motion.nudge("list", rng.normal(0, 3), fidget)
        motion.nudge("twist", rng.normal(0, 4), fidget)
        motion.nudge("pitch", float(np.clip(rng.normal(0, 4), -limit_deg, limit_deg)), fidget)
        motion.wait(fidget)
    motion.wait(max(0.0, end - motion.now_s))


def sit_up(motion: Motion, rng: np.random.Generator) -> None:
    """From lying or leaning back to sitting on the floor."""
    seconds = rng.uniform(0.9, 2.2)
    motion.move("pitch", rng.uniform(-15, 15), seconds, profile=Profile(2.0, rng.uniform(1.5, 3)))
    motion.nudge("twist", rng.normal(0, 10), seconds)
    motion.nudge("list", rng.normal(0, 5), seconds)
    motion.move("z", FLOOR_M, seconds)
    motion.wait(seconds + rng.uniform(0.2, 2.0))


def stand_up(motion: Motion, rng: np.random.Generator) -> None:
    """From the floor or a chair: bending forward on the way, then straightening."""
    seconds = rng.uniform(1.2, 3.0)
    motion.nudge("pitch", -rng.uniform(25, 60), seconds, rising=rng.uniform(0.35, 0.6))
    motion.nudge("list", rng.normal(0, 8), seconds)
    motion.nudge("twist", rng.normal(0, 12), seconds)
    motion.move("z", STANDING_M, seconds, 0.15 * seconds)
    motion.move("x", motion.at["x"] + rng.uniform(0.1, 0.4), seconds)
    motion.wait(1.2 * seconds)
    for channel, to in (("pitch", rng.normal(0, 2)), ("list", 0.0), ("twist", 0.0)):
        motion.move(channel, to, 0.5)
    motion.wait(0.6)


class _Gait:
    """How one person walks: the same from leg to leg."""

    def __init__(self, rng: np.random.Generator) -> None:
        self._rng = rng
        self._bob_m = rng.uniform(0.015, 0.025)
        self._tilt_deg = rng.uniform(1.0, 2.5)
        self._drop_deg = rng.uniform(2, 4)
        self._turn_deg = rng.uniform(3, 6)
        self._side_m = rng.uniform(0.01, 0.02)
        self._stride_m = rng.uniform(0.55, 0.75)
        self._lags = rng.uniform(0, 2 * np.pi, 4)
        self._strike_mps2 = rng.uniform(1, 5)
        self._strike_hz = rng.uniform(12, 22)

    def leg(self, motion: Motion, seconds: float, step_hz: float, rise_m: float) -> None:
        """Straight on from now; each step carries the hips ``rise_m`` up."""
        rng = self._rng
        steps = max(2, int(seconds * step_hz))
        durations = np.exp(rng.normal(0, 0.03, steps))
        strikes = np.concatenate(([0.0], np.cumsum(durations))) * seconds / durations.sum()
        time = np.arange(int(seconds * MOTION_HZ)) / MOTION_HZ
        phase = 2 * np.pi * CubicSpline(strikes, np.arange(steps + 1.0))(time)
        fade = np.clip(np.minimum(time, time[::-1]) / 0.6, 0, 1)
        fade = fade * fade * (3 - 2 * fade)
        waves = {
            "z": -self._bob_m * (np.cos(phase) + 0.2 * np.cos(2 * phase + self._lags[0])),
            "pitch": self._tilt_deg * np.sin(phase + self._lags[1]),
            "list": self._drop_deg * np.sin(phase / 2 + self._lags[2]),
            "twist": self._turn_deg * np.sin(phase / 2 + self._lags[3]),
            "y": self._side_m * np.sin(phase / 2),
        }
        for channel, wave in waves.items():
            motion.shake(channel, fade * wave)
        self._strike(motion, strikes[1:-1], len(time))
        ahead = np.radians(motion.at["heading"])
        length = steps * self._stride_m * (0.45 if rise_m else 1.0)
        motion.move("x", motion.at["x"] + length * np.cos(ahead), seconds, profile=_STEADY)
        motion.move("y", motion.at["y"] + length * np.sin(ahead), seconds, profile=_STEADY)
        motion.move("z", motion.at["z"] + steps * rise_m, seconds, profile=_STEADY)

    def _strike(self, motion: Motion, strikes: Floats, count: int) -> None:
        """Heel strikes: a short ringing at each."""
        rng = self._rng
        train = np.zeros(count)
        sizes = self._strike_mps2 * rng.lognormal(0, 0.25, len(strikes))
        train[(strikes * MOTION_HZ).astype(int)] = sizes
        time = np.arange(int(0.3 * MOTION_HZ)) / MOTION_HZ
        omega = 2 * np.pi * self._strike_hz
        ring = (1 - np.exp(-((time / 0.008) ** 2))) * np.exp(-time / 0.03) * np.sin(omega * time)
        rung = np.convolve(train, ring)[:count]
        motion.shake("z", rung / omega**2)
        motion.shake("x", 0.5 * rung / omega**2)
        motion.shake("skin_y", 0.1 * rung)
        motion.shake("skin_x", 0.06 * rung)

"""Performs a set: lays the movement of every rep down and remembers where its phases lie."""

from dataclasses import dataclass
from functools import partial

import numpy as np

from sensor.samples import Floats
from sensor.simulator import shakes
from sensor.simulator.draw import Lifter, RepPlan, draw_reps, draw_tempo
from sensor.simulator.motion import Coupling, Motion, Profile
from sensor.simulator.plan import SetPlan, Tempo

Window = tuple[float, float]


@dataclass(frozen=True, slots=True)
class RepWindows:
    """Where the pieces of a rep were laid, seconds; the truth is then measured inside them."""

    concentric: Window
    eccentric: Window
    partial: bool
    fault: str


@dataclass(frozen=True, slots=True)
class PerformedSet:
    """A set as it was laid down. tempo: what it began with."""

    exercise: str
    tempo: Tempo
    reps: tuple[RepWindows, ...]


def perform_set(
    motion: Motion, lifter: Lifter, plan: SetPlan, rng: np.random.Generator
) -> PerformedSet:
    """From now on, beginning in the lift's starting position."""
    tempo = draw_tempo(plan, rng)
    reps = draw_reps(plan, tempo, lifter, rng)
    begin, start_deg = motion.now_s, motion.at["pitch"]
    lift = (LyingLift if lifter.lift.lying else StandingLift)(motion, lifter, rng)
    windows = tuple(lift.perform(rep) for rep in reps)
    if lifter.lift.lying:
        for channel, follow in (("z", _hinge), ("x", _reach)):
            followed = partial(follow, lifter)
            motion.couplings.append(Coupling(channel, begin, motion.now_s, followed))
            ends = followed(np.array([start_deg, motion.at["pitch"]]))
            motion.at[channel] += float(ends[1] - ends[0])
    seconds = motion.now_s - begin
    shakes.strain(motion, rng.uniform(0.02, 0.15), seconds, rng, delay_s=-seconds)
    return PerformedSet(lifter.lift.name, tempo, windows)


def _hinge(lifter: Lifter, pitch: Floats) -> Floats:
    return np.asarray(lifter.radius_m * np.sin(np.radians(pitch - lifter.flat_deg)))


def _reach(lifter: Lifter, pitch: Floats) -> Floats:
    return np.asarray(lifter.travel_m * (pitch - lifter.bottom_deg) / lifter.rom_deg)


class LyingLift:
    """Hip thrust, single-leg hip thrust, glute bridge: concentric, hold, eccentric, rest."""

    def __init__(self, motion: Motion, lifter: Lifter, rng: np.random.Generator) -> None:
        self._motion, self._lifter, self._rng = motion, lifter, rng
        self._list = rng.uniform(*lifter.lift.list_deg) * rng.choice((-1, 1))
        self._twist = rng.uniform(*lifter.lift.twist_deg) * rng.choice((-1, 1))
        self._tilt = lifter.tilt_share * rng.uniform(0.6, 1.0)
        self._base_z = motion.at["z"]

    def perform(self, rep: RepPlan) -> RepWindows:
        """One rep from now on, and the pause after it."""
        motion, tempo = self._motion, rep.tempo
        begin = motion.now_s
        self._rise(rep)
        motion.wait(tempo.concentric_s)
        self._hold(rep)
        motion.wait(tempo.top_s)
        descent = motion.now_s
        self._lower(rep)
        motion.wait(tempo.eccentric_s)
        windows = RepWindows(
            (begin, begin + tempo.concentric_s), (descent, motion.now_s), rep.partial, rep.fault
        )
        self._rest(tempo.bottom_s)
        return windows

    def _rise(self, rep: RepPlan) -> None:
        motion, lifter, rng = self._motion, self._lifter, self._rng
        seconds = rep.tempo.concentric_s
        top = lifter.top_deg - rep.top_loss * lifter.rom_deg
        tilt = self._tilt * rep.depth * lifter.rom_deg
        motion.move("pitch", top - tilt, seconds, profile=rep.concentric)
        motion.move("arch", tilt, 0.6 * seconds, 0.4 * seconds)
        self._slide(rep.depth, seconds)
        self._sidewards(rep.depth, seconds)
        speed = lifter.rise_m / seconds
        shakes.bounce(motion, speed * rng.uniform(0.0, 0.006), rng, 0.95 * seconds)

    def _hold(self, rep: RepPlan) -> None:
        motion, lifter, rng = self._motion, self._lifter, self._rng
        top_s = rep.tempo.top_s
        shakes.tremor(motion, lifter.tremor_mps2, lifter.radius_m, top_s, rng)
        # On the back, a turn about the spine is what lowers one side.
        motion.move("twist", motion.at["twist"] + rep.tilt_deg, 0.8 * top_s, 0.1 * top_s)
        if rep.fault == "over_arch":
            begin = rng.uniform(0.0, 0.15) * top_s
            seconds = min(rng.uniform(0.35, 0.55) * top_s, rng.uniform(0.3, 1.2))
            motion.move("arch", motion.at["arch"] - rep.fault_deg, seconds, begin)
            motion.move("z", motion.at["z"] + rng.uniform(0.0, 0.012), seconds, begin)
        elif rep.fault == "sag":
            begin = rng.uniform(0.05, 0.15) * top_s
            drift = Profile(0.25, 0.25, steady=True)
            motion.move(
                "pitch", motion.at["pitch"] - rep.fault_deg, 0.7 * top_s, begin, profile=drift
            )
        elif top_s > 1.0:
            creep = float(np.clip(rng.normal(0, 0.4), -1.0, 1.0))
            motion.move("pitch", motion.at["pitch"] + creep, 0.7 * top_s, 0.15 * top_s)

    def _lower(self, rep: RepPlan) -> None:
        motion, lifter, rng = self._motion, self._lifter, self._rng
        seconds = rep.tempo.eccentric_s
        bottom = lifter.bottom_deg + rep.bottom_loss * lifter.rom_deg
        motion.move("pitch", bottom, seconds, profile=rep.eccentric)
        motion.move("arch", 0.0, rng.uniform(0.6, 0.95) * seconds, 0.02 * seconds)
        self._slide(0.0, seconds)
        self._sidewards(0.0, seconds)
        if rep.dropped:
            size = lifter.plates * rng.lognormal(np.log(9), 0.5) / max(0.6, seconds)
            shakes.impact(motion, min(size, 50.0), rng, seconds - rng.uniform(0.0, 0.04))

    def _slide(self, share: float, seconds: float) -> None:
        """The back slides on its support: neither in step with the pitch nor the same twice."""
        motion, rng = self._motion, self._rng
        targets = {
            "x": motion.at["x"] + (share - 0.5) * rng.uniform(0.005, 0.03) + rng.normal(0, 0.003),
            "y": motion.at["y"] + rng.normal(0, 0.003),
            "z": self._base_z + share * (self._lifter.slide_m + rng.normal(0, 0.004)),
        }
        for channel, to in targets.items():
            delay = rng.uniform(0.0, 0.15) * seconds
            length = rng.uniform(0.8, 1.0) * (seconds - delay)
            shape = Profile(rng.uniform(1.6, 3.0), rng.uniform(1.6, 3.0))
            motion.move(channel, to, length, delay, shape)

    def _sidewards(self, share: float, seconds: float) -> None:
        motion, rng = self._motion, self._rng
        for channel, size in (("list", self._list), ("twist", self._twist)):
            to = share * size * rng.uniform(0.8, 1.2) + rng.normal(0, 0.3)
            motion.move(channel, to, seconds)

    def _rest(self, seconds: float) -> None:
        """At the bottom; in a long rest the lifter shifts under the bar, well below a partial."""
        motion, lifter, rng = self._motion, self._lifter, self._rng
        if seconds > 2.5 and rng.random() < 0.4:
            length = rng.uniform(0.5, 1.2)
            size = rng.uniform(0.05, 0.2) * lifter.rom_deg * rng.choice((-0.5, 1))
            motion.nudge("pitch", size, length, rng.uniform(0.4, seconds - length - 0.4))
            motion.nudge("list", rng.normal(0, 2), length, 0.5)
        motion.wait(seconds)


class StandingLift:
    """Squat, lunge (from the top) and deadlift (from the bottom)."""

    def __init__(self, motion: Motion, lifter: Lifter, rng: np.random.Generator) -> None:
        self._motion, self._lifter, self._rng = motion, lifter, rng
        self._top = {channel: motion.at[channel] for channel in ("x", "z")}
        if not lifter.lift.starts_at_top:
            self._top["z"] += lifter.rise_m
        self._wink = rng.uniform(0, 12) if lifter.lift.name == "squat" else 0.0
        self._rising_hips = rng.uniform(0, 8) if lifter.lift.name == "squat" else 0.0
        self._side = 1.0

    def perform(self, rep: RepPlan) -> RepWindows:
        """One rep from now on, and the pause after it."""
        motion, tempo = self._motion, rep.tempo
        first, second = (self._down, self._up), (tempo.eccentric_s, tempo.concentric_s)
        pause, rest = tempo.bottom_s, tempo.top_s
        if not self._lifter.lift.starts_at_top:
            first, second = first[::-1], second[::-1]
            pause, rest = rest, pause
        begin = motion.now_s
        first[0](rep)
        motion.wait(second[0])
        one = (begin, motion.now_s)
        motion.wait(pause)
        begin = motion.now_s
        first[1](rep)
        motion.wait(second[1])
        other = (begin, motion.now_s)
        motion.wait(rest)
        if self._lifter.lift.starts_at_top:
            one, other = other, one
        return RepWindows(one, other, rep.partial, rep.fault)

    def _down(self, rep: RepPlan) -> None:
        motion, lifter, rng = self._motion, self._lifter, self._rng
        seconds = rep.tempo.eccentric_s
        depth = rep.depth * lifter.rise_m
        motion.move("z", self._top["z"] - depth, seconds, profile=rep.eccentric)
        late = rng.uniform(0.0, 0.12) * seconds
        lean = lifter.top_deg - rep.depth * lifter.rom_deg * rng.uniform(0.95, 1.05)
        motion.move("pitch", lean, seconds - late, late)
        motion.move("arch", self._wink, 0.3 * seconds, 0.7 * seconds)
        self._step(rep.depth, seconds)
        if lifter.lift.name == "deadlift":
            shakes.impact(motion, lifter.plates * rng.uniform(2, 15), rng, seconds)
        elif lifter.lift.name == "lunge":
            shakes.impact(motion, rng.uniform(2, 15), rng, rng.uniform(0.2, 0.4) * seconds)

    def _up(self, rep: RepPlan) -> None:
        motion, lifter, rng = self._motion, self._lifter, self._rng
        seconds = rep.tempo.concentric_s
        motion.move("z", self._top["z"], seconds, profile=rep.concentric)
        lean = motion.at["pitch"] - self._rising_hips * rng.uniform(0.5, 1.2)
        motion.move("pitch", lean, 0.4 * seconds)
        upright = lifter.top_deg + rng.normal(0, 0.8)
        motion.move("pitch", upright, 0.75 * seconds, 0.25 * seconds)
        motion.move("arch", 0.0, 0.35 * seconds)
        self._step(0.0, seconds)
        if lifter.lift.name == "lunge":
            shakes.impact(motion, rng.uniform(2, 12), rng, rng.uniform(0.85, 1.0) * seconds)

    def _step(self, share: float, seconds: float) -> None:
        """Forward (lunge) or back over the heels, and to the side by what the lift asks for."""
        motion, lifter, rng = self._motion, self._lifter, self._rng
        forward = 1.0 if lifter.lift.name == "lunge" else -1.0
        motion.move("x", self._top["x"] + forward * share * lifter.travel_m, seconds)
        if share > 0:
            self._side = -self._side
        for channel, sizes in (("list", lifter.lift.list_deg), ("twist", lifter.lift.twist_deg)):
            size = self._side * rng.uniform(*sizes)
            motion.move(channel, share * size + rng.normal(0, 0.3), seconds)

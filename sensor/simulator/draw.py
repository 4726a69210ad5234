"""From a set's plan to the numbers of every rep: durations, depths, shapes, faults."""

from dataclasses import dataclass, replace

import numpy as np

from sensor.simulator.lifts import Lift, Spread
from sensor.simulator.motion import Profile
from sensor.simulator.plan import STYLES, Range, SetPlan, Style, Tempo

_TOUCH_AND_GO_S = 0.03
_LONGEST_BOTTOM_S = 12.0


@dataclass(frozen=True, slots=True)
class Lifter:
    """One person at one lift, constant through a session.

    radius_m: from the pivot of the trunk to the hips. flat_deg: pitch at which that line is
    horizontal. slide_m: how far the back slides down (+) or up the pivot within a rep, on average.
    """

    lift: Lift
    rom_deg: float
    top_deg: float
    rise_m: float
    travel_m: float
    radius_m: float
    flat_deg: float
    slide_m: float
    tilt_share: float
    tremor_mps2: float
    plates: float

    @property
    def bottom_deg(self) -> float:
        """Pelvis pitch at the bottom of a full rep."""
        return self.top_deg - self.rom_deg


@dataclass(frozen=True, slots=True)
class RepPlan:
    """One excursion. depth: its size as a share of the full ROM; lost off the top or bottom.

    tilt_deg: how far the pelvis tips sideways in the hold, positive as the left side sinks.
    """

    tempo: Tempo
    depth: float
    top_loss: float
    bottom_loss: float
    concentric: Profile
    eccentric: Profile
    dropped: bool
    partial: bool
    fault: str
    fault_deg: float
    tilt_deg: float = 0.0


def draw_lifter(lift: Lift, rng: np.random.Generator) -> Lifter:
    """A person, within the ranges of the lift."""
    rom = _spread(lift.rom_deg, rng)
    top = rng.uniform(*lift.top_deg)
    flat = rng.uniform(84, 94)
    rise = _spread(lift.rise_m, rng)
    radius = 0.4
    if lift.lying:
        rise *= rom
        radius = rise / (_sin(top - flat) - _sin(top - rom - flat))
    return Lifter(
        lift=lift,
        rom_deg=rom,
        top_deg=top,
        rise_m=rise,
        travel_m=rng.uniform(*lift.travel_m),
        radius_m=radius,
        flat_deg=flat,
        slide_m=float(np.clip(rng.normal(0, 0.012), -0.03, 0.03)),
        tilt_share=rng.uniform(0.0, 0.12),
        tremor_mps2=float(np.exp(rng.uniform(np.log(0.03), np.log(2.0)))),
        plates=rng.uniform(0.3, 1.0),
    )


def draw_tempo(plan: SetPlan, rng: np.random.Generator) -> Tempo:
    """The tempo that a set begins with."""
    style = STYLES[plan.style]
    drawn = Tempo(
        rng.uniform(*style.eccentric_s),
        rng.uniform(*style.bottom_s),
        rng.uniform(*style.concentric_s),
        rng.uniform(*style.top_s),
    )
    return plan.tempo or drawn


def draw_reps(
    plan: SetPlan, tempo: Tempo, lifter: Lifter, rng: np.random.Generator
) -> list[RepPlan]:
    """Every excursion of a set in order, partial ones among them."""
    style = STYLES[plan.style]
    fatigue = rng.uniform(*style.fatigue) if plan.fatigue is None else plan.fatigue
    variability = rng.uniform(*style.variability)
    curve = rng.uniform(1.0, 2.0)
    shrink = fatigue * rng.uniform(0.0, 0.15)
    shapes = _SetShapes(style, rng)
    reps = []
    for index in range(plan.reps):
        tired = (index / max(1, plan.reps - 1)) ** curve
        slower = 1 / (1 - fatigue * tired)
        rep_tempo = _vary(tempo, slower, 1 - 0.5 * fatigue * tired, variability, rng)
        if index == plan.reps - 1 and plan.last_hold_s is not None:
            rep_tempo = replace(rep_tempo, top_s=plan.last_hold_s)
        fault = plan.faults[index] if index < len(plan.faults) else ""
        rep = _rep(rep_tempo, shapes, lifter, fault, shrink * tired, variability, rng)
        tilt = plan.tilts_deg[index] if index < len(plan.tilts_deg) else 0.0
        reps.append(replace(rep, tilt_deg=tilt))
        if index + 1 in plan.partial_after:
            reps.append(_partial(rep_tempo, shapes, rng))
    return reps


def _rep(
    tempo: Tempo,
    shapes: "_SetShapes",
    lifter: Lifter,
    fault: str,
    shrink: float,
    variability: float,
    rng: np.random.Generator,
) -> RepPlan:
    top_loss = 0.6 * shrink + float(np.clip(rng.normal(0, 0.12 * variability), -0.02, 0.02))
    bottom_loss = 0.4 * shrink + float(np.clip(rng.normal(0, 0.3 * variability), -0.06, 0.06))
    size = 0.0
    if fault == "short_lockout":
        top_loss += rng.uniform(0.12, 0.25) if rng.random() < 0.85 else rng.uniform(0.06, 0.10)
    elif fault == "over_arch":
        size = rng.uniform(6.5, 18) if rng.random() < 0.85 else rng.uniform(4, 6)
    elif fault == "sag":
        size = rng.uniform(4.5, 8) if rng.random() < 0.85 else rng.uniform(2, 4)
    dropped = shapes.drops and bool(rng.random() < 0.8)
    if fault:
        tempo = _room_for_fault(tempo, fault, size, lifter.rom_deg, rng)
    return RepPlan(
        tempo=tempo,
        depth=1 - top_loss - bottom_loss,
        top_loss=top_loss,
        bottom_loss=bottom_loss,
        concentric=shapes.concentric(tempo.bottom_s),
        eccentric=shapes.eccentric(dropped),
        dropped=dropped,
        partial=False,
        fault=fault,
        fault_deg=size,
    )


def _partial(tempo: Tempo, shapes: "_SetShapes", rng: np.random.Generator) -> RepPlan:
    depth = rng.uniform(0.38, 0.53)
    shorter = np.sqrt(depth)
    tempo = Tempo(
        tempo.eccentric_s * shorter,
        max(0.2, tempo.bottom_s),
        tempo.concentric_s * shorter,
        min(tempo.top_s, rng.uniform(0.0, 0.4)),
    )
    return RepPlan(
        tempo=tempo,
        depth=depth,
        top_loss=1 - depth,
        bottom_loss=0.0,
        concentric=shapes.concentric(tempo.bottom_s),
        eccentric=shapes.eccentric(False),
        dropped=False,
        partial=True,
        fault="",
        fault_deg=0.0,
    )


def _room_for_fault(
    tempo: Tempo, fault: str, size: float, rom_deg: float, rng: np.random.Generator
) -> Tempo:
    """A fault of the hold needs a hold; a sag stays slower than half the descent."""
    top = tempo.top_s
    if fault == "over_arch":
        top = max(top, rng.uniform(0.8, 1.6))
    elif fault == "sag":
        slowest = size / (0.35 * rom_deg / tempo.eccentric_s)
        top = max(top, rng.uniform(1.5, 3.0), slowest / 0.6)
    return replace(tempo, top_s=top)


def _vary(
    tempo: Tempo, slower: float, shorter: float, variability: float, rng: np.random.Generator
) -> Tempo:
    jitter = np.exp(rng.normal(0, variability, 4))
    pause_jitter = np.exp(rng.normal(0, 2 * variability, 2))
    bottom = tempo.bottom_s * pause_jitter[0] * (1 + 0.5 * (slower - 1))
    bottom = min(bottom, max(_LONGEST_BOTTOM_S, tempo.bottom_s))
    return Tempo(
        tempo.eccentric_s * jitter[0],
        bottom if bottom > _TOUCH_AND_GO_S else 0.0,
        tempo.concentric_s * jitter[2] * slower,
        tempo.top_s * pause_jitter[1] * shorter,
    )


class _SetShapes:
    """The speed profiles of one set: alike from rep to rep, never the same."""

    def __init__(self, style: Style, rng: np.random.Generator) -> None:
        self._rng = rng
        self._late = rng.uniform(*style.late)
        self._dip = rng.uniform(*style.dip)
        self._dip_at = rng.uniform(0.2, 0.4)
        self._steady = (rng.random() < style.steady, rng.random() < 1.5 * style.steady)
        self._ease = (rng.uniform(0.1, 0.4), rng.uniform(0.1, 0.35))
        self._lowering = rng.uniform(-0.5, 0.5)
        self.drops = bool(rng.random() < style.drop)

    def concentric(self, bottom_s: float) -> Profile:
        rng = self._rng
        dip = float(np.clip(self._dip + rng.normal(0, 0.05), 0, 0.6)) if self._dip > 0 else 0.0
        if self._steady[0]:
            return self._constant_speed(dip)
        rise, fall = _exponents(self._late + rng.normal(0, 0.08))
        if bottom_s < _TOUCH_AND_GO_S:
            rise = rng.uniform(1.0, 1.4)
        return Profile(rise, fall, False, 0.0, dip, self._dip_at, 0.1)

    def eccentric(self, dropped: bool) -> Profile:
        rng = self._rng
        if dropped:
            return Profile(rng.uniform(1.6, 2.2), rng.uniform(0.9, 1.2))
        if self._steady[1]:
            return self._constant_speed(0.0)
        return Profile(*_exponents(self._lowering + rng.normal(0, 0.08)))

    def _constant_speed(self, dip: float) -> Profile:
        rng = self._rng
        ease = [share * np.exp(rng.normal(0, 0.1)) for share in self._ease]
        return Profile(ease[0], ease[1], True, rng.normal(0, 0.15), dip, self._dip_at, 0.1)


def _exponents(late: float) -> Range:
    """-1 (peak early) .. 1 (peak late) -> exponents of rise and fall; 0 is minimum jerk."""
    late = float(np.clip(late, -1, 1))
    if late >= 0:
        return 2 + 1.2 * late, 2 - 0.8 * late
    return 2 + 0.7 * late, 2 - 1.5 * late


def _spread(spread: Spread, rng: np.random.Generator) -> float:
    mean, sd, lowest, highest = spread
    return float(np.clip(rng.normal(mean, sd), lowest, highest))


def _sin(angle_deg: float) -> float:
    return float(np.sin(np.radians(angle_deg)))

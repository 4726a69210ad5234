"""What the model lifter is asked to do, as plain frozen values.

Styles are ranges of phase durations after section A4 of the project's biomechanics notes:
80 % of 1RM lifts in 0.80 +- 0.14 s (Zabaleta-Korta & Fernandez-Pena 2024), 0.36 m at the
0.25 m/s of a 1RM takes 1.4 s (de Hoyo et al. 2021); tempo prescriptions are coaching usage.
"""

from dataclasses import dataclass

from sensor.simulator.lifts import LIFTS

Range = tuple[float, float]
FAULTS = ("over_arch", "short_lockout", "sag")


@dataclass(frozen=True, slots=True)
class Tempo:
    """Four durations in seconds, from the first to the last visible movement of each phase."""

    eccentric_s: float
    bottom_s: float
    concentric_s: float
    top_s: float

    def __post_init__(self) -> None:
        if min(self.eccentric_s, self.concentric_s) < 0.3 or min(self.bottom_s, self.top_s) < 0:
            raise ValueError("a tempo needs 0.3 s for each way, and no pause below 0 s")


@dataclass(frozen=True, slots=True)
class Style:
    """How a set is lifted: ranges from which each set draws its own values.

    variability: coefficient of variation of durations from rep to rep. fatigue: share of the
    first rep's velocity that is lost by the last. late: how far the velocity peak is shifted
    to the end of the concentric, -1..1. dip: depth of an early sticking point, 0..1.
    steady: chance of a phase with constant speed. drop: chance that the bar is let down
    fast enough for the plates to hit the floor.
    """

    eccentric_s: Range
    bottom_s: Range
    concentric_s: Range
    top_s: Range
    variability: Range = (0.05, 0.08)
    fatigue: Range = (0.05, 0.35)
    late: Range = (-0.2, 0.4)
    dip: Range = (0.0, 0.0)
    steady: float = 0.2
    drop: float = 0.2


STYLES: dict[str, Style] = {
    "standard": Style((0.7, 1.4), (0.0, 0.5), (0.65, 1.1), (0.2, 1.0)),
    "tempo": Style((2.0, 4.0), (0.0, 1.0), (0.8, 2.0), (0.8, 1.5), steady=0.7, drop=0.0),
    "paused": Style((1.5, 3.0), (0.0, 1.0), (0.7, 1.2), (2.0, 10.0), steady=0.4, drop=0.1),
    "explosive": Style(
        (0.45, 0.8), (0.0, 0.05), (0.4, 0.65), (0.0, 0.2), late=(-0.2, 0.2), steady=0.0, drop=0.6
    ),
    "near_failure": Style(
        (0.6, 1.1),
        (0.3, 2.5),
        (0.75, 1.1),
        (0.05, 0.4),
        fatigue=(0.35, 0.6),
        late=(0.3, 0.9),
        dip=(0.2, 0.55),
        drop=0.5,
    ),
    "banded": Style((0.8, 2.0), (0.0, 0.5), (0.8, 1.4), (0.5, 2.0), late=(-0.8, -0.3), drop=0.0),
    "novice": Style((0.6, 1.8), (0.1, 1.0), (0.6, 1.3), (0.2, 1.2), variability=(0.1, 0.2)),
    "long_bottom": Style((0.7, 1.4), (3.0, 11.5), (0.7, 1.4), (0.2, 1.0), fatigue=(0.2, 0.5)),
}


@dataclass(frozen=True, slots=True)
class SetPlan:
    """One set. ``faults`` holds one entry for each rep, "" for a good one; missing ones are good.

    partial_after: numbers (1, 2, ...) of the reps that a partial rep follows. tilts_deg: how far
    the pelvis tips sideways while each rep is held at the top, positive as the left side sinks;
    missing ones stay level.
    tempo, fatigue: in place of what the style would draw. last_hold_s: top hold of the last rep.
    """

    reps: int = 8
    style: str = "standard"
    tempo: Tempo | None = None
    fatigue: float | None = None
    faults: tuple[str, ...] = ()
    partial_after: tuple[int, ...] = ()
    tilts_deg: tuple[float, ...] = ()
    last_hold_s: float | None = None

    def __post_init__(self) -> None:
        if self.reps < 1:
            raise ValueError(f"reps {self.reps} is less than 1")
        if self.fatigue is not None and not 0 <= self.fatigue <= 0.8:
            raise ValueError(f"fatigue {self.fatigue:g} is outside 0..0.8")
        if self.style not in STYLES:
            raise ValueError(f"style {self.style!r} is none of {', '.join(STYLES)}")
        for fault in self.faults:
            if fault and fault not in FAULTS:
                raise ValueError(f"fault {fault!r} is none of {', '.join(FAULTS)}")


@dataclass(frozen=True, slots=True)
class SessionSpec:
    """A recording to be made.

    around: walking in, settling down, resting, getting up; without it the lifter lies ready.
    rest_s: between sets, longer than the set timeout of 15 s; None draws 20 to 90 s.
    confounder_s: seconds of everyday and gym movement that is no exercise, before the sets.
    mounting: quaternion (w, x, y, z) that turns sensor axes into pelvis axes (forward, left,
    up along the spine); None draws one uniformly. disconnect: (start, length) in seconds.
    slip_chance: that the sensor turns on the belt during a set, by up to 5 deg.
    """

    name: str = "session"
    exercise: str = "hip_thrust"
    sets: tuple[SetPlan, ...] = (SetPlan(),)
    around: bool = True
    rest_s: float | None = None
    confounder_s: float = 0.0
    sensor: str = "bmi270"
    rate_hz: float = 100.0
    gyro: bool = True
    mounting: tuple[float, float, float, float] | None = None
    slip_chance: float = 0.2
    loss_pct: float = 2.0
    disconnect: tuple[float, float] | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if self.exercise not in LIFTS:
            raise ValueError(f"exercise {self.exercise!r} is none of {', '.join(LIFTS)}")
        if not LIFTS[self.exercise].lying and any(any(plan.faults) for plan in self.sets):
            raise ValueError(f"faults are those of lying lifts, not of {self.exercise}")
        if not 25 <= self.rate_hz <= 400:
            raise ValueError(f"rate_hz {self.rate_hz:g} is outside 25..400")
        if not 0 <= self.loss_pct <= 20:
            raise ValueError(f"loss_pct {self.loss_pct:g} is outside 0..20")

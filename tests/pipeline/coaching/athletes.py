"""Model athletes: what each of them lifts in 16 weeks. Pure: a seed in, a history out.

Strength follows a curve; how often a load goes up follows from it (Epley), and how fast (the mean
velocity falls in a straight line with the load down to 0.25 m/s at what goes up once, and within a
set towards the rep that would fail). Everything else is habit, with noise.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from math import exp

from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted

WEEKS = 16
SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
MONDAY_US = 1_767_571_200 * SECOND_US  # Monday, 5 January 2026, 00:00 UTC
ZONE_S = 3600
_HOUR = 17
_LAST_MPS, _UNLOADED_MPS = 0.25, 1.23
_DISPLACEMENT_M = 0.35
LEAST_REPS, MOST_REPS = 8, 12


@dataclass(frozen=True, slots=True)
class Habit:
    """How somebody lifts. tempo: eccentric, concentric (None: as fast as possible), top pause.

    rom_deg: of a full rep. spread: between reps, as a share. to_spare: reps left at a set's end.
    faults: chance of each, in a rep.
    """

    tempo: tuple[float, float | None, float] = (1.5, None, 1.0)
    rom_deg: float = 55.0
    spread: float = 0.04
    to_spare: float = 1.0
    faults: dict[str, float] = field(default_factory=dict)
    wanted: Wanted = field(default_factory=Wanted)


@dataclass(frozen=True, slots=True)
class Athlete:
    """seed: of everything that is left to chance. about: in a line."""

    name: str
    about: str
    lifted: Callable[[random.Random], Iterator[LiftedSet]]

    def history(self, seed: int = 1) -> tuple[LiftedSet, ...]:
        """All sets of 16 weeks."""
        return tuple(self.lifted(random.Random(f"{self.name} {seed}")))


@dataclass(slots=True)
class Session:
    """Sets of one evening, one after the other."""

    day: int
    chance: random.Random
    made: list[LiftedSet] = field(default_factory=list)
    tired: float = 0.0

    def lift(
        self,
        lift: tuple[str, str],
        load_kg: float,
        most_kg: float,
        habit: Habit,
        at_most: int = MOST_REPS,
    ) -> int:
        """One more set: as many reps as the strength of the day allows, and `at_most`."""
        fresh_kg = most_kg * (1 - self.tired)
        failing = 30 * (fresh_kg / load_kg - 1)
        count = max(1, min(at_most, int(failing - habit.to_spare)))
        reps = [self._rep(n, failing, load_kg / fresh_kg, habit) for n in range(1, count + 1)]
        start_s = 240 * len(self.made) + self.chance.randint(0, 20)
        self.made.append(
            LiftedSet(
                time_us=MONDAY_US + self.day * DAY_US + (_HOUR * 3600 + start_s) * SECOND_US,
                session=f"day-{self.day}",
                exercise=lift[0],
                variant=lift[1],
                load_kg=load_kg,
                reps=tuple(reps),
                wanted=habit.wanted,
                rest_before_s=180.0 if self.made else None,
            )
        )
        self.tired += 0.01 * count / max(failing, count)
        return count

    def _rep(self, number: int, failing: float, share: float, habit: Habit) -> LiftedRep:
        """One rep of a set that would fail after `failing`, at a share of what goes up once."""

        def about(value: float) -> float:
            return value * max(0.3, self.chance.gauss(1.0, habit.spread))

        eccentric_s, concentric_s, top_s = habit.tempo
        fastest_mps = _LAST_MPS + (_UNLOADED_MPS - _LAST_MPS) * (1 - share)
        # The first reps are nearly alike, and the last ones fall fast.
        left = 1 - ((number - 1) / max(failing, number)) ** 1.5
        velocity_mps = _LAST_MPS + (fastest_mps - _LAST_MPS) * left
        if concentric_s is not None:
            velocity_mps = min(velocity_mps, _DISPLACEMENT_M / concentric_s)
        velocity_mps *= max(0.5, self.chance.gauss(1.0, 0.02))
        found = tuple(name for name, odds in habit.faults.items() if self.chance.random() < odds)
        # How far the pelvis turns differs less from rep to rep than how long it takes.
        full_deg = habit.rom_deg * self.chance.gauss(1.0, habit.spread / 3)
        return LiftedRep(
            number=number,
            concentric_s=_DISPLACEMENT_M / velocity_mps,
            top_pause_s=about(top_s),
            eccentric_s=about(eccentric_s),
            bottom_pause_s=about(0.4),
            rom_deg=full_deg * (0.86 if "short_lockout" in found else 1.0),
            mean_velocity_mps=velocity_mps,
            faults=found,
            confidence=0.98,
        )


THRUST = ("hip_thrust", "")
# What goes up once at first, and by what share that rises in the end.
FULL_INTENT = (140.0, 0.15)


@dataclass(slots=True)
class Progression:
    """Double progression as it is written: 12 in every set, then 2.5 kg more."""

    lift: tuple[str, str]
    load_kg: float
    habit: Habit
    sets: int = 3

    def do(self, session: Session, most_kg: float) -> None:
        """What a session holds of it."""
        reps = [
            session.lift(self.lift, self.load_kg, most_kg, self.habit) for _ in range(self.sets)
        ]
        if min(reps) >= MOST_REPS:
            self.load_kg += 2.5


def strength_kg(begin_kg: float, gain: float, day: int) -> float:
    """What goes up once: it rises, fast first."""
    return begin_kg * (1 + gain * (1 - exp(-day / 60)))


def _strength(begin_kg: float, gain: float, day: int, chance: random.Random) -> float:
    """The same with its ups and downs: no day is like another."""
    return strength_kg(begin_kg, gain, day) * chance.gauss(1.0, 0.01)


def _progresses(chance: random.Random) -> Iterator[LiftedSet]:
    habit = Habit(wanted=Wanted(reps=12, hold_s=1.0), tempo=(1.5, None, 1.25))
    thrust = Progression(THRUST, 70.0, habit)
    squat = Progression(("squat", ""), 60.0, Habit(wanted=Wanted(reps=12)), sets=2)
    for day in _days((0, 3)):
        session = Session(day, chance)
        most_kg = _strength(105, 0.4, day, chance)
        session.lift(THRUST, 40.0, most_kg, replace(habit, wanted=Wanted()), at_most=8)
        thrust.do(session, most_kg)
        if day % 7 == 3:
            squat.do(session, _strength(85, 0.4, day, chance))
        yield from session.made


def _stalls(chance: random.Random) -> Iterator[LiftedSet]:
    thrust = Progression(THRUST, 80.0, Habit(wanted=Wanted(reps=12), to_spare=0.5))
    lunge = Progression(("lunge", ""), 30.0, Habit(wanted=Wanted(reps=12)), sets=2)
    for day in _days((1, 4)):
        session = Session(day, chance)
        thrust.do(session, _strength(115, 0.12, min(day, 28), chance))
        lunge.do(session, _strength(42, 0.5, day, chance))
        yield from session.made


def _skips(chance: random.Random) -> Iterator[LiftedSet]:
    thrust = Progression(THRUST, 60.0, Habit(wanted=Wanted(reps=12)))
    for day in _days((0, 3)):
        week = day // 7
        if (4 <= week < 7 and (day % 7 or week == 5)) or 7 <= week < 12:
            continue
        session = Session(day, chance)
        thrust.do(session, _strength(95, 0.25, day, chance) * (0.9 if week >= 12 else 1.0))
        yield from session.made


def _full_intent(chance: random.Random) -> Iterator[LiftedSet]:
    habit = Habit(tempo=(1.0, None, 0.6), to_spare=3.0, wanted=Wanted(velocity_loss_pct=20.0))
    for turn, day in enumerate(_days((0, 3, 5))):
        session = Session(day, chance)
        most_kg = _strength(*FULL_INTENT, day, chance)
        ramp = (0.4, 0.6, 0.75) if turn % 2 == 0 else (0.4, 0.55)
        for share in ramp:
            session.lift(THRUST, _plates(share * most_kg), most_kg, habit, at_most=4)
        share, reps = (0.82, 5) if turn % 2 == 0 else (0.6, 14)
        for _ in range(3):
            session.lift(THRUST, _plates(share * most_kg), most_kg, habit, at_most=reps)
        if day % 7 == 3:
            session.lift(("deadlift", ""), 100.0, 150, habit, at_most=6)
        yield from session.made


def _tempo(chance: random.Random) -> Iterator[LiftedSet]:
    wanted = Wanted(reps=12, eccentric_s=3.0, bottom_pause_s=0.4, concentric_s=2.0, top_pause_s=2.0)
    slow = Habit(tempo=(3.0, 2.0, 2.2), spread=0.03, to_spare=3.0, wanted=wanted)
    thrust = Progression(THRUST, 50.0, slow)
    squat = Progression(("squat", ""), 40.0, Habit(wanted=Wanted(reps=12)))
    for day in _days((1, 4)):
        session = Session(day, chance)
        thrust.do(session, _strength(80, 0.2, day, chance))
        squat.do(session, _strength(60, 0.2, day, chance))
        yield from session.made


def _beginner(chance: random.Random) -> Iterator[LiftedSet]:
    for day in _days((0, 4)):
        poor = 1.0 if day < 56 else max(0.0, 1 - (day - 56) / 28)
        faults = {"short_lockout": 0.5 * poor, "over_arch": 0.2 * poor, "sag": 0.1 * poor}
        habit = Habit(
            tempo=(1.0 + 0.6 * (1 - poor), None, 0.4 + 0.8 * (1 - poor)),
            spread=0.05 + 0.12 * poor,
            faults=faults,
            wanted=Wanted(reps=12, hold_s=1.0),
        )
        session = Session(day, chance)
        for _ in range(3):
            session.lift(THRUST, 40.0, _strength(70, 0.4, day, chance), habit)
        yield from session.made


def _variants(chance: random.Random) -> Iterator[LiftedSet]:
    habit = Habit(wanted=Wanted(reps=12))
    plain, banded = (
        Progression(THRUST, 70.0, habit),
        Progression(("hip_thrust", "banded"), 50.0, habit),
    )
    left, right = (
        Progression(("single_leg_hip_thrust", side), 20.0, habit, sets=2)
        for side in ("left", "right")
    )
    for day in _days((0, 3)):
        session = Session(day, chance)
        most_kg = _strength(105, 0.3, day, chance)
        if day % 7 == 3:
            left.do(session, 0.3 * most_kg)
            right.do(session, 0.3 * most_kg)
        elif day // 14 % 2:
            banded.do(session, 0.75 * most_kg)
        else:
            plain.do(session, most_kg)
        yield from session.made


def _days(of_week: tuple[int, ...]) -> Iterator[int]:
    """Days of the 16 weeks on which somebody trains; 0 is the first Monday."""
    return (7 * week + day for week in range(WEEKS) for day in of_week)


def _plates(load_kg: float) -> float:
    return 2.5 * round(load_kg / 2.5)


ATHLETES = {
    one.name: one
    for one in (
        Athlete("progresses", "gets stronger, by double progression, pauses kept", _progresses),
        Athlete("stalls", "gets stronger for four weeks, then no more", _stalls),
        Athlete("skips", "skips weeks, then makes a break of five", _skips),
        Athlete("full_intent", "heavy and light in turn, as fast as possible", _full_intent),
        Athlete("tempo", "slow by the count, 3-1-2-2", _tempo),
        Athlete("beginner", "short at the top and uneven, better from week 9 on", _beginner),
        Athlete("variants", "plain, banded, and one leg at a time", _variants),
    )
}

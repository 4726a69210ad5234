"""Histories by hand: a line for each session."""

from collections.abc import Sequence
from dataclasses import replace

from pipeline.coaching.advice import Case, Preferences
from pipeline.coaching.lifted import LiftedRep, LiftedSet

DAY_US = 86_400_000_000
MONDAY_US = 1_767_571_200_000_000  # Monday, 5 January 2026, 00:00 UTC
NOON_US = DAY_US // 2


def session(
    day: int,
    reps: Sequence[int],
    load_kg: float | None = 60.0,
    exercise: str = "hip_thrust",
    variant: str = "",
) -> tuple[LiftedSet, ...]:
    """Sets of one lift at noon, UTC, so many days after the first Monday."""
    return tuple(
        LiftedSet(
            time_us=MONDAY_US + day * DAY_US + NOON_US + number * 240_000_000,
            session=f"day-{day}",
            exercise=exercise,
            variant=variant,
            load_kg=load_kg,
            reps=tuple(LiftedRep(n) for n in range(1, count + 1)),
        )
        for number, count in enumerate(reps)
    )


def case(
    *sessions: tuple[LiftedSet, ...],
    day: int,
    hour: int = 18,
    preferences: Preferences | None = None,
) -> Case:
    """All of them, seen on a day after the first Monday."""
    return Case(
        history=tuple(one for sets in sessions for one in sets),
        now_us=MONDAY_US + day * DAY_US + hour * 3_600_000_000,
        preferences=preferences or Preferences(),
    )


def fast(most_kg: float) -> Case:
    """A week of sets as fast as possible, by whom so much goes up once."""
    lifted: list[LiftedSet] = []
    for day, load_kg in enumerate([40.0, 60.0, 80.0, 50.0, 70.0, 90.0, 40.0, 80.0]):
        velocity_mps = 0.25 + 0.9 * (1 - load_kg / most_kg)
        reps = tuple(LiftedRep(n, mean_velocity_mps=velocity_mps) for n in (1, 2, 3))
        lifted += [replace(one, reps=reps) for one in session(day, [3], load_kg)]
    return case(tuple(lifted), day=8)

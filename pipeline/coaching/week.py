"""The days and weeks of a history by the athlete's own clock, and what kind of session was when.

Heavy with few reps in turn with lighter and more of them is what the guide asks for. Where the
lines are: up to 8 reps, or 80 % of the load that goes up once, is strength work, 12 reps and more
is not (American College of Sports Medicine, "Progression models in resistance training for healthy
adults", Med Sci Sports Exerc 2009).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import groupby
from statistics import median
from typing import Literal

from pipeline import exercises
from pipeline.coaching.advice import Case
from pipeline.coaching.fatigue import working
from pipeline.coaching.lifted import DAY_US, LiftedSet
from pipeline.coaching.load_velocity import LAST_VELOCITY_MPS, fast_sets, own_line

Kind = Literal["heavy", "light", "mixed"]
Lift = tuple[str, str]
Posture = Literal["lying", "standing"]

HEAVY_REPS = 8
LIGHT_REPS = 12
HEAVY_SHARE = 0.8
# A load this near to the heaviest of four weeks is no lighter one: progression takes 2.5 to 5 %.
_LIGHTER_SHARE = 0.9
_OF_LATE_DAYS = 28
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Bout:
    """One lift in one session. reps: median of its working sets. load_kg: the heaviest, or None."""

    lift: Lift
    kind: Kind
    sets: int
    reps: int
    load_kg: float | None


@dataclass(frozen=True, slots=True)
class Trained:
    """A session in which something was lifted. day: local days since 1 January 1970."""

    day: int
    bouts: tuple[Bout, ...]

    def bout(self, lift: Lift) -> Bout | None:
        """What was lifted of one lift."""
        return next((bout for bout in self.bouts if bout.lift == lift), None)

    def has(self, posture: Posture) -> bool:
        """Whether a lift of that posture was part of it."""
        return any(postures().get(bout.lift[0]) == posture for bout in self.bouts)

    @property
    def thrust(self) -> bool:
        """Whether it was a hip-thrust session: with both legs or with one."""
        return any(bout.lift[0].endswith("hip_thrust") for bout in self.bouts)


@lru_cache(maxsize=1)
def postures() -> dict[str, Posture]:
    """Of every exercise: hip thrust and bridge are lying; squat, deadlift and lunge standing."""
    return {name: exercises.load(name).posture for name in exercises.names()}


def day_of(time_us: int, zone_s: int) -> int:
    """The local day of an instant."""
    return (time_us + zone_s * 1_000_000) // DAY_US


def today(case: Case) -> int:
    """The local day it is."""
    return day_of(case.now_us, case.zone_s)


def week_of(day: int) -> int:
    """The week of a day; it begins on Monday."""
    return (day + 3) // 7  # 1 January 1970 was a Thursday


def first_day(week: int) -> int:
    """The Monday of a week."""
    return 7 * week - 3


def weekday(day: int) -> str:
    """Its name."""
    return _WEEKDAYS[(day + 3) % 7]


def recent(case: Case, days: int) -> list[Trained]:
    """Sessions of the last so many days with today, in order; those from the future left out.

    A session belongs to the day on which it began.
    """
    last = today(case)
    sets: list[LiftedSet] = []
    for one in reversed(case.trained):
        day = day_of(one.time_us, case.zone_s)
        if day <= last - days - _OF_LATE_DAYS:
            break
        if day <= last and one.counted:
            sets.append(one)
    sets.reverse()
    before = {lift: Before(most_kg(sets, lift, case.now_us)) for lift in {one.lift for one in sets}}
    found = []
    for _, group in groupby(sets, lambda one: one.session):
        trained = _trained(list(group), case, before)
        if trained.day > last - days:
            found.append(trained)
    return found


def began(case: Case) -> int | None:
    """The day of the first set there is."""
    return day_of(case.trained[0].time_us, case.zone_s) if case.trained else None


def most_kg(sets: Sequence[LiftedSet], lift: Lift, now_us: int) -> float | None:
    """What goes up once, estimated from the last six weeks; None where that cannot be said."""
    if lift[0] not in LAST_VELOCITY_MPS:
        return None
    line = own_line(lift[0], fast_sets(sets, lift, now_us))
    return line.one_rep_max.load_kg if line else None


@dataclass(frozen=True, slots=True)
class Before:
    """What else was lifted of a lift. most_kg: what goes up once. loads_kg: by day, until now."""

    most_kg: float | None
    loads_kg: list[tuple[int, float]] = field(default_factory=list)

    def heaviest_kg(self, day: int) -> float:
        """Of the four weeks until a day."""
        return max((kg for on, kg in self.loads_kg if on > day - _OF_LATE_DAYS), default=0.0)


def _kind(reps: int, load_kg: float, before: Before, day: int, top_reps: int) -> Kind:
    """Of a session, by the reps of a working set and by its load.

    top_reps: of the range for double progression. Who does 12 reps of 8 to 12 with the most load
    of late is about to get more: that is no light session.
    """
    if reps <= HEAVY_REPS or (before.most_kg and load_kg >= HEAVY_SHARE * before.most_kg):
        return "heavy"
    lighter = not load_kg or load_kg < _LIGHTER_SHARE * before.heaviest_kg(day)
    return "light" if reps >= LIGHT_REPS and (lighter or reps > top_reps) else "mixed"


def _trained(sets: list[LiftedSet], case: Case, before: dict[Lift, Before]) -> Trained:
    """One session. before: of each lift, what came until then; its loads are added."""
    day = day_of(sets[0].time_us, case.zone_s)
    lifts: dict[Lift, list[LiftedSet]] = {}
    for one in sets:
        lifts.setdefault(one.lift, []).append(one)
    bouts = []
    for lift, group in lifts.items():
        lifted = working(group, case.preferences.reps[1])
        load_kg = max((one.load_kg for one in lifted if one.load_kg is not None), default=None)
        before[lift].loads_kg.append((day, load_kg or 0.0))
        reps = int(median(len(one.counted) for one in lifted))
        kind = _kind(reps, load_kg or 0.0, before[lift], day, case.preferences.reps[1])
        bouts.append(Bout(lift, kind, len(lifted), reps, load_kg))
    return Trained(day, tuple(bouts))

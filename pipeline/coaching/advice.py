"""What may be said to a lifter, and by which rule."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.plan import Plan

When = Literal["rep", "set", "session", "week"]
Level = Literal["good", "info", "attention", "stop"]


@dataclass(frozen=True, slots=True)
class Advice:
    """One sentence, with the numbers that it comes from.

    rule: its name. level: stop means that the set is to end now. numbers: each by a name with its
    unit, as in `velocity_loss_pct`; every one of them stands in the text too. lift: exercise and
    variant, where it is said of one of several.
    """

    rule: str
    level: Level
    text: str
    numbers: Mapping[str, float]
    lift: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the athlete wants. off: names of rules that are to be silent.

    reps: range for double progression. weekly: sessions a week, at least and at most. plates_kg: of
    each, how many pairs there are; bar_kg: what they go on. None: any load in steps of `step_kg`.
    unit: of the loads in texts. bands: light to strong. lockout_deg: of each exercise, how far up
    the lifter comes; a set in the history that is marked as that comes first.
    """

    off: frozenset[str] = frozenset()
    reps: tuple[int, int] = (8, 12)
    weekly: tuple[int, int] = (2, 3)
    step_kg: float = 2.5
    plates_kg: Mapping[float, int] | None = None
    bar_kg: float = 20.0
    unit: Literal["kg", "lb"] = "kg"
    bands: tuple[str, ...] = ()
    lockout_deg: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """What a rule looks at: all that an athlete lifted, the newest last, and the present.

    history: the newest set may be open. now_us: microseconds since 1970 UTC. zone_s: of the local
    clock, seconds east of UTC: a day and a week begin there. plan: what is meant to be done.
    """

    history: tuple[LiftedSet, ...]
    now_us: int
    zone_s: int = 0
    preferences: Preferences = field(default_factory=Preferences)
    plan: Plan | None = None

    @property
    def trained(self) -> tuple[LiftedSet, ...]:
        """The history without the sets that only show the full lockout."""
        return tuple(one for one in self.history if not one.is_reference)

    @property
    def latest(self) -> LiftedSet | None:
        """The set that is open, else the last one; None if that only showed the full lockout."""
        one = self.history[-1] if self.history else None
        return None if one is None or one.is_reference else one


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of advice. when: after what it is asked. says: what it says, for docs/coaching.md.

    source: paper, guide or measurement it rests on. limits: what it cannot know.
    """

    name: str
    when: When
    says: str
    source: str
    limits: str
    advise: Callable[[Case], Iterable[Advice]]


def advice(rules: Iterable[Rule], case: Case, when: When) -> list[Advice]:
    """What the rules say, in their order; those that are switched off say nothing."""
    return [
        said
        for rule in rules
        if rule.when == when and rule.name not in case.preferences.off
        for said in rule.advise(case)
    ]

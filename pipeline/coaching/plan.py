"""What an athlete means to do: sessions a week, and what each of them holds."""

import re
from dataclasses import dataclass

from pipeline.coaching.lifted import Wanted

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_SECONDS = r"(?:[0-9]{1,2}(?:\.5)?|X)"
_TEMPO = re.compile(rf"{_SECONDS}-{_SECONDS}-{_SECONDS}-{_SECONDS}")
# What a phase takes that is done as fast as possible, or of which nothing is said.
_FAST_S = 1.0


class PlanError(ValueError):
    """A plan that cannot be followed. problems: each with its place."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))


@dataclass(frozen=True, slots=True)
class PlannedLift:
    """Sets of one lift in a session.

    reps: at least and at most. tempo: eccentric-bottom-concentric-top, as 3-1-X-2. hold_s: the
    least time at the top. load_kg: so much; load_pct: of what goes up once; None of the two: the
    load that double progression asks for. rest_s: between sets.
    """

    exercise: str
    sets: int
    reps: tuple[int, int]
    variant: str = ""
    tempo: str | None = None
    hold_s: float | None = None
    load_kg: float | None = None
    load_pct: float | None = None
    rest_s: float | None = None

    @property
    def lift(self) -> tuple[str, str]:
        """Exercise and variant."""
        return self.exercise, self.variant

    @property
    def wanted(self) -> Wanted:
        """The targets of each of its sets; the reps are those at the top of the range."""
        eccentric_s, bottom_s, concentric_s, top_s = tempo_parts(self.tempo) or (None,) * 4
        return Wanted(
            reps=self.reps[1],
            eccentric_s=eccentric_s,
            bottom_pause_s=bottom_s,
            concentric_s=concentric_s,
            top_pause_s=top_s,
            hold_s=top_s if self.hold_s is None else self.hold_s,
        )

    @property
    def set_s(self) -> float:
        """About how long one set of it takes, with the most reps."""
        parts = tempo_parts(self.tempo) or (None, 0.0, None, 0.0)
        rep_s = sum(_FAST_S if part is None else part for part in parts)
        return self.reps[1] * max(rep_s, self.hold_s or 0.0)


@dataclass(frozen=True, slots=True)
class PlannedSession:
    """One session. name: as it is shown, such as heavy."""

    name: str
    lifts: tuple[PlannedLift, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """Sessions that are done in turn. days: of the week, as in `DAYS`; none: any with rest before.

    source: what it rests on, "" where nobody said.
    """

    name: str
    sessions_per_week: int
    sessions: tuple[PlannedSession, ...]
    days: tuple[str, ...] = ()
    source: str = ""


def tempo_parts(tempo: str | None) -> tuple[float | None, ...] | None:
    """Seconds of eccentric, bottom, concentric, top, None where it is X; None if it is no tempo."""
    if tempo is None or not _TEMPO.fullmatch(tempo):
        return None
    return tuple(None if part == "X" else float(part) for part in tempo.split("-"))


def most_reps(load_pct: float) -> int:
    """More reps than this at so much of what goes up once nobody does.

    Twice what Epley's line has for the average lifter, reps = 30 (100 / pct - 1), and three more
    near 100 %. People and exercises differ (Nuzzo and others, "Maximal number of repetitions at
    percentages of the one repetition maximum", Sports Med 2024), but not by so much.
    """
    return int(2 * 30 * (100 / load_pct - 1) + 3)

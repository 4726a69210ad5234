"""What an athlete is to do today, and how the week stands; for the terminal and for the page.

Pure: the present is in the case. What it rests on is in `pipeline.coaching`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.coaching import rules
from pipeline.coaching.advice import Case, Level, When, advice
from pipeline.coaching.lift_names import lift_name
from pipeline.coaching.phrases import many
from pipeline.coaching.plan import PlannedLift, PlannedSession
from pipeline.coaching.planned_load import load_kg
from pipeline.coaching.schedule import Next, next_session
from pipeline.coaching.week import (
    HEAVY_REPS,
    LIGHT_REPS,
    Trained,
    first_day,
    recent,
    today,
    week_of,
    weekday,
)

# As few and as many as the templates have: pipeline/coaching/templates.py.
_HEAVY, _LIGHT = (HEAVY_REPS - 3, HEAVY_REPS), (LIGHT_REPS, LIGHT_REPS + 3)
_FIRST_SETS = 3
_SAID_BY_TODAY = "next_session"
LEVELS: tuple[Level, ...] = ("stop", "attention", "good", "info")
"""The most pressing first."""


@dataclass(frozen=True, slots=True)
class DayLift:
    """Sets of one lift. reps: at least and at most. load_kg: None where nobody can say it yet."""

    exercise: str
    variant: str
    sets: int
    reps: tuple[int, int]
    load_kg: float | None
    tempo: str | None
    hold_s: float | None
    rest_s: float | None


@dataclass(frozen=True, slots=True)
class Today:
    """The next session. kind: as of `Next`, "first" before there was any. days: until then, 0 for
    today. rested_days: since the last one, None before the first. lines: sentences.
    """

    title: str
    kind: str
    days: int
    rested_days: int | None
    lines: tuple[str, ...]
    lifts: tuple[DayLift, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """One advice, as it is shown."""

    when: When
    rule: str
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class WeekSession:
    """A session of this week. kind: heavy, light or mixed. thrust: whether it had hip thrusts."""

    weekday: str
    kind: str
    thrust: bool
    lifts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LiftSets:
    """Working sets of a lift this week, all variants together."""

    exercise: str
    sets: int


@dataclass(frozen=True, slots=True)
class Week:
    """From Monday until now. done: sessions with hip thrusts. aim: at least and at most.

    next_weekday: of the next session, None before the first; it may be in the week after this.
    """

    sessions: tuple[WeekSession, ...]
    done: int
    aim: tuple[int, int]
    sets: tuple[LiftSets, ...]
    next_kind: str
    next_weekday: str | None
    next_days: int


@dataclass(frozen=True, slots=True)
class Day:
    """advice: of the last session and of the week; what `today` says itself is not said again."""

    today: Today
    advice: tuple[Said, ...]
    week: Week


def day(case: Case) -> Day:
    """Today and this week, by the plan of the case where there is one."""
    found = next_session(case, case.plan)
    advised = (*said(case, "session"), *said(case, "week"))
    others = tuple(one for one in advised if one.rule != _SAID_BY_TODAY)
    planned = _first(case) if found is None else _session(found, case)
    lifts = tuple(day_lift(one, case) for one in planned.lifts)
    return Day(_today(case, found, planned, lifts), others, _week(case, found))


def day_lift(one: PlannedLift, case: Case) -> DayLift:
    """A lift of a plan, with the load for it."""
    return DayLift(
        one.exercise,
        one.variant,
        one.sets,
        one.reps,
        load_kg(one, case),
        one.tempo,
        one.hold_s,
        one.rest_s,
    )


def said(case: Case, when: When) -> tuple[Said, ...]:
    """What the rules say, in their order."""
    found = advice(rules.every(), case, when)
    return tuple(Said(when, one.rule, one.level, one.text) for one in found)


def pressing_first(advised: Iterable[Said]) -> list[Said]:
    """Stop, attention, good, info; within each as they came."""
    return sorted(advised, key=lambda one: LEVELS.index(one.level))


def _first(case: Case) -> PlannedSession:
    """What to begin with: the guide behind this project has 8 to 12 good reps."""
    if case.plan:
        return case.plan.sessions[0]
    lift = PlannedLift("hip_thrust", _FIRST_SETS, case.preferences.reps)
    return PlannedSession("first", (lift,))


def _session(found: Next, case: Case) -> PlannedSession:
    if found.planned:
        return found.planned
    reps = {"heavy": _HEAVY, "light": _LIGHT}.get(found.kind, case.preferences.reps)
    lifts = (PlannedLift(found.exercise, found.sets, reps, one) for one in found.variants)
    return PlannedSession(found.kind, tuple(lifts))


def _today(
    case: Case, found: Next | None, planned: PlannedSession, lifts: tuple[DayLift, ...]
) -> Today:
    what = _what(planned)
    if found is None:
        lines = (
            "Nothing is known of you yet: begin with a light load, and learn the movement.",
            f"Take one that leaves {_range(lifts[0].reps)} good reps, all the way up.",
        )
        return Today(f"First session: {what}", "first", 0, None, lines, lifts)
    days = found.day - today(case)
    rested = _rested(found.rested_days)
    if days:
        when = f"from {weekday(found.day)} on (in {many(days, 'day')})"
        lines = (rested, f"Next: {what}, {when}.")
        return Today("Rest", found.kind, days, found.rested_days, lines, lifts)
    title = what[:1].upper() + what[1:]
    return Today(title, found.kind, 0, found.rested_days, (rested, *_gently(found)), lifts)


def _what(planned: PlannedSession) -> str:
    """``hip thrust, heavy``"""
    names = dict.fromkeys(one.exercise for one in planned.lifts)
    lifts = " and ".join(lift_name((name, "")).lower() for name in names)
    return lifts if planned.name in ("mixed", "first") else f"{lifts}, {planned.name}"


def _rested(days: int) -> str:
    if days == 0:
        return "The last session was today."
    return f"The last session was {'yesterday' if days == 1 else f'{days} days ago'}."


def _gently(found: Next) -> tuple[str, ...]:
    if found.kind != "return":
        return ()
    if found.sets < found.usual_sets:
        return (f"After a break: {many(found.sets, 'set')} instead of {found.usual_sets}.",)
    return ("After a break: begin again gently.",)


def _range(reps: tuple[int, int]) -> str:
    low, high = reps
    return f"{low} to {high}" if low < high else f"{high}"


def _week(case: Case, found: Next | None) -> Week:
    now = today(case)
    trained = recent(case, now - first_day(week_of(now)) + 1)
    sets: dict[str, int] = {}
    for bout in (bout for session in trained for bout in session.bouts):
        sets[bout.lift[0]] = sets.get(bout.lift[0], 0) + bout.sets
    return Week(
        sessions=tuple(map(_of_week, trained)),
        done=sum(one.thrust for one in trained),
        aim=case.preferences.weekly,
        sets=tuple(LiftSets(*one) for one in sets.items()),
        next_kind=found.kind if found else "first",
        next_weekday=weekday(found.day) if found else None,
        next_days=found.day - now if found else 0,
    )


def _of_week(session: Trained) -> WeekSession:
    """Its kind is that of its hip thrusts, else of what came first."""
    thrusts = [bout for bout in session.bouts if bout.lift[0].endswith("hip_thrust")]
    leading = (thrusts or list(session.bouts))[0]
    names = tuple(lift_name(bout.lift) for bout in session.bouts)
    return WeekSession(weekday(session.day), leading.kind, session.thrust, names)

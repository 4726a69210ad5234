"""What a model athlete is told in 16 weeks, to be read by a person.

python -m tests.pipeline.coaching.story [NAME ...]
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby

from pipeline.coaching.advice import Advice, Case, When, advice
from pipeline.coaching.lifted import LiftedSet, sessions
from pipeline.coaching.rules import every
from pipeline.coaching.week import day_of, first_day, week_of, weekday
from tests.pipeline.coaching.athletes import ATHLETES, DAY_US, MONDAY_US, WEEKS, ZONE_S

_BEGIN_DAY = day_of(MONDAY_US, 0)
_MINUTE_US = 60 * 1_000_000


@dataclass(frozen=True, slots=True)
class Said:
    """One advice. history: on which it was given. day: 0 is the first Monday."""

    day: int
    when: When
    history: tuple[LiftedSet, ...]
    advice: Advice

    @property
    def week(self) -> int:
        """From 0."""
        return self.day // 7

    @property
    def latest(self) -> LiftedSet:
        """The set it was said after, or in."""
        return self.history[-1]


def told(history: tuple[LiftedSet, ...]) -> Iterator[Said]:
    """All that is said over a history: in each set after each rep, after it, after each session."""
    for done, one in enumerate(history):
        for count in range(1, len(one.reps) + 1):
            yet = replace(one, reps=one.reps[:count], over=False)
            yield from _at((*history[:done], yet), "rep", one.time_us + count * 3_000_000)
        yield from _at(history[: done + 1], "set", one.time_us + 2 * _MINUTE_US)
        if done + 1 == len(history) or history[done + 1].session != one.session:
            yield from _at(history[: done + 1], "session", one.time_us + 10 * _MINUTE_US)


def after_sessions(history: tuple[LiftedSet, ...]) -> Iterator[Said]:
    """What is said after each session only."""
    done = 0
    for session in sessions(history):
        done += len(session.sets)
        yield from _at(history[:done], "session", session.sets[-1].time_us + 10 * _MINUTE_US)


def mornings(history: tuple[LiftedSet, ...], when: When) -> Iterator[Said]:
    """All that is said on each morning, of the week or of the last session."""
    for day in range(7 * WEEKS):
        now_us = MONDAY_US + day * DAY_US + 7 * 3600 * 1_000_000
        yield from _at(tuple(one for one in history if one.time_us < now_us), when, now_us)


def _at(history: tuple[LiftedSet, ...], when: When, now_us: int) -> Iterator[Said]:
    case = Case(history, now_us, ZONE_S)
    for one in advice(every(), case, when):
        yield Said(day_of(now_us, ZONE_S) - _BEGIN_DAY, when, history, one)


def lines(name: str) -> Iterator[str]:
    """The story of one athlete; of each week, what is said on Sunday morning."""
    athlete = ATHLETES[name]
    history = athlete.history()
    yield f"{name}: {athlete.about}"
    sundays = [one for one in mornings(history, "week") if one.day % 7 == 6]
    by_set: dict[int, list[Said]] = {}
    by_session: dict[str, list[Said]] = {}
    for one in told(history):
        if one.when == "session":
            by_session.setdefault(one.latest.session, []).append(one)
        else:
            by_set.setdefault(one.latest.time_us, []).append(one)
    for week in range(WEEKS):
        yield f"\nWeek {week + 1}"
        for lifted in history:
            day = day_of(lifted.time_us, ZONE_S)
            if day - _BEGIN_DAY < 7 * week or day - _BEGIN_DAY >= 7 * week + 7:
                continue
            yield f"  {weekday(day)[:3]} {_set_line(lifted)}"
            yield from (f"        {line}" for line in _in_short(by_set.get(lifted.time_us, ())))
            if lifted is _last_of(history, lifted.session):
                yield from (f"     => {_said(one)}" for one in by_session.get(lifted.session, ()))
        assert week_of(first_day(week)) == week
        yield from (f"  ** {_said(one)}" for one in sundays if one.week == week)


def _in_short(said: Iterable[Said]) -> Iterator[str]:
    """What one rule says in one set, once, and how often."""
    for _, group in groupby(sorted(said, key=_by_rule), key=_by_rule):
        same = list(group)
        yield _said(same[0]) + (f" ... {len(same)} times" if len(same) > 1 else "")


def _by_rule(said: Said) -> tuple[bool, str]:
    return said.when != "rep", said.advice.rule


def _last_of(history: tuple[LiftedSet, ...], session: str) -> LiftedSet:
    return [one for one in history if one.session == session][-1]


def _set_line(lifted: LiftedSet) -> str:
    faults = sum(len(rep.faults) for rep in lifted.reps)
    spoilt = f", {faults} faults" if faults else ""
    lift = " ".join(part for part in reversed(lifted.lift) if part)
    return f"{lift} {lifted.load_kg:g} kg x {len(lifted.reps)}{spoilt}"


def _said(one: Said) -> str:
    return f"{one.when}/{one.advice.rule}/{one.advice.level}: {one.advice.text}"


def main() -> None:
    """Print the stories."""
    for name in sys.argv[1:] or ATHLETES:
        print("\n".join(lines(name)))
        print()


if __name__ == "__main__":
    main()

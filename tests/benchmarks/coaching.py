"""How long all advice on a year takes: ``python -m tests.benchmarks.coaching``.

The goal is 200 ms for a year of 150 sessions, 600 sets and 5000 reps, with every rule that there
is, as it is asked after a rep, a set, a session and of the week.
"""

import statistics
import time
from dataclasses import replace

from pipeline.coaching.advice import Case, When, advice
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.rules import every
from tests.pipeline.coaching.athletes import ATHLETES, DAY_US, WEEKS, ZONE_S

GOAL_MS = 200.0
RUNS = 9
WHENS: tuple[When, ...] = ("rep", "set", "session", "week")
_YEAR_SETS = 600


def year(name: str) -> tuple[LiftedSet, ...]:
    """What an athlete lifts, again and again until it is a year of sets."""
    history: list[LiftedSet] = []
    for turn in range(20):
        later_us = turn * WEEKS * 7 * DAY_US
        history += [
            replace(one, time_us=one.time_us + later_us, session=f"{turn} {one.session}")
            for one in ATHLETES[name].history(turn)
        ]
        if len(history) >= _YEAR_SETS:
            break
    return tuple(history[-_YEAR_SETS:])


def took_ms(case: Case) -> dict[str, float]:
    """Median of each kind of question, and of each rule in it."""
    found: dict[str, float] = {}
    for when in WHENS:
        asked = replace(case, history=_open(case.history)) if when == "rep" else case
        found[f"{when}: all"] = _median_ms(asked, when, [rule.name for rule in every()])
        for rule in every():
            if rule.when == when:
                found[f"{when}: {rule.name}"] = _median_ms(asked, when, [rule.name])
    return found


def _open(history: tuple[LiftedSet, ...]) -> tuple[LiftedSet, ...]:
    return (*history[:-1], replace(history[-1], over=False))


def _median_ms(case: Case, when: When, names: list[str]) -> float:
    rules = [rule for rule in every() if rule.name in names]
    spent = []
    for _ in range(RUNS):
        # Another tuple each time: nobody may remember the last answer.
        fresh = replace(case, history=tuple(replace(one) for one in case.history))
        began = time.perf_counter()
        advice(rules, fresh, when)
        spent.append(1000 * (time.perf_counter() - began))
    return statistics.median(spent)


def main() -> None:
    """Print a line for each rule that takes a millisecond or more, and the whole."""
    for name in ATHLETES:
        history = year(name)
        reps = sum(len(one.reps) for one in history)
        sessions = len({one.session for one in history})
        print(f"{name}: {sessions} sessions, {len(history)} sets, {reps} reps")
        found = took_ms(Case(history, history[-1].time_us + DAY_US // 24, ZONE_S))
        whole_ms = sum(spent for what, spent in found.items() if what.endswith(": all"))
        for what, spent in found.items():
            if spent >= 1.0 or what.endswith(": all"):
                print(f"  {what:40} {spent:8.2f} ms")
        met = "met" if whole_ms <= GOAL_MS else f"over by {whole_ms - GOAL_MS:.0f} ms"
        print(f"  {'everything':40} {whole_ms:8.2f} ms, goal {GOAL_MS:g} ms {met}")


if __name__ == "__main__":
    main()

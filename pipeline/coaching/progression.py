"""Double progression: more reps up to the top of a range, then more load and the bottom of it.

From the position stand of the American College of Sports Medicine ("Progression models in
resistance training for healthy adults", Med Sci Sports Exerc 2009): 8 to 12 reps, and 2 to 10 %
more load once more than the wanted reps go up. Form first: range, pauses and faults decide too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from statistics import fmean, median
from typing import Literal

from pipeline.coaching.advice import Case
from pipeline.coaching.fatigue import is_same_load
from pipeline.coaching.lifted import DAY_US
from pipeline.coaching.plates import Rack
from pipeline.coaching.week import day_of
from pipeline.coaching.worked import Quality, Worked, is_measured, judged

STALL_SESSIONS = 3
"""So many sessions without a rep or a kilogram more are a stall."""

# One step is 2.5 to 5 %; plates do not always have it.
_LEAST_STEP, _LARGE_STEP = 0.02, 0.1
# A rep more or less is worth about so much of the load between 5 and 15 reps (Nuzzo and others,
# "Maximal number of repetitions at percentages of the one repetition maximum", Sports Med 2024).
_PER_REP = 0.025
_DELOAD = 0.1
# Strength falls in a break, more the longer it lasts (Bosquet and others, "Effect of training
# cessation on muscular performance", Scand J Med Sci Sports 2013); how much less to begin with is
# custom, on the careful side.
_BREAKS = ((28, 0.2), (14, 0.1))
# Sessions with loads further apart are of different kinds: heavy and light.
_SAME_KIND = 0.15
_EASED = 1.05

Reason = Literal["top", "form", "reps", "large_step", "heaviest", "below", "stall", "break"]


@dataclass(frozen=True, slots=True)
class Proposal:
    """What to take next time, and why. reps: to reach in each set. quality: of the last session.

    count: sessions without progress, or in a row below the range; days since the last one for a
    break. next_kg: the next load that can be put on, where the step is large.
    """

    load_kg: float
    reps: int
    reason: Reason
    last: Worked
    quality: Quality
    count: int = 0
    next_kg: float | None = None

    @property
    def change_pct(self) -> float:
        """Of the load."""
        return 100.0 * (self.load_kg / self.last.load_kg - 1)


def proposal(done: Sequence[Worked], case: Case) -> Proposal | None:
    """From the sessions of one lift, the newest first. None where reps do not decide."""
    if not done or done[0].range_reps is None:
        return None
    last, rack = done[0], Rack.of(case.preferences)
    quality = judged(last, done[1:], case)
    low, high = done[0].range_reps
    for least, share in _BREAKS:
        if _rested_days(last, case) > least:
            days = _days_since(last.time_us, case)
            return _less(last, share, low, "break", quality, rack, days)
    alike = same_kind(done)
    if min(last.reps) >= high and quality.good:
        return _more(last, quality, rack) if is_measured(last) else None
    below = _below(alike, low)
    if below >= 2:
        missing = ceil(low - median(last.reps))
        return _less(last, min(_DELOAD, _PER_REP * missing), low, "below", quality, rack, below)
    stalled = stalled_sessions(alike)
    if _is_to_deload(stalled, quality.good, done, alike):
        return _less(last, _DELOAD, low, "stall", quality, rack, stalled)
    if min(last.reps) >= high:
        return Proposal(last.load_kg, high, "form", last, quality)
    return Proposal(last.load_kg, max(low, min(last.reps) + 1), "reps", last, quality)


def same_kind(done: Sequence[Worked]) -> list[Worked]:
    """The sessions that go on from one another up to the newest, the newest first.

    For as many reps, with about the same load; back to the last break, and the last time that load
    was taken off.
    """
    found = [done[0]]
    for one in done[1:]:
        if found[-1].time_us - one.time_us > _BREAKS[0][0] * DAY_US:
            break
        if one.range_reps != found[0].range_reps:
            continue
        if abs(one.load_kg / found[0].load_kg - 1) > _SAME_KIND:
            continue
        if one.load_kg > _EASED * found[-1].load_kg:
            break
        found.append(one)
    return found


def stalled_sessions(alike: Sequence[Worked]) -> int:
    """How many sessions ago the last one was that brought more load, or more reps with it."""
    best = alike[-1]
    since = 0
    for one in reversed(alike[:-1]):
        if is_same_load(one.load_kg, best.load_kg):
            progress = fmean(one.reps) > fmean(best.reps)
        else:
            progress = one.load_kg > best.load_kg
        best, since = (one, 0) if progress else (best, since + 1)
    return since


def fewer_reps_load_kg(load_kg: float, missing: int, rack: Rack) -> float | None:
    """The load for so many more reps; None if there is no lighter one."""
    return rack.lighter(load_kg, load_kg * (1 - min(_DELOAD, _PER_REP * missing)))


def next_load_kg(load_kg: float, rack: Rack) -> float | None:
    """The next load that can be put on and is a step."""
    return rack.at_or_above(load_kg * (1 + _LEAST_STEP))


def reps_for_step(load_kg: float, next_kg: float, high: int) -> int:
    """Reps to reach before the next load: more than the top of the range before a large step."""
    beyond = round(next_kg / load_kg - 1 - _LARGE_STEP, 6)
    return high + max(0, ceil(beyond / _PER_REP))


def _rested_days(last: Worked, case: Case) -> int:
    """Days without this exercise: who did another variant of it meanwhile had no break."""
    exercise = last.sets[-1].exercise
    newest_us = max(
        (one.time_us for one in case.trained if one.exercise == exercise and one.counted),
        default=last.time_us,
    )
    return _days_since(max(newest_us, last.time_us), case)


def _days_since(time_us: int, case: Case) -> int:
    return day_of(case.now_us, case.zone_s) - day_of(time_us, case.zone_s)


def _is_to_deload(
    stalled: int, is_good: bool, done: Sequence[Worked], alike: Sequence[Worked]
) -> bool:
    """After three sessions without progress; while they last, again after as many more.

    Where faults hold the lifter back once is enough: less load did not mend them.
    """
    if not stalled or stalled % STALL_SESSIONS:
        return False
    first = alike[-1]
    eased = any(
        one.time_us < first.time_us and _EASED < one.load_kg / first.load_kg <= 1 + _SAME_KIND
        for one in done
    )
    return is_good or (stalled == STALL_SESSIONS and not eased)


def _more(last: Worked, quality: Quality, rack: Rack) -> Proposal:
    low, high = last.range_reps or (0, 0)
    next_kg = next_load_kg(last.load_kg, rack)
    if next_kg is None:
        return Proposal(last.load_kg, min(last.reps) + 1, "heaviest", last, quality)
    enough = reps_for_step(last.load_kg, next_kg, high)
    if min(last.reps) >= enough:
        return Proposal(next_kg, low, "top", last, quality)
    return Proposal(
        last.load_kg, min(last.reps) + 1, "large_step", last, quality, count=enough, next_kg=next_kg
    )


def _less(
    last: Worked, share: float, reps: int, reason: Reason, quality: Quality, rack: Rack, count: int
) -> Proposal | None:
    """With a share less, at a load that can be put on; None if none is lighter."""
    load_kg = rack.lighter(last.load_kg, last.load_kg * (1 - share))
    if load_kg is None:
        return None
    return Proposal(load_kg, reps, reason, last, quality, count)


def _below(alike: Sequence[Worked], low: int) -> int:
    """In how many sessions in a row, up to the newest, the middle set was below the range."""
    count = 0
    for one in alike:
        if median(one.reps) >= low or one.load_kg > alike[0].load_kg * _EASED:
            break
        count += 1
    return count

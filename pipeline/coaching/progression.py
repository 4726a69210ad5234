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

from pipeline.coaching.adherence import hold_met, share_pct
from pipeline.coaching.advice import Case, Preferences
from pipeline.coaching.fatigue import is_same_load, working
from pipeline.coaching.lifted import LiftedSet, sessions
from pipeline.coaching.measures import known, measured
from pipeline.coaching.plates import Rack

DAY_US = 86_400_000_000
STALL_SESSIONS = 3
"""So many sessions without a rep or a kilogram more are a stall."""
FULL_ROM_PCT, KEPT_HOLDS_PCT, FEW_FAULTS_PCT = 95.0, 80.0, 20.0
"""What good reps are: range against the usual one, holds that were long enough, reps with a fault.

ROM is measured to 1.5 % (docs/accuracy.md) and varies by 5 % in a set; a fault in five reps is one
or two of a set, which the tracker's own errors and one bad rep explain.
"""

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
_USUAL_SESSIONS, _LEAST_USUAL_REPS = 10, 20
# Beyond, everything is another story.
_MOST_SESSIONS = 40

Reason = Literal["top", "form", "reps", "large_step", "heaviest", "below", "stall", "break"]


@dataclass(frozen=True, slots=True)
class Worked:
    """One session of a lift: its working sets with the heaviest load. range_reps: to be reached."""

    time_us: int
    load_kg: float
    sets: tuple[LiftedSet, ...]
    range_reps: tuple[int, int] | None

    @property
    def reps(self) -> tuple[int, ...]:
        """Of each set."""
        return tuple(len(one.counted) for one in self.sets)


@dataclass(frozen=True, slots=True)
class Quality:
    """How good the reps were; None where nothing is known, or nothing was asked for.

    rom_pct: of the usual range, in the set where it was smallest. faults_pct: of the reps.
    """

    rom_pct: float | None
    holds_pct: float | None
    faults_pct: float | None

    @property
    def good(self) -> bool:
        """Nothing that is known speaks against more load."""
        return (
            (self.rom_pct is None or self.rom_pct >= FULL_ROM_PCT)
            and (self.holds_pct is None or self.holds_pct >= KEPT_HOLDS_PCT)
            and (self.faults_pct is None or self.faults_pct <= FEW_FAULTS_PCT)
        )


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


def worked(case: Case) -> dict[tuple[str, str], list[Worked]]:
    """Each lift's sessions, the newest first; only sets that are over, with a load and reps."""
    low, high = case.preferences.reps
    found: dict[tuple[str, str], list[Worked]] = {}
    for session in sessions(case.history):
        lifts: dict[tuple[str, str], list[LiftedSet]] = {}
        for one in session.sets:
            if one.over and one.load_kg and one.load_kg > 0 and one.counted:
                lifts.setdefault(one.lift, []).append(one)
        for lift, sets in lifts.items():
            found.setdefault(lift, []).append(_worked(sets, (low, high), case.preferences))
    return {lift: list(reversed(all_of_it))[:_MOST_SESSIONS] for lift, all_of_it in found.items()}


def range_reps(one: LiftedSet, preferences: Preferences) -> tuple[int, int] | None:
    """Reps a set is to have, at least and at most; None if speed was to end it.

    Asked for fewer or more than the athlete's own range, it is up to what was asked, from two
    thirds of it: as 8 to 12.
    """
    low, high = preferences.reps
    asked = one.wanted.reps
    if asked is None:
        return None if one.wanted.velocity_loss_pct is not None else (low, high)
    if low < asked <= high:
        return low, high
    return max(1, round(asked * 2 / 3)), asked


def proposal(done: Sequence[Worked], case: Case) -> Proposal | None:
    """From the sessions of one lift, the newest first. None where reps do not decide."""
    if not done or done[0].range_reps is None:
        return None
    last, rack = done[0], Rack.of(case.preferences)
    quality = judged(last, done[1:])
    low, high = done[0].range_reps
    days = (case.now_us - last.time_us) // DAY_US
    for least, share in _BREAKS:
        if days > least:
            return _less(last, share, low, "break", quality, rack, days)
    alike = same_kind(done)
    if min(last.reps) >= high and quality.good:
        return _more(last, quality, rack) if _is_measured(last) else None
    below = _below(alike, low)
    if below >= 2:
        missing = ceil(low - median(last.reps))
        return _less(last, min(_DELOAD, _PER_REP * missing), low, "below", quality, rack, below)
    stalled = stalled_sessions(alike)
    # Said once, and again after as many more: who goes on as before has heard it.
    if stalled and stalled % STALL_SESSIONS == 0:
        return _less(last, _DELOAD, low, "stall", quality, rack, stalled)
    if min(last.reps) >= high:
        return Proposal(last.load_kg, high, "form", last, quality)
    return Proposal(last.load_kg, max(low, min(last.reps) + 1), "reps", last, quality)


def judged(last: Worked, before: Sequence[Worked]) -> Quality:
    """How good the reps of a session were, against those before it, the newest first."""
    usual_deg = usual_rom_deg(before)
    reps = [rep for one in last.sets for rep in measured(one)]
    ranges_deg = [
        median(value for _, value in of_set)
        for of_set in (known(measured(one), "rom_deg") for one in last.sets)
        if of_set
    ]
    holds = [hold_met(rep.top_pause_s, _hold_s(one)) for one in last.sets for rep in measured(one)]
    return Quality(
        100.0 * min(ranges_deg) / usual_deg if usual_deg and ranges_deg else None,
        share_pct(holds),
        100.0 * sum(bool(rep.faults) for rep in reps) / len(reps) if reps else None,
    )


def usual_rom_deg(before: Sequence[Worked]) -> float | None:
    """Median range of the reps without a fault in the sessions before; None for less than 20."""
    found = [
        value
        for session in before[:_USUAL_SESSIONS]
        for one in session.sets
        for rep, value in known(measured(one), "rom_deg")
        if not rep.faults
    ]
    return median(found) if len(found) >= _LEAST_USUAL_REPS else None


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


def _worked(sets: Sequence[LiftedSet], wanted: tuple[int, int], preferences: Preferences) -> Worked:
    work = working(sets, wanted[1])
    heaviest_kg = max(one.load_kg or 0.0 for one in work)
    top = tuple(one for one in work if is_same_load(one.load_kg, heaviest_kg))
    return Worked(sets[-1].time_us, heaviest_kg, top, range_reps(top[-1], preferences))


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


def _is_measured(last: Worked) -> bool:
    """At least half of the reps were: of added ones nobody knows how they were."""
    return 2 * sum(len(measured(one)) for one in last.sets) >= sum(last.reps)


def _hold_s(one: LiftedSet) -> float | None:
    wanted = one.wanted
    return wanted.top_pause_s if wanted.hold_s is None else wanted.hold_s

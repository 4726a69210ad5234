"""What was worked with in each session of a lift, and how good the reps of it were."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.coaching.adherence import hold_met, share_pct
from pipeline.coaching.advice import Case, Preferences
from pipeline.coaching.fatigue import is_same_load, working
from pipeline.coaching.lifted import LiftedSet, sessions
from pipeline.coaching.lockout import reference_of
from pipeline.coaching.measures import known, measured
from pipeline.coaching.plates import band_of

FULL_ROM_PCT, KEPT_HOLDS_PCT, FEW_FAULTS_PCT = 95.0, 80.0, 20.0
"""What good reps are: range against the usual one, holds that were long enough, reps with a fault.

ROM is measured to 1.5 % (docs/accuracy.md) and varies by 5 % in a set; a fault in five reps is one
or two of a set, which the tracker's own errors and one bad rep explain.
"""

_USUAL_SESSIONS, _LEAST_USUAL_REPS = 10, 20
# Beyond, everything is another story.
_MOST_SESSIONS = 40


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

    rom_pct: of the range of a full lockout, where one is saved (full), else of the usual one, in
    the set where it was smallest. faults_pct: of the reps.
    """

    rom_pct: float | None
    holds_pct: float | None
    faults_pct: float | None
    full: bool = False

    @property
    def good(self) -> bool:
        """Nothing that is known speaks against more load."""
        return (
            (self.rom_pct is None or self.rom_pct >= FULL_ROM_PCT)
            and (self.holds_pct is None or self.holds_pct >= KEPT_HOLDS_PCT)
            and (self.faults_pct is None or self.faults_pct <= FEW_FAULTS_PCT)
        )


def worked(case: Case) -> dict[tuple[str, str], list[Worked]]:
    """Each lift's sessions, the newest first; only sets that are over, with a load and reps."""
    return _by_lift(case, lambda one: one.load_kg is not None and one.load_kg > 0)


def worked_with_bands(case: Case) -> dict[tuple[str, str], list[Worked]]:
    """The same of sets without a load whose variant names a band; of them the load is 0."""
    bands = case.preferences.bands
    return _by_lift(case, lambda one: not one.load_kg and band_of(one.variant, bands) is not None)


def _by_lift(
    case: Case, wanted: Callable[[LiftedSet], bool]
) -> dict[tuple[str, str], list[Worked]]:
    found: dict[tuple[str, str], list[Worked]] = {}
    for session in sessions(case.trained):
        lifts: dict[tuple[str, str], list[LiftedSet]] = {}
        for one in session.sets:
            if one.over and one.counted and wanted(one):
                lifts.setdefault(one.lift, []).append(one)
        for lift, sets in lifts.items():
            found.setdefault(lift, []).append(_worked(sets, case.preferences))
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


def judged(last: Worked, before: Sequence[Worked], case: Case) -> Quality:
    """How good the reps of a session were, against those before it, the newest first.

    The range against the full lockout, where one is saved.
    """
    full = reference_of(case, last.sets[-1].exercise)
    full_deg = full.rom_deg if full else usual_rom_deg(before)
    reps = [rep for one in last.sets for rep in measured(one)]
    ranges_deg = [
        median(value for _, value in of_set)
        for of_set in (known(measured(one), "rom_deg") for one in last.sets)
        if of_set
    ]
    holds = [hold_met(rep.top_pause_s, _hold_s(one)) for one in last.sets for rep in measured(one)]
    return Quality(
        100.0 * min(ranges_deg) / full_deg if full_deg and ranges_deg else None,
        share_pct(holds),
        100.0 * sum(bool(rep.faults) for rep in reps) / len(reps) if reps else None,
        full is not None,
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


def _worked(sets: Sequence[LiftedSet], preferences: Preferences) -> Worked:
    work = working(sets, preferences.reps[1])
    heaviest_kg = max(one.load_kg or 0.0 for one in work)
    top = tuple(one for one in work if not heaviest_kg or is_same_load(one.load_kg, heaviest_kg))
    return Worked(sets[-1].time_us, heaviest_kg, top, range_reps(top[-1], preferences))


def is_measured(last: Worked) -> bool:
    """At least half of the reps were: of added ones nobody knows how they were."""
    return 2 * sum(len(measured(one)) for one in last.sets) >= sum(last.reps)


def _hold_s(one: LiftedSet) -> float | None:
    wanted = one.wanted
    return wanted.top_pause_s if wanted.hold_s is None else wanted.hold_s

"""How a lifter tires: inside a set, from set to set, and against earlier sessions."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from math import isclose
from statistics import fmean

from pipeline.coaching.lifted import LiftedRep, LiftedSet
from pipeline.coaching.measures import Measure, Trend, known, measured, trend
from pipeline.coaching.mini_sets import is_unbroken, last_mini_set

EARLIER_SESSIONS = 3
"""So many sessions back a lifter is compared with."""

LOSS_ERROR_PCT = 2.0
"""A measured velocity loss is off by about so much (docs/accuracy.md): less is no difference."""

# Before that nobody knows how fast the lifter is today.
_LEAST_TO_STOP = 3
# Lighter than this share of the heaviest is not what the session is for.
_WARM_UP_SHARE = 0.8
# A set that ends this fresh, after half of the reps or less, was no work: below 10 %, the least
# loss that anybody trains to, by twice the error of a measured loss (docs/accuracy.md).
_FRESH_PCT = 5.0
_FEW = 0.5
# Strength begins to go after three to five weeks without training (McMaster and others, Sports
# Med 2013, on retention and decay): what is older says nothing of today.
_RECENT_US = 35 * 86_400 * 1_000_000
# The same load on another day is typed in other units: 220 lb and 100 kg are the same.
_SAME_LOAD = 0.005


@dataclass(frozen=True, slots=True)
class Slowing:
    """A rep, its mean velocity, the fastest of its set so far, and how much slower it was."""

    rep: LiftedRep
    velocity_mps: float
    best_mps: float

    @property
    def loss_pct(self) -> float:
        """Velocity loss."""
        return _loss_pct(self.velocity_mps, self.best_mps)


def slowing(one: LiftedSet) -> list[Slowing]:
    """Velocity loss rep by rep, of the reps whose velocity is known."""
    found: list[Slowing] = []
    best_mps = 0.0
    for rep, velocity_mps in known(measured(one), "mean_velocity_mps"):
        best_mps = max(best_mps, velocity_mps)
        if best_mps > 0:
            found.append(Slowing(rep, velocity_mps, best_mps))
    return found


@dataclass(frozen=True, slots=True)
class LastTwo:
    """The last two reps, neighbours without a rest between: their mean velocity and how it fell.

    best_mps: mean of the two fastest of the set so far. Of two each, since one reading is off by
    what a rep or two lose, and the fastest of many is the one whose error was largest.
    faster_mps: that of the two that was faster.
    """

    first: LiftedRep
    last: LiftedRep
    velocity_mps: float
    faster_mps: float
    best_mps: float

    def past(self, line_pct: float) -> bool:
        """Whether the loss is, and both of them are within the error: one slow rep is chance."""
        loss_pct = _loss_pct(self.faster_mps, self.best_mps)
        return self.loss_pct >= line_pct and loss_pct >= line_pct - 2 * LOSS_ERROR_PCT

    @property
    def loss_pct(self) -> float:
        """Velocity loss of the two from the two fastest."""
        return _loss_pct(self.velocity_mps, self.best_mps)


def last_two(one: LiftedSet) -> LastTwo | None:
    """The newest two reps of a set; None if there are not two since the last rest.

    None too if a velocity is not known, or of a set of less than three measured reps.
    """
    reps = last_mini_set(one)[-2:]
    velocities = [value for _, value in known(measured(one), "mean_velocity_mps")]
    pairs = known(reps, "mean_velocity_mps")
    if len(velocities) < _LEAST_TO_STOP or len(pairs) < 2:
        return None
    (first, first_mps), (last, last_mps) = pairs
    best_mps = fmean(sorted(velocities)[-2:])
    if best_mps <= 0:
        return None
    return LastTwo(first, last, fmean((first_mps, last_mps)), max(first_mps, last_mps), best_mps)


def velocity_loss_pct(one: LiftedSet) -> float | None:
    """Of the last rep from the fastest; None for less than two reps."""
    reps = slowing(one)
    return reps[-1].loss_pct if len(reps) > 1 else None


def rom_trend(one: LiftedSet) -> Trend | None:
    """How the range of motion changes over the set, degrees; None if there was a rest in it."""
    return _trend(one, "rom_deg")


def phase_trend(one: LiftedSet, phase: Measure) -> Trend | None:
    """How a phase of the tempo changes over the set, seconds; None if there was a rest in it."""
    return _trend(one, phase)


def working(sets: Sequence[LiftedSet], usual_reps: int) -> tuple[LiftedSet, ...]:
    """Sets of one lift in one session, in order, without the warm-up sets at the beginning.

    A warm-up is lighter than 80 % of the heaviest, or it is not the heaviest and ended fresh after
    half of the reps or less. Once a set was none, none that follows is: lighter ones are back-offs.
    usual_reps: what a set is of where nothing was asked for.
    """
    heaviest_kg = max((one.load_kg for one in sets if one.load_kg is not None), default=0.0)
    for k, one in enumerate(sets):
        if not (_is_light(one, heaviest_kg) or _is_easy(one, heaviest_kg, usual_reps)):
            return tuple(sets[k:])
    return tuple(sets)


def is_warm_up(history: Sequence[LiftedSet], usual_reps: int) -> bool:
    """Whether the newest set looks like a warm-up while nobody knows what follows it.

    It is judged by earlier sessions: lighter than 80 % of the heaviest of the last one, no load
    that was worked with in the last three, and heavier than all of this lift today.
    """
    one = history[-1]
    if one.load_kg is None:
        return False
    load_kg = one.load_kg
    if any(other.load_kg is None or other.load_kg >= load_kg for other in today(history)[:-1]):
        return False
    before = [working(sets, usual_reps) for sets in earlier(history, EARLIER_SESSIONS)]
    worked_kg = [
        [kg for kg in (other.load_kg for other in sets) if kg is not None] for sets in before
    ]
    if not worked_kg or not worked_kg[0] or load_kg >= _WARM_UP_SHARE * max(worked_kg[0]):
        return False
    return not any(is_same_load(load_kg, kg) for loads_kg in worked_kg for kg in loads_kg)


def today(history: Sequence[LiftedSet]) -> tuple[LiftedSet, ...]:
    """Of the session of the newest set, all sets of its lift, in order."""
    newest = history[-1]
    found: list[LiftedSet] = []
    for one in reversed(history):
        if one.session != newest.session:
            break
        if one.lift == newest.lift:
            found.append(one)
    return tuple(reversed(found))


def earlier(
    history: Sequence[LiftedSet], most: int, load_kg: float | None = None
) -> list[tuple[LiftedSet, ...]]:
    """The lift of the newest set in the last sessions before, the newest first, five weeks back.

    load_kg: only sessions in which it was lifted with that load too.
    """
    newest = history[-1]
    found: list[tuple[LiftedSet, ...]] = []
    for session, group in groupby(reversed(history), lambda one: one.session):
        sets = list(group)
        if newest.time_us - sets[0].time_us > _RECENT_US or len(found) == most:
            break
        same = tuple(one for one in reversed(sets) if one.lift == newest.lift)
        wanted = load_kg is None or any(is_same_load(one.load_kg, load_kg) for one in same)
        if session != newest.session and same and wanted:
            found.append(same)
    return found


def is_same_load(one_kg: float | None, other_kg: float | None) -> bool:
    """Within half a percent; what nobody said is no load."""
    if one_kg is None or other_kg is None:
        return False
    return isclose(one_kg, other_kg, rel_tol=_SAME_LOAD)


def first_velocity_mps(sets: Sequence[LiftedSet], load_kg: float) -> float | None:
    """Fastest rep of the first set with that load; None if it was to be lifted slowly."""
    one = next((one for one in sets if is_same_load(one.load_kg, load_kg)), None)
    return best_velocity_mps(one) if one else None


def best_velocity_mps(one: LiftedSet) -> float | None:
    """Fastest of three reps or more; None where the way up had a tempo, it says nothing then."""
    reps = slowing(one)
    if len(reps) < 3 or one.wanted.concentric_s is not None:
        return None
    return reps[-1].best_mps


def _loss_pct(velocity_mps: float, best_mps: float) -> float:
    """To a millionth, so that 0.40 of 0.50 m/s is 20 %."""
    return round(100.0 * (best_mps - velocity_mps) / best_mps, 6)


def _trend(one: LiftedSet, measure: Measure) -> Trend | None:
    if not is_unbroken(one):
        return None
    return trend([value for _, value in known(measured(one), measure)])


def _is_light(one: LiftedSet, heaviest_kg: float) -> bool:
    return one.load_kg is not None and one.load_kg < _WARM_UP_SHARE * heaviest_kg


def _is_easy(one: LiftedSet, heaviest_kg: float, usual_reps: int) -> bool:
    if not one.over or (one.load_kg is not None and one.load_kg >= heaviest_kg):
        return False
    loss_pct = velocity_loss_pct(one)
    few = len(one.counted) <= _FEW * (one.wanted.reps or usual_reps)
    return few and loss_pct is not None and loss_pct < _FRESH_PCT

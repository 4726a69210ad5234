"""The form of a set: lockouts, faults, how alike the reps are, and one score made of these."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median, stdev
from types import MappingProxyType

from pipeline import exercises
from pipeline.coaching.adherence import share_pct
from pipeline.coaching.lifted import LiftedRep, LiftedSet
from pipeline.coaching.measures import Measure, known, measured
from pipeline.coaching.mini_sets import is_unbroken
from pipeline.events import SHORT_SHARE

JUDGED = frozenset(name for name in exercises.names() if exercises.load(name).posture == "lying")
"""Exercises whose faults are seen: of a standing lift nothing is known but that it was."""

# With fewer reps a share, a spread or a middle says nothing.
LEAST_REPS = 3
_LEAST_TO_FALL_OUT = 5

WEIGHTS = MappingProxyType(
    {"lockout": 40.0, "no over-arch": 25.0, "no sag": 15.0, "even reps": 20.0}
)
"""What each part of the score weighs, of 100.

Nobody has measured what matters how much: the lockout is what the lift is for, the back what it is
to spare, and these are our choice. The score is there to be compared with the lifter's own.
"""

# Reps of trained lifters differ by 5 to 8 % in how long they last, those of beginners by 10 to
# 20 %: up to the one the reps are even, from the other on they are not.
_EVEN_PCT, _UNEVEN_PCT = 5.0, 20.0
_SPREADS: tuple[Measure, ...] = ("rom_deg", "eccentric_s", "concentric_s", "mean_velocity_mps")
TIRING: tuple[Measure, ...] = ("concentric_s", "mean_velocity_mps")
"""Whoever tires goes up more slowly. That is no fault of form, and is told as fatigue."""

# A pause shorter than that is none that was meant, and what it differs by is its own length.
_LEAST_PAUSE_S = 0.5

# Further than 3.5 robust standard deviations from the median is not of the same kind (Iglewicz and
# Hoaglin, How to detect and handle outliers, 1993).
_OUT = 3.5
_MAD_TO_SD = 1.4826


@dataclass(frozen=True, slots=True)
class Noticed:
    """What a rep must differ by to be told of.

    noise: of the measurement, one standard deviation (docs/accuracy.md): no scatter is smaller.
    least, share: and what matters, in the unit of the measure and as a share of the median.
    """

    noise: float
    least: float
    share: float


# A lockout is short by 8 %; a phase is off its target by 0.3 s or 20 %; nobody stops at a loss
# of velocity of less than 10 %.
_NOTICED: Mapping[Measure, Noticed] = MappingProxyType(
    {
        "rom_deg": Noticed(1.0, 0.0, SHORT_SHARE),
        "eccentric_s": Noticed(0.05, 0.3, 0.2),
        "concentric_s": Noticed(0.05, 0.3, 0.2),
        "top_pause_s": Noticed(0.05, 0.3, 0.2),
        "mean_velocity_mps": Noticed(0.02, 0.0, 0.1),
    }
)


@dataclass(frozen=True, slots=True)
class FellOut:
    """A rep that is not like the others in one measure; usual: their median."""

    rep: LiftedRep
    measure: Measure
    value: float
    usual: float

    @property
    def off_pct(self) -> float:
        """By how much, percent of the usual; negative below it."""
        return 100.0 * (self.value - self.usual) / self.usual


@dataclass(frozen=True, slots=True)
class Form:
    """A set of at least three reps that were measured.

    lockout_pct: reps without a short lockout; over_arch_pct, sag_pct: reps with one; None for an
    exercise whose faults are not seen. spread_pct: coefficient of variation, of what is known.
    parts: of the score, 0 to 100 each, by their names in WEIGHTS. score: None if faults or evenness
    are not known.
    """

    reps: tuple[LiftedRep, ...]
    lockout_pct: float | None
    over_arch_pct: float | None
    sag_pct: float | None
    spread_pct: Mapping[Measure, float]
    fell_out: tuple[FellOut, ...]
    parts: Mapping[str, float]

    @property
    def score(self) -> float | None:
        """Mean of the parts by their weights."""
        if self.parts.keys() != WEIGHTS.keys():
            return None
        return sum(WEIGHTS[name] * part for name, part in self.parts.items()) / 100.0


def form(one: LiftedSet) -> Form | None:
    """The form of a set; None for less than three measured reps.

    Of a set with rests in it nothing is said of velocity: after each it is another one.
    """
    reps = measured(one)
    if len(reps) < LEAST_REPS:
        return None
    unlike = () if is_unbroken(one) else TIRING
    spread_pct = {name: share for name, share in spreads_pct(reps).items() if name not in unlike}
    parts: dict[str, float] = {}
    shares: dict[str, float | None] = dict.fromkeys(("short_lockout", "over_arch", "sag"))
    if one.exercise in JUDGED:
        shares = {name: share_pct(name in rep.faults for rep in reps) for name in shares}
        free = [100.0 - (share or 0.0) for share in shares.values()]
        parts = dict(zip(("lockout", "no over-arch", "no sag"), free, strict=True))
    even = [_evenness(share) for name, share in spread_pct.items() if name not in TIRING]
    if even:
        parts["even reps"] = fmean(even)
    return Form(
        reps=reps,
        lockout_pct=parts.get("lockout"),
        over_arch_pct=shares["over_arch"],
        sag_pct=shares["sag"],
        spread_pct=spread_pct,
        fell_out=tuple(odd for odd in fell_out(reps) if odd.measure not in unlike),
        parts=parts,
    )


def spreads_pct(reps: Sequence[LiftedRep]) -> dict[Measure, float]:
    """Coefficient of variation of each measure that is known of three reps or more.

    Of the pause at the top only where there is one; at the bottom a lifter rests as he likes.
    """
    values = {measure: [value for _, value in known(reps, measure)] for measure in _SPREADS}
    holds_s = [value for _, value in known(reps, "top_pause_s")]
    if holds_s and median(holds_s) >= _LEAST_PAUSE_S:
        values["top_pause_s"] = holds_s
    return {
        measure: 100.0 * stdev(found) / fmean(found)
        for measure, found in values.items()
        if len(found) >= LEAST_REPS and fmean(found) > 0
    }


def fell_out(reps: Sequence[LiftedRep]) -> list[FellOut]:
    """Reps that are not like the others, those that are furthest off first."""
    found: list[FellOut] = []
    for measure, noticed in _NOTICED.items():
        pairs = known(reps, measure)
        if len(pairs) < _LEAST_TO_FALL_OUT:
            continue
        usual = median(value for _, value in pairs)
        scatter = max(noticed.noise, _MAD_TO_SD * median(abs(value - usual) for _, value in pairs))
        least = max(noticed.least, noticed.share * usual, _OUT * scatter)
        if usual > 0:
            found += [
                FellOut(rep, measure, value, usual)
                for rep, value in pairs
                if abs(value - usual) > least
            ]
    return sorted(found, key=lambda one: -abs(one.off_pct))


def _evenness(spread_pct: float) -> float:
    """100 where reps are as alike as those of trained lifters, 0 where like a beginner's."""
    share = (_UNEVEN_PCT - spread_pct) / (_UNEVEN_PCT - _EVEN_PCT)
    return 100.0 * min(max(share, 0.0), 1.0)

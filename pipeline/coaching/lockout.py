"""A lockout judged against a saved one: who is short on every rep is not short against the set.

The full lockout is saved once, without a load: a few reps from the bottom all the way up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.coaching.advice import Case
from pipeline.coaching.form import JUDGED
from pipeline.coaching.lifted import LiftedRep
from pipeline.coaching.measures import known
from pipeline.events import SHORT_SHARE

_LEAST_REPS = 3
# Reps that differ by more than what makes a lockout short cannot say what a full one is.
_WIDEST = SHORT_SHARE


@dataclass(frozen=True, slots=True)
class Reference:
    """Range of motion of a full lockout from the bottom of the rep, degrees of pelvis pitch."""

    rom_deg: float


@dataclass(frozen=True, slots=True)
class Judged:
    """A rep whose range is known, against that of a full lockout."""

    rep: LiftedRep
    rom_deg: float
    full_deg: float

    @property
    def short_pct(self) -> float:
        """By how much its range is below; negative above."""
        return 100.0 * (self.full_deg - self.rom_deg) / self.full_deg

    @property
    def is_short(self) -> bool:
        """By as much as makes a lockout short inside a set: 8 %."""
        return self.short_pct >= 100.0 * SHORT_SHARE


def reference(reps: Sequence[LiftedRep]) -> Reference | None:
    """The full lockout from reps that all were meant to reach it: their median.

    None from less than three, from a rep with a fault, or if they differ by more than 8 %.
    """
    found = [value for _, value in known(_own(reps), "rom_deg")]
    if len(found) < _LEAST_REPS or any(rep.faults for rep in reps):
        return None
    if max(found) <= 0 or max(found) - min(found) > _WIDEST * median(found):
        return None
    return Reference(median(found))


def reference_of(case: Case, exercise: str) -> Reference | None:
    """The full lockout of a lying exercise: the newest set that shows it, else the settings'."""
    if exercise not in JUDGED:
        return None
    for one in reversed(case.history):
        if one.is_reference and one.exercise == exercise:
            found = reference(one.counted)
            if found is not None:
                return found
    saved_deg = case.preferences.lockout_deg.get(exercise, 0.0)
    return Reference(saved_deg) if saved_deg > 0 else None


def judged(reps: Sequence[LiftedRep], full: Reference) -> tuple[Judged, ...]:
    """Each rep that counts and whose range is known, against the saved lockout.

    The range is counted from the bottom of the rep, which each session finds anew. Who starts
    higher, from thicker plates or a lower bench, has less of it with the same top: then the
    lockout is to be saved again.
    """
    return tuple(Judged(rep, value, full.rom_deg) for rep, value in known(_own(reps), "rom_deg"))


def _own(reps: Sequence[LiftedRep]) -> list[LiftedRep]:
    return [rep for rep in reps if not rep.partial and not rep.added]

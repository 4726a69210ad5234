"""How far up a lifter comes: slow reps without load, counted by the tracker itself."""

from dataclasses import dataclass

from pipeline import exercises
from pipeline.coaching.lifted import LiftedRep
from pipeline.coaching.lockout import reference
from pipeline.coaching.phrases import many
from pipeline.display import words
from pipeline.doctor import Finding
from pipeline.events import SHORT_SHARE, Rep
from pipeline.replay import FinalOrder
from pipeline.tracker import Tracker
from sensor.samples import SampleBlock

_LEAST_REPS = 3
_AGAIN = "do three slow reps or more without load, each all the way up"


@dataclass(frozen=True, slots=True)
class FullLockout:
    """rom_deg: range of motion of a full lockout, None where the reps do not say it."""

    finding: Finding
    rom_deg: float | None = None


def full_lockout(block: SampleBlock, exercise: str) -> FullLockout:
    """From the samples of reps that all were meant to reach the top."""
    reps = [rep for rep in _reps(block, exercise) if not rep.partial]
    if len(reps) < _LEAST_REPS:
        return _problem(f"{many(len(reps), 'rep')} of {words(exercise)} counted")
    faulty = [(rep, rep.faults[0]) for rep in reps if rep.faults]
    if faulty:
        rep, fault = faulty[0]
        return _problem(f"rep {rep.rep} has a fault: {words(fault)}")
    found = reference([LiftedRep(rep.rep, rom_deg=rep.rom_deg) for rep in reps])
    if found is None:
        degrees = [rep.rom_deg for rep in reps]
        return _problem(
            f"the reps turned by {min(degrees):.0f}° to {max(degrees):.0f}°: they differ by more "
            f"than {100 * SHORT_SHARE:g} %"
        )
    rom_deg = round(found.rom_deg, 1)
    text = f"{rom_deg:g}° from {len(reps)} reps of {words(exercise)}"
    return FullLockout(Finding("ok", "lockout", text), rom_deg)


def _problem(text: str) -> FullLockout:
    return FullLockout(Finding("problem", "lockout", text, _AGAIN))


def _reps(block: SampleBlock, exercise: str) -> list[Rep]:
    """As they stand in the end."""
    tracker, order = Tracker(exercises.load(exercise)), FinalOrder()
    final = [one for event in (*tracker.feed(block), *tracker.finish()) for one in order.add(event)]
    return [one for one in (*final, *order.rest()) if isinstance(one, Rep)]

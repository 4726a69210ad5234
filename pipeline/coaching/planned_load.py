"""What a planned lift weighs: by its kilograms, its percent, or what was lifted so far."""

from dataclasses import replace

from pipeline.coaching.advice import Case
from pipeline.coaching.load_velocity import OneRepMax, fast_sets, own_line
from pipeline.coaching.plan import PlannedLift
from pipeline.coaching.plates import Rack
from pipeline.coaching.progression import proposal, worked

# A session with this many reps more or fewer than planned was of another kind.
_NEAR_REPS = 2


def load_kg(lift: PlannedLift, case: Case) -> float | None:
    """The load that the plan asks for today; None where nothing is known to say it from.

    With the athlete's plates, and no heavier than asked for. Double progression goes on from
    the last session with about the planned reps.
    """
    if lift.load_kg is not None:
        return lift.load_kg
    if lift.load_pct is not None:
        most = one_rep_max(case, lift.lift)
        rack = Rack.of(case.preferences)
        return rack.at_or_below(lift.load_pct / 100 * most.load_kg) if most else None
    low, high = lift.reps
    done = [
        replace(one, range_reps=lift.reps)
        for one in worked(case).get(lift.lift, ())
        if low - _NEAR_REPS <= min(one.reps) <= high + _NEAR_REPS
    ]
    found = proposal(done, case)
    return found.load_kg if found else None


def one_rep_max(case: Case, lift: tuple[str, str]) -> OneRepMax | None:
    """What goes up once, estimated from the last six weeks; None where that cannot be said."""
    line = own_line(lift[0], fast_sets(case.history, lift, case.now_us))
    return line.one_rep_max if line else None

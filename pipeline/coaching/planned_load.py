"""What a planned lift weighs: by its kilograms, its percent, or what was lifted so far."""

from dataclasses import replace

from pipeline.coaching.advice import Case
from pipeline.coaching.load_velocity import OneRepMax, fast_sets, own_line
from pipeline.coaching.plan import PlannedLift, PlannedSession
from pipeline.coaching.plates import Rack
from pipeline.coaching.progression import Proposal, proposal
from pipeline.coaching.schedule import next_session
from pipeline.coaching.worked import worked

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
    found = planned_proposal(lift, case)
    return found.load_kg if found else None


def planned_proposal(lift: PlannedLift, case: Case) -> Proposal | None:
    """What double progression asks for, from the sessions with about the planned reps."""
    low, high = lift.reps
    done = [
        replace(one, range_reps=lift.reps)
        for one in worked(case).get(lift.lift, ())
        if low - _NEAR_REPS <= min(one.reps) <= high + _NEAR_REPS
    ]
    return proposal(done, case)


def planned_next(case: Case, lift: tuple[str, str]) -> tuple[PlannedSession, PlannedLift] | None:
    """Where the plan has a lift next: in the session that is in turn, or in one after it.

    None without a plan, after a break, and for a lift that is not in it.
    """
    found = next_session(case, case.plan) if case.plan else None
    if case.plan is None or found is None or found.kind != "planned" or found.planned is None:
        return None
    in_turn = case.plan.sessions.index(found.planned)
    for session in (*case.plan.sessions[in_turn:], *case.plan.sessions[:in_turn]):
        for one in session.lifts:
            if one.lift == lift:
                return session, one
    return None


def one_rep_max(case: Case, lift: tuple[str, str]) -> OneRepMax | None:
    """What goes up once, estimated from the last six weeks; None where that cannot be said."""
    line = own_line(lift[0], fast_sets(case.trained, lift, case.now_us))
    return line.one_rep_max if line else None

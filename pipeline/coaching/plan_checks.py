"""What is to be asked before a plan is followed: what it wants against what was lifted so far."""

from collections.abc import Iterator

from pipeline.coaching.advice import Case
from pipeline.coaching.plan import Plan, PlannedLift
from pipeline.coaching.planned_load import one_rep_max
from pipeline.coaching.plates import KG_PER_LB
from pipeline.toml_table import meant, shown

USUAL_VARIANTS = (
    "banded",
    "bench",
    "cluster",
    "feet_close",
    "feet_far",
    "floor",
    "left",
    "narrow",
    "paused",
    "rest_pause",
    "right",
    "wide",
)

# Nobody adds that much at once, and pounds taken for kilograms are 2.2 times as many.
_TOO_MUCH_AT_ONCE = 1.6


def doubts(plan: Plan, case: Case) -> list[str]:
    """Everything in it that this athlete cannot do, or hardly meant; each with its place."""
    found = []
    for s, session in enumerate(plan.sessions, start=1):
        for n, lift in enumerate(session.lifts, start=1):
            found += [f"sessions[{s}].lifts[{n}].{doubt}" for doubt in _of_lift(lift, case)]
    return found


def _of_lift(lift: PlannedLift, case: Case) -> Iterator[str]:
    yield from _of_variant(lift, case)
    most = one_rep_max(case, lift.lift)
    words = " ".join(part.replace("_", " ") for part in reversed(lift.lift) if part)
    if lift.load_pct is not None and most is None:
        yield (
            f"load_pct: what goes up once is not known of {words}; it is after some sets as fast "
            "as possible with different loads, until then give load_kg"
        )
    if lift.load_kg is None:
        return
    lifted = [one.load_kg for one in case.trained if one.lift == lift.lift and one.counted]
    heaviest_kg = max((kg for kg in lifted if kg), default=None)
    if heaviest_kg and lift.load_kg >= _TOO_MUCH_AT_ONCE * heaviest_kg:
        yield (
            f"load_kg: {lift.load_kg:g} kg, where {heaviest_kg:g} kg is the most so far? "
            f"{lift.load_kg:g} lb would be {lift.load_kg * KG_PER_LB:.1f} kg"
        )
    elif most and lift.load_kg > most.high_kg:
        yield (
            f"load_kg: {lift.load_kg:g} kg is more than goes up once, which is "
            f"{most.load_kg:.0f} kg ({most.low_kg:.0f} to {most.high_kg:.0f})"
        )


def _of_variant(lift: PlannedLift, case: Case) -> Iterator[str]:
    known = {one.variant for one in case.trained if one.exercise == lift.exercise}
    known |= set(USUAL_VARIANTS)
    # Of several words, each may be usual: banded-wide.
    strange = [part for part in lift.variant.split("-") if part and part not in known]
    if strange and lift.variant not in known:
        yield f"variant: {shown(lift.variant)} was never lifted{meant(strange[0], sorted(known))}"

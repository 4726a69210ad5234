"""The load for the next session, by double progression or by the plan."""

from collections.abc import Iterator

from pipeline.coaching.advice import Advice, Case, Level, Rule
from pipeline.coaching.lift_names import lift_name
from pipeline.coaching.phrases import Numbers
from pipeline.coaching.plan import PlannedLift
from pipeline.coaching.planned_load import load_kg, planned_next, planned_proposal
from pipeline.coaching.progression import Proposal, Reason, proposal
from pipeline.coaching.typed_load import other_unit
from pipeline.coaching.worked import Worked, worked
from pipeline.coaching.worked_words import all_sets, missing, whole_range

_LEVELS: dict[Reason, Level] = {
    "top": "good",
    "form": "attention",
    "stall": "attention",
    "break": "attention",
}


def _next_session(case: Case) -> Iterator[Advice]:
    trained = case.trained
    if not trained:
        return
    session = trained[-1].session
    for lift, of_lift in worked(case).items():
        if of_lift[0].sets[-1].session != session or _looks_mistyped(of_lift):
            continue
        said = _planned(case, lift) if case.plan else None
        yield from said if said is not None else _said(case, lift, proposal(of_lift, case))


def _said(
    case: Case, lift: tuple[str, str], found: Proposal | None, turn: str = ""
) -> tuple[Advice, ...]:
    """turn: the planned session that it is for."""
    if found is None:
        return ()
    say = Numbers(case.preferences.unit)
    text = f"{lift_name(lift)}{turn}: {_WORDS[found.reason](found, say)}"
    return (Advice("next_load", _LEVELS.get(found.reason, "info"), text, say.told, lift),)


def _planned(case: Case, lift: tuple[str, str]) -> tuple[Advice, ...] | None:
    """What the plan has for the lift; None if it says nothing of it, or after a break."""
    found = planned_next(case, lift)
    if found is None:
        return None
    session, planned = found
    turn = f", {session.name}"
    if planned.load_kg is None and planned.load_pct is None:
        return _said(case, lift, planned_proposal(planned, case), turn)
    kg, say = load_kg(planned, case), Numbers(case.preferences.unit)
    if kg is None:
        return ()
    share = ""
    if planned.load_pct is not None:
        share = f", {say.say('load_pct', planned.load_pct, 1)} % of what you could lift once"
    text = f"{lift_name(lift)}{turn}: the plan has {say.load('load', kg)}{share}, for "
    return (Advice("next_load", "info", f"{text}{_plan_reps(planned, say)}.", say.told, lift),)


def _plan_reps(planned: PlannedLift, say: Numbers) -> str:
    low, high = planned.reps
    reps = f"{say.say('reps', high)} reps"
    return reps if low == high else f"{say.say('least_reps', low)} to {reps}"


def _top(found: Proposal, say: Numbers) -> str:
    last = say.load("last", found.last.load_kg)
    low, high = found.last.range_reps or (0, 0)
    rom = ""
    if found.quality.rom_pct is not None:
        rom_pct = say.say("rom_pct", found.quality.rom_pct)
        rom = f", at {rom_pct} % of your {whole_range(found.quality)}"
    return (
        f"next time {_load(found, say)}, from {say.say('reps', low)} reps up, because "
        f"{all_sets(found.last, say)} with {last} reached {say.say('top_reps', high)} reps{rom}."
    )


def _form(found: Proposal, say: Numbers) -> str:
    load, reps = say.load("load", found.load_kg), say.say("reps", found.reps)
    return (
        f"stay at {load} and {reps} reps next time. The reps are there; what is missing for "
        f"more load: {missing(found.quality, say)}."
    )


def _reps(found: Proposal, say: Numbers) -> str:
    _, high = found.last.range_reps or (0, 0)
    fewest = say.say("fewest_reps", min(found.last.reps))
    load, reps = say.load("load", found.load_kg), say.say("reps", found.reps)
    return (
        f"stay at {load} next time and aim for {reps} reps in every set. The fewest were "
        f"{fewest}; more load comes at {say.say('top_reps', high)}."
    )


def _large_step(found: Proposal, say: Numbers) -> str:
    next_kg = found.next_kg or found.load_kg
    load, reps = say.load("load", found.load_kg), say.say("reps", found.reps)
    step_pct = say.say("step_pct", 100 * (next_kg / found.load_kg - 1))
    return (
        f"stay at {load} next time and aim for {reps} reps. Your next load is "
        f"{say.load('next', next_kg)}, {step_pct} % more: reach "
        f"{say.say('reps_before', found.count)} reps before that."
    )


def _heaviest(found: Proposal, say: Numbers) -> str:
    load, reps = say.load("load", found.load_kg), say.say("reps", found.reps)
    return f"{load} is about all that your plates make: aim for {reps} reps next time."


def _below(found: Proposal, say: Numbers) -> str:
    return (
        f"next time {_load(found, say)}, for {say.say('reps', found.reps)} reps or more. The reps "
        f"were below that in {say.say('sessions', found.count)} sessions in a row."
    )


def _stall(found: Proposal, say: Numbers) -> str:
    text = f"next time {_load(found, say)}, from {say.say('reps', found.reps)} reps up"
    last = say.load("last", found.last.load_kg)
    sessions = f"{say.say('sessions', found.count)} sessions"
    if found.quality.good:
        return (
            f"{text}, and build up again. {sessions} at about {last} brought neither more load "
            "nor more reps."
        )
    return (
        f"{text}, to make every rep a full one. {sessions} at about {last} went by; what is "
        f"missing: {missing(found.quality, say)}."
    )


def _break(found: Proposal, say: Numbers) -> str:
    return (
        f"it is {say.say('days', found.count)} days since the last time. Begin with "
        f"{_load(found, say)}, from {say.say('reps', found.reps)} reps up."
    )


_WORDS = {
    "top": _top,
    "form": _form,
    "reps": _reps,
    "large_step": _large_step,
    "heaviest": _heaviest,
    "below": _below,
    "stall": _stall,
    "break": _break,
}


def _load(found: Proposal, say: Numbers) -> str:
    """The load, and by how much it differs from the last one."""
    word = "more" if found.change_pct > 0 else "less"
    change_pct = say.say("change_pct", abs(found.change_pct), 1)
    return f"{say.load('load', found.load_kg)} ({change_pct} % {word})"


def _looks_mistyped(of_lift: list[Worked]) -> bool:
    before_kg = [done.load_kg for done in of_lift[1:] for _ in done.sets]
    return other_unit(of_lift[0].load_kg, before_kg) is not None


RULES = (
    Rule(
        "next_load",
        "session",
        "Double progression: when all working sets reach the top of the range (8 to 12 reps unless "
        "set otherwise) with 95 % of the full range of motion, 80 % of the holds kept and a fault "
        "in 20 % of the reps at most, the next load that can be put on, 2.5 to 5 % more where the "
        "plates have it; else the same load and a rep more. The full range is that of the saved "
        "lockout, else the usual one of reps without a fault. Two sessions in a row below the "
        "range: a little less. Every three sessions without progress: 10 % less; where faults are "
        "the reason only once. After more than 14 days without this exercise, in whatever variant, "
        "10 % less, after more than 28 days 20 %. With a plan the load and reps that it has for "
        "the lift when it is in turn next; where it leaves the load open, double progression from "
        "the last sessions with about those reps.",
        "American College of Sports Medicine, Progression models in resistance training for "
        "healthy adults, Med Sci Sports Exerc 2009 (2 to 10 % more load); on breaks, Bosquet and "
        "others, Effect of training cessation on muscular performance, Scand J Med Sci Sports 2013 "
        "(that strength falls; how much less to begin with is custom, and so is the deload); form "
        "first: the guide behind this project",
        "It does not know how hard the sets felt, pain or sleep. Sets that speed is to end, and "
        "loads that nobody typed in, get no proposal.",
        _next_session,
    ),
)

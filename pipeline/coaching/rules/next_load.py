"""The next load: for the next set, and for the next session."""

from collections.abc import Iterator

from pipeline.coaching.advice import Advice, Case, Level, Rule
from pipeline.coaching.lift_names import lift_name
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.phrases import Numbers, many
from pipeline.coaching.plates import Rack
from pipeline.coaching.progression import (
    FEW_FAULTS_PCT,
    FULL_ROM_PCT,
    KEPT_HOLDS_PCT,
    Proposal,
    Quality,
    Reason,
    Worked,
    fewer_reps_load_kg,
    judged,
    next_load_kg,
    proposal,
    range_reps,
    reps_for_step,
    worked,
)
from pipeline.coaching.typed_load import asks, other_unit

_LEVELS: dict[Reason, Level] = {
    "top": "good",
    "form": "attention",
    "stall": "attention",
    "break": "attention",
}
# A rep less than the range is a tired set, not a wrong load; two reps over it are the position
# stand's sign that the load is too light.
_SHORT, _OVER = 2, 2
# What is further from all that was worked with lately, and lighter, is a warm-up.
_NEAR = 0.15
_LATELY = 4


def _next_session(case: Case) -> Iterator[Advice]:
    latest = case.latest
    if latest is None:
        return
    lifts = dict.fromkeys(one.lift for one in _newest_session(case))
    done = worked(case)
    for lift in lifts:
        of_lift = done.get(lift)
        if not of_lift or of_lift[0].sets[-1].session != latest.session:
            continue
        if _looks_mistyped(of_lift):
            continue
        found = proposal(of_lift, case)
        if found is not None:
            say = Numbers()
            text = f"{lift_name(lift)}: {_WORDS[found.reason](found, say)}"
            yield Advice("next_load", _LEVELS.get(found.reason, "info"), text, say.told)


def _top(found: Proposal, say: Numbers) -> str:
    last_kg = say.say("last_kg", found.last.load_kg, 2)
    low, high = found.last.range_reps or (0, 0)
    rom = ""
    if found.quality.rom_pct is not None:
        rom = f", at {say.say('rom_pct', found.quality.rom_pct)} % of your usual range of motion"
    return (
        f"next time {_load(found, say)}, from {say.say('reps', low)} reps up, because "
        f"{_sets(found, say)} with {last_kg} kg reached {say.say('top_reps', high)} reps{rom}."
    )


def _form(found: Proposal, say: Numbers) -> str:
    load_kg, reps = say.say("load_kg", found.load_kg, 2), say.say("reps", found.reps)
    return (
        f"stay at {load_kg} kg and {reps} reps next time. The reps are there; what is missing for "
        f"more load: {_missing(found.quality, say)}."
    )


def _reps(found: Proposal, say: Numbers) -> str:
    _, high = found.last.range_reps or (0, 0)
    fewest = say.say("fewest_reps", min(found.last.reps))
    load_kg, reps = say.say("load_kg", found.load_kg, 2), say.say("reps", found.reps)
    return (
        f"stay at {load_kg} kg next time and aim for {reps} reps in every set. The fewest were "
        f"{fewest}; more load comes at {say.say('top_reps', high)}."
    )


def _large_step(found: Proposal, say: Numbers) -> str:
    next_kg = found.next_kg or found.load_kg
    load_kg, reps = say.say("load_kg", found.load_kg, 2), say.say("reps", found.reps)
    step_pct = say.say("step_pct", 100 * (next_kg / found.load_kg - 1))
    return (
        f"stay at {load_kg} kg next time and aim for {reps} reps. Your next load is "
        f"{say.say('next_kg', next_kg, 2)} kg, {step_pct} % more: reach "
        f"{say.say('reps_before', found.count)} reps before that."
    )


def _heaviest(found: Proposal, say: Numbers) -> str:
    load_kg, reps = say.say("load_kg", found.load_kg, 2), say.say("reps", found.reps)
    return f"{load_kg} kg is about all that your plates make: aim for {reps} reps next time."


def _below(found: Proposal, say: Numbers) -> str:
    return (
        f"next time {_load(found, say)}, for {say.say('reps', found.reps)} reps or more. The reps "
        f"were below that in {say.say('sessions', found.count)} sessions in a row."
    )


def _stall(found: Proposal, say: Numbers) -> str:
    text = f"next time {_load(found, say)}, from {say.say('reps', found.reps)} reps up"
    last_kg = say.say("last_kg", found.last.load_kg, 2)
    sessions = f"{say.say('sessions', found.count)} sessions"
    if found.quality.good:
        return (
            f"{text}, and build up again. {sessions} at about {last_kg} kg brought neither more "
            "load nor more reps."
        )
    return (
        f"{text}, to make every rep a full one. {sessions} at about {last_kg} kg went by; what is "
        f"missing: {_missing(found.quality, say)}."
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
    return f"{say.say('load_kg', found.load_kg, 2)} kg ({change_pct} % {word})"


def _sets(found: Proposal, say: Numbers) -> str:
    count = len(found.last.sets)
    say.say("sets", count)
    return "1 set" if count == 1 else f"all {count} sets"


def _missing(quality: Quality, say: Numbers) -> str:
    parts = []
    if quality.rom_pct is not None and quality.rom_pct < FULL_ROM_PCT:
        rom_pct = say.say("rom_pct", quality.rom_pct, 1)
        parts.append(f"range of motion ({rom_pct} % of your usual one)")
    if quality.holds_pct is not None and quality.holds_pct < KEPT_HOLDS_PCT:
        holds_pct = say.say("holds_pct", quality.holds_pct, 1)
        parts.append(f"the hold ({holds_pct} % were long enough)")
    if quality.faults_pct is not None and quality.faults_pct > FEW_FAULTS_PCT:
        faults_pct = say.say("faults_pct", quality.faults_pct, 1)
        parts.append(f"clean reps ({faults_pct} % had a fault)")
    return ", ".join(parts)


def _next_set(case: Case) -> Iterator[Advice]:
    one = case.latest
    if one is None or not one.over or not one.load_kg or one.load_kg < 0 or not one.counted:
        return
    wanted, rack = range_reps(one, case.preferences), Rack.of(case.preferences)
    of_lift = [done for done in worked(case).get(one.lift, ()) if _other_day(done, one.session)]
    if wanted is None or not of_lift or _is_light(one.load_kg, of_lift):
        return
    if asks(case.history):
        return
    back = _after_break(case, of_lift)
    if back is not None:
        yield back
        return
    (low, high), reps = wanted, len(one.counted)
    say = Numbers()
    load_kg = say.say("load_kg", one.load_kg, 2)
    told = f"{many(int(say.say('reps', reps)), 'rep')} with {load_kg} kg"
    if low - reps >= _SHORT:
        next_kg = fewer_reps_load_kg(one.load_kg, low - reps, rack)
        why = f"{told} {'is' if reps == 1 else 'are'} less than {say.say('least_reps', low)}"
    elif _over(one.load_kg, reps, high, rack) and _good(one.load_kg, case, of_lift):
        next_kg = next_load_kg(one.load_kg, rack)
        why = f"{told} are more than {say.say('top_reps', high)}, and they were clean"
    else:
        text = f"Next set {load_kg} kg again: {many(reps, 'rep')}, and {low} to {high} are wanted."
        say.say("least_reps", low)
        say.say("top_reps", high)
        yield Advice("next_set_load", "info", text, say.told)
        return
    if next_kg is not None:
        text = f"Next set {say.say('next_kg', next_kg, 2)} kg: {why}."
        yield Advice("next_set_load", "info", text, say.told)


def _after_break(case: Case, before: list[Worked]) -> Advice | None:
    """Less, after the first set of a day that is heavier than is wise after a break."""
    one, found = case.history[-1], proposal(before, case)
    if found is None or found.reason != "break" or (one.load_kg or 0.0) <= found.load_kg:
        return None
    others = (other for other in _newest_session(case) if other.lift == one.lift)
    if any((other.load_kg or 0.0) > found.load_kg for other in others if other is not one):
        return None
    say = Numbers()
    days, load_kg = say.say("days", found.count), say.say("next_kg", found.load_kg, 2)
    text = (
        f"It is {days} days since the last time. Next set {load_kg} kg, "
        f"{say.say('change_pct', -found.change_pct, 1)} % less than then: strength falls in a break"
    )
    return Advice("next_set_load", "attention", f"{text}.", say.told)


def _over(load_kg: float, reps: int, high: int, rack: Rack) -> bool:
    """Two reps and more over the range, and enough of them for the next step."""
    next_kg = next_load_kg(load_kg, rack)
    if next_kg is None:
        return False
    return reps >= max(high + _OVER, reps_for_step(load_kg, next_kg, high))


def _good(load_kg: float, case: Case, before: list[Worked]) -> bool:
    one = case.history[-1]
    quality = judged(Worked(one.time_us, load_kg, (one,), None), before)
    return quality.faults_pct is not None and quality.good


def _is_light(load_kg: float, before: list[Worked]) -> bool:
    loads_kg = [done.load_kg for done in before[:_LATELY]]
    near = any(abs(load_kg / kg - 1) <= _NEAR for kg in loads_kg)
    return not near and load_kg < max(loads_kg)


def _looks_mistyped(of_lift: list[Worked]) -> bool:
    before_kg = [done.load_kg for done in of_lift[1:] for _ in done.sets]
    return other_unit(of_lift[0].load_kg, before_kg) is not None


def _other_day(done: Worked, session: str) -> bool:
    return done.sets[-1].session != session


def _newest_session(case: Case) -> Iterator[LiftedSet]:
    for one in reversed(case.history):
        if one.session != case.history[-1].session:
            return
        yield one


RULES = (
    Rule(
        "next_load",
        "session",
        "Double progression: when all working sets reach the top of the range (8 to 12 reps unless "
        "set otherwise) with 95 % of the usual range of motion, 80 % of the holds kept and a fault "
        "in 20 % of the reps at most, the next load that can be put on, 2.5 to 5 % more where the "
        "plates have it; else the same load and a rep more. Two sessions in a row below the range: "
        "a little less. Every three sessions without progress: 10 % less. After more than 14 days "
        "without this lift 10 % less, after more than 28 days 20 %.",
        "American College of Sports Medicine, Progression models in resistance training for "
        "healthy adults, Med Sci Sports Exerc 2009; on breaks, Bosquet and others, Effect of "
        "training cessation on muscular performance, Scand J Med Sci Sports 2013 (that strength "
        "falls; how much less to begin with is custom); form first: the guide behind this project",
        "It does not know how hard the sets felt, pain or sleep. Sets that speed is to end, and "
        "loads that nobody typed in, get no proposal.",
        _next_session,
    ),
    Rule(
        "next_set_load",
        "set",
        "The load for the next set: less after a set two reps or more below the range, 2.5 % for "
        "each rep and 10 % at most; more after a clean set two reps or more above it; else the "
        "same. After the first heavy set that follows a break of more than 14 days, 10 % less than "
        "before it, after more than 28 days 20 %. Warm-up sets and the first session of a lift are "
        "left out.",
        "Nuzzo and others, Maximal number of repetitions at percentages of the one repetition "
        "maximum, Sports Med 2024; two reps over: ACSM 2009, as above",
        "A set may be short for another reason than its load; lifters differ in what a rep is "
        "worth.",
        _next_set,
    ),
)

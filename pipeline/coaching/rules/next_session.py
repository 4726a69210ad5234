"""What the next session is, and from which day on."""

from collections.abc import Iterable

from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.lift_names import lift_words
from pipeline.coaching.phrases import many
from pipeline.coaching.plan import PlannedSession
from pipeline.coaching.schedule import BREAK_DAYS, Next, next_session
from pipeline.coaching.week import HEAVY_REPS, LIGHT_REPS, today, weekday


def _what_is_next(case: Case) -> Iterable[Advice]:
    found = next_session(case, case.plan)
    if found is None:
        return
    text, numbers = _what(case, found)
    days = found.day - today(case)
    if days:
        text = f"{text}, from {weekday(found.day)} on (in {many(days, 'day')})."
        numbers = numbers | {"days": days}
    else:
        text = f"{text}, from today on."
    yield Advice("next_session", "info", text, numbers)


def _what(case: Case, found: Next) -> tuple[str, dict[str, float]]:
    if found.kind == "planned" and found.planned:
        return _planned(found.planned)
    lift = lift_words((found.exercise, found.variants[0] if len(found.variants) == 1 else ""))
    match found.kind:
        case "heavy":
            text = f"Next {lift} session: heavy, {HEAVY_REPS} reps a set or fewer"
            return text, {"reps": HEAVY_REPS}
        case "light":
            text = f"Next {lift} session: lighter, {LIGHT_REPS} reps a set or more"
            return text, {"reps": LIGHT_REPS}
        case "return":
            return _return(found, lift)
    low, high = case.preferences.reps
    reps = f"{low} to {high}" if low < high else f"{high}"
    return f"Next {lift} session: {reps} reps a set", {"reps_low": low, "reps_high": high}


def _planned(session: PlannedSession) -> tuple[str, dict[str, float]]:
    numbers: dict[str, float] = {}
    lifts = []
    for place, lift in enumerate(session.lifts, start=1):
        low, high = lift.reps
        reps = f"{low} to {high}" if low < high else f"{high}"
        lifts.append(f"{many(lift.sets, 'set')} of {reps} reps of {lift_words(lift.lift)}")
        numbers |= {f"sets_{place}": lift.sets, f"least_reps_{place}": low, f"reps_{place}": high}
    return f"Next session by your plan, {session.name}: {', '.join(lifts)}", numbers


def _return(found: Next, lift: str) -> tuple[str, dict[str, float]]:
    sets = f"{many(found.sets, 'set')} of {lift}"
    numbers: dict[str, float] = {"sets": found.sets}
    if found.sets < found.usual_sets:
        sets += f" instead of {found.usual_sets}"
        numbers["usual_sets"] = found.usual_sets
    if found.rested_days < BREAK_DAYS:
        return f"Next session, still in the first week after a break: {sets}", numbers
    numbers["rested_days"] = found.rested_days
    said = f"The last session was {found.rested_days} days ago: begin again gently"
    return f"{said}, with {sets}", numbers


RULES: tuple[Rule, ...] = (
    Rule(
        name="next_session",
        when="week",
        says=(
            "What the next session is and from which day on: heavy and light in turn, a day of "
            "rest after all but light sessions, no more a week than you aim for; after 14 days "
            "without training, for a week, half of the sets. With a plan the session after the one "
            "that the last was most like, on the days of the plan."
        ),
        source=(
            "the guide behind this project; ACSM 2011 for the day of rest; Caterisano and others, "
            "CSCCa and NSCA joint consensus guidelines for transition periods, Strength Cond J "
            "2019, for the return after a break"
        ),
        limits="Your calendar, sleep and soreness are not known. You decide.",
        advise=_what_is_next,
    ),
)

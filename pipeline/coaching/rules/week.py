"""Rules of the week: how often, heavy and light in turn, rest, and balance."""

from collections.abc import Iterable, Sequence

from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.lift_names import lift_words as words
from pipeline.coaching.phrases import many
from pipeline.coaching.schedule import BREAK_DAYS
from pipeline.coaching.week import (
    HEAVY_REPS,
    LIGHT_REPS,
    Bout,
    Lift,
    Trained,
    began,
    first_day,
    postures,
    recent,
    today,
    week_of,
)

# Two of each can be chance; three in a row are none.
_IN_A_ROW = 3
_IN_TURN = 4
_LOOK_BACK_DAYS = 366
_BALANCE_DAYS = 14
# Who trains less than this in that time has other things to think of first.
_BALANCE_SESSIONS = 3
_WEEK = (
    "the guide behind this project: 2 to 3 times a week; American College of Sports Medicine, "
    "Progression models in resistance training for healthy adults, Med Sci Sports Exerc 2009: 2 "
    "to 3 days a week for those who begin, 3 to 4 later"
)


def _sessions_per_week(case: Case) -> Iterable[Advice]:
    now, first = today(case), began(case)
    low, high = _weekly(case)
    aim = f"{low} to {high}" if low < high else f"{high}"
    thrusts = [one.day for one in recent(case, BREAK_DAYS) if one.thrust]
    if first is None or not thrusts:
        return
    week = week_of(now)
    done = sum(week_of(day) == week for day in thrusts)
    before = sum(week_of(day) == week - 1 for day in thrusts)
    left = first_day(week + 1) - 1 - now
    numbers: dict[str, float] = {"sessions": done, "least": low, "most": high}
    said = f"{many(done, 'hip thrust session') if done else 'No hip thrust session'} this week"
    if not done:
        del numbers["sessions"]
    if done > high:
        text = f"{said}, more than the aim of {aim}: rest is part of it."
        yield Advice("sessions_per_week", "attention", text, numbers)
    elif done >= low:
        text = f"{said}: that is the aim of {aim}."
        yield Advice("sessions_per_week", "good", text, numbers)
    elif low - done <= left:
        if done:
            text = f"{said} so far and {many(left, 'day')} left; the aim is {aim}."
            yield Advice("sessions_per_week", "info", text, numbers | {"days_left": left})
        elif before < low and first <= first_day(week - 1):
            text = f"{many(before, 'hip thrust session')} last week; the aim is {aim}."
            yield Advice("sessions_per_week", "info", text, numbers | {"sessions": before})
    elif first <= first_day(week):
        text = f"{said}; the aim is {aim}."
        yield Advice("sessions_per_week", "info", text, numbers)


def _weekly(case: Case) -> tuple[int, int]:
    """Hip thrust sessions a week, at least and at most: by the plan where it has any."""
    if case.plan is None:
        return case.preferences.weekly
    thrusts = [
        any(lift.exercise.endswith("hip_thrust") for lift in session.lifts)
        for session in case.plan.sessions
    ]
    if not any(thrusts):
        return case.preferences.weekly
    weekly = max(1, round(case.plan.sessions_per_week * sum(thrusts) / len(thrusts)))
    return weekly, weekly


def _heavy_and_light(case: Case) -> Iterable[Advice]:
    trained = recent(case, _LOOK_BACK_DAYS)
    if not trained or case.plan:
        return
    for bout in trained[-1].bouts:
        if postures().get(bout.lift[0]) != "lying":
            continue
        kinds = [one.kind for one in _unbroken(trained, bout.lift)]
        same = _same_at_the_end(kinds)
        if bout.kind != "mixed" and same and same % _IN_A_ROW == 0:
            yield _too_much_of_one(bout, same)
        elif _just_in_turn(kinds):
            text = (
                f"Heavy and light in turn over the last {_IN_TURN} {words(bout.lift)} sessions: "
                "keep to it."
            )
            yield Advice("heavy_and_light", "good", text, {"sessions": _IN_TURN}, bout.lift)


def _too_much_of_one(bout: Bout, same: int) -> Advice:
    heavy = bout.kind == "heavy"
    what = (
        f"a lighter one with {LIGHT_REPS} reps a set or more"
        if heavy
        else f"a heavier one with {HEAVY_REPS} reps a set or fewer"
    )
    text = f"The last {same} {words(bout.lift)} sessions were all {bout.kind}: {what} is in turn."
    numbers = {"sessions": same, "reps": LIGHT_REPS if heavy else HEAVY_REPS}
    return Advice("heavy_and_light", "info", text, numbers, bout.lift)


def _unbroken(trained: list[Trained], lift: Lift) -> list[Bout]:
    """One lift since the last break."""
    found: list[Bout] = []
    before: int | None = None
    for session in trained:
        bout = session.bout(lift)
        if bout is None:
            continue
        if before is not None and session.day - before >= BREAK_DAYS:
            found.clear()
        before = session.day
        found.append(bout)
    return found


def _same_at_the_end(kinds: Sequence[str]) -> int:
    """How many at the end are alike."""
    return next((n for n, kind in enumerate(reversed(kinds)) if kind != kinds[-1]), len(kinds))


def _just_in_turn(kinds: Sequence[str]) -> bool:
    """Whether so many are in turn that it can be said, for the first time."""
    turns = 1
    for before, after in zip(kinds[-2::-1], kinds[:0:-1], strict=True):
        if {before, after} != {"heavy", "light"}:
            break
        turns += 1
    return turns == _IN_TURN


def _rest_days(case: Case) -> Iterable[Advice]:
    trained = recent(case, _BALANCE_DAYS)
    if len(trained) < 2:
        return
    latest = trained[-1]
    for bout in latest.bouts:
        for before in reversed(trained[:-1]):
            last = before.bout(bout.lift)
            if last is None:
                continue
            days = latest.day - before.day
            if last.kind == "heavy" and days < 2:
                yield _no_rest(last, days)
            break


def _no_rest(last: Bout, days: int) -> Advice:
    when = f"{many(days, 'day')} after" if days else "on the same day as"
    reps = f"{many(last.reps, 'rep')} a set"
    text = (
        f"This {words(last.lift)} session was {when} a heavy one ({reps}): 2 days apart leave a "
        "day of rest in between."
    )
    numbers: dict[str, float] = {"reps": last.reps, "days_apart": 2}
    numbers |= {"days": days} if days else {}
    return Advice("rest_days", "attention", text, numbers, last.lift)


def _balance(case: Case) -> Iterable[Advice]:
    first = began(case)
    if first is None or today(case) - first < _BALANCE_DAYS:
        return
    trained = recent(case, _BALANCE_DAYS)
    lying = sum(one.has("lying") for one in trained)
    standing = sum(one.has("standing") for one in trained)
    if lying >= _BALANCE_SESSIONS and not standing:
        what, beside, done = "squat, deadlift or lunge", "hip thrust or glute bridge", lying
    elif standing >= _BALANCE_SESSIONS and not lying:
        what, beside, done = "hip thrust or glute bridge", "squat, deadlift or lunge", standing
    else:
        return
    text = (
        f"No {what} in {_BALANCE_DAYS} days, beside {many(done, 'session')} with {beside}: they "
        "belong side by side."
    )
    yield Advice("balance", "info", text, {"days": _BALANCE_DAYS, "sessions": done})


RULES: tuple[Rule, ...] = (
    Rule(
        name="sessions_per_week",
        when="week",
        says=(
            "How many hip thrust sessions the week has, against 2 to 3, your own aim or your plan."
        ),
        source=_WEEK,
        limits="A session without the sensor is not known.",
        advise=_sessions_per_week,
    ),
    Rule(
        name="heavy_and_light",
        when="session",
        says=(
            "When 3 sessions of a hip thrust or bridge in a row were all heavy or all light, that "
            "the other kind is in turn; and when 4 were in turn. Heavy: 8 reps a set or fewer, or "
            "80 % of what you can lift once. Light: 12 reps or more, with a tenth less load than "
            "of late or more reps than you progress to. Working sets only; nothing where a plan "
            "says what is in turn."
        ),
        source=(
            "the guide behind this project: heavy with few reps in turn with lighter, more reps; "
            "the lines between them as in the ACSM position stand of 2009"
        ),
        limits="How hard a set was is not known, only its reps and the load that was typed in.",
        advise=_heavy_and_light,
    ),
    Rule(
        name="rest_days",
        when="session",
        says="When a lift came on the day after a heavy session of the same lift, or on that day.",
        source=(
            "Garber and others, American College of Sports Medicine position stand, Med Sci Sports "
            "Exerc 2011: 48 hours and more between sessions for the same muscles"
        ),
        limits="How rested you are is not known; nor what was done without the sensor.",
        advise=_rest_days,
    ),
    Rule(
        name="balance",
        when="week",
        says=(
            "When 14 days with 3 sessions or more had hip thrusts or bridges and no squat, "
            "deadlift or lunge; or the other way round."
        ),
        source=(
            "the guide behind this project: squats, deadlifts, lunges and glute bridges beside it"
        ),
        limits="A lift without the sensor is not known.",
        advise=_balance,
    ),
)

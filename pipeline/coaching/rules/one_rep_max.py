"""The load that could be lifted once."""

from collections.abc import Iterator
from math import hypot

from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.lifted import DAY_US
from pipeline.coaching.load_velocity import LoadVelocityLine, fast_sets, own_line
from pipeline.coaching.phrases import Numbers, many

# Of the exercise as it was studied: a band or a pause at the bottom has another last velocity.
_LIFT = ("hip_thrust", "")
_BEFORE_DAYS = 56
# Half an interval; with more of it the estimate says less than the general line of de Hoyo and
# others, whose error of 7 % is 14 % in 95 of 100 cases.
_MOST_UNSURE = 0.14


def _estimate(case: Case) -> Iterator[Advice]:
    if not _lifted_today(case):
        return
    found = _line(case, case.now_us)
    if found is None:
        return
    most, say = found.one_rep_max, Numbers(case.preferences.unit)
    text = (
        "Hip thrust: the load that you could lift once is about "
        f"{say.load('e1rm', most.load_kg, 0)}, in 95 of 100 cases between "
        f"{say.load('e1rm_low', most.low_kg, 0)} and {say.load('e1rm_high', most.high_kg, 0)}, "
        f"from {say.say('sets', found.sets)} fast sets"
    )
    if found.slow:
        slow = say.say("slow_sets", found.slow)
        text += f"; {many(int(slow), 'slower set')} left aside"
    then = _line(case, case.now_us - _BEFORE_DAYS * DAY_US)
    if then is not None and _differ(found, then):
        change_kg = most.load_kg - then.one_rep_max.load_kg
        word = "more" if change_kg > 0 else "less"
        text += (
            f". That is {say.load('change', abs(change_kg), 0)} {word} than "
            f"{say.say('before_days', _BEFORE_DAYS)} days ago"
        )
    yield Advice("one_rep_max", "info", f"{text}.", say.told, _LIFT)


def _lifted_today(case: Case) -> bool:
    trained = case.trained
    for one in reversed(trained):
        if one.session != trained[-1].session:
            return False
        if one.lift == _LIFT:
            return True
    return False


def _line(case: Case, now_us: int) -> LoadVelocityLine | None:
    found = own_line(_LIFT[0], fast_sets(case.trained, _LIFT, now_us))
    if found is None:
        return None
    most = found.one_rep_max
    return found if most.high_kg - most.load_kg <= _MOST_UNSURE * most.load_kg else None


def _differ(now: LoadVelocityLine, then: LoadVelocityLine) -> bool:
    """By more than the two lines are unsure: what is not known of the lifter is in both."""
    change_kg = abs(now.one_rep_max.load_kg - then.one_rep_max.load_kg)
    return change_kg > hypot(now.line_kg, then.line_kg)


RULES = (
    Rule(
        "one_rep_max",
        "session",
        "The load that could be lifted once, with the interval that holds it in 95 of 100 cases: "
        "where the lifter's own line of velocity and load meets 0.25 m/s. From the hip thrusts of "
        "six weeks, six sets or more with loads that are 20 % apart, recent ones weighing more; "
        "sets with a prescribed way up are left out, and those far under the line of the faster "
        "ones. A change against eight weeks before is told if it is more than both lines are "
        "unsure.",
        "de Hoyo and others, Predicting loading intensity measuring velocity in barbell hip thrust "
        "exercise, J Strength Cond Res 2021: 0.25 m/s, with a standard deviation of 0.03 between "
        "102 lifters",
        "It needs maximal intent: who never lifts the light sets as fast as possible gets a number "
        "that is wrong. The sensor's velocity is that of the pelvis, not of the bar. Only for the "
        "plain hip thrust: of other lifts and variants no last velocity is published. No number to "
        "try out.",
        _estimate,
    ),
)

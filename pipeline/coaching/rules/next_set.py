"""The load for the next set."""

from collections.abc import Iterator
from dataclasses import replace

from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.lift_names import lift_words
from pipeline.coaching.phrases import Numbers, many
from pipeline.coaching.plates import Rack
from pipeline.coaching.progression import (
    Proposal,
    fewer_reps_load_kg,
    next_load_kg,
    proposal,
    reps_for_step,
)
from pipeline.coaching.typed_load import asks
from pipeline.coaching.worked import Worked, judged, range_reps, worked

# A rep less than the range is a tired set, not a wrong load; two reps over it are the position
# stand's sign that the load is too light.
_SHORT, _OVER = 2, 2
# What is further from all that was worked with lately, and lighter, is a warm-up.
_NEAR = 0.15
_LATELY = 4


def _next_set(case: Case) -> Iterator[Advice]:
    one = case.latest
    if one is None or not one.over or not one.load_kg or one.load_kg < 0 or not one.counted:
        return
    wanted = range_reps(one, case.preferences)
    of_lift = [done for done in worked(case).get(one.lift, ()) if _other_day(done, one.session)]
    if wanted is None or not of_lift or asks(case.trained):
        return
    before = tuple(other for other in case.trained if other.session != one.session)
    found = proposal(of_lift, replace(case, history=before))
    back = found if found is not None and found.reason == "break" else None
    if _is_light(one.load_kg, [back.load_kg] if back else [done.load_kg for done in of_lift]):
        return
    if back is not None and one.load_kg > back.load_kg:
        yield _after_break(case, back)
        return
    say = Numbers(case.preferences.unit)
    text = _words(case, wanted, of_lift, back, say)
    if text:
        yield Advice("next_set_load", "info", text, say.told)


def _words(
    case: Case,
    wanted: tuple[int, int],
    before: list[Worked],
    back: Proposal | None,
    say: Numbers,
) -> str | None:
    """The next load and why; None if there is none that is lighter."""
    one, rack = case.trained[-1], Rack.of(case.preferences)
    now_kg, (low, high), reps = one.load_kg or 0.0, wanted, len(one.counted)
    load = say.load("load", now_kg)
    told = f"{many(int(say.say('reps', reps)), 'rep')} with {load}"
    if low - reps >= _SHORT:
        lighter_kg = fewer_reps_load_kg(now_kg, low - reps, rack)
        if lighter_kg is None:
            return None
        verb = "is" if reps == 1 else "are"
        why = f"{told} {verb} less than {say.say('least_reps', low)}"
        return f"Next set {say.load('next', lighter_kg)}: {why}."
    next_kg = next_load_kg(now_kg, rack)
    wise = back is None or (next_kg is not None and next_kg <= back.load_kg)
    over = next_kg is not None and wise and _is_over(reps, high, now_kg, next_kg)
    if next_kg is not None and over and _good(case, before):
        why = f"{told} are more than {say.say('top_reps', high)}, and they were clean"
        return f"Next set {say.load('next', next_kg)}: {why}."
    say.say("least_reps", low)
    say.say("top_reps", high)
    text = f"Next set {load} again: {many(reps, 'rep')}, and {low} to {high} are wanted"
    if back is not None:
        text += f"; more is for another day, {say.say('days', back.count)} days after the last one"
    return f"{text}."


def _after_break(case: Case, back: Proposal) -> Advice:
    """Less, after a set that is heavier than is wise on the first day after a break."""
    lift = lift_words(case.trained[-1].lift)
    say = Numbers(case.preferences.unit)
    text = (
        f"It is {say.say('days', back.count)} days since your last {lift}. "
        f"Next set {say.load('next', back.load_kg)}, {say.say('change_pct', -back.change_pct, 1)} "
        "% less than then, and up again from there."
    )
    return Advice("next_set_load", "attention", text, say.told)


def _is_over(reps: int, high: int, load_kg: float, next_kg: float) -> bool:
    """Two reps and more over the range, and enough of them for the next step."""
    return reps >= max(high + _OVER, reps_for_step(load_kg, next_kg, high))


def _good(case: Case, before: list[Worked]) -> bool:
    one = case.trained[-1]
    quality = judged(Worked(one.time_us, one.load_kg or 0.0, (one,), None), before, case)
    return quality.faults_pct is not None and quality.good


def _is_light(load_kg: float, before_kg: list[float]) -> bool:
    lately_kg = before_kg[:_LATELY]
    near = any(abs(load_kg / kg - 1) <= _NEAR for kg in lately_kg)
    return not near and load_kg < max(lately_kg)


def _other_day(done: Worked, session: str) -> bool:
    return done.sets[-1].session != session


RULES = (
    Rule(
        "next_set_load",
        "set",
        "The load for the next set: less after a set two reps or more below the range, 2.5 % for "
        "each rep and 10 % at most; more after a clean set two reps or more above it; else the "
        "same. In the first session of an exercise after a break of more than 14 days no more "
        "than 90 % of what was worked with before it, after more than 28 days 80 %. Warm-up sets "
        "and the first session of a lift are left out.",
        "Nuzzo and others, Maximal number of repetitions at percentages of the one repetition "
        "maximum, Sports Med 2024; two reps over: American College of Sports Medicine, Progression "
        "models in resistance training for healthy adults, Med Sci Sports Exerc 2009; how much "
        "less after a break is custom.",
        "A set may be short for another reason than its load; lifters differ in what a rep is "
        "worth.",
        _next_set,
    ),
)

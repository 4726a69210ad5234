"""How many reps were left, after the lifter's own calibration."""

from collections.abc import Iterator
from math import ceil

from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.phrases import Numbers, many
from pipeline.coaching.reserve import (
    LEAST_SETS,
    calibrated,
    calibrations,
    can_calibrate,
    in_reserve,
)

# With more error than that the number says nothing.
_MOST_ERROR_REPS = 4.0


def _left(case: Case) -> Iterator[Advice]:
    one = case.latest
    if one is None or not one.over or not one.counted:
        return
    sets = calibrations(case.trained, one.lift)
    calibration, say = calibrated(sets), Numbers()
    if one.mark == "to_failure":
        known = say.say("sets", len(sets))
        text = f"To failure: {known} of {say.say('least_sets', LEAST_SETS)} sets that it takes"
        if not can_calibrate(one):
            text += ". This one is none: the velocity of its last rep is not known, or it was slow"
        elif calibration is not None and calibration.error_reps <= _MOST_ERROR_REPS:
            text = f"To failure: the reps that are left can be told now, from {known} sets"
            del say.told["least_sets"]
        yield Advice("reps_in_reserve", "info", f"{text}.", say.told)
        return
    found = in_reserve(calibration, one)
    if found is None or found.error_reps > _MOST_ERROR_REPS:
        return
    left = many(int(say.say("reps_in_reserve", found.reps)), "rep")
    error = say.say("error_reps", ceil(2 * found.error_reps) / 2, 1)
    text = (
        f"About {left} left after the last one, give or take {error}, by your "
        f"{say.say('sets', len(sets))} sets to failure."
    )
    yield Advice("reps_in_reserve", "info", text, say.told)


RULES: tuple[Rule, ...] = (
    Rule(
        "reps_in_reserve",
        "set",
        "How many reps were left after the last one, with the error, from the velocity of that rep "
        "and your own sets of this lift that are marked as lifted to failure: the newest four, two "
        "at least. Nothing before that, and nothing where the error is over 4 reps.",
        "A line of the lifter's own between velocity and reps in reserve is within about 2 reps, a "
        "general one is not good enough (Jukic and others, 2024, squat).",
        "It holds for reps lifted as fast as possible, and near failure. That a set went to "
        "failure is the lifter's own word. Of the hip thrust nobody has published how good it is.",
        _left,
    ),
)

"""Left and right: whether one hip sinks while the top is held."""

from collections.abc import Iterator
from statistics import median

from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.measures import known, measured
from pipeline.coaching.phrases import Numbers, many

# A set's median is off by less than 1 deg; hips that are held by one leg tip by 3 to 10.
_LEAST_DEG = 3.0
_LEAST_REPS = 3
# In these the pelvis turned, and some of that may look like a tilt.
_TURNED = {"over_arch", "sag"}


def _tilt(case: Case) -> Iterator[Advice]:
    one = case.latest
    if one is None or not one.over:
        return
    level = [rep for rep in measured(one) if not _TURNED.intersection(rep.faults)]
    tilts_deg = [value for _, value in known(level, "tilt_deg")]
    if len(tilts_deg) < _LEAST_REPS or abs(median(tilts_deg)) < _LEAST_DEG:
        return
    side = "left" if median(tilts_deg) > 0 else "right"
    say = Numbers()
    by_deg = say.say("tilt_deg", abs(median(tilts_deg)))
    reps = many(int(say.say("reps", len(tilts_deg))), "rep")
    yield Advice(
        "tilt",
        "attention",
        f"Your {side} hip sank by {by_deg} degrees while you held the top, in the middle one of "
        f"{reps}: keep both sides level.",
        say.told,
    )


RULES = (
    Rule(
        "tilt",
        "set",
        "Which hip sinks during the hold, when the median over three reps or more is 3 degrees or "
        "more. Reps with an arch or a sag are left out.",
        "The change of the tilt of the pelvis from the start to the end of the top pause; on model "
        "recordings the median of a set was off by 0.2 degrees, and by less than 1 at most. On one "
        "leg the free side tends to drop as one tires.",
        "Only what the hold adds: a pelvis that tips in step with every way up cannot be told from "
        "one that is level, so it never says that you are level. A belt that slips looks the same. "
        "It says which side sinks, not which leg is weaker. It needs a gyroscope.",
        _tilt,
    ),
)

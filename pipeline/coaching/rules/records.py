"""New bests."""

from collections.abc import Iterator

from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.bests import RANGES, News, mark, news, range_of
from pipeline.coaching.lift_names import lift_name
from pipeline.coaching.phrases import Numbers, many
from pipeline.coaching.typed_load import asks


def _new_bests(case: Case) -> Iterator[Advice]:
    latest = case.latest
    if latest is None or not latest.over or asks(case.trained):
        return
    new = mark(latest)
    if new is None:
        return
    before = [
        found
        for found in (mark(one) for one in case.trained[:-1] if one.lift == latest.lift)
        if found
    ]
    name = lift_name(latest.lift)
    for one in news(new, before):
        say = Numbers(case.preferences.unit)
        text = _words(one, say)
        yield Advice("records", "good", f"{name}, best in a year: {text}.", say.told)


def _words(found: News, say: Numbers) -> str:
    load = say.load("load", found.mark.load_kg)
    reps = say.say("reps", found.mark.reps)
    if found.kind == "load":
        least, _ = range_of(found.mark.reps)
        among = f" for {say.say('least_reps', least)} or more" if least > 1 else ""
        before = say.load("before", found.before)
        return f"{load} for {many(int(reps), 'rep')}; the most so far{among} was {before}"
    if found.kind == "reps":
        before = say.say("before_reps", found.before)
        return f"{reps} reps with {load}; the most so far were {before}"
    if found.kind == "velocity":
        fastest, before = (
            say.say("velocity_mps", found.value, 2),
            say.say("before_mps", found.before, 2),
        )
        del say.told["reps"]
        return f"{fastest} m/s with {load}; the fastest so far was {before} m/s"
    held, before = say.say("hold_s", found.value, 1), say.say("before_s", found.before, 1)
    return (
        f"a hold of {held} s with {load}, in a set of {many(int(reps), 'rep')}; the longest "
        f"so far was {before} s"
    )


_RANGES = ", ".join(f"{low} to {high}" if high else f"{low} and more" for low, high in RANGES)

RULES = (
    Rule(
        "records",
        "set",
        f"New bests of a lift and variant, by range of reps ({_RANGES}): the load, the reps with "
        "it, the mean velocity of the two fastest reps with it, the longest hold that was asked "
        "for. Only what beats all that was done with that load and more, by more than the error of "
        "measurement: 0.04 m/s for velocity, 0.1 s for a hold.",
        "The errors: docs/accuracy.md",
        "Loads and variants are as typed in. The errors are those on model recordings. A first "
        "session has no news, and what is older than a year has no say.",
        _new_bests,
    ),
)

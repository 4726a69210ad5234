"""Whether a load was typed in another unit."""

from collections.abc import Iterator

from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.phrases import Numbers
from pipeline.coaching.typed_load import asks


def _ask(case: Case) -> Iterator[Advice]:
    found = asks(case.trained) if case.latest else None
    if found is None:
        return
    say = Numbers(case.preferences.unit)
    typed, usual = say.load("load", found.typed_kg, 1), say.load("usual", found.usual_kg, 1)
    likely = say.load("likely", found.likely_kg, 1)
    meant = likely
    if found.typed_as == "lb" and case.preferences.unit == "kg":
        meant = f"{say.say('likely_lb', found.typed_kg, 1)} lb, {likely}"
    yield Advice(
        "load_check",
        "attention",
        f"{typed} is far from your usual {usual}. Was it meant as {meant}? If so, "
        "please correct the load of this set.",
        say.told,
    )


RULES = (
    Rule(
        "load_check",
        "set",
        "Asks about a load outside of all that this lift was done with before, if it fits as soon "
        "as it is read in the other unit: about 2.2 times the usual load, or 1 / 2.2 of it.",
        "1 lb is 0.45359237 kg, by definition",
        "It asks and corrects nothing. Without three earlier sets of the lift it does not ask.",
        _ask,
    ),
)

"""Whether a load was typed in another unit."""

from collections.abc import Iterator

from pipeline.coaching.advice import Advice, Case, Rule
from pipeline.coaching.phrases import Numbers
from pipeline.coaching.typed_load import asks


def _ask(case: Case) -> Iterator[Advice]:
    found = asks(case.history) if case.history else None
    if found is None:
        return
    say = Numbers()
    typed_kg = say.say("load_kg", found.typed_kg, 1)
    likely_kg = say.say("likely_kg", found.likely_kg, 1)
    usual_kg = say.say("usual_kg", found.usual_kg, 1)
    meant = f"{typed_kg} lb, {likely_kg} kg" if found.typed_as == "lb" else f"{likely_kg} kg"
    yield Advice(
        "load_check",
        "attention",
        f"{typed_kg} kg is far from your usual {usual_kg} kg. Was it meant as {meant}? If so, "
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

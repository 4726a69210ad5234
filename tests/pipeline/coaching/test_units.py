"""Loads in the unit of the athlete."""

from dataclasses import replace

import pytest
from hypothesis import given

from pipeline.coaching.advice import Case, Preferences, advice
from pipeline.coaching.phrases import Numbers
from pipeline.coaching.plates import KG_PER_LB
from pipeline.coaching.rules import every
from tests.pipeline.coaching.histories import WHENS, cases
from tests.pipeline.coaching.made import case, session

PLATES_LB = {lb * KG_PER_LB: 4 for lb in (2.5, 5.0, 10.0, 25.0, 45.0)}
POUNDS = Preferences(unit="lb", plates_kg=PLATES_LB, bar_kg=45 * KG_PER_LB)


def test_kilograms_are_said_as_they_are_kept() -> None:
    say = Numbers()
    assert say.load("load", 62.5) == "62.5 kg"
    assert say.told == {"load_kg": 62.5}


@pytest.mark.parametrize(("pounds", "text"), [(135, "135 lb"), (137.5, "137.5 lb"), (45, "45 lb")])
def test_pounds_are_said_and_kept_in_both_units(pounds: float, text: str) -> None:
    say = Numbers("lb")
    assert say.load("load", pounds * KG_PER_LB) == text
    assert say.told["load_lb"] == pounds
    assert say.told["load_kg"] == pytest.approx(pounds * KG_PER_LB, abs=0.005)


def test_who_lifts_in_pounds_gets_the_next_load_in_pounds() -> None:
    days = [session(day, [12, 12, 12], 135 * KG_PER_LB) for day in (0, 3)]
    (one,) = advice(
        [rule for rule in every() if rule.name == "next_load"],
        case(*days, day=3, preferences=POUNDS),
        "session",
    )
    assert "next time 140 lb (3.7 % more)" in one.text
    assert "kg" not in one.text
    assert one.numbers["load_kg"] == round(140 * KG_PER_LB, 2)


@given(cases())
def test_in_pounds_nobody_reads_of_kilograms_and_the_other_way_round(seen: Case) -> None:
    wanted = {"kg": " lb", "lb": " kg"}
    for unit, other in wanted.items():
        preferences = replace(seen.preferences, unit="lb" if unit == "lb" else "kg")
        for when in WHENS:
            for one in advice(every(), replace(seen, preferences=preferences), when):
                if one.rule != "load_check":  # it asks about the other unit
                    assert other not in one.text

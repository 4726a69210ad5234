"""Double progression with bands."""

from dataclasses import replace

import pytest

from pipeline.coaching.advice import Advice, Preferences
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.plates import band_of
from pipeline.coaching.rules.next_band import RULES
from tests.pipeline.coaching.made import case, session

BANDS = Preferences(bands=("light", "medium", "strong"))


def said(*days: tuple[LiftedSet, ...], preferences: Preferences = BANDS) -> list[Advice]:
    return list(RULES[0].advise(case(*days, day=20, preferences=preferences)))


def banded(reps: list[int], variant: str = "banded-light", day: int = 0) -> tuple[LiftedSet, ...]:
    return session(day, reps, None, "glute_bridge", variant)


def test_at_the_top_of_the_range_comes_the_next_band() -> None:
    (both,) = said(banded([12, 12]))
    assert "because both sets" in both.text
    (one,) = said(banded([12, 12, 13]))
    assert one.text == (
        "Banded light glute bridge: next time the medium band, from 8 reps up, because all 3 sets "
        "with the light one reached 12 reps."
    )
    assert one.lift == ("glute_bridge", "banded-light")


def test_below_it_a_rep_more() -> None:
    (one,) = said(banded([12, 10, 9]))
    assert "stay with the light band next time and aim for 10 reps" in one.text


def test_reps_with_faults_earn_no_band() -> None:
    days = banded([12, 12])
    bad = tuple(
        replace(one, reps=tuple(replace(rep, faults=("short_lockout",)) for rep in one.reps))
        for one in days
    )
    (one,) = said(bad)
    assert one.level == "attention"
    assert "clean reps (100 % had a fault)" in one.text


def test_after_the_strongest_only_reps_are_left() -> None:
    (one,) = said(banded([12, 12], "strong"))
    assert one.numbers == {"reps": 13}


@pytest.mark.parametrize("variant", ["", "banded", "lightly"])
def test_without_a_known_band_nothing_is_said(variant: str) -> None:
    assert said(banded([12, 12], variant)) == []
    assert band_of(variant, BANDS.bands) is None


def test_with_a_load_the_load_goes_up_and_not_the_band() -> None:
    assert said(session(0, [12, 12], 60.0, "hip_thrust", "banded-light")) == []


def test_only_the_lifts_of_the_last_session_are_told_of() -> None:
    assert said(banded([12, 12]), session(3, [10])) == []


def test_without_bands_in_the_settings_nothing_is_said() -> None:
    assert said(banded([12, 12]), preferences=Preferences()) == []

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.coaching.typed_load import OtherUnit, asks, other_unit
from tests.pipeline.coaching.made import session

USUAL_KG = [40.0, 80.0, 100.0, 102.5, 100.0]


def test_pounds_where_kilograms_were_meant_are_asked_about() -> None:
    found = other_unit(225, USUAL_KG)
    assert found
    assert found.typed_as == "lb"
    assert found.likely_kg == pytest.approx(102, abs=0.1)
    assert found.usual_kg == 102.5


def test_kilograms_that_were_taken_for_pounds_are_asked_about() -> None:
    found = other_unit(100 * 0.4536, [90.0, 100.0, 100.0])
    assert found
    assert found.typed_as == "kg"
    assert found.likely_kg == pytest.approx(100, abs=0.1)


@pytest.mark.parametrize("typed_kg", [40, 45, 60, 100, 110, 130, 150, 300, 0, None])
def test_a_load_that_is_usual_or_no_other_unit_is_not(typed_kg: float | None) -> None:
    assert other_unit(typed_kg, USUAL_KG) is None


def test_without_three_sets_nobody_knows_what_is_usual() -> None:
    assert other_unit(220, [100.0, 100.0]) is None


def test_another_variant_says_nothing_of_this_one() -> None:
    plain = session(0, [10, 10, 10], 100.0)
    assert isinstance(asks((*plain, *session(3, [10], 220.0))), OtherUnit)
    assert asks((*plain, *session(3, [10], 220.0, variant="banded"))) is None


@given(st.none() | st.floats(-10, 1000), st.lists(st.floats(-10, 1000), max_size=8))
def test_what_was_lifted_before_is_never_asked_about(
    typed_kg: float | None, usual_kg: list[float]
) -> None:
    found = other_unit(typed_kg, usual_kg)
    if found:
        assert found.typed_kg not in usual_kg
        assert found.likely_kg == pytest.approx(found.usual_kg, rel=0.11)

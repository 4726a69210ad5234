import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.coaching.advice import Preferences
from pipeline.coaching.plates import KG_PER_LB, Rack, next_band

HOME = Rack(20.0, ((2.5, 1), (5.0, 1), (10.0, 2)))


def test_the_loads_are_the_bar_and_any_pairs() -> None:
    assert HOME.loads_kg() == tuple(float(kg) for kg in range(20, 80, 5))


@pytest.mark.parametrize(
    ("wanted_kg", "below_kg", "above_kg"),
    [(60, 60, 60), (61, 60, 65), (19, None, 20), (76, 75, None), (59.99, 60, 60)],
)
def test_the_nearest_loads_are_found(
    wanted_kg: float, below_kg: float | None, above_kg: float | None
) -> None:
    assert HOME.at_or_below(wanted_kg) == below_kg
    assert HOME.at_or_above(wanted_kg) == above_kg


def test_without_an_inventory_any_step_will_do() -> None:
    steps = Rack.of(Preferences(step_kg=2.5))
    assert steps.at_or_above(61) == 62.5
    assert steps.at_or_above(62.5) == 62.5
    assert steps.at_or_below(61) == 60
    assert steps.at_or_below(2) is None
    assert steps.loads_kg() == ()


def test_pounds_are_as_good_as_kilograms() -> None:
    rack = Rack.in_pounds(45, {45: 2, 10: 1, 5: 1, 2.5: 1})
    in_pounds = [round(kg / KG_PER_LB, 1) for kg in rack.loads_kg()]
    assert in_pounds[:4] == [45, 50, 55, 60]
    assert in_pounds[-1] == 45 + 2 * (90 + 10 + 5 + 2.5)
    above_kg = rack.at_or_above(136 * KG_PER_LB)
    assert above_kg
    assert above_kg / KG_PER_LB == pytest.approx(140, abs=0.01)


def test_the_inventory_is_the_athletes_own() -> None:
    rack = Rack.of(Preferences(plates_kg={20.0: 1, 5.0: 1}, bar_kg=15.0))
    assert rack.loads_kg() == (15, 25, 55, 65)


@pytest.mark.parametrize(
    ("load_kg", "about_kg", "expected_kg"),
    [(60, 54, 55), (60, 52, 50), (60, 59, 55), (20, 18, None)],
)
def test_a_lighter_load_is_the_nearest_that_is_lighter(
    load_kg: float, about_kg: float, expected_kg: float | None
) -> None:
    assert HOME.lighter(load_kg, about_kg) == expected_kg


def test_bands_are_steps_by_name() -> None:
    bands = ("light", "medium", "heavy")
    assert next_band(bands, "light") == "medium"
    assert next_band(bands, "heavy") is None
    assert next_band(bands, "purple") is None


inventories = st.dictionaries(st.floats(-1, 60), st.integers(-1, 4), max_size=5)


@given(inventories, st.floats(0, 50), st.floats(0, 600))
def test_what_is_found_can_be_put_on_and_nothing_nearer_can(
    plates_kg: dict[float, int], bar_kg: float, wanted_kg: float
) -> None:
    rack = Rack.of(Preferences(plates_kg=plates_kg, bar_kg=bar_kg))
    loads_kg = rack.loads_kg()
    assert list(loads_kg) == sorted(set(loads_kg))
    below_kg, above_kg = rack.at_or_below(wanted_kg), rack.at_or_above(wanted_kg)
    assert below_kg is None or (below_kg in loads_kg and below_kg <= wanted_kg + 0.02)
    assert above_kg is None or (above_kg in loads_kg and above_kg >= wanted_kg - 0.02)
    nearer_above = [kg for kg in loads_kg if wanted_kg + 0.02 < kg < (above_kg or 0.0)]
    nearer_below = [kg for kg in loads_kg if (below_kg or 0.0) < kg < wanted_kg - 0.02]
    assert not nearer_above
    assert not nearer_below

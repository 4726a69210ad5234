import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.coaching.load_velocity import LAST_VELOCITY_MPS, one_rep_max

LAST_MPS, _ = LAST_VELOCITY_MPS["hip_thrust"]


def lifter(most_kg: float, fastest_mps: float, loads_kg: list[float]) -> list[tuple[float, float]]:
    """What a lifter does whose velocity falls in a straight line down to that of the maximum."""
    slope = (LAST_MPS - fastest_mps) / most_kg
    return [(load, fastest_mps + slope * load) for load in loads_kg]


@pytest.mark.parametrize("loads_kg", [[60, 90], [40, 60, 80, 100], [100, 60, 80]])
def test_a_straight_line_is_read_where_the_maximum_is(loads_kg: list[float]) -> None:
    found = one_rep_max("hip_thrust", lifter(120, 0.9, loads_kg))
    assert found
    assert found.load_kg == pytest.approx(120)
    assert found.low_kg < 120 < found.high_kg


def test_the_interval_holds_the_truth_in_about_95_of_100_cases() -> None:
    chance = random.Random(5)
    inside = tried = 0
    for _ in range(2000):
        most_kg, last_mps = chance.uniform(80, 200), chance.gauss(*LAST_VELOCITY_MPS["hip_thrust"])
        slope = (last_mps - chance.uniform(0.8, 1.1)) / most_kg
        loads = [share * most_kg for share in (0.45, 0.6, 0.75, 0.85)]
        lifted = [
            (load, last_mps + slope * (load - most_kg) + chance.gauss(0, 0.03)) for load in loads
        ]
        found = one_rep_max("hip_thrust", lifted)
        if found:
            tried += 1
            inside += found.low_kg <= most_kg <= found.high_kg
    assert tried > 1900
    assert 0.92 < inside / tried < 0.98


def test_fewer_loads_and_nearer_ones_are_less_certain() -> None:
    def width(loads_kg: list[float]) -> float:
        found = one_rep_max("hip_thrust", lifter(120, 0.9, loads_kg))
        assert found
        return found.high_kg - found.low_kg

    assert width([50, 70, 90, 110]) < width([50, 110]) < width([80, 110])


def test_the_fastest_of_a_load_counts() -> None:
    lifted = lifter(120, 0.9, [60, 100])
    lazily = [(load, velocity - 0.2) for load, velocity in lifted]
    assert one_rep_max("hip_thrust", lazily + lifted) == one_rep_max("hip_thrust", lifted)


@pytest.mark.parametrize(
    ("exercise", "lifted"),
    [
        ("hip_thrust", []),
        ("hip_thrust", [(60, 0.6)]),
        ("hip_thrust", [(60, 0.6), (60, 0.5)]),
        ("hip_thrust", [(90, 0.6), (100, 0.5)]),  # too near
        ("hip_thrust", [(60, 0.5), (90, 0.6)]),  # faster with more
        ("hip_thrust", [(20, 0.9), (40, 0.85)]),  # the maximum is far away
        ("hip_thrust", [(60, 0.2), (100, 0.1)]),  # slower than a maximum
        ("hip_thrust", [(0, 0.9), (60, 0.6)]),  # no load is none
        ("squat", [(60, 0.9), (100, 0.6)]),  # its last velocity is not known
    ],
)
def test_too_little_gives_no_estimate(exercise: str, lifted: list[tuple[float, float]]) -> None:
    assert one_rep_max(exercise, lifted) is None


numbers = st.floats(0, 1000) | st.floats(0, 2)


@given(st.lists(st.tuples(numbers, numbers), max_size=12))
def test_whatever_was_lifted_an_estimate_is_near_it(lifted: list[tuple[float, float]]) -> None:
    found = one_rep_max("hip_thrust", lifted)
    if found:
        heaviest = max(load for load, _ in lifted)
        assert 0 < found.load_kg <= 1.6 * heaviest
        assert found.low_kg < found.load_kg < found.high_kg

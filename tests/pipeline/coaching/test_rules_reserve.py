"""Reps in reserve, as they are told."""

from dataclasses import replace

from pipeline.coaching.advice import Advice, Case, advice
from pipeline.coaching.lifted import LiftedRep, LiftedSet
from pipeline.coaching.rules import set_reserve
from tests.pipeline.coaching.histories import BEGIN_US


def lifted(*velocities: float | None, mark: str = "", variant: str = "") -> LiftedSet:
    reps = tuple(LiftedRep(k, mean_velocity_mps=v) for k, v in enumerate(velocities, 1))
    return LiftedSet(BEGIN_US, "today", "hip_thrust", variant, 100.0, reps, mark=mark)


def to_failure(count: int, variant: str = "") -> LiftedSet:
    """0.25 m/s with none left, 0.03 m/s more for each that is."""
    falling = (0.25 + 0.03 * k for k in range(count - 1, -1, -1))
    return lifted(*falling, mark="to_failure", variant=variant)


def said(*sets: LiftedSet) -> list[Advice]:
    return advice(set_reserve.RULES, Case(sets, BEGIN_US), "set")


SETS = (to_failure(8), to_failure(6))


def test_what_was_left_is_told_with_its_error() -> None:
    (one,) = said(*SETS, lifted(0.43, 0.40, 0.34))
    assert one.text == (
        "About 3 reps left after the last one, give or take 2, by your 2 sets to failure."
    )


def test_nothing_without_a_calibration_of_this_very_lift() -> None:
    assert said(lifted(0.43, 0.34)) == []
    assert said(SETS[0], lifted(0.43, 0.34)) == []
    assert said(*SETS, lifted(0.43, 0.34, variant="banded")) == []
    unmarked = (replace(one, mark="") for one in SETS)
    assert said(*unmarked, lifted(0.43, 0.34)) == []


def test_a_set_that_cannot_calibrate_spoils_nothing() -> None:
    unknown = lifted(0.4, 0.37, 0.34, 0.31, None, mark="to_failure")
    (one,) = said(*SETS, unknown, lifted(0.43, 0.40, 0.34))
    assert one.numbers["sets"] == 2


def test_each_set_to_failure_is_told_what_it_brought() -> None:
    (first,) = said(SETS[0])
    assert first.numbers == {"sets": 1, "least_sets": 2}
    (second,) = said(*SETS)
    assert second.numbers == {"sets": 2}
    (none,) = said(lifted(0.4, None, mark="to_failure"))
    assert none.numbers == {"sets": 0, "least_sets": 2}


def test_the_newest_sets_to_failure_count() -> None:
    weaker = [lifted(0.6, 0.55, 0.5, 0.45, mark="to_failure")] * 3
    (one,) = said(*weaker, *[to_failure(8)] * 4, lifted(0.43, 0.40, 0.34))
    assert (one.numbers["sets"], one.numbers["reps_in_reserve"]) == (4, 3)


def test_after_a_rest_inside_the_set_nothing_is_said() -> None:
    rested = lifted(0.43, 0.40, 0.34)
    reps = (rested.reps[0], replace(rested.reps[1], bottom_pause_s=20.0), rested.reps[2])
    assert said(*SETS, replace(rested, reps=reps)) == []

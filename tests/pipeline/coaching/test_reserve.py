import random
from dataclasses import replace

import pytest
from hypothesis import given

from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.reserve import LEAST_ERROR_REPS, calibrated, in_reserve
from tests.pipeline.coaching.histories import BEGIN_US, histories


def lifted(*velocities: float | None) -> LiftedSet:
    reps = tuple(LiftedRep(k, mean_velocity_mps=v) for k, v in enumerate(velocities, 1))
    return LiftedSet(BEGIN_US, "today", "hip_thrust", load_kg=100.0, reps=reps)


def to_failure(count: int, noise_mps: float = 0.0, seed: int = 1) -> LiftedSet:
    """0.25 m/s with none left, 0.03 m/s more for each that is."""
    chance = random.Random(seed)
    left = range(count - 1, -1, -1)
    return lifted(*(0.25 + 0.03 * k + chance.gauss(0, noise_mps) for k in left))


SETS = [to_failure(8), to_failure(6)]


def test_the_line_of_the_lifter_gives_what_was_left() -> None:
    found = in_reserve(calibrated(SETS), lifted(0.43, 0.40, 0.34))
    assert found
    assert found.reps == pytest.approx(3.0)
    assert found.error_reps == LEAST_ERROR_REPS


def test_no_estimate_is_better_than_two_reps_and_a_rough_line_is_worse() -> None:
    rough = calibrated([to_failure(8, 0.06, 2), to_failure(8, 0.06, 3)])
    assert rough
    assert rough.error_reps > LEAST_ERROR_REPS


def test_the_truth_lies_within_the_error() -> None:
    near = tried = 0
    for seed in range(300):
        line = calibrated([to_failure(8, 0.03, 3 * seed + k) for k in (0, 1)])
        left = seed % 6
        cut = to_failure(8, 0.03, 3 * seed + 2)
        found = in_reserve(line, replace(cut, reps=cut.reps[: 8 - left]))
        if found:
            tried += 1
            near += abs(found.reps - left) <= found.error_reps
    assert tried > 250
    assert near > 0.9 * tried


def test_without_a_calibration_nothing_is_said() -> None:
    assert in_reserve(None, lifted(0.4, 0.35)) is None


@pytest.mark.parametrize(
    "sets",
    [
        [],
        SETS[:1],
        [to_failure(8), replace(to_failure(6), variant="banded")],
        [to_failure(8), to_failure(3)],
        [to_failure(8), lifted(0.4, 0.37, 0.34, 0.31, None)],  # its last velocity is not known
        [to_failure(8), replace(to_failure(6), wanted=Wanted(concentric_s=2.0))],
        [lifted(0.4, 0.4, 0.4, 0.4), lifted(0.4, 0.4, 0.4, 0.4)],
        [lifted(0.3, 0.4, 0.5, 0.6), lifted(0.3, 0.4, 0.5, 0.6)],
    ],
)
def test_too_little_is_no_calibration(sets: list[LiftedSet]) -> None:
    assert calibrated(sets) is None


@pytest.mark.parametrize(
    "one",
    [
        lifted(),
        lifted(0.4, None),
        lifted(0.9),  # faster than anybody was calibrated
        replace(lifted(0.4), variant="banded"),
        replace(lifted(0.4), wanted=Wanted(concentric_s=2.0)),
    ],
)
def test_what_the_line_does_not_hold_for_is_not_said(one: LiftedSet) -> None:
    assert in_reserve(calibrated(SETS), one) is None


def test_slower_than_failure_leaves_none() -> None:
    found = in_reserve(calibrated(SETS), lifted(0.3, 0.15))
    assert found
    assert found.reps == 0.0


@given(histories())
def test_any_history_has_a_calibration_or_none(history: tuple[LiftedSet, ...]) -> None:
    line = calibrated(history)
    for one in history:
        found = in_reserve(line, one)
        assert found is None or (found.reps >= 0 and found.error_reps >= LEAST_ERROR_REPS)

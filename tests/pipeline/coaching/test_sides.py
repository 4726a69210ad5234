"""Left against right."""

from dataclasses import replace

import pytest

from pipeline.coaching.advice import Advice, Case, advice
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.rules import records, sides
from pipeline.coaching.sides import side_of, without_side
from tests.pipeline.coaching.histories import BEGIN_US, DAY_US

LIFT = "single_leg_hip_thrust"
GOOD = LiftedRep(1, 0.8, 1.0, 2.0, 0.3, 50.0, 0.45)


def lifted(
    variant: str, count: int, load_kg: float | None = 20.0, rep: LiftedRep = GOOD, day: int = 0
) -> LiftedSet:
    scatter = (0.98, 1.0, 1.02)
    reps = tuple(
        replace(rep, number=k, rom_deg=(rep.rom_deg or 0.0) * scatter[k % 3])
        for k in range(1, count + 1)
    )
    return LiftedSet(BEGIN_US + day * DAY_US, f"day {day}", LIFT, variant, load_kg, reps)


def said(*sets: LiftedSet) -> list[Advice]:
    return advice(sides.RULES, Case(sets, BEGIN_US), "session")


@pytest.mark.parametrize(
    ("variant", "side", "rest"),
    [
        ("left", "left", ""),
        ("banded-right", "right", "banded"),
        ("right-cluster", "right", "cluster"),
        ("", None, ""),
        ("leftover", None, "leftover"),
    ],
)
def test_a_side_is_a_word_of_the_variant(variant: str, side: str | None, rest: str) -> None:
    assert (side_of(variant), without_side(variant)) == (side, rest)


def test_the_side_with_fewer_reps_is_to_begin() -> None:
    (one,) = said(lifted("right", 12), lifted("left", 9), lifted("right", 11), lifted("left", 8))
    assert one.text == (
        "Single leg hip thrust, left against right: 8.5 against 11.5 reps a set. Begin with the "
        "left and do no more reps on the right."
    )
    assert one.numbers == {"left_reps": 8.5, "right_reps": 11.5}


def test_a_rep_more_is_how_a_set_ends() -> None:
    assert said(lifted("left", 11), lifted("right", 12)) == []


@pytest.mark.parametrize(
    ("weak", "name"),
    [
        (replace(GOOD, mean_velocity_mps=0.33), "best_velocity_mps"),
        (replace(GOOD, rom_deg=44.0), "rom_deg"),
        (replace(GOOD, top_pause_s=0.5), "top_pause_s"),
    ],
)
def test_velocity_range_and_hold_are_told_beyond_noise(weak: LiftedRep, name: str) -> None:
    (one,) = said(lifted("left", 10), lifted("right", 10, rep=weak))
    assert set(one.numbers) == {f"left_{name}", f"right_{name}"}
    assert one.text.endswith("Begin with the right.")


@pytest.mark.parametrize(
    "near",
    [
        replace(GOOD, mean_velocity_mps=0.40),
        replace(GOOD, rom_deg=48.0),
        replace(GOOD, top_pause_s=0.8),
    ],
)
def test_within_noise_nothing_is_told(near: LiftedRep) -> None:
    assert said(lifted("left", 10), lifted("right", 10, rep=near)) == []


def test_other_loads_targets_sessions_and_one_side_alone_are_not_compared() -> None:
    assert said(lifted("left", 8), lifted("right", 12, 30.0)) == []
    asked = replace(lifted("right", 12), wanted=Wanted(reps=12))
    assert said(lifted("left", 8), asked) == []
    assert said(lifted("left", 8), lifted("right", 12, day=1)) == []
    assert said(lifted("left", 8), lifted("left", 12)) == []
    assert said(lifted("left", 8), lifted("banded-right", 12)) == []


def test_without_a_load_the_sides_are_compared_too() -> None:
    assert len(said(lifted("left", 8, None), lifted("right", 12, None))) == 1


def test_the_bests_of_the_sides_stay_apart() -> None:
    before = (lifted("left", 8), lifted("right", 12))
    latest = lifted("left", 10, day=3)
    (one,) = advice(records.RULES, Case((*before, latest), latest.time_us), "set")
    assert one.numbers["before_reps"] == 8

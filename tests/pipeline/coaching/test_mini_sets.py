"""Sets with rests inside: cluster sets and rest-pause."""

from dataclasses import replace

import pytest

from pipeline.coaching.advice import Case, advice
from pipeline.coaching.fatigue import last_two, rom_trend
from pipeline.coaching.form import form
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.load_velocity import fresh_velocity_mps
from pipeline.coaching.mini_sets import is_unbroken, last_mini_set, mini_sets
from pipeline.coaching.rules import every
from tests.pipeline.coaching.histories import BEGIN_US

FALLING = (0.5, 0.47, 0.44, 0.41, 0.38)
WANTED = Wanted(reps=10, velocity_loss_pct=20.0)


def cluster(*parts: tuple[float, ...], rest_s: float = 20.0) -> LiftedSet:
    """Mini-sets of so many reps with these velocities, and as much range as velocity."""
    reps: list[LiftedRep] = []
    for part in parts:
        for velocity_mps in part:
            number = len(reps) + 1
            reps.append(
                LiftedRep(
                    number, 0.35 / velocity_mps, 1.0, 2.0, 0.3, 100 * velocity_mps, velocity_mps
                )
            )
        reps[-1] = replace(reps[-1], bottom_pause_s=rest_s)
    return LiftedSet(BEGIN_US, "now", "hip_thrust", "cluster", 100.0, tuple(reps), WANTED)


def counts(one: LiftedSet) -> list[int]:
    return [len(part) for part in mini_sets(one)]


def test_a_long_pause_at_the_bottom_parts_a_set() -> None:
    assert counts(cluster(FALLING, FALLING, FALLING[:2])) == [5, 5, 2]
    assert len(last_mini_set(cluster(FALLING, FALLING[:2]))) == 2
    assert not is_unbroken(cluster(FALLING, FALLING))


@pytest.mark.parametrize("rest_s", [0.3, 4.9])
def test_a_short_one_does_not(rest_s: float) -> None:
    assert counts(cluster(FALLING, FALLING, rest_s=rest_s)) == [10]


def test_a_pause_that_was_asked_for_is_no_rest() -> None:
    one = replace(cluster(FALLING, FALLING, rest_s=6.0), wanted=Wanted(bottom_pause_s=5.0))
    assert is_unbroken(one)


def test_a_standing_lift_rests_at_the_top() -> None:
    one = replace(cluster(FALLING, FALLING), exercise="squat")
    assert is_unbroken(one)
    rested = tuple(replace(rep, top_pause_s=20.0) if rep.number == 5 else rep for rep in one.reps)
    assert counts(replace(one, reps=rested)) == [5, 5]
    assert is_unbroken(replace(one, reps=rested, exercise="hip_thrust", wanted=Wanted())) is False


def test_the_pauses_between_mini_sets_are_not_misread() -> None:
    one = cluster(FALLING, FALLING, FALLING)
    assert rom_trend(one) is None
    assert fresh_velocity_mps(one) == fresh_velocity_mps(cluster(FALLING))
    found = form(one)
    assert found
    assert "mean_velocity_mps" not in found.spread_pct
    silent = {"velocity_loss", "range_lost", "tempo_drift", "reps_in_reserve"}
    told = {said.rule for said in advice(every(), Case((one,), BEGIN_US + 60_000_000), "set")}
    assert silent <= {rule.name for rule in every()}
    assert not told & silent
    assert "reps" in told


def test_after_a_rest_the_last_two_reps_are_counted_anew() -> None:
    assert last_two(cluster(FALLING, FALLING[:1])) is None
    found = last_two(cluster(FALLING, FALLING[:2]))
    assert found
    assert (found.first.number, found.last.number) == (6, 7)
    assert found.loss_pct == pytest.approx(3.0)


def test_added_reps_are_in_no_mini_set() -> None:
    one = cluster(FALLING)
    assert counts(replace(one, reps=(*one.reps, LiftedRep(6, added=True)))) == [5]
    assert last_mini_set(replace(one, reps=())) == ()

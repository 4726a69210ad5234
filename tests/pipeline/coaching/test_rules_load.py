"""The rules on what goes up once and on loads in another unit, as they are told."""

from dataclasses import replace

import pytest

from pipeline.coaching.advice import Case
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.rules.load_check import RULES as LOAD_CHECK
from pipeline.coaching.rules.one_rep_max import RULES as ONE_REP_MAX
from tests.pipeline.coaching.made import case, session


def ramp(day: int, most_kg: float, variant: str = "") -> tuple[LiftedSet, ...]:
    """One set with each of three loads, on a straight line to 0.25 m/s at `most_kg`."""
    made = []
    for load_kg in (60.0, 80.0, 100.0):
        (one,) = session(day, [3], load_kg, variant=variant)
        velocity_mps = 1.15 - 0.9 * load_kg / most_kg
        reps = tuple(replace(rep, mean_velocity_mps=velocity_mps) for rep in one.reps)
        made.append(replace(one, reps=reps))
    return tuple(made)


def numbers(*days: tuple[LiftedSet, ...], day: int) -> dict[str, float] | None:
    found = list(ONE_REP_MAX[0].advise(case(*days, day=day)))
    return dict(found[0].numbers) if found else None


def test_what_goes_up_once_is_told_with_its_interval() -> None:
    told = numbers(*(ramp(day, 125) for day in (0, 3, 7)), day=7)
    assert told
    assert told["e1rm_kg"] == 125
    assert told["e1rm_low_kg"] < 125 < told["e1rm_high_kg"]
    assert told["sets"] == 9


@pytest.mark.parametrize(("now_kg", "change_kg"), [(125.0, None), (127.0, None), (145.0, 20)])
def test_a_change_is_told_only_if_the_lines_are_sure_of_it(
    now_kg: float, change_kg: float | None
) -> None:
    then = [ramp(day, 125) for day in (0, 3, 7)]
    now = [ramp(day, now_kg) for day in (56, 59, 63)]
    told = numbers(*then, *now, day=63)
    assert told
    assert told.get("change_kg") == change_kg


def test_one_session_a_slow_tempo_and_another_variant_say_nothing() -> None:
    days = (0, 3, 7)
    assert numbers(ramp(0, 125), day=0) is None
    slow = [
        tuple(replace(one, wanted=Wanted(concentric_s=2.0)) for one in ramp(day, 125))
        for day in days
    ]
    assert numbers(*slow, day=7) is None
    assert numbers(*(ramp(day, 125, "banded") for day in days), day=7) is None


def test_after_a_session_of_something_else_nothing_is_said() -> None:
    thrusts = [ramp(day, 125) for day in (0, 3, 7)]
    assert numbers(*thrusts, session(8, [8], exercise="squat"), day=8) is None


def test_a_load_in_pounds_is_asked_about_and_not_corrected() -> None:
    seen = case(session(0, [8, 8, 8], 100.0), session(3, [8], 225.0), day=3)
    (said,) = LOAD_CHECK[0].advise(seen)
    assert said.text == (
        "225 kg is far from your usual 100 kg. Was it meant as 225 lb, 102.1 kg? If so, please "
        "correct the load of this set."
    )
    assert seen.history[-1].load_kg == 225.0


def test_of_nothing_and_of_added_reps_nothing_is_said() -> None:
    assert not [*LOAD_CHECK[0].advise(Case((), 0)), *ONE_REP_MAX[0].advise(Case((), 0))]
    added = LiftedSet(0, "one", "hip_thrust", load_kg=60.0, reps=(LiftedRep(1, added=True),))
    assert not list(ONE_REP_MAX[0].advise(Case((added,), 1)))

from dataclasses import replace

import pytest
from hypothesis import given

from pipeline.coaching.advice import Case, Preferences
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.plan import PlannedLift
from pipeline.coaching.planned_load import load_kg, one_rep_max
from pipeline.coaching.templates import TEMPLATES
from tests.pipeline.coaching.histories import cases
from tests.pipeline.coaching.made import case, fast, session

LIFT = PlannedLift("hip_thrust", 3, (8, 12))


def whole(day: int, reps: list[int], kg: float) -> tuple[LiftedSet, ...]:
    """A session whose reps were measured."""
    return tuple(
        replace(one, reps=tuple(replace(rep, rom_deg=55.0) for rep in one.reps))
        for one in session(day, reps, kg)
    )


def test_kilograms_are_as_planned() -> None:
    assert load_kg(replace(LIFT, load_kg=61.3), case(day=0)) == 61.3


def test_percent_is_of_what_goes_up_once_and_of_plates_that_are_there() -> None:
    percent = replace(LIFT, load_pct=80.0)
    found = load_kg(percent, fast(120))
    most = one_rep_max(fast(120), LIFT.lift)
    assert most
    assert found == 95.0
    assert 0.8 * most.load_kg - 2.5 < found <= 0.8 * most.load_kg
    plates = Preferences(plates_kg={20.0: 1, 10.0: 1})
    assert load_kg(percent, replace(fast(120), preferences=plates)) == 80.0
    assert load_kg(percent, case(session(0, [10]), day=1)) is None
    assert load_kg(replace(percent, variant="banded"), fast(120)) is None


@pytest.mark.parametrize(("reps", "kg"), [([12, 12, 12], 62.5), ([12, 11, 10], 60.0)])
def test_progression_goes_on_from_the_last_time(reps: list[int], kg: float) -> None:
    assert load_kg(LIFT, case(whole(0, reps, 60.0), day=2)) == kg


def test_progression_goes_on_from_the_last_time_of_its_own_kind() -> None:
    both = case(whole(0, [12, 12, 12], 60.0), whole(3, [5, 5, 5], 90.0), day=5)
    assert load_kg(LIFT, both) == 62.5
    assert load_kg(replace(LIFT, reps=(3, 5)), both) == 92.5


def test_after_a_break_it_is_less() -> None:
    found = load_kg(LIFT, case(whole(0, [12, 12, 12], 60.0), day=40))
    assert found
    assert found < 60.0


def test_what_was_never_lifted_has_no_load() -> None:
    assert load_kg(LIFT, case(day=0)) is None
    assert load_kg(replace(LIFT, variant="banded"), case(whole(0, [12], 60.0), day=2)) is None


@given(cases())
def test_whatever_was_lifted_a_planned_load_is_none_or_some(seen: Case) -> None:
    for template in TEMPLATES.values():
        for planned in template.sessions:
            for lift in planned.lifts:
                for one in (lift, replace(lift, load_pct=70.0)):
                    found = load_kg(one, seen)
                    assert found is None or found > 0

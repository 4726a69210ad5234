from dataclasses import replace

import pytest
from hypothesis import given

from pipeline.coaching.advice import Case, Preferences
from pipeline.coaching.schedule import BREAK_DAYS, Next, next_session
from pipeline.coaching.templates import HYPERTROPHY, STRENGTH, TEMPLATES
from pipeline.coaching.week import day_of, today, weekday
from tests.pipeline.coaching.histories import cases
from tests.pipeline.coaching.made import MONDAY_US, case, session

MONDAY = day_of(MONDAY_US, 0)
HEAVY, LIGHT = [6, 6, 6], [15, 15, 15]


def found(seen: Case) -> Next:
    """What is next, for somebody who has lifted."""
    one = next_session(seen)
    assert one
    return one


def test_who_has_not_lifted_is_told_nothing() -> None:
    assert next_session(case(day=0)) is None
    assert next_session(case(session(0, [0]), day=0)) is None
    assert next_session(case(session(5, [10]), day=0)) is None
    assert next_session(case(day=0), STRENGTH) is None


@pytest.mark.parametrize(
    ("reps", "kind", "days"), [(HEAVY, "light", 2), (LIGHT, "heavy", 1), ([10], "mixed", 2)]
)
def test_heavy_and_light_are_in_turn_with_a_day_of_rest_after_heavy(
    reps: list[int], kind: str, days: int
) -> None:
    one = found(case(session(0, reps), day=0))
    assert (one.kind, one.day - MONDAY) == (kind, days)
    assert (one.exercise, one.variants) == ("hip_thrust", ("",))


def test_who_has_rested_may_lift_today() -> None:
    assert found(case(session(0, HEAVY), day=5)).day == MONDAY + 5


def test_no_more_in_a_week_than_aimed_for() -> None:
    done = [session(day, LIGHT) for day in (0, 2, 4)]
    assert found(case(*done, day=4)).day == MONDAY + 7
    more = Preferences(weekly=(2, 4))
    assert found(case(*done, day=4, preferences=more)).day == MONDAY + 5


def test_other_lifts_have_weeks_of_their_own() -> None:
    squats = [session(day, LIGHT, exercise="squat") for day in (0, 1, 2)]
    assert found(case(*squats, session(3, LIGHT), day=3)).day == MONDAY + 4


def test_the_hip_thrust_comes_first() -> None:
    both = (*session(0, LIGHT, exercise="squat"), *session(0, HEAVY, variant="banded"))
    one = found(case(both, day=0))
    assert (one.exercise, one.variants, one.kind) == ("hip_thrust", ("banded",), "light")
    assert one.day == MONDAY + 2
    assert found(case(session(0, HEAVY, exercise="squat"), day=0)).exercise == "squat"


def test_after_a_break_it_is_half_of_the_work_for_a_week() -> None:
    before = session(0, HEAVY)
    assert found(case(before, day=BREAK_DAYS - 1)).kind == "light"
    back = found(case(before, day=BREAK_DAYS))
    assert (back.kind, back.rested_days) == ("return", 14)
    assert (back.usual_sets, back.sets) == (3, 2)
    assert back.planned
    assert [(lift.exercise, lift.sets) for lift in back.planned.lifts] == [("hip_thrust", 2)]
    assert back.day == MONDAY + BREAK_DAYS
    again = session(20, LIGHT)
    assert found(case(before, again, day=20)).kind == "return"
    assert found(case(before, session(20, [8]), day=20)).sets == 2  # of those before the break
    assert found(case(before, again, day=26)).kind == "return"
    assert found(case(before, again, day=27)).kind == "heavy"


def test_years_later_it_is_still_a_break() -> None:
    assert found(case(session(0, HEAVY), day=3000)).rested_days == 3000


def test_a_plan_goes_on_after_the_session_that_the_last_one_was_most_like() -> None:
    def name(*sessions: list[int]) -> str:
        lifted = [session(2 * n, reps) for n, reps in enumerate(sessions)]
        one = next_session(case(*lifted, day=2 * len(sessions)), HYPERTROPHY)
        assert one
        assert one.planned
        return one.planned.name

    assert name([7, 7, 7]) == "light"
    assert name([16, 15, 15]) == "medium"
    assert name([10, 10, 9]) == "heavy"
    assert name([7, 7, 7], [16, 15, 15]) == "medium"


def test_a_plan_begins_with_its_first_session() -> None:
    one = next_session(case(session(0, [10], exercise="glute_bridge"), day=2), STRENGTH)
    assert one
    assert one.planned == STRENGTH.sessions[0]
    assert one.exercise == STRENGTH.sessions[0].lifts[0].exercise


def test_a_plan_has_its_days() -> None:
    plan = replace(STRENGTH, days=("mon", "thu"))
    monday = session(0, [7, 7, 7])
    one = next_session(case(monday, day=0), plan)
    assert one
    assert weekday(one.day) == "Thursday"
    both = next_session(case(monday, session(3, [13, 13]), day=3), plan)
    assert both
    assert both.day == MONDAY + 7
    missed = next_session(case(monday, day=4), plan)
    assert missed
    assert missed.day == MONDAY + 7


@given(cases())
def test_whatever_was_lifted_the_next_session_is_not_in_the_past(seen: Case) -> None:
    for plan in (None, *TEMPLATES.values(), replace(STRENGTH, days=("wed",))):
        one = next_session(seen, plan)
        if one:
            assert today(seen) <= one.day <= today(seen) + 14
            assert one.rested_days >= 0

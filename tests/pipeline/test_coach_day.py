import json
from dataclasses import asdict, replace

import pytest
from hypothesis import given

from pipeline.coach_day import Day, day
from pipeline.coaching.advice import Case, Preferences
from pipeline.coaching.templates import STRENGTH
from tests.pipeline.coaching.athletes import ATHLETES, DAY_US, ZONE_S
from tests.pipeline.coaching.histories import cases
from tests.pipeline.coaching.made import case, session

HEAVY, LIGHT = [6, 6, 6], [15, 15, 15]


def test_who_has_not_lifted_yet_is_given_a_first_session() -> None:
    one = day(case(day=0))
    assert (one.today.kind, one.today.days, one.today.rested_days) == ("first", 0, None)
    (lift,) = one.today.lifts
    assert (lift.exercise, lift.reps, lift.load_kg) == ("hip_thrust", (8, 12), None)
    assert "8 to 12" in " ".join(one.today.lines)
    assert one.advice == ()
    assert (one.week.done, one.week.next_weekday) == (0, None)


def test_the_first_session_of_a_plan_is_the_one_to_begin_with() -> None:
    one = day(replace(case(day=0), plan=STRENGTH)).today
    assert [(lift.exercise, lift.sets) for lift in one.lifts] == [("hip_thrust", 4), ("squat", 3)]
    assert one.lifts[0].tempo == "2-0-X-1"


def test_after_a_heavy_session_there_is_rest_and_then_a_lighter_one() -> None:
    resting = day(case(session(0, HEAVY), day=0)).today
    assert (resting.title, resting.kind, resting.days) == ("Rest", "light", 2)
    assert "today" in resting.lines[0]
    assert "from Wednesday on (in 2 days)" in resting.lines[1]
    rested = day(case(session(0, HEAVY), day=2)).today
    assert (rested.title, rested.days, rested.rested_days) == ("Hip thrust, light", 0, 2)
    assert rested.lifts[0].sets == 3
    assert rested.lifts[0].reps[0] >= 12


def test_both_sides_of_a_lift_with_one_leg_are_to_be_done() -> None:
    both = (
        *session(0, [10, 10], exercise="single_leg_hip_thrust", variant="left"),
        *session(0, [10, 10], exercise="single_leg_hip_thrust", variant="right"),
    )
    lifts = day(case(both, day=3)).today.lifts
    assert [lift.variant for lift in lifts] == ["left", "right"]


def test_the_load_is_what_double_progression_asks_for() -> None:
    (lift,) = day(case(session(0, [12, 12, 12]), session(3, [12, 12, 12]), day=6)).today.lifts
    assert lift.load_kg is not None
    assert lift.load_kg >= 60.0
    (unknown,) = day(case(session(0, [10, 10], load_kg=None), day=6)).today.lifts
    assert unknown.load_kg is None


def test_after_a_break_it_is_less_and_that_is_said() -> None:
    one = day(case(session(0, HEAVY), day=20)).today
    assert one.kind == "return"
    assert "20 days ago" in one.lines[0]
    assert "2 sets instead of 3" in one.lines[1]


def test_the_week_has_its_sessions_and_the_aim() -> None:
    lifted = (session(0, HEAVY), session(2, LIGHT), session(3, [8], exercise="squat"))
    week = day(case(*lifted, day=4, preferences=Preferences(weekly=(2, 4)))).week
    assert [(one.weekday, one.kind, one.thrust) for one in week.sessions] == [
        ("Monday", "heavy", True),
        ("Wednesday", "light", True),
        ("Thursday", "heavy", False),
    ]
    assert (week.done, week.aim) == (2, (2, 4))
    assert [(one.exercise, one.sets) for one in week.sets] == [("hip_thrust", 6), ("squat", 1)]
    assert day(case(*lifted, day=7)).week.sessions == ()


def test_what_is_switched_off_is_not_said() -> None:
    done = [session(days, LIGHT) for days in (0, 2, 4, 7)]
    seen = case(*done, day=7)
    rules = {one.rule for one in day(seen).advice}
    assert "sessions_per_week" in rules
    off = Preferences(off=frozenset({"sessions_per_week"}))
    assert {one.rule for one in day(replace(seen, preferences=off)).advice} == rules - {
        "sessions_per_week"
    }


@pytest.mark.parametrize("name", ATHLETES)
def test_a_model_athlete_has_a_day_on_every_morning(name: str) -> None:
    history = ATHLETES[name].history()
    for at in range(0, len(history), 7):
        lifted = history[: at + 1]
        seen = Case(lifted, lifted[-1].time_us + DAY_US, ZONE_S)
        sane(day(seen))


@given(cases())
def test_every_history_has_a_day(seen: Case) -> None:
    sane(day(seen))


def sane(one: Day) -> None:
    """It can be written as JSON, and what it says hangs together."""
    json.dumps(asdict(one), allow_nan=False)
    assert one.today.lifts
    assert (one.today.title == "Rest") == (one.today.days > 0)
    assert one.week.done <= len(one.week.sessions)
    assert all(lift.sets > 0 and lift.reps[0] <= lift.reps[1] for lift in one.today.lifts)
    assert all(text.endswith(".") for text in one.today.lines)

from dataclasses import replace

import pytest

from pipeline import exercises
from pipeline.coaching.lifted import LiftedRep, LiftedSet
from pipeline.coaching.week import (
    Kind,
    day_of,
    first_day,
    postures,
    recent,
    today,
    week_of,
    weekday,
)
from tests.pipeline.coaching.made import DAY_US, MONDAY_US, case, session

MONDAY = day_of(MONDAY_US, 0)


def test_a_week_is_from_monday_to_sunday() -> None:
    assert weekday(MONDAY) == "Monday"
    assert weekday(MONDAY + 6) == "Sunday"
    assert {week_of(MONDAY + day) for day in range(7)} == {week_of(MONDAY)}
    assert week_of(MONDAY + 7) == week_of(MONDAY) + 1
    assert week_of(MONDAY - 1) == week_of(MONDAY) - 1
    assert first_day(week_of(MONDAY + 4)) == MONDAY


def test_a_day_begins_by_the_local_clock() -> None:
    late_us = MONDAY_US + 23 * 3_600_000_000
    assert day_of(late_us, 0) == MONDAY
    assert day_of(late_us, 3600) == MONDAY + 1
    assert day_of(MONDAY_US, -3600) == MONDAY - 1


@pytest.mark.parametrize(
    ("reps", "load_kg", "kind"),
    [
        ([8, 8, 8], 60.0, "heavy"),
        ([5], None, "heavy"),
        ([9, 9, 8], 60.0, "mixed"),
        ([12, 12, 12], None, "light"),
        ([15, 15, 12], 0.0, "light"),
        ([13, 13, 13], 60.0, "light"),  # more than the range for progression
        ([12, 12, 12], 60.0, "mixed"),  # the top of it, with the most load there was
    ],
)
def test_reps_tell_the_kind_of_a_session(
    reps: list[int], load_kg: float | None, kind: Kind
) -> None:
    ((bout,),) = (one.bouts for one in recent(case(session(0, reps, load_kg), day=0), 7))
    assert bout.kind == kind
    assert bout.sets == len(reps)


@pytest.mark.parametrize(("load_kg", "kind"), [(80.0, "light"), (95.0, "mixed")])
def test_twelve_reps_are_light_with_less_than_of_late(load_kg: float, kind: Kind) -> None:
    history = case(session(0, [6, 6], 100.0), session(3, [12, 12], load_kg), day=3)
    assert recent(history, 7)[1].bouts[0].kind == kind
    assert recent(history, 1)[0].bouts[0].kind == kind  # however far one looks back


def test_another_lift_says_nothing_of_what_is_light() -> None:
    history = case(
        session(0, [6, 6], 100.0),
        session(3, [12, 12], 80.0, variant="banded"),
        day=3,
    )
    assert recent(history, 7)[1].bouts[0].kind == "mixed"


def test_warm_up_sets_say_nothing_of_the_kind() -> None:
    warm_up = session(0, [15, 15], 30.0)
    work = tuple(replace(one, time_us=one.time_us + 10**9) for one in session(0, [6, 6], 100.0))
    (trained,) = recent(case(warm_up + work, day=0), 7)
    assert (trained.bouts[0].kind, trained.bouts[0].sets) == ("heavy", 2)


def test_today_counts_and_so_many_days_before_it_and_nothing_from_the_future() -> None:
    history = [session(day, [10]) for day in (0, 1, 6, 7, 8)]
    days = [one.day - MONDAY for one in recent(case(*history, day=7), 7)]
    assert days == [1, 6, 7]


def test_a_set_without_reps_is_no_session() -> None:
    assert recent(case(session(0, [0, 0]), day=0), 7) == []


def test_a_session_over_midnight_is_of_the_day_on_which_it_began() -> None:
    evening = replace(session(0, [10])[0], time_us=MONDAY_US + DAY_US - 1)
    night = replace(evening, time_us=MONDAY_US + DAY_US + 1)
    (trained,) = recent(case((evening, night), day=1), 7)
    assert trained.day == MONDAY
    assert trained.bouts[0].sets == 2


def test_every_exercise_stands_or_lies() -> None:
    assert set(postures()) == set(exercises.names())
    trained = recent(case(session(0, [10], exercise="squat"), day=0), 7)[0]
    assert trained.has("standing")
    assert not trained.has("lying")
    assert not trained.thrust
    assert not recent(case(session(0, [10], exercise="curl"), day=0), 7)[0].has("lying")


def test_today_is_where_the_athlete_is() -> None:
    now = case(day=0, hour=23)
    assert today(now) == MONDAY
    assert today(replace(now, zone_s=2 * 3600)) == MONDAY + 1


def test_eighty_percent_of_what_goes_up_once_is_heavy_whatever_the_reps() -> None:
    def lifted(day: int, load_kg: float, reps: int) -> tuple[LiftedSet, ...]:
        fast = LiftedRep(1, mean_velocity_mps=0.25 + 0.9 * (1 - load_kg / 120))
        return tuple(replace(one, reps=(fast,) * reps) for one in session(day, [3], load_kg))

    ramp = [lifted(day, 40.0 + 10 * day, 9) for day in range(6)]
    kinds = [
        [one.bouts[0].kind for one in recent(case(*ramp, lifted(6, load_kg, 10), day=6), 1)]
        for load_kg in (94.0, 98.0)
    ]
    assert kinds == [["mixed"], ["heavy"]]

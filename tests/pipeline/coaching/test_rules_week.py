from dataclasses import replace

import pytest
from hypothesis import given

from pipeline.coaching.advice import Advice, Case, Preferences, advice
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.plan import Plan, PlannedLift, PlannedSession
from pipeline.coaching.rules import next_session, week
from tests.pipeline.coaching.histories import assert_lawful, cases
from tests.pipeline.coaching.made import case, session

RULES = (*week.RULES, *next_session.RULES)
HEAVY, LIGHT = [6, 6, 6], [15, 15, 15]


def said(name: str, seen: Case) -> Advice | None:
    """What one rule says, once at most."""
    (rule,) = (rule for rule in RULES if rule.name == name)
    found = advice([rule], seen, rule.when)
    assert len(found) <= 1
    return found[0] if found else None


def text(name: str, seen: Case) -> str | None:
    one = said(name, seen)
    return one.text if one else None


def on(*days: int, reps: list[int] | None = None) -> list[tuple[LiftedSet, ...]]:
    """A session on each of these days."""
    return [session(day, reps or [10, 10, 10]) for day in days]


@pytest.mark.parametrize(
    ("days", "today", "level", "expected"),
    [
        ((0, 2), 6, "good", "2 hip thrust sessions this week: that is the aim of 2 to 3."),
        (
            (0, 1, 2, 3),
            3,
            "attention",
            "4 hip thrust sessions this week, more than the aim of 2 to 3: rest is part of it.",
        ),
        (
            (0, 3, 7),
            9,
            "info",
            "1 hip thrust session this week so far and 4 days left; the aim is 2 to 3.",
        ),
        ((0, 3, 7), 13, "info", "1 hip thrust session this week; the aim is 2 to 3."),
        ((0, 3), 13, "info", "No hip thrust session this week; the aim is 2 to 3."),
        ((0, 3, 10), 14, "info", "1 hip thrust session last week; the aim is 2 to 3."),
    ],
)
def test_the_sessions_of_a_week_are_held_against_the_aim(
    days: tuple[int, ...], today: int, level: str, expected: str
) -> None:
    one = said("sessions_per_week", case(*on(*days), day=today))
    assert one
    assert (one.text, one.level) == (expected, level)


@pytest.mark.parametrize(
    ("days", "today"),
    [
        ((), 3),
        ((4,), 6),  # who began on Friday did not fall short of a week
        ((0, 3), 7),  # a week has only just begun, and the last one was fine
        ((4,), 7),
        ((0, 3), 17),  # away for two weeks: what is next says it
    ],
)
def test_of_a_week_that_cannot_be_judged_nothing_is_said(days: tuple[int, ...], today: int) -> None:
    assert said("sessions_per_week", case(*on(*days), day=today)) is None


def test_squats_are_no_hip_thrust_sessions() -> None:
    squats = [session(day, [10], exercise="squat") for day in (0, 2)]
    assert said("sessions_per_week", case(*squats, day=6)) is None


def test_the_aim_is_the_athletes_own() -> None:
    seen = case(*on(0), day=6, preferences=Preferences(weekly=(1, 1)))
    expected = "1 hip thrust session this week: that is the aim of 1."
    assert text("sessions_per_week", seen) == expected


def test_each_three_of_a_kind_ask_for_the_other() -> None:
    assert said("heavy_and_light", case(*on(0, 3, reps=HEAVY), day=3)) is None
    assert text("heavy_and_light", case(*on(0, 3, 7, reps=HEAVY), day=7)) == (
        "The last 3 hip thrust sessions were all heavy: a lighter one with 12 reps a set or more "
        "is in turn."
    )
    weeks = on(*range(0, 140, 7), reps=HEAVY)
    found = [said("heavy_and_light", case(*weeks[: n + 1], day=7 * n)) for n in range(20)]
    assert [n + 1 for n, one in enumerate(found) if one] == [3, 6, 9, 12, 15, 18]
    light = text("heavy_and_light", case(*on(0, 3, 7, reps=LIGHT), day=7))
    assert light
    assert "all light: a heavier one with 8 reps a set or fewer" in light


def test_heavy_and_light_in_turn_are_praised_once() -> None:
    turns = [session(3 * n, LIGHT if n % 2 else HEAVY) for n in range(5)]
    assert said("heavy_and_light", case(*turns[:3], day=6)) is None
    assert text("heavy_and_light", case(*turns[:4], day=9)) == (
        "Heavy and light in turn over the last 4 hip thrust sessions: keep to it."
    )
    assert said("heavy_and_light", case(*turns, day=12)) is None


def test_variants_are_not_counted_together() -> None:
    mixed = [session(0, HEAVY), session(3, HEAVY, variant="banded"), session(7, HEAVY)]
    assert said("heavy_and_light", case(*mixed, day=7)) is None
    close = [session(0, HEAVY), session(1, HEAVY, variant="banded")]
    assert said("rest_days", case(*close, day=1)) is None


def test_a_break_ends_the_row() -> None:
    assert said("heavy_and_light", case(*on(0, 3, 20, reps=HEAVY), day=20)) is None


def test_the_day_after_a_heavy_session_asks_for_rest() -> None:
    assert text("rest_days", case(*on(0, 1, reps=HEAVY), day=1)) == (
        "This hip thrust session was 1 day after a heavy one (6 reps a set): 2 days apart leave a "
        "day of rest in between."
    )
    assert said("rest_days", case(*on(0, 2, reps=HEAVY), day=2)) is None
    assert said("rest_days", case(*on(0, 1, reps=LIGHT), day=1)) is None
    assert said("rest_days", case(*on(0), day=0)) is None


def test_what_is_not_lifted_beside_it_is_named() -> None:
    thrusts = on(0, 3, 7, 10, 14)
    assert text("balance", case(*thrusts, day=14)) == (
        "No squat, deadlift or lunge in 14 days, beside 4 sessions with hip thrust or glute "
        "bridge: they belong side by side."
    )
    assert said("balance", case(*thrusts[:4], day=13)) is None
    beside = session(12, [8], exercise="lunge")
    assert said("balance", case(*thrusts[:4], beside, thrusts[4], day=14)) is None
    squats = [session(day, [8], exercise="squat") for day in (0, 3, 7, 14)]
    other = text("balance", case(*squats, day=14))
    assert other
    assert other.startswith("No hip thrust or glute bridge in 14 days, beside 3 sessions")


@pytest.mark.parametrize(
    ("reps", "today", "expected"),
    [
        (HEAVY, 0, "lighter, 12 reps a set or more, from Wednesday on (in 2 days)."),
        (LIGHT, 0, "heavy, 8 reps a set or fewer, from Tuesday on (in 1 day)."),
        ([10], 4, "8 to 12 reps a set, from today on."),
    ],
)
def test_what_is_next_is_said_with_its_day(reps: list[int], today: int, expected: str) -> None:
    seen = case(session(0, reps), day=today)
    assert text("next_session", seen) == f"Next hip thrust session: {expected}"


def test_left_and_right_are_one_session() -> None:
    left, right = (
        session(0, [10], exercise="single_leg_hip_thrust", variant=side)
        for side in ("left", "right")
    )
    found = text("next_session", case((*left, *right), day=4))
    assert found == "Next single leg hip thrust session: 8 to 12 reps a set, from today on."
    alone = text("next_session", case(left, day=4))
    assert alone == "Next left single leg hip thrust session: 8 to 12 reps a set, from today on."


def test_a_heavy_squat_needs_no_light_one() -> None:
    squats = [session(day, HEAVY, exercise="squat") for day in (0, 3, 7)]
    assert said("heavy_and_light", case(*squats, day=7)) is None


def test_after_a_break_one_begins_gently() -> None:
    assert text("next_session", case(*on(0), day=21)) == (
        "The last session was 21 days ago: begin again gently, with 2 sets of hip thrust instead "
        "of 3, from today on."
    )


def test_the_first_week_back_is_easy() -> None:
    assert text("next_session", case(*on(0, 21), day=21)) == (
        "Next session, still in the first week after a break: 2 sets of hip thrust instead of 3, "
        "from Wednesday on (in 2 days)."
    )


TWO_DAYS = Plan(
    "mine",
    1,
    (
        PlannedSession("heavy", (PlannedLift("hip_thrust", 4, (5, 6), load_kg=80.0),)),
        PlannedSession(
            "easy", (PlannedLift("hip_thrust", 2, (12, 15)), PlannedLift("lunge", 3, (10, 10)))
        ),
    ),
)


def test_a_plan_says_what_is_in_turn_and_how_often() -> None:
    seen = replace(case(session(0, HEAVY), day=1), plan=TWO_DAYS)
    assert text("next_session", seen) == (
        "Next session by your plan, easy: 2 sets of 12 to 15 reps of hip thrust, 3 sets of 10 reps "
        "of lunge, from Monday on (in 6 days)."
    )
    assert (
        text("sessions_per_week", seen) == "1 hip thrust session this week: that is the aim of 1."
    )
    turns = [session(day, HEAVY) for day in (0, 3, 7)]
    assert said("heavy_and_light", case(*turns, day=7))
    assert said("heavy_and_light", replace(case(*turns, day=7), plan=TWO_DAYS)) is None


def test_a_set_that_only_shows_the_lockout_is_no_session() -> None:
    shown = tuple(replace(one, mark="full_lockout") for one in session(3, [5], None))
    assert text("sessions_per_week", case(*on(0), shown, day=6)) == (
        "1 hip thrust session this week; the aim is 2 to 3."
    )
    assert said("sessions_per_week", case(shown, day=6)) is None
    assert said("next_session", case(shown, day=6)) is None


@given(cases())
def test_whatever_was_lifted_what_is_said_is_lawful(seen: Case) -> None:
    for rule in RULES:
        for one in rule.advise(seen):
            assert_lawful(rule, one)

"""The full lockout: saved once by a set that is marked, and what is judged against it."""

from dataclasses import replace

import pytest

from pipeline.coaching.advice import Advice, Case, Preferences, advice
from pipeline.coaching.lifted import LiftedRep, LiftedSet
from pipeline.coaching.lockout import Reference, reference_of
from pipeline.coaching.rules import every, set_lockout
from tests.pipeline.coaching.histories import BEGIN_US, DAY_US


def lifted(
    *ranges_deg: float, day: int = 0, exercise: str = "hip_thrust", mark: str = ""
) -> LiftedSet:
    reps = tuple(
        LiftedRep(k, 0.8, 1.0, 2.0, 0.3, value, 0.45) for k, value in enumerate(ranges_deg, 1)
    )
    return LiftedSet(BEGIN_US + day * DAY_US, f"day {day}", exercise, "", 60.0, reps, mark=mark)


def shown(*ranges_deg: float, day: int = 0, exercise: str = "hip_thrust") -> LiftedSet:
    return lifted(*ranges_deg, day=day, exercise=exercise, mark="full_lockout")


def case(*sets: LiftedSet, saved_deg: float | None = None) -> Case:
    saved = {} if saved_deg is None else {"hip_thrust": saved_deg}
    return Case(sets, sets[-1].time_us + 60_000_000, preferences=Preferences(lockout_deg=saved))


def said(seen: Case) -> list[Advice]:
    return advice(set_lockout.RULES, seen, "set")


def test_the_newest_set_that_shows_it_holds_and_the_settings_only_before_any() -> None:
    assert reference_of(case(lifted(50.0)), "hip_thrust") is None
    assert reference_of(case(lifted(50.0), saved_deg=58.0), "hip_thrust") == Reference(58.0)
    sets = (shown(60.0, 60.0, 60.0), shown(62.0, 62.0, 62.0, day=1), lifted(50.0, day=2))
    assert reference_of(case(*sets, saved_deg=58.0), "hip_thrust") == Reference(62.0)
    assert reference_of(case(*sets), "glute_bridge") is None


def test_a_set_that_cannot_be_a_reference_leaves_the_one_before() -> None:
    unlike = shown(40.0, 60.0, 62.0, day=1)
    seen = case(shown(60.0, 60.0, 60.0), unlike)
    assert reference_of(seen, "hip_thrust") == Reference(60.0)
    (told,) = said(seen)
    assert (told.rule, told.level) == ("full_lockout", "attention")


def test_that_it_was_saved_is_said() -> None:
    (told,) = said(case(shown(59.0, 60.0, 61.0)))
    assert told.level == "good"
    assert told.text == "Your full lockout in the hip thrust is saved: 60 degrees, from 3 reps."


def test_of_a_standing_lift_none_is_saved() -> None:
    (told,) = said(case(shown(59.0, 60.0, 61.0, exercise="squat")))
    assert told.level == "attention"


def test_who_is_short_on_every_rep_is_told_by_how_much() -> None:
    (told,) = said(case(lifted(50.0, 51.0, 50.0, 49.0), saved_deg=60.0))
    assert told.level == "attention"
    assert told.numbers == {"full_lockouts": 0, "reps": 4, "full_rom_deg": 60, "short_pct": 17}
    assert "all of them" in told.text


def test_those_that_were_short_are_named() -> None:
    (told,) = said(case(lifted(60.0, 50.0, 60.0, 50.0), saved_deg=60.0))
    assert "2 of 4 reps reached" in told.text
    assert "reps 2 and 4" in told.text


def test_full_lockouts_are_good_news() -> None:
    (told,) = said(case(lifted(60.0, 58.0, 61.0), saved_deg=60.0))
    assert (told.level, told.numbers["full_lockouts"]) == ("good", 3)


@pytest.mark.parametrize("when", ["rep", "set", "session", "week"])
def test_a_set_that_shows_the_lockout_is_no_training(when: str) -> None:
    """After it, what is said of sessions is what was said before it."""
    before = tuple(lifted(*[55.0] * 10, day=day) for day in (0, 3, 6))
    with_it = (*before, shown(60.0, 60.0, 60.0, day=6))
    now_us = with_it[-1].time_us + 60_000_000
    for rule in every():
        if rule.name == "full_lockout" or rule.when != when:
            continue
        alone = advice((rule,), Case(before, now_us), rule.when)
        together = advice((rule,), Case(with_it, now_us), rule.when)
        assert together == (alone if when in ("session", "week") else [])


def test_the_sets_after_it_are_judged_as_if_it_had_not_been() -> None:
    """But for the lockout itself; the range is called a full one now."""
    before = tuple(lifted(*[55.0] * 10, day=day) for day in (0, 3, 6))
    after = lifted(*[55.0] * 12, day=9)
    reference = replace(shown(55.0, 55.0, 55.0, day=9), load_kg=300.0)
    now_us = after.time_us + 60_000_000
    for rule in every():
        if rule.name == "lockouts":
            continue
        alone = advice((rule,), Case((*before, after), now_us), rule.when)
        together = advice((rule,), Case((*before, reference, after), now_us), rule.when)
        assert [one.numbers for one in together] == [one.numbers for one in alone], rule.name

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given

from pipeline.coaching.advice import Advice, Case, Preferences
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.progression import Proposal, proposal
from pipeline.coaching.rules import next_load, next_set
from pipeline.coaching.worked import worked
from tests.pipeline.coaching.histories import cases
from tests.pipeline.coaching.made import case, session

THRUST = ("hip_thrust", "")
(NEXT_LOAD,), (NEXT_SET,) = next_load.RULES, next_set.RULES
FULL = LiftedRep(1, rom_deg=55.0, top_pause_s=1.2)
HOLD = Wanted(reps=12, hold_s=1.0)


def done(
    day: int,
    reps: Sequence[int],
    load_kg: float | None = 100.0,
    rep: LiftedRep = FULL,
    wanted: Wanted = HOLD,
) -> tuple[LiftedSet, ...]:
    """A session of hip thrusts, each rep like `rep`."""
    return tuple(
        replace(
            one,
            reps=tuple(replace(rep, number=n) for n in range(1, len(one.reps) + 1)),
            wanted=wanted,
        )
        for one in session(day, reps, load_kg)
    )


def proposed(*days: tuple[LiftedSet, ...], preferences: Preferences | None = None) -> Proposal:
    """What is proposed on the evening of the last day."""
    last_day = int(days[-1][0].session.removeprefix("day-"))
    seen = case(*days, day=last_day, preferences=preferences)
    found = proposal(worked(seen)[THRUST], seen)
    assert found
    return found


USUAL = (done(0, [10, 10, 10]), done(3, [11, 11, 10]))


@pytest.mark.parametrize("load_kg", [40.0, 60.0, 100.0, 152.5])
def test_all_sets_at_the_top_with_good_reps_earn_the_next_load(load_kg: float) -> None:
    found = proposed(*USUAL, done(7, [12, 13, 12], load_kg))
    assert (found.reason, found.reps) == ("top", 8)
    assert load_kg * 1.02 <= found.load_kg <= load_kg * 1.0625
    assert found.load_kg % 2.5 == 0


@pytest.mark.parametrize(
    "rep",
    [
        replace(FULL, rom_deg=55.0 * 0.93),
        replace(FULL, top_pause_s=0.7),
        replace(FULL, faults=("sag",)),
    ],
)
def test_reps_that_are_not_good_earn_none(rep: LiftedRep) -> None:
    found = proposed(*USUAL, done(7, [12, 12, 12], rep=rep))
    assert (found.reason, found.load_kg, found.reps) == ("form", 100, 12)


def test_one_set_below_the_top_asks_for_a_rep_more() -> None:
    found = proposed(*USUAL, done(7, [12, 12, 10]))
    assert (found.reason, found.load_kg, found.reps) == ("reps", 100, 11)


def test_warm_ups_and_lighter_sets_do_not_decide() -> None:
    warm_up = done(7, [5], 50.0)
    found = proposed(*USUAL, (*warm_up, *done(7, [12, 12, 12])))
    assert (found.reason, found.load_kg) == ("top", 102.5)


def test_the_range_is_the_athletes_own_or_what_was_asked_for() -> None:
    own = Preferences(reps=(3, 5))
    found = proposed(done(0, [5, 5, 5], wanted=Wanted()), preferences=own)
    assert (found.reason, found.reps) == ("top", 3)
    found = proposed(done(0, [5, 5, 5], wanted=Wanted(reps=5)))
    assert found.reason == "top"


def test_where_speed_ends_a_set_reps_do_not_decide() -> None:
    seen = case(done(0, [5, 5, 5], wanted=Wanted(velocity_loss_pct=20.0)), day=0)
    assert proposal(worked(seen)[THRUST], seen) is None


def test_of_reps_added_by_hand_nobody_knows_whether_they_were_good() -> None:
    by_hand = LiftedRep(1, added=True)
    seen = case(*USUAL, done(7, [12, 12, 12], rep=by_hand), day=7)
    assert proposal(worked(seen)[THRUST], seen) is None


def test_twice_below_the_range_takes_a_little_off() -> None:
    once = proposed(*USUAL, done(7, [7, 6, 6], 110.0))
    assert (once.reason, once.load_kg, once.reps) == ("reps", 110, 8)
    twice = proposed(*USUAL, done(7, [7, 6, 6], 110.0), done(10, [7, 6, 6], 110.0))
    assert twice.reason == "below"
    assert 0.9 * 110 <= twice.load_kg < 110


def test_three_sessions_without_progress_are_a_stall() -> None:
    def after(sessions: int) -> Proposal:
        return proposed(*(done(3 * k, [10, 9, 9]) for k in range(sessions)))

    assert [after(n).reason for n in (1, 2, 3, 4, 5, 6, 7)] == [
        *["reps"] * 3,
        "stall",
        *["reps"] * 2,
        "stall",
    ]
    assert after(4).load_kg == 90


def test_after_a_deload_the_count_begins_anew() -> None:
    stalled = [done(3 * k, [10, 9, 9]) for k in range(4)]
    found = proposed(*stalled, done(12, [10, 9, 9], 90.0), done(15, [10, 10, 10], 90.0))
    assert (found.reason, found.load_kg, found.reps) == ("reps", 90, 11)


def test_a_heavy_and_a_light_day_are_no_stall_to_each_other() -> None:
    heavy = [done(7 * k, [9 + k, 9 + k], 100.0) for k in range(3)]
    light = [done(7 * k + 3, [9 + k, 9 + k], 70.0) for k in range(3)]
    days = [day for pair in zip(heavy, light, strict=True) for day in pair]
    assert proposed(*days).reason == "reps"


@pytest.mark.parametrize(("days", "load_kg"), [(14, None), (15, 90), (28, 90), (29, 80), (900, 80)])
def test_after_a_break_one_begins_with_less(days: int, load_kg: float | None) -> None:
    seen = case(*USUAL, day=3 + days)
    found = proposal(worked(seen)[THRUST], seen)
    assert found
    assert (found.load_kg if found.reason == "break" else None) == load_kg


def test_before_a_large_step_come_more_reps() -> None:
    big = Preferences(plates_kg={10.0: 2}, bar_kg=20.0)  # 20, 40, 60
    found = proposed(done(0, [12, 12], 40.0), preferences=big)
    assert (found.reason, found.load_kg, found.reps, found.next_kg) == ("large_step", 40, 13, 60)
    found = proposed(done(0, [30, 30], 40.0), preferences=big)
    assert (found.reason, found.load_kg) == ("top", 60)


def test_with_all_plates_on_only_reps_are_left() -> None:
    few = Preferences(plates_kg={10.0: 1}, bar_kg=20.0)
    found = proposed(done(0, [12, 12], 40.0), preferences=few)
    assert (found.reason, found.load_kg, found.reps) == ("heaviest", 40, 13)


def after_session(seen: Case) -> list[Advice]:
    return list(NEXT_LOAD.advise(seen))


def after_set(seen: Case) -> Advice | None:
    found = list(NEXT_SET.advise(seen))
    assert len(found) <= 1
    return found[0] if found else None


def test_the_reason_is_in_the_words() -> None:
    (said,) = after_session(case(*USUAL, done(7, [12, 12, 12]), day=7))
    assert said.text == (
        "Hip thrust: next time 102.5 kg (2.5 % more), from 8 reps up, because all 3 sets with "
        "100 kg reached 12 reps, at 100 % of your usual range of motion."
    )
    assert said.numbers["load_kg"] == 102.5


def test_another_variant_never_counts() -> None:
    banded = tuple(replace(one, variant="banded") for one in done(7, [12, 12, 12], 50.0))
    (said,) = after_session(case(*USUAL, banded, day=7))
    assert said.text.startswith("Banded hip thrust: next time 52.5 kg")
    assert "range of motion" not in said.text


@pytest.mark.parametrize(
    ("reps", "next_kg"), [(12, None), (8, None), (7, None), (6, 95), (4, 90), (1, 90), (14, 102.5)]
)
def test_the_next_set_is_lighter_or_heavier_by_its_reps(reps: int, next_kg: float | None) -> None:
    said = after_set(case(*USUAL, done(7, [reps]), day=7))
    assert said
    assert said.numbers.get("next_kg") == next_kg


@pytest.mark.parametrize("load_kg", [None, 0.0, 50.0, 220.0])
def test_of_a_warm_up_or_a_load_in_doubt_nothing_is_said(load_kg: float | None) -> None:
    assert after_set(case(*USUAL, done(7, [10], load_kg), day=7)) is None


def test_an_open_set_and_a_first_session_get_no_next_load() -> None:
    (one,) = done(7, [10])
    assert after_set(case(*USUAL, (replace(one, over=False),), day=7)) is None
    assert after_set(case(done(7, [10]), day=7)) is None


def test_after_a_break_each_set_that_is_too_heavy_is_told_the_same() -> None:
    for reps in ([10], [10, 10]):
        said = after_set(case(*USUAL, done(38, reps), day=38))
        assert said
        assert said.numbers == {"days": 35, "next_kg": 80, "change_pct": 20}


def test_on_the_first_day_after_a_break_nobody_is_told_to_take_more_than_is_wise() -> None:
    said = after_set(case(*USUAL, done(38, [15], 80.0), day=38))
    assert said
    assert "next_kg" not in said.numbers
    assert said.numbers["load_kg"] == 80
    later = after_set(case(*USUAL, done(38, [10], 80.0), done(41, [15], 80.0), day=41))
    assert later
    assert later.numbers["next_kg"] == 82.5


def test_a_break_is_named_with_the_lift_that_it_is_of() -> None:
    banded = tuple(replace(one, variant="banded") for one in done(38, [10], 60.0))
    before = tuple(replace(one, variant="banded") for one in done(0, [10], 60.0))
    said = after_set(case(before, banded, day=38))
    assert said
    assert "38 days since your last banded hip thrust" in said.text
    assert "days" in said.numbers


def test_another_variant_meanwhile_is_no_break() -> None:
    banded = [
        tuple(replace(one, variant="banded") for one in done(day, [10], 60.0)) for day in (0, 38)
    ]
    said = after_set(case(banded[0], done(20, [10]), done(35, [10]), banded[1], day=38))
    assert said
    assert said.text == "Next set 60 kg again: 10 reps, and 8 to 12 are wanted."
    squats = session(35, [10], exercise="squat")
    away = after_set(case(banded[0], squats, banded[1], day=38))
    assert away
    assert away.level == "attention"


def test_two_sets_are_not_all_of_them() -> None:
    (said,) = after_session(case(*USUAL, done(7, [12, 12]), day=7))
    assert "because both sets with 100 kg reached" in said.text


FAULTY = replace(FULL, faults=("short_lockout",))


def test_where_faults_hold_somebody_back_load_is_taken_off_once_and_no_more() -> None:
    days = [done(3 * k, [10, 10, 10], 100.0, FAULTY) for k in range(4)]
    assert proposed(*days).reason == "stall"
    eased = [done(12 + 3 * k, [12, 12, 12], 90.0, FAULTY) for k in range(9)]
    for count in range(1, len(eased) + 1):
        assert proposed(*days, *eased[:count]).reason == "form"


def test_the_saved_lockout_decides_what_a_full_range_is() -> None:
    low = replace(FULL, rom_deg=50.0)
    days = [done(3 * k, [12, 12, 12], 100.0, low) for k in range(3)]
    assert proposed(*days).reason == "top"
    saved = Preferences(lockout_deg={"hip_thrust": 60.0})
    found = proposed(*days, preferences=saved)
    assert (found.reason, round(found.quality.rom_pct or 0)) == ("form", 83)


@given(cases())
def test_whatever_was_lifted_a_proposal_is_a_load_that_is_near(seen: Case) -> None:
    for done_of_lift in worked(seen).values():
        found = proposal(done_of_lift, seen)
        if found:
            assert found.reps > 0
            assert found.load_kg > 0
            if found.reason in {"break", "stall", "below"}:
                assert found.load_kg < found.last.load_kg
            elif found.reason == "top":
                assert found.load_kg > found.last.load_kg
            else:
                assert found.load_kg == found.last.load_kg

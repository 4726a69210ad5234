from dataclasses import replace

import pytest

from pipeline.coaching.advice import Advice, Case, Preferences, advice
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.rules import set_live
from tests.pipeline.coaching.histories import BEGIN_US, DAY_US

WANTED = Wanted(eccentric_s=3.0, hold_s=2.0, velocity_loss_pct=20.0)
GOOD = LiftedRep(1, 0.8, 2.1, 3.0, 0.3, 55.0, 0.5)


def open_set(*reps: LiftedRep, wanted: Wanted = WANTED, load_kg: float = 100.0) -> LiftedSet:
    return LiftedSet(BEGIN_US, "today", "hip_thrust", "", load_kg, reps, wanted, over=False)


def said(one: LiftedSet, *before: LiftedSet) -> list[Advice]:
    return advice(set_live.RULES, Case((*before, one), BEGIN_US), "rep")


def numbered(*reps: LiftedRep) -> tuple[LiftedRep, ...]:
    return tuple(replace(rep, number=k) for k, rep in enumerate(reps, 1))


def at(*velocities: float | None) -> LiftedSet:
    return open_set(*numbered(*(replace(GOOD, mean_velocity_mps=v) for v in velocities)))


def levels(*velocities: float | None) -> list[str]:
    return [one.level for one in said(at(*velocities))]


def test_a_rep_that_met_all_targets_hears_nothing() -> None:
    assert said(open_set(GOOD)) == []


def test_who_comes_down_too_fast_hears_both_times() -> None:
    (one,) = said(open_set(replace(GOOD, eccentric_s=1.2)))
    assert one.rule == "lowered_too_fast"
    assert one.numbers == {"rep": 1, "eccentric_s": 1.2, "target_eccentric_s": 3.0}


@pytest.mark.parametrize("eccentric_s", [2.4, 3.0, 5.0, None])
def test_who_comes_down_within_the_tolerance_or_slower_hears_nothing(
    eccentric_s: float | None,
) -> None:
    assert said(open_set(replace(GOOD, eccentric_s=eccentric_s))) == []


def test_a_hold_that_is_too_short_is_named_with_its_target() -> None:
    (one,) = said(open_set(replace(GOOD, top_pause_s=1.42)))
    assert one.rule == "hold_too_short"
    assert one.numbers == {"rep": 1, "top_pause_s": 1.42, "target_hold_s": 2.0}


def test_the_top_of_the_tempo_is_the_hold_where_no_other_was_asked_for() -> None:
    rep, wanted = replace(GOOD, top_pause_s=0.5), Wanted(top_pause_s=1.0)
    assert [one.rule for one in said(open_set(rep, wanted=wanted))] == ["hold_too_short"]


def test_a_short_lockout_is_told_against_the_other_reps() -> None:
    short = replace(GOOD, rom_deg=44.0, faults=("short_lockout",))
    (one,) = said(open_set(*numbered(GOOD, GOOD, short)))
    assert one.rule == "short_lockout"
    assert one.numbers == {"rep": 3, "rom_deg": 44, "usual_rom_deg": 55}


def test_a_word_at_the_first_rep_past_the_line_and_stop_at_the_second() -> None:
    assert levels(0.5, 0.5, 0.41) == []
    assert levels(0.5, 0.5, 0.41, 0.4) == ["attention"]
    assert levels(0.5, 0.5, 0.41, 0.4, 0.39) == ["stop"]
    assert levels(0.5, 0.5, 0.41, 0.4, 0.45, 0.39) == ["attention"]
    assert levels(0.5, 0.5, 0.41, 0.4, 0.39, 0.5) == []


def test_never_before_three_reps() -> None:
    assert levels(0.5, 0.3) == []
    assert levels(0.5, 0.3, 0.3) == ["stop"]


def test_the_stop_names_its_numbers() -> None:
    (one,) = said(at(0.5, 0.5, 0.4, 0.38))
    assert one.numbers == {
        "rep": 4,
        "velocity_loss_pct": 22,
        "velocity_mps": 0.39,
        "best_velocity_mps": 0.5,
        "target_velocity_loss_pct": 20,
    }
    assert one.text.startswith("Stop here: reps 3 and 4 were")


def test_the_stop_counts_from_the_last_rest_inside_the_set() -> None:
    rest = [replace(rep, bottom_pause_s=20.0) for rep in at(0.5, 0.5, 0.4).reps[-1:]]
    rested = (*at(0.5, 0.5).reps, *rest, *at(0.38).reps)
    assert [one.level for one in said(open_set(*numbered(*rested)))] == ["attention"]
    again = (*rested, *at(0.38).reps)
    assert [one.level for one in said(open_set(*numbered(*again)))] == ["stop"]


@pytest.mark.parametrize("bad", [replace(GOOD, top_pause_s=0.5), replace(GOOD, eccentric_s=1.0)])
def test_what_was_said_of_one_rep_is_said_again_only_after_a_good_one(bad: LiftedRep) -> None:
    assert len(said(open_set(*numbered(GOOD, bad)))) == 1
    assert said(open_set(*numbered(GOOD, bad, bad))) == []
    assert len(said(open_set(*numbered(GOOD, bad, GOOD, bad)))) == 1


FULL = Preferences(lockout_deg={"hip_thrust": 60.0})


def test_who_is_short_on_every_rep_hears_it_once_against_the_saved_lockout() -> None:
    low = replace(GOOD, rom_deg=50.0)
    first = Case((open_set(low),), BEGIN_US, preferences=FULL)
    (one,) = advice(set_live.RULES, first, "rep")
    assert one.numbers == {"rep": 1, "short_pct": 17, "rom_deg": 50, "full_rom_deg": 60}
    second = replace(first, history=(open_set(*numbered(low, low)),))
    assert advice(set_live.RULES, second, "rep") == []
    assert advice(set_live.RULES, replace(first, preferences=Preferences()), "rep") == []


def test_short_against_the_set_is_said_of_each_and_once() -> None:
    short = replace(GOOD, rom_deg=44.0, faults=("short_lockout",))
    one = open_set(*numbered(GOOD, short, short))
    (told,) = advice(set_live.RULES, Case((one,), BEGIN_US, preferences=FULL), "rep")
    assert "this set's other reps" in told.text


def test_a_rep_of_unknown_velocity_is_not_past_the_line() -> None:
    assert levels(0.5, 0.5, 0.4, None) == []
    assert levels(0.5, 0.5, 0.4, None, 0.4) == ["attention"]


def test_without_a_chosen_loss_nobody_is_stopped() -> None:
    assert said(replace(at(0.5, 0.5, 0.3, 0.2), wanted=Wanted())) == []


def test_a_warm_up_is_not_stopped() -> None:
    last = replace(at(*[0.5] * 8), time_us=BEGIN_US - 3 * DAY_US, session="last", over=True)
    slow = at(0.9, 0.9, 0.6, 0.6)
    assert [one.level for one in said(slow, last)] == ["stop"]
    assert said(replace(slow, load_kg=60.0), last) == []


@pytest.mark.parametrize("rep", [LiftedRep(None, 0.5, 0.1, 0.2), LiftedRep(2, added=True)])
def test_a_partial_rep_and_one_by_hand_hear_nothing(rep: LiftedRep) -> None:
    assert said(open_set(GOOD, rep)) == []


def test_a_set_that_is_over_hears_nothing_more() -> None:
    assert said(replace(at(0.5, 0.5, 0.3, 0.2), over=True)) == []

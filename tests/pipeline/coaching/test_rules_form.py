from dataclasses import replace

import pytest

from pipeline.coaching.advice import Advice, Case, advice
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.rules import set_form
from tests.pipeline.coaching.histories import BEGIN_US

GOOD = LiftedRep(1, 0.8, 1.0, 2.0, 0.3, 55.0, 0.45)


def lifted(*reps: LiftedRep, wanted: Wanted | None = None) -> LiftedSet:
    numbered = tuple(replace(rep, number=k) for k, rep in enumerate(reps, 1))
    return LiftedSet(BEGIN_US, "today", "hip_thrust", "", 100.0, numbered, wanted or Wanted())


def said(one: LiftedSet, rule: str) -> list[Advice]:
    found = advice(set_form.RULES, Case((one,), BEGIN_US), "set")
    return [said for said in found if said.rule == rule]


def test_full_lockouts_are_praised_with_their_number() -> None:
    (one,) = said(lifted(*[GOOD] * 8), "lockouts")
    assert one.level == "good"
    assert one.numbers == {"full_lockouts": 8, "reps": 8, "lockout_pct": 100}


def test_short_lockouts_are_named() -> None:
    short = replace(GOOD, faults=("short_lockout",))
    (one,) = said(lifted(*[GOOD] * 6, short, short), "lockouts")
    assert one.level == "attention"
    assert one.numbers == {"full_lockouts": 6, "reps": 8, "lockout_pct": 75}
    assert "reps 7 and 8" in one.text


@pytest.mark.parametrize("fault", ["over_arch", "sag"])
def test_a_fault_is_said_with_its_share_and_its_reps(fault: str) -> None:
    bad = replace(GOOD, faults=(fault,))
    (one,) = said(lifted(bad, GOOD, GOOD, bad), fault)
    assert one.level == "attention"
    assert one.numbers == {f"{fault}_reps": 2, f"{fault}_pct": 50, "reps": 4}
    assert "reps 1 and 4" in one.text
    assert said(lifted(*[GOOD] * 4), fault) == []


def test_one_rep_may_be_a_mistake_of_the_measurement() -> None:
    (one,) = said(lifted(*[GOOD] * 5, replace(GOOD, faults=("over_arch",))), "over_arch")
    assert one.level == "info"


def test_the_score_says_its_parts_and_their_weights() -> None:
    bad = replace(GOOD, faults=("short_lockout",))
    (one,) = said(lifted(GOOD, GOOD, GOOD, bad), "form_score")
    assert one.text == (
        "Form 90 of 100: lockout 75 (weight 40), no over-arch 100 (weight 25), "
        "no sag 100 (weight 15), even reps 100 (weight 20)."
    )


def test_the_spread_of_each_measure_is_said() -> None:
    (one,) = said(lifted(*(replace(GOOD, rom_deg=value) for value in (50, 55, 60))), "consistency")
    assert one.numbers["rom_cv_pct"] == 9
    assert one.numbers["reps"] == 3


def test_the_rep_that_fell_out_is_named_and_by_how_much() -> None:
    (one,) = said(lifted(*[GOOD] * 7, replace(GOOD, rom_deg=44.0)), "fell_out")
    assert one.numbers == {"rep": 8, "rom_deg": 44, "usual_rom_deg": 55, "rom_off_pct": 20}
    assert "20 % less" in one.text


def test_at_most_three_reps_are_told_of() -> None:
    odd = [replace(GOOD, rom_deg=value) for value in (10.0, 20.0, 30.0, 35.0)]
    assert len(said(lifted(*[GOOD] * 9, *odd), "fell_out")) == 3


def test_each_phase_with_a_target_is_judged_by_itself() -> None:
    wanted = Wanted(eccentric_s=3.0, concentric_s=1.0)
    down, up = said(lifted(*[GOOD] * 4, wanted=wanted), "tempo")
    assert (down.level, up.level) == ("attention", "good")
    assert down.numbers == {
        "met_reps": 0,
        "reps": 4,
        "target_eccentric_s": 3,
        "eccentric_s": 2,
    }
    assert down.text.endswith("a little longer.")
    assert up.numbers["met_reps"] == 4


def test_a_hold_of_its_own_is_said_once() -> None:
    one = lifted(*[GOOD] * 3, wanted=Wanted(top_pause_s=2.0, hold_s=2.0))
    assert said(one, "tempo") == []
    (hold,) = said(one, "hold")
    assert hold.numbers == {
        "held_reps": 0,
        "reps": 3,
        "target_hold_s": 2,
        "shortest_hold_s": 1,
    }
    assert hold.level == "attention"


def test_holds_that_were_all_long_enough_are_praised() -> None:
    (hold,) = said(lifted(*[GOOD] * 3, wanted=Wanted(hold_s=1.0)), "hold")
    assert hold.level == "good"


def test_two_reps_are_too_few_for_any_word() -> None:
    wanted = Wanted(eccentric_s=3.0, hold_s=2.0)
    one = lifted(GOOD, replace(GOOD, faults=("sag",)), wanted=wanted)
    assert advice(set_form.RULES, Case((one,), BEGIN_US), "set") == []


def test_an_open_set_is_not_judged_yet() -> None:
    one = replace(lifted(*[GOOD] * 8), over=False)
    assert advice(set_form.RULES, Case((one,), BEGIN_US), "set") == []

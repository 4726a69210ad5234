from dataclasses import replace

import pytest

from pipeline.coaching.advice import Advice, Case, advice
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.rules import set_form, set_lockout, set_targets
from tests.pipeline.coaching.histories import BEGIN_US

GOOD = LiftedRep(1, 0.8, 1.0, 2.0, 0.3, 55.0, 0.45)


def lifted(*reps: LiftedRep, wanted: Wanted | None = None) -> LiftedSet:
    numbered = tuple(replace(rep, number=k) for k, rep in enumerate(reps, 1))
    return LiftedSet(BEGIN_US, "today", "hip_thrust", "", 100.0, numbered, wanted or Wanted())


RULES = (*set_form.RULES, *set_lockout.RULES, *set_targets.RULES)


def said(one: LiftedSet, rule: str) -> list[Advice]:
    found = advice(RULES, Case((one,), BEGIN_US), "set")
    return [said for said in found if said.rule == rule]


def test_of_tops_that_were_all_alike_the_score_says_it_and_nothing_else_does() -> None:
    one = lifted(*[GOOD] * 8)
    assert said(one, "lockouts") == []
    (score,) = said(one, "form_score")
    assert score.text == (
        "Form 100 of 100: lockout 100, no over-arch 100, no sag 100, even reps 100."
    )
    assert score.level == "good"


def test_short_lockouts_are_named() -> None:
    short = replace(GOOD, faults=("short_lockout",))
    (one,) = said(lifted(*[GOOD] * 6, short, short), "lockouts")
    assert one.level == "attention"
    assert one.numbers == {"full_lockouts": 6, "reps": 8}
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


def test_only_what_is_uneven_is_said() -> None:
    uneven = [replace(GOOD, rom_deg=value) for value in (45, 55, 65)]
    (one,) = said(lifted(*uneven), "consistency")
    assert one.numbers == {"rom_cv_pct": 18, "reps": 3}
    even = [replace(GOOD, rom_deg=value) for value in (50, 55, 60)]
    assert said(lifted(*even), "consistency") == []


def test_who_tires_is_not_called_uneven() -> None:
    slower = [replace(GOOD, mean_velocity_mps=v, concentric_s=0.35 / v) for v in (0.6, 0.4, 0.25)]
    assert said(lifted(*slower), "consistency") == []


def test_the_rep_that_fell_out_is_named_and_by_how_much() -> None:
    (one,) = said(lifted(*[GOOD] * 7, replace(GOOD, rom_deg=44.0)), "fell_out")
    assert one.numbers == {"rep": 8, "rom_deg": 44, "usual_rom_deg": 55, "rom_off_pct": 20}
    assert "20 % less" in one.text


def test_a_short_lockout_is_not_told_once_more_as_a_rep_that_fell_out() -> None:
    short = replace(GOOD, rom_deg=44.0, faults=("short_lockout",))
    one = lifted(*[GOOD] * 7, short)
    assert said(one, "fell_out") == []
    assert len(said(one, "lockouts")) == 1


def test_at_most_three_reps_are_told_of() -> None:
    odd = [replace(GOOD, rom_deg=value) for value in (10.0, 20.0, 30.0, 35.0)]
    assert len(said(lifted(*[GOOD] * 9, *odd), "fell_out")) == 3


def test_each_phase_with_a_target_is_judged_by_itself() -> None:
    wanted = Wanted(eccentric_s=3.0, concentric_s=1.0)
    down, up = said(lifted(*[GOOD] * 4, wanted=wanted), "tempo")
    assert up.text == "Tempo kept: way up 1 s in 4 of 4 reps."
    assert (down.level, up.level) == ("attention", "good")
    assert down.numbers == {
        "met_reps": 0,
        "reps": 4,
        "target_eccentric_s": 3,
        "eccentric_s": 2,
    }
    assert down.text.endswith("a little longer.")
    assert up.numbers == {"target_concentric_s": 1, "concentric_met_reps": 4, "concentric_reps": 4}


def test_phases_that_were_kept_are_told_in_one_sentence() -> None:
    wanted = Wanted(eccentric_s=2.0, bottom_pause_s=0.5, concentric_s=1.0, top_pause_s=1.0)
    (one,) = said(lifted(*[GOOD] * 4, wanted=wanted), "tempo")
    assert one.level == "good"
    for phase in ("way down 2 s", "bottom 0.5 s", "way up 1 s", "hold at the top 1 s"):
        assert f"{phase} in 4 of 4 reps" in one.text


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
    assert advice(RULES, Case((one,), BEGIN_US), "set") == []


def test_an_open_set_is_not_judged_yet() -> None:
    one = replace(lifted(*[GOOD] * 8), over=False)
    assert advice(RULES, Case((one,), BEGIN_US), "set") == []

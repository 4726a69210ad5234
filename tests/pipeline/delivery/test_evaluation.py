from dataclasses import replace
from statistics import fmean, stdev

import pytest

from pipeline.delivery.commands import Targets
from pipeline.delivery.corrections import Choice
from pipeline.delivery.evaluation import asked_for, rep_met, session_values, set_met, set_values
from pipeline.delivery.values import RepValues, SetValues, added

REP = replace(
    added(10.0, 1),
    rep=1,
    added=False,
    end_s=15.0,
    duration_s=5.0,
    eccentric_s=2.0,
    bottom_pause_s=1.0,
    concentric_s=1.0,
    top_pause_s=1.0,
    rom_deg=55.0,
    mean_velocity_mps=0.5,
)
TEMPO = asked_for(60.0, Targets(tempo="2-1-X-2"))


def lifted(load_kg: float | None, velocity_mps: float, **chosen: str) -> tuple[Choice, SetValues]:
    tempo = chosen.pop("tempo", None)
    whole = {"athlete": "anna", "exercise": "hip_thrust", "variant": "", **chosen}
    rep = replace(REP, mean_velocity_mps=velocity_mps)
    return Choice(**whole, load_kg=load_kg, targets=Targets(tempo=tempo)), set_values(
        [rep], load_kg, None
    )


def test_each_phase_is_judged_by_its_own_target() -> None:
    met = rep_met(REP, TEMPO)
    assert (met.eccentric_met, met.bottom_pause_met, met.top_pause_met) == (1, 1, 0)
    assert met.concentric_met is None  # X: as fast as possible
    assert met.hold_met == 0  # the hold of the tempo


def test_a_hold_that_was_asked_for_comes_before_that_of_the_tempo() -> None:
    assert rep_met(REP, asked_for(None, Targets(tempo="2-1-X-2", hold_s=1.0))).hold_met == 1


def test_of_what_is_not_known_yet_nothing_is_judged() -> None:
    early = replace(REP, top_pause_s=None, eccentric_s=None, bottom_pause_s=None)
    met = rep_met(early, TEMPO)
    assert (met.eccentric_met, met.top_pause_met, met.hold_met) == (None, None, None)


def test_a_set_has_the_share_of_its_reps_and_not_of_partial_ones() -> None:
    long = replace(REP, top_pause_s=2.0)
    partial = replace(REP, partial=True, rep=None)
    assert set_met([REP, long, long, partial], TEMPO).hold_met_pct == pytest.approx(200 / 3)
    assert set_met([REP], asked_for(None, Targets())).hold_met_pct is None


def test_how_far_reps_differ_is_a_share_of_their_mean() -> None:
    roms = [50.0, 55.0, 60.0]
    reps = [replace(REP, rom_deg=rom) for rom in roms]
    values = set_values(reps, None, None)
    assert values.rom_cv_pct == pytest.approx(100 * stdev(roms) / fmean(roms))
    assert values.velocity_cv_pct == 0.0
    assert set_values(reps[:2], None, None).rom_cv_pct is None


def test_a_session_of_two_loads_says_what_could_be_lifted_once() -> None:
    values = session_values([lifted(60, 0.6), lifted(100, 0.4)], ended=True)
    assert values.e1rm_kg == pytest.approx(130)
    assert values.e1rm_low_kg is not None
    assert values.e1rm_high_kg is not None
    assert values.e1rm_low_kg < 130 < values.e1rm_high_kg


@pytest.mark.parametrize(
    "second",
    [
        lifted(None, 0.4),
        lifted(100, 0.4, tempo="3-1-2-2"),  # slow because it was asked to be
        lifted(100, 0.4, variant="banded"),
        lifted(100, 0.4, exercise="squat"),
    ],
)
def test_other_sets_say_nothing_of_it(second: tuple[Choice, SetValues]) -> None:
    assert session_values([lifted(60, 0.6), second], ended=True).e1rm_kg is None


def test_the_reps_of_a_set_are_a_mean() -> None:
    first, second = lifted(60, 0.6), lifted(60, 0.6)
    twelve = (second[0], replace(second[1], reps=12))
    assert session_values([first, twelve], ended=False).reps_per_set == 6.5


def test_a_rep_added_by_hand_is_judged_by_nothing() -> None:
    met = rep_met(added(3.0, 1), TEMPO)
    assert {getattr(met, name) for name in type(met).__dataclass_fields__} == {None}
    assert isinstance(added(3.0, 1), RepValues)

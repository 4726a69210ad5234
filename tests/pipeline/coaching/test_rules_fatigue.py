from dataclasses import replace

import pytest

from pipeline.coaching.advice import Advice, Case, When, advice
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from pipeline.coaching.rules import set_fatigue
from tests.pipeline.coaching.histories import BEGIN_US, DAY_US

SLOWING = (1.0, 0.99, 0.98, 0.96, 0.93, 0.9, 0.86, 0.82)


def lifted(
    best_mps: float,
    day: int = 0,
    load_kg: float | None = 100.0,
    wanted: Wanted | None = None,
    variant: str = "",
) -> LiftedSet:
    reps = tuple(
        LiftedRep(k, 0.8, 1.0, 2.0, None, 55.0, best_mps * share)
        for k, share in enumerate(SLOWING, 1)
    )
    time_us = BEGIN_US + day * DAY_US
    asked = wanted or Wanted()
    return LiftedSet(time_us, f"{day}", "hip_thrust", variant, load_kg, reps, asked, 120.0)


def said(rule: str, *history: LiftedSet, when: When = "set") -> list[Advice]:
    found = advice(set_fatigue.RULES, Case(history, BEGIN_US), when)
    return [one for one in found if one.rule == rule]


def test_a_loss_past_the_target_is_said_with_the_reps_past_it() -> None:
    (one,) = said("velocity_loss", lifted(0.5, wanted=Wanted(velocity_loss_pct=13.0)))
    assert one.level == "attention"
    assert one.numbers == {
        "rep": 8,
        "velocity_loss_pct": 18,
        "velocity_mps": 0.41,
        "best_velocity_mps": 0.5,
        "target_velocity_loss_pct": 13,
        "reps_past": 2,
    }


@pytest.mark.parametrize("line_pct", [17.0, 20.0])
def test_a_loss_within_the_target_or_the_error_is_praised(line_pct: float) -> None:
    (one,) = said("velocity_loss", lifted(0.5, wanted=Wanted(velocity_loss_pct=line_pct)))
    assert one.level == "good"


def test_a_warm_up_is_not_judged_and_a_back_off_is() -> None:
    wanted = Wanted(velocity_loss_pct=10.0)
    last, heavy = lifted(0.5, wanted=wanted), lifted(0.5, 3, wanted=wanted)
    light = lifted(0.9, 3, 60.0, wanted)
    assert said("velocity_loss", last, light) == []
    assert len(said("velocity_loss", last, light, heavy)) == 1
    assert len(said("velocity_loss", last, heavy, light)) == 1


def test_a_range_that_shrinks_is_said_with_both_ends() -> None:
    one = lifted(0.5)
    reps = tuple(replace(rep, rom_deg=56.0 - k) for k, rep in enumerate(one.reps))
    (shrunk,) = said("range_lost", replace(one, reps=reps))
    assert shrunk.numbers == {"first_rom_deg": 56, "last_rom_deg": 49, "rom_loss_pct": 12}
    assert said("range_lost", one) == []


def test_a_range_that_only_scatters_is_none_that_shrinks() -> None:
    one = lifted(0.5)
    wild = (60.0, 45.0, 58.0, 44.0, 59.0, 43.0, 57.0, 46.0)
    reps = tuple(replace(rep, rom_deg=value) for rep, value in zip(one.reps, wild, strict=True))
    assert said("range_lost", replace(one, reps=reps)) == []


def test_a_tempo_that_drifts_is_said_of_its_phase() -> None:
    one = lifted(0.5)
    reps = tuple(replace(rep, eccentric_s=3.0 - 0.2 * k) for k, rep in enumerate(one.reps))
    (drift,) = said("tempo_drift", replace(one, reps=reps))
    assert drift.numbers == {"first_eccentric_s": 3.0, "last_eccentric_s": 1.6}
    assert "shorter" in drift.text


def test_a_set_that_is_slower_than_the_first_is_told_with_the_rest_before_it() -> None:
    (one,) = said("slower_than_first_set", lifted(0.5), lifted(0.4))
    assert one.numbers == {
        "load_kg": 100,
        "best_velocity_mps": 0.4,
        "first_velocity_mps": 0.5,
        "slower_pct": 20,
        "rest_s": 120,
    }
    assert said("slower_than_first_set", lifted(0.5), lifted(0.45)) == []
    assert said("slower_than_first_set", lifted(0.5), lifted(0.4, load_kg=110.0)) == []


USUAL = (lifted(0.5, 0), lifted(0.52, 3), lifted(0.5, 6))


def test_a_slow_day_against_the_last_three_sessions_is_to_be_taken_easier() -> None:
    (one,) = said("slower_than_before", *USUAL, lifted(0.4, 9))
    assert one.level == "attention"
    assert one.text.startswith("Take it easier")
    assert one.numbers == {
        "load_kg": 100,
        "best_velocity_mps": 0.4,
        "sessions": 3,
        "usual_mps": 0.5,
        "slower_pct": 20,
    }


@pytest.mark.parametrize(
    "history",
    [
        (*USUAL, lifted(0.45, 9)),  # no more than sets differ by
        (*USUAL, lifted(0.5, 9), lifted(0.4, 9)),  # said of the first set alone
        (*USUAL, lifted(0.4, 9, load_kg=None)),
        (*USUAL, lifted(0.4, 9, load_kg=110.0)),
        (*USUAL, lifted(0.4, 9, variant="banded")),
        (*USUAL, lifted(0.4, 1000)),
        (*USUAL, lifted(0.4, 9, wanted=Wanted(concentric_s=2.0))),
        (USUAL[0], lifted(0.4, 9)),  # one session is none to compare with
    ],
)
def test_what_cannot_be_compared_or_is_no_slower_is_not(history: tuple[LiftedSet, ...]) -> None:
    assert said("slower_than_before", *history) == []


def test_a_session_that_is_slower_at_all_loads_is_summed_up() -> None:
    before = [lifted(v, day, kg) for day in (0, 3, 6) for v, kg in ((0.5, 100.0), (0.4, 120.0))]
    now = (lifted(0.44, 9, 100.0), lifted(0.34, 9, 120.0))
    (one,) = said("slow_session", *before, *now, when="session")
    assert one.numbers == {"loads": 2, "slower_mps": 0.06, "slower_pct": 13}
    assert said("slow_session", *before, now[0], when="session") == []
    same = (lifted(0.49, 9, 100.0), lifted(0.4, 9, 120.0))
    assert said("slow_session", *before, *same, when="session") == []

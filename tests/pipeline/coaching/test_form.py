import random
from dataclasses import replace
from statistics import fmean, stdev

import pytest

from pipeline.coaching.form import WEIGHTS, Form, form
from pipeline.coaching.lifted import LiftedRep, LiftedSet
from tests.pipeline.coaching.histories import BEGIN_US


def rep(number: int, **other: float | None) -> LiftedRep:
    known: dict[str, float | None] = {
        "concentric_s": 0.8,
        "top_pause_s": 1.0,
        "eccentric_s": 2.0,
        "rom_deg": 55.0,
        "mean_velocity_mps": 0.45,
    }
    return LiftedRep(number, **(known | other))  # type: ignore[arg-type]


def lifted(*reps: LiftedRep, exercise: str = "hip_thrust") -> LiftedSet:
    return LiftedSet(BEGIN_US, "today", exercise, load_kg=100.0, reps=reps)


def form_of(*reps: LiftedRep, exercise: str = "hip_thrust") -> Form:
    found = form(lifted(*reps, exercise=exercise))
    assert found
    return found


def test_a_set_without_a_fault_and_all_alike_has_the_whole_score() -> None:
    found = form_of(*(rep(k) for k in range(1, 9)))
    assert found.score == 100.0
    assert found.fell_out == ()
    assert set(found.spread_pct.values()) == {0.0}


def test_the_weights_are_of_a_hundred() -> None:
    assert sum(WEIGHTS.values()) == 100.0


@pytest.mark.parametrize(
    ("fault", "part"),
    [("short_lockout", "lockout"), ("over_arch", "no over-arch"), ("sag", "no sag")],
)
def test_a_fault_in_a_quarter_of_the_reps_costs_a_quarter_of_its_part(
    fault: str, part: str
) -> None:
    bad = [replace(rep(k), faults=(fault,)) for k in (7, 8)]
    found = form_of(*(rep(k) for k in range(1, 7)), *bad)
    assert found.parts[part] == 75.0
    assert found.score == pytest.approx(100.0 - WEIGHTS[part] / 4)


def test_uneven_reps_cost_their_part_and_no_more() -> None:
    found = form_of(*(rep(k, eccentric_s=s, rom_deg=d, top_pause_s=p) for k, s, d, p in WILD))
    assert found.parts["even reps"] == 0.0
    assert found.score == 100.0 - WEIGHTS["even reps"]


WILD = [(1, 1.0, 40.0, 0.6), (2, 3.0, 70.0, 3.0), (3, 1.0, 40.0, 0.6), (4, 3.0, 70.0, 3.0)]


def test_who_gets_slower_on_the_way_up_loses_nothing_of_the_score() -> None:
    found = form_of(
        *(rep(k, mean_velocity_mps=0.5 - 0.03 * k, concentric_s=0.8 + 0.1 * k) for k in range(8))
    )
    assert found.spread_pct["mean_velocity_mps"] > 10
    assert found.score == 100.0


def test_a_spread_is_the_standard_deviation_as_a_share_of_the_mean() -> None:
    values = [50.0, 55.0, 57.0, 60.0]
    found = form_of(*(rep(k, rom_deg=value) for k, value in enumerate(values, 1)))
    assert found.spread_pct["rom_deg"] == pytest.approx(100 * stdev(values) / fmean(values))


def test_a_top_that_nobody_held_has_no_spread() -> None:
    assert "top_pause_s" not in form_of(*(rep(k, top_pause_s=0.1 * k) for k in range(4))).spread_pct


def test_of_a_standing_lift_no_fault_is_known_and_no_score() -> None:
    found = form_of(*(rep(k) for k in range(1, 9)), exercise="squat")
    assert (found.lockout_pct, found.over_arch_pct, found.sag_pct, found.score) == (None,) * 4
    assert "rom_deg" in found.spread_pct


def test_two_reps_have_no_form_and_reps_by_hand_are_none() -> None:
    by_hand = LiftedRep(3, added=True)
    assert form(lifted(rep(1), rep(2), by_hand)) is None
    assert form_of(rep(1), rep(2), rep(4), by_hand).reps == (rep(1), rep(2), rep(4))


def test_the_rep_that_fell_out_is_named_with_what_it_was() -> None:
    (odd,) = form_of(*(rep(k) for k in range(1, 8)), rep(8, rom_deg=44.0)).fell_out
    assert (odd.rep.number, odd.measure, odd.value, odd.usual) == (8, "rom_deg", 44.0, 55.0)
    assert odd.off_pct == pytest.approx(-20.0)


def test_one_odd_rep_does_not_hide_another() -> None:
    odd = form_of(
        *(rep(k) for k in range(1, 7)), rep(7, rom_deg=5.0), rep(8, eccentric_s=3.0)
    ).fell_out
    assert [one.rep.number for one in odd] == [7, 8]


@pytest.mark.parametrize("off", [{"rom_deg": 53.0}, {"eccentric_s": 2.3}, {"top_pause_s": 1.2}])
def test_what_is_no_matter_does_not_fall_out(off: dict[str, float]) -> None:
    assert form_of(*(rep(k) for k in range(1, 8)), rep(8, **off)).fell_out == ()


def test_by_ordinary_scatter_a_rep_falls_out_in_few_sets() -> None:
    chance = random.Random(3)
    sets = [
        [
            rep(
                k,
                rom_deg=chance.gauss(55, 2),
                eccentric_s=chance.gauss(2, 0.15),
                mean_velocity_mps=chance.gauss(0.45, 0.02),
            )
            for k in range(1, 11)
        ]
        for _ in range(300)
    ]
    assert sum(bool(form_of(*reps).fell_out) for reps in sets) < 0.2 * len(sets)

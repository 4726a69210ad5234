import pytest

from pipeline.coaching.fatigue import (
    best_velocity_mps,
    earlier,
    is_same_load,
    is_warm_up,
    rom_trend,
    slowing,
    today,
    velocity_loss_pct,
    working,
)
from pipeline.coaching.lifted import LiftedRep, LiftedSet, Wanted
from tests.pipeline.coaching.histories import BEGIN_US, DAY_US

FAST = (0.5, 0.5, 0.5, 0.5, 0.49, 0.48, 0.46, 0.42)
FRESH = (0.9, 0.9, 0.89, 0.88)


def lifted(
    load_kg: float | None,
    velocities: tuple[float | None, ...] = FAST,
    day: int = 0,
    *,
    variant: str = "",
    wanted: Wanted | None = None,
) -> LiftedSet:
    return LiftedSet(
        time_us=BEGIN_US + day * DAY_US,
        session=f"day {day}",
        exercise="hip_thrust",
        variant=variant,
        load_kg=load_kg,
        reps=tuple(LiftedRep(k, mean_velocity_mps=v) for k, v in enumerate(velocities, 1)),
        wanted=wanted or Wanted(),
    )


def worked_kg(*sets: LiftedSet) -> list[float | None]:
    return [one.load_kg for one in working(sets, 8)]


def test_loss_is_counted_from_the_fastest_rep_so_far() -> None:
    losses = [one.loss_pct for one in slowing(lifted(100, (0.4, 0.5, 0.45, 0.4)))]
    assert losses == pytest.approx([0, 0, 10, 20])
    assert velocity_loss_pct(lifted(100, (0.4, 0.5, 0.45, 0.4))) == 20.0


@pytest.mark.parametrize("velocities", [(), (0.5,), (None, None), (0.0, 0.0), (0.5, None)])
def test_of_less_than_two_velocities_there_is_no_loss(
    velocities: tuple[float | None, ...],
) -> None:
    assert velocity_loss_pct(lifted(100, velocities)) is None


def test_lighter_sets_before_the_work_are_warm_ups_and_after_it_are_not() -> None:
    sets = [lifted(kg) for kg in (20, 60, 79, 80, 100, 60)]
    assert worked_kg(*sets) == [80, 100, 60]


def test_a_short_fresh_set_below_the_heaviest_is_a_warm_up_too() -> None:
    assert worked_kg(lifted(90, FRESH), lifted(100)) == [100]
    assert worked_kg(lifted(90, FRESH * 2), lifted(100)) == [90, 100]  # all of its reps
    assert worked_kg(lifted(90, (0.5, 0.48, 0.46, 0.4)), lifted(100)) == [90, 100]  # a loss
    assert worked_kg(lifted(100, FRESH), lifted(100)) == [100, 100]


def test_without_loads_a_short_fresh_set_is_a_warm_up_if_work_follows() -> None:
    assert len(working([lifted(None, FRESH), lifted(None)], 8)) == 1
    assert len(working([lifted(None, FRESH)], 8)) == 1


@pytest.mark.parametrize("load_kg", [None, 0.0, 500.0])
def test_the_only_set_is_never_left_out(load_kg: float | None) -> None:
    assert len(working([lifted(load_kg, FRESH)], 8)) == 1


LAST_WEEK = (lifted(60), lifted(100, day=0), lifted(100, day=0))


@pytest.mark.parametrize(
    ("sets", "warm_up"),
    [
        ((lifted(60, day=3),), True),
        ((lifted(90, day=3),), False),
        ((lifted(100, day=3), lifted(60, day=3)), False),  # a back-off
        ((lifted(60, day=3), lifted(60, day=3)), False),  # nobody warms up twice with one load
        ((lifted(40, day=3), lifted(60, day=3)), True),
        ((lifted(None, day=3),), False),
        ((lifted(60, day=90),), False),  # after a break who knows
        ((lifted(60, day=3, variant="banded"),), False),  # of that nothing is known
    ],
)
def test_while_nobody_knows_what_follows_earlier_sessions_tell_a_warm_up(
    sets: tuple[LiftedSet, ...], warm_up: bool
) -> None:
    assert is_warm_up(LAST_WEEK + sets, 8) is warm_up


def test_the_load_of_a_light_day_is_no_warm_up_on_the_next_one() -> None:
    light_day = (lifted(70, day=2), lifted(70, day=2))
    heavy_day = (lifted(100, day=4), lifted(100, day=4))
    assert not is_warm_up((*light_day, *heavy_day, lifted(70, day=6)), 8)
    assert is_warm_up((*light_day, *heavy_day, lifted(50, day=6)), 8)


def test_a_session_is_found_whatever_else_was_lifted_in_it() -> None:
    left, right = lifted(40, variant="left"), lifted(40, variant="right")
    assert today((lifted(40, day=-1, variant="left"), left, right, left)) == (left, left)


def test_earlier_sessions_are_the_newest_of_that_lift_and_load() -> None:
    days = [lifted(kg, day=day) for day, kg in enumerate((100, 100, 80, 100, 100, 100))]
    before = earlier(days, 3, 100.0)
    assert [sets[0].session for sets in before] == ["day 4", "day 3", "day 1"]


def test_what_is_years_ago_says_nothing_of_today() -> None:
    assert earlier([lifted(100, day=0), lifted(100, day=1000)], 3) == []


def test_pounds_and_kilograms_are_the_same_load_and_no_load_is_none() -> None:
    assert is_same_load(100.0, 220 / 2.2046)
    assert not is_same_load(100.0, 102.5)
    assert not is_same_load(None, None)


def test_a_way_up_with_a_tempo_says_nothing_of_strength() -> None:
    assert best_velocity_mps(lifted(100)) == 0.5
    assert best_velocity_mps(lifted(100, wanted=Wanted(concentric_s=2.0))) is None


def test_the_trend_of_a_range_is_certain_where_it_is_more_than_the_scatter() -> None:
    def ranges(*values: float) -> LiftedSet:
        reps = tuple(LiftedRep(k, rom_deg=value) for k, value in enumerate(values, 1))
        return LiftedSet(BEGIN_US, "today", "hip_thrust", reps=reps)

    falling = rom_trend(ranges(56, 55, 54.5, 53, 52, 51.5, 50))
    assert falling
    assert falling.certain
    assert falling.change == pytest.approx(-6, abs=0.5)
    wild = rom_trend(ranges(56, 40, 60, 35, 58, 41, 50))
    assert wild
    assert not wild.certain
    assert rom_trend(ranges(56, 50, 44, 38)) is None

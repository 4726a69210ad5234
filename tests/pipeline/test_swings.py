from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from pipeline.orientation import FRAME_HZ, FRAME_S
from pipeline.swings import Cycle, Swing, crossing, cycles, join, settle, swings, value_at
from sensor.samples import Floats
from tests.pipeline.moved import min_jerk_crossings, path

SLOW, LEAST = 2.0, 1.0
FINE = 50
ROM, RISE = 55.0, 0.3
LEAD_S = 1.0


def sampled(*steps: tuple[float, float]) -> tuple[Floats, Floats]:
    """Frames of the coordinate and its exact rate; a rest before and after."""
    fine = path([*steps, (1.0, steps[-1][1])], FRAME_HZ * FINE, LEAD_S)
    return fine[::FINE], (np.gradient(fine) * FRAME_HZ * FINE)[::FINE]


def seen(*steps: tuple[float, float]) -> list[Swing]:
    return swings(*sampled(*steps), SLOW, LEAST)


def joined(*steps: tuple[float, float], heights: Sequence[float] | None = None) -> list[Swing]:
    """heights: m at the end of each step, where they do not just follow the pitch."""
    x, rate = sampled(*steps)
    height = RISE / ROM * x
    if heights is not None:
        height, _ = sampled(*((step[0], h) for step, h in zip(steps, heights, strict=True)))
    return join(swings(x, rate, SLOW, LEAST), ROM, height, RISE)


@pytest.mark.parametrize(
    ("size", "seconds"), [(55.0, 0.4), (55.0, 0.83), (30.0, 1.51), (60.0, 4.0)]
)
@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_boundaries_of_a_min_jerk_movement_are_exact(
    size: float, seconds: float, sign: float
) -> None:
    (swing,) = seen((seconds, sign * size))
    begin, end = min_jerk_crossings(size, seconds, SLOW)
    close_s = 0.002 if seconds > 0.5 else 0.004  # between frames the rate is bent
    assert swing.start * FRAME_S - LEAD_S == pytest.approx(begin, abs=close_s)
    assert swing.end * FRAME_S - LEAD_S == pytest.approx(end, abs=close_s)
    assert swing.size == pytest.approx(sign * size, rel=0.02)
    assert swing.peak == pytest.approx(1.875 * size / seconds, rel=0.02)
    assert swing.up == (sign > 0)
    assert abs(swing.at * FRAME_S - LEAD_S - seconds / 2) <= FRAME_S


def test_every_movement_is_found_in_order_and_rest_is_none() -> None:
    found = seen((0.8, 55.0), (1.0, 55.0), (1.2, 0.0), (0.5, 0.0), (0.7, 50.0))
    assert [round(swing.size / 10) for swing in found] == [5, -5, 5]
    assert all(a.end < b.start for a, b in pairwise(found))
    creeping = np.arange(500.0) * SLOW / 2 * FRAME_S
    assert swings(creeping, np.full(500, SLOW / 2), SLOW, LEAST) == []


def test_what_is_smaller_than_asked_for_is_left_out() -> None:
    x, rate = sampled((0.8, 55.0), (0.5, 50.0), (0.8, 0.0))
    assert len(swings(x, rate, SLOW, 4.0)) == 3
    assert [round(swing.size) for swing in swings(x, rate, SLOW, 6.0)] == [55, -50]


def test_a_movement_at_the_edge_ends_there() -> None:
    x = np.arange(100.0) * 20.0 * FRAME_S
    (swing,) = swings(x, np.full(100, 20.0), SLOW, LEAST)
    assert (swing.start, swing.end) == (0.0, 99.0)


def test_crossings_and_values_lie_between_frames() -> None:
    rate = np.array([0.0, 1.0, 4.0, 3.0, 0.0])
    assert crossing(rate, 2, 1, 1.5) == 3.5
    assert crossing(rate, 2, -1, 2.5) == 1.5
    assert crossing(rate, 2, 1, -1.0) == 4.0
    assert value_at(rate, 2.25) == 3.75
    assert value_at(rate, 4.0) == 0.0


def test_a_stall_on_the_way_up_belongs_to_the_concentric() -> None:
    (up,) = joined((0.8, 0.6 * ROM), (1.0, 0.6 * ROM), (0.8, ROM))
    assert up.size == pytest.approx(ROM, abs=0.5)
    assert (up.end - up.start) * FRAME_S == pytest.approx(2.5, abs=0.2)


def test_who_stops_for_longer_has_failed_the_rep() -> None:
    assert len(joined((0.8, 0.6 * ROM), (2.5, 0.6 * ROM), (0.8, ROM))) == 2


def test_a_descent_in_two_parts_is_one() -> None:
    up, down = joined((0.8, ROM), (1.0, ROM), (0.7, 0.4 * ROM), (0.6, 0.4 * ROM), (0.7, 0.0))
    assert up.size == pytest.approx(ROM, abs=0.5)
    assert down.size == pytest.approx(-ROM, abs=0.5)


def test_an_over_arch_is_no_part_of_the_descent() -> None:
    steps = ((0.8, ROM), (0.5, ROM), (0.4, ROM - 12), (0.6, ROM - 12), (1.2, 0.0))
    heights = (RISE, RISE, 0.97 * RISE, 0.97 * RISE, 0.0)
    *_, down = joined(*steps, heights=heights)
    assert down.start * FRAME_S - LEAD_S > 2.3
    assert down.size == pytest.approx(-(ROM - 12), abs=0.5)


def test_settling_after_the_lockout_is_no_part_of_the_concentric() -> None:
    up, rest = joined((0.8, ROM), (0.5, ROM), (0.4, ROM + 3))
    assert up.end * FRAME_S - LEAD_S < 0.8
    assert rest.size == pytest.approx(3.0, abs=0.2)


def test_shifting_and_a_rep_are_not_one_phase() -> None:
    assert len(joined((0.6, 0.5 * ROM), (0.2, 0.5 * ROM), (0.8, 1.5 * ROM))) == 2


def test_a_sag_is_cut_off_the_descent_that_follows() -> None:
    sag_s, descent_s = 1.5, 1.0
    x, rate = sampled((0.8, ROM), (0.3, ROM))
    end = np.arange(0.0, sag_s + descent_s + 1.0, FRAME_S)
    sag = -4.0 * np.minimum(end, sag_s + descent_s)
    fall = path([(descent_s, 10.0 - ROM), (1.0, 10.0 - ROM)], FRAME_HZ, sag_s)[: len(end)]
    x = np.concatenate((x[: round((LEAD_S + 1.1) * FRAME_HZ)], ROM + sag + fall))
    rate = np.gradient(x) * FRAME_HZ
    _, down = swings(x, rate, SLOW, LEAST)
    cut = settle(x, rate, down, SLOW)
    begins_s = LEAD_S + 1.1 + sag_s
    assert down.start * FRAME_S < begins_s - 1.0
    assert cut.start * FRAME_S == pytest.approx(begins_s, abs=0.12)
    assert cut.end == down.end
    assert cut.size == pytest.approx(value_at(x, cut.end) - value_at(x, cut.start))


@pytest.mark.parametrize("seconds", [0.5, 1.2, 4.0])
def test_a_descent_that_begins_by_itself_is_left_as_it_is(seconds: float) -> None:
    x, rate = sampled((0.8, ROM), (1.0, ROM), (seconds, 0.0))
    up, down = swings(x, rate, SLOW, LEAST)
    assert settle(x, rate, down, SLOW) == down
    assert settle(x, rate, up, SLOW) == up


def cycled(*steps: tuple[float, float], from_bottom: bool = True) -> list[Cycle]:
    x, rate = sampled(*steps)
    height = RISE / ROM * x
    return cycles(x, height, swings(x, rate, SLOW, LEAST), 0.3 * ROM, from_bottom=from_bottom)


def sizes(found: list[Cycle]) -> list[tuple[int, int | None]]:
    return [(round(c.up.size), None if c.down is None else round(c.down.size)) for c in found]


def test_from_the_bottom_the_descent_belongs_to_the_rep_before_it() -> None:
    steps = (1.0, 50.0), (0.5, 50.0), (1.0, 0.0), (0.5, 0.0), (1.0, 40.0), (1.0, 0.0)
    assert sizes(cycled(*steps)) == [(50, -50), (40, -40)]
    assert sizes(cycled(*steps[:-1])) == [(50, -50), (40, None)]


def test_from_the_top_the_descent_belongs_to_the_rep_after_it() -> None:
    steps = (1.0, -50.0), (0.5, -50.0), (1.0, 0.0), (0.5, 0.0), (1.0, -40.0), (1.0, 0.0)
    assert sizes(cycled(*steps, from_bottom=False)) == [(50, -50), (40, -40)]
    other = (1.0, 50.0), (1.0, 0.0), (1.0, 40.0)
    assert sizes(cycled(*other, from_bottom=False)) == [(50, None), (40, -50)]


def test_small_swings_make_no_cycle() -> None:
    assert cycled((1.0, 12.0), (1.0, 0.0)) == []
    found = cycled((1.0, 50.0), (0.5, 50.0), (0.4, 45.0), (0.5, 45.0), (1.0, 0.0))
    assert sizes(found) == [(50, -45)], "the eccentric reaches the bottom"

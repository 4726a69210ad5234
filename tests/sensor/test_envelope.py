"""The lower envelope, against all lines through two of its points."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.envelope import Envelope

Points = list[tuple[float, float]]
SPAN = 40.0
# Whole numbers, so that both ways of counting are exact; y rises, as arrivals do.
STEPS = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=2, max_size=60)


def at(steps: list[tuple[int, int]]) -> Points:
    """Points from the steps between them."""
    x = y = 0
    points = []
    for dx, dy in steps:
        x, y = x + dx, y + dy
        points.append((float(x), float(y)))
    return points


def envelope(points: Points) -> Envelope:
    one = Envelope(SPAN)
    for x, y in points:
        one.add(x, y)
    return one


def left(points: Points) -> Points:
    """Those that count: the span, or a quarter more of it."""
    kept: Points = []
    for point in points:
        kept.append(point)
        if kept[0][1] < point[1] - 1.25 * SPAN:
            kept = [one for one in kept if one[1] >= point[1] - SPAN]
    return kept


@given(STEPS)
def test_the_slope_is_that_of_the_line_that_is_highest_at_the_mean(
    steps: list[tuple[int, int]],
) -> None:
    points = left(at(steps))
    if len(points) < 2:
        return
    mean_x = sum(x for x, _ in points) / len(points)
    best = max(
        y1 + (mean_x - x1) * (y2 - y1) / (x2 - x1)
        for (x1, y1), (x2, y2) in combinations(points, 2)
        if all((y - y1) * (x2 - x1) >= (y2 - y1) * (x - x1) for x, y in points)
    )
    one = envelope(at(steps))
    slope = one.slope()
    assert one.floor(slope) + slope * mean_x == pytest.approx(best, abs=1e-9)


@given(STEPS, st.floats(-3, 3))
def test_no_point_is_under_the_floor_and_one_is_on_it(
    steps: list[tuple[int, int]], slope: float
) -> None:
    over = [y - slope * x for x, y in left(at(steps))]
    assert envelope(at(steps)).floor(slope) == pytest.approx(min(over), abs=1e-9)


@given(STEPS)
def test_what_is_too_old_counts_no_more(steps: list[tuple[int, int]]) -> None:
    assert len(envelope(at(steps))) == len(left(at(steps)))


@pytest.mark.parametrize("points", [[], [(1.0, 1.0)]])
def test_one_point_has_no_slope(points: Points) -> None:
    with pytest.raises(ValueError, match="no slope"):
        envelope(points).slope()

"""Packets that come twice, too late, not at all, or with a time that cannot be."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.drivers import Batch
from sensor.ordering import Ordering

RATE_HZ = 100.0
SIZE = 4


def batch(number: int, size: int = SIZE, jump_s: float = 0.0) -> Batch:
    """Packet `number` of a stream: its samples say which they are."""
    index = number * size + np.arange(size)
    acc = np.repeat(index[:, None].astype(float), 3, axis=1)
    return Batch(acc, acc, index / RATE_HZ + jump_s)


def given_out(ordering: Ordering, numbers: list[int]) -> list[int]:
    """Which samples come out for these packets, in their order."""
    done = [one for number in numbers for one in ordering.add(batch(number))] + ordering.flush()
    return [int(value) for one in done if one.acc is not None for value in one.acc[:, 0]]


def samples(numbers: list[int]) -> list[int]:
    return [number * SIZE + k for number in numbers for k in range(SIZE)]


def test_packets_in_order_are_given_out_at_once() -> None:
    ordering = Ordering(RATE_HZ)
    for number in range(100):
        assert len(ordering.add(batch(number))) == 1
    assert ordering.lost == ordering.duplicates == 0
    assert ordering.rate_hz == pytest.approx(RATE_HZ)


def test_lost_packets_are_counted_in_samples() -> None:
    ordering = Ordering(RATE_HZ)
    kept = [n for n in range(60) if n not in (10, 11, 40)]
    assert given_out(ordering, kept) == samples(kept)
    assert ordering.lost == 3 * SIZE
    assert ordering.duplicates == 0


def test_a_packet_that_was_overtaken_is_put_right() -> None:
    ordering = Ordering(RATE_HZ)
    numbers = [0, 1, 3, 2, 4, 5]
    assert given_out(ordering, numbers) == samples(sorted(numbers))
    assert ordering.lost == ordering.duplicates == 0


def test_what_comes_twice_is_given_out_once() -> None:
    ordering = Ordering(RATE_HZ)
    assert given_out(ordering, [0, 0, 1, 3, 3, 2, 2, 4]) == samples([0, 1, 2, 3, 4])
    assert ordering.duplicates == 3 * SIZE
    assert ordering.lost == 0


@given(st.lists(st.integers(0, 24), max_size=60))
def test_samples_rise_and_come_once_in_any_order_of_packets(numbers: list[int]) -> None:
    found = given_out(Ordering(RATE_HZ), numbers)
    assert found == sorted(set(found))
    assert set(found) <= set(samples(numbers))


@pytest.mark.parametrize("jump_s", [-4000.0, -5.0, 30.0, 1e6])
def test_one_packet_with_an_impossible_time_is_passed_over(jump_s: float) -> None:
    ordering = Ordering(RATE_HZ)
    out = [one for number in range(10) for one in ordering.add(batch(number))]
    assert ordering.add(batch(10, jump_s=jump_s)) == []
    out += [one for number in range(11, 20) for one in ordering.add(batch(number))]
    assert len(out) == 19
    assert ordering.skipped.total() == 1
    assert ordering.lost == SIZE


@pytest.mark.parametrize("jump_s", [-4000.0, -5.0, 30.0, 1e6])
def test_two_in_a_row_mean_that_the_clock_was_set(jump_s: float) -> None:
    ordering = Ordering(RATE_HZ)
    out = [one for number in range(1000, 1010) for one in ordering.add(batch(number))]
    for number in range(1010, 1020):
        out += ordering.add(batch(number, jump_s=jump_s))
    assert len(out) == 20
    assert ordering.skipped.total() == ordering.lost == ordering.duplicates == 0


def test_a_drop_of_the_connection_is_not_a_loss() -> None:
    ordering = Ordering(RATE_HZ)
    given_out(ordering, [0, 1, 2])
    ordering.restart()
    assert given_out(ordering, [50, 51]) == samples([50, 51])
    assert ordering.lost == 0


def test_loss_is_counted_by_the_rate_that_is_true() -> None:
    ordering = Ordering(104.0)  # promised; true is RATE_HZ
    kept = [n for n in range(500) if not 300 <= n < 400]
    given_out(ordering, kept)
    assert ordering.lost == pytest.approx(100 * SIZE, abs=1)

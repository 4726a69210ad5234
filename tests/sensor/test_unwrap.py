"""The wrap of clocks and counters is undone; a step back is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.unwrap import Unwrap


@pytest.mark.parametrize("bits", [8, 16, 32])
def test_a_wrap_goes_on_without_a_step(bits: int) -> None:
    unwrap, full = Unwrap(bits), 1 << bits
    assert [unwrap(value) for value in (full - 2, full - 1, 0, 1)] == [
        full - 2,
        full - 1,
        full,
        full + 1,
    ]


def test_a_late_packet_around_the_wrap_is_a_small_step_back() -> None:
    unwrap = Unwrap(16)
    assert [unwrap(value) for value in (65534, 1, 65535, 0, 2)] == [
        65534,
        65537,
        65535,
        65536,
        65538,
    ]


def test_a_late_packet_before_the_first_one_is_below_zero() -> None:
    unwrap = Unwrap(8)
    assert [unwrap(value) for value in (1, 255, 2)] == [1, -1, 2]


def test_a_repeated_value_stays() -> None:
    unwrap = Unwrap(32)
    assert [unwrap(7), unwrap(7), unwrap(7)] == [7, 7, 7]


@given(
    bits=st.sampled_from([8, 16, 32]),
    start=st.integers(0, 2**32 - 1),
    steps=st.lists(st.floats(-0.499, 0.499), max_size=100),
)
def test_any_steps_below_half_the_range_come_back(
    bits: int, start: int, steps: list[float]
) -> None:
    full = 1 << bits
    true = [start % full]
    for step in steps:
        true.append(true[-1] + int(step * full))
    unwrap = Unwrap(bits)
    assert [unwrap(value % full) for value in true] == true

"""Accelerometer and gyroscope as two streams."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.align import WITHOUT_GYR, Aligner
from sensor.samples import Floats, SampleBlock


def vectors(t_s: Floats, frequency_hz: float = 1.5) -> Floats:
    """(n, 3) of a movement as quick as a rep."""
    return np.column_stack([np.sin(2 * np.pi * frequency_hz * t_s + k) for k in range(3)])


def fed(acc_s: Floats, gyr_s: Floats, sizes: list[int], aligner: Aligner) -> SampleBlock:
    """Both streams in turn, in pieces of these sizes, over and over."""
    blocks: list[SampleBlock] = []
    acc_at = gyr_at = turn = 0
    while acc_at < len(acc_s) or gyr_at < len(gyr_s):
        size = sizes[turn % len(sizes)]
        turn += 1
        part = acc_s[acc_at : acc_at + size]
        acc_at += size
        if len(part):
            blocks += aligner.add(part, vectors(part), None)
        part = gyr_s[gyr_at : gyr_at + size]
        gyr_at += size
        if len(part):
            blocks += aligner.add(part, None, vectors(part))
    gyrs = [block.gyr for block in blocks if block.gyr is not None]
    return SampleBlock(
        np.concatenate([block.t_s for block in blocks]),
        np.concatenate([block.acc for block in blocks]),
        np.concatenate(gyrs),
    )


def waiting() -> Aligner:
    aligner = Aligner()
    aligner.restart(waits=True)
    return aligner


@given(st.lists(st.integers(1, 20), min_size=1, max_size=5))
def test_any_cut_into_packets_gives_the_same_samples(sizes: list[int]) -> None:
    acc_s, gyr_s = np.arange(200) / 104.0, np.arange(200) / 104.0 + 0.003
    expected = fed(acc_s, gyr_s, [7], waiting())
    block = fed(acc_s, gyr_s, sizes, waiting())
    assert np.array_equal(block.t_s, expected.t_s)
    assert np.array_equal(block.acc, expected.acc)
    assert block.gyr is not None
    assert expected.gyr is not None
    assert np.array_equal(block.gyr, expected.gyr)


@pytest.mark.parametrize("shift_s", [0.0, 0.002, -0.0048])
def test_the_gyroscope_is_put_where_the_accelerometer_was_sampled(shift_s: float) -> None:
    acc_s = np.arange(1000) / 104.0
    gyr_s = np.arange(1010) / 103.7 + shift_s
    block = fed(acc_s, gyr_s, [9], waiting())
    assert len(block) >= 990
    assert block.gyr is not None
    # A straight line between samples of 1.5 Hz is off by at most (pi f / fs)^2 / 2 of its height.
    assert np.abs(block.gyr - vectors(block.t_s)).max() < (np.pi * 1.5 / 103.7) ** 2 / 2 * 1.05
    assert np.array_equal(block.acc, vectors(block.t_s))


def test_where_the_gyroscope_is_missing_samples_are_counted_not_made_up() -> None:
    aligner = waiting()
    acc_s, gyr_s = np.arange(500) / 100.0, np.arange(501) / 100.0 + 0.001
    gyr_s = gyr_s[(gyr_s < 2.0) | (gyr_s > 2.5)]
    block = fed(acc_s, gyr_s, [10], aligner)
    assert not ((block.t_s > 2.0) & (block.t_s < 2.5)).any()
    assert aligner.skipped[WITHOUT_GYR] == len(acc_s) - len(block) >= 50


def test_a_stream_alone_is_not_kept_for_ever() -> None:
    aligner = waiting()
    t_s = np.arange(10) / 100.0
    for k in range(100):
        assert aligner.add(t_s + k * 0.1, vectors(t_s), None) == []
    assert aligner.skipped.total() >= 590


def test_a_sensor_without_gyroscope_waits_for_none() -> None:
    aligner = Aligner()
    aligner.restart(waits=False)
    t_s = np.arange(10) / 100.0
    (block,) = aligner.add(t_s, vectors(t_s), None)
    assert block.gyr is None
    assert np.array_equal(block.t_s, t_s)


def test_after_a_drop_old_samples_have_no_new_partners() -> None:
    aligner = waiting()
    t_s = np.arange(10) / 100.0
    aligner.add(t_s, vectors(t_s), None)
    aligner.restart(waits=True)
    assert aligner.add(t_s + 5.0, None, vectors(t_s)) == []

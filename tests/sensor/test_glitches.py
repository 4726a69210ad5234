"""Single samples far from their neighbours."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sensor.glitches import Glitches
from sensor.samples import Floats, SampleBlock, joined


def swaying(samples: int = 200) -> SampleBlock:
    t_s = np.arange(samples) / 100.0
    sway = np.column_stack([np.sin(9 * t_s + k) for k in range(3)])
    return SampleBlock(t_s, 20.0 * sway, 5.0 * sway)


def through(block: SampleBlock, sizes: list[int], glitches: Glitches) -> SampleBlock:
    """What comes out of a block that is fed in pieces of these sizes, over and over."""
    out: list[SampleBlock] = []
    start = turn = 0
    while start < len(block):
        part = slice(start, start + sizes[turn % len(sizes)])
        start, turn = part.stop, turn + 1
        gyr = None if block.gyr is None else block.gyr[part]
        found = glitches.add(SampleBlock(block.t_s[part], block.acc[part], gyr))
        out += [found] if found is not None else []
    held = glitches.flush()
    return joined([*out, held] if held is not None else out)


def spoiled(values: Floats, *places: int) -> SampleBlock:
    """The swaying sensor, turning impossibly quickly at some samples."""
    block = swaying()
    gyr = values.copy()
    gyr[list(places), 1] += 30.0
    return SampleBlock(block.t_s, block.acc, gyr)


def gyr_of(block: SampleBlock) -> Floats:
    assert block.gyr is not None
    return block.gyr


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_what_moves_smoothly_passes_as_it_is(sizes: list[int]) -> None:
    glitches = Glitches()
    block = swaying()
    found = through(block, sizes, glitches)
    assert np.array_equal(found.t_s, block.t_s)
    assert np.array_equal(found.acc, block.acc)
    assert glitches.skipped == 0


@given(st.lists(st.integers(1, 9), min_size=1, max_size=4), st.integers(1, 198))
def test_a_single_value_is_passed_over_in_any_cut(sizes: list[int], place: int) -> None:
    glitches = Glitches()
    found = through(spoiled(gyr_of(swaying()), place), sizes, glitches)
    assert np.array_equal(found.t_s, np.delete(swaying().t_s, place))
    assert glitches.skipped == 1


def test_a_change_that_stays_is_real() -> None:
    glitches = Glitches()
    block = spoiled(gyr_of(swaying()), *range(100, 200))
    assert np.array_equal(through(block, [1], glitches).t_s, block.t_s)
    assert glitches.skipped == 0


def test_only_a_doubtful_sample_waits() -> None:
    glitches = Glitches()
    block = spoiled(gyr_of(swaying()), 50)
    for k in range(200):
        part = slice(k, k + 1)
        found = glitches.add(SampleBlock(block.t_s[part], block.acc[part], gyr_of(block)[part]))
        assert (found is None) == (k == 50)


def test_after_a_gap_nothing_is_beside() -> None:
    glitches = Glitches()
    block = spoiled(gyr_of(swaying()), *range(100, 200))
    late = SampleBlock(
        np.where(np.arange(200) < 100, block.t_s, block.t_s + 1), block.acc, block.gyr
    )
    assert glitches.add(late) is late


def test_without_a_gyroscope_the_accelerometer_tells() -> None:
    glitches = Glitches()
    block = swaying()
    acc = block.acc.copy()
    acc[30, 2] = 157.0
    found = through(SampleBlock(block.t_s, acc, None), [7], glitches)
    assert np.array_equal(found.t_s, np.delete(block.t_s, 30))
    assert glitches.skipped == 1

"""WitMotion frames come out of a byte stream; what is none is counted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sensor.drivers.witmotion import WitMotionDecoder
from sensor.samples import STANDARD_GRAVITY_MPS2
from tests.sensor.drivers.witmotion_frames import MADE_UP, MAGNETIC, REAL, decoded, samples_of


def frame(*values: int) -> bytes:
    return b"\x55\x61" + np.array(values, "<i2").tobytes()


def numbered(count: int) -> list[bytes]:
    """Frames that differ, and in which nothing looks like a head."""
    return [frame(i, i + 1, i + 2, -i - 1, -i - 2, -i - 3, 7, 8, 9) for i in range(count)]


def test_a_real_frame() -> None:
    ((batch,), decoder) = decoded(REAL)
    assert batch.acc is not None
    assert batch.gyr is not None
    g = (0.30811, -0.16797, -0.17871)
    assert_allclose(batch.acc, [np.array(g) * STANDARD_GRAVITY_MPS2], atol=1e-4)
    assert_allclose(np.degrees(batch.gyr), [(31.6162, -28.3203, -3.1128)], atol=1e-4)
    assert not decoder.skipped


def test_a_frame_at_rest_points_up() -> None:
    ((batch,), _) = decoded(MADE_UP)
    assert batch.acc is not None
    assert batch.gyr is not None
    assert_allclose(batch.acc, [(0.0, 0.0, STANDARD_GRAVITY_MPS2)])
    assert_allclose(np.degrees(batch.gyr), [(99.976, -99.976, 0.0)], atol=1e-3)


def test_a_reply_is_no_sample_and_no_damage() -> None:
    batches, decoder = decoded(REAL, MAGNETIC, REAL)
    assert len(samples_of(batches)) == 2
    assert not decoder.skipped
    assert decoder.battery_pct is None


def test_several_frames_in_a_notification_are_one_batch() -> None:
    ((batch,), _) = decoded(REAL + MADE_UP + REAL)
    assert_array_equal(samples_of([batch]), samples_of(decoded(REAL, MADE_UP, REAL)[0]))


@given(
    st.lists(
        st.sampled_from(
            [REAL, MADE_UP, MAGNETIC, MAGNETIC + b"\0\0", b"\x01", b"\x55", b"\x55\x61"]
        )
    ),
    st.data(),
)
def test_any_split_gives_the_same(parts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(parts)
    whole, of_whole = decoded(stream)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)))))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    split, of_split = decoded(*pieces)
    assert_array_equal(samples_of(split), samples_of(whole))
    assert of_split.skipped == of_whole.skipped


@given(st.lists(st.integers(0, 40), max_size=8), st.integers(0, 19), st.integers(1, 19))
def test_a_reply_of_22_bytes_anywhere_loses_nothing(
    places: list[int], first: int, size: int
) -> None:
    frames = numbered(20)
    for place in places:
        frames.insert(place, MAGNETIC + bytes((0, 0)))
    stream = b"".join(frames)
    pieces = [stream[:first], *(stream[i : i + size] for i in range(first, len(stream), size))]
    batches, decoder = decoded(*pieces)
    assert_array_equal(samples_of(batches), samples_of(decoded(*numbered(20))[0]))
    assert not decoder.skipped


@given(st.binary(min_size=1, max_size=19), st.integers(1, 17))
def test_bytes_between_frames_are_passed_over_and_counted_once(noise: bytes, place: int) -> None:
    noise = noise.replace(b"\x55", b"\x54")
    frames = numbered(20)
    batches, decoder = decoded(*frames[:place], noise, *frames[place:])
    assert_array_equal(samples_of(batches), samples_of(decoded(*frames)[0]))
    assert decoder.skipped == {"bytes between frames": 1}


@pytest.mark.parametrize("spare", [b"", b"\0\0"])
def test_a_reply_of_either_length_ends_a_loss(spare: bytes) -> None:
    battery = bytes.fromhex("55 71 64 00 86 01") + bytes(14) + spare
    batches, decoder = decoded(b"\0", battery, *numbered(3))
    assert_array_equal(samples_of(batches), samples_of(decoded(*numbered(3))[0]))
    assert decoder.battery_pct == 75
    assert decoder.skipped == {"bytes between frames": 1}


def test_two_losses_are_counted_as_two() -> None:
    frames = numbered(9)
    _, decoder = decoded(*frames[:3], b"\0", *frames[3:6], b"\0\0", *frames[6:])
    assert decoder.skipped == {"bytes between frames": 2}


@pytest.mark.parametrize("lost", range(1, 20))
def test_after_a_frame_whose_begin_was_lost_all_others_come(lost: int) -> None:
    frames = numbered(9)
    batches, decoder = decoded(*frames[:4], frames[4][lost:], *frames[5:])
    assert_array_equal(samples_of(batches), samples_of(decoded(*frames[:4], *frames[5:])[0]))
    assert decoder.skipped == {"bytes between frames": 1}


@pytest.mark.parametrize("kept", range(1, 20))
def test_a_frame_whose_end_was_lost_costs_itself_and_its_neighbour(kept: int) -> None:
    frames = numbered(9)
    batches, decoder = decoded(*frames[:4], frames[4][:kept], *frames[5:])
    found, all_of_them = samples_of(batches), samples_of(decoded(*frames)[0])
    assert_array_equal(found[:4], all_of_them[:4])
    assert_array_equal(found[-3:], all_of_them[-3:])
    assert len(found) <= 8
    assert decoder.skipped == {"bytes between frames": 1}


def test_values_that_look_like_a_head_are_no_frame() -> None:
    tricky = frame(0x6155, 1, 2, 3, 4, 5, 6, 0x7155, 8)
    frames = [*numbered(3), tricky, *numbered(3)]
    assert len(samples_of(decoded(*frames)[0])) == 7
    batches, decoder = decoded(tricky[1:], *frames)
    assert_array_equal(samples_of(batches), samples_of(decoded(*frames)[0]))
    assert decoder.skipped == {"bytes between frames": 1}


@given(st.lists(st.binary(max_size=60)))
def test_random_bytes_never_raise_and_do_not_stop_the_stream(parts: list[bytes]) -> None:
    decoder = WitMotionDecoder()
    for part in parts:
        decoder.feed(0, part)
    batches = [batch for one in numbered(30) for batch in decoder.feed(0, one)]
    expected = samples_of(decoded(*numbered(30))[0])
    assert_array_equal(samples_of(batches)[-20:], expected[-20:])

"""Movesense: packets in two parts, and times in whole milliseconds."""

import asyncio

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sensor.drivers.movesense import DRIVER, MovesenseDecoder
from sensor.samples import STANDARD_GRAVITY_MPS2, SampleBlock
from tests.sensor.drivers.movesense_model import (
    TWO_SAMPLES,
    block,
    fed,
    model,
    packet,
    sent,
    started,
    times,
)

# Full scale over 16 bits, half a step.
ACC_RESOLUTION_MPS2 = 8 * STANDARD_GRAVITY_MPS2 / 65536
GYR_RESOLUTION_RADPS = np.deg2rad(2000.0) / 65536


# Packets


def test_the_vector_of_the_specification() -> None:
    (batch,) = MovesenseDecoder(26.0).feed(0, TWO_SAMPLES)
    assert batch.acc is not None
    assert batch.gyr is not None
    assert_array_equal(batch.acc, [[0.0, 0.0, 9.75], [0.5, 0.0, 9.5]])
    assert_allclose(np.rad2deg(batch.gyr), [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], rtol=1e-12)
    assert_allclose(times([batch]), [1.0, 1.0 + 1 / 26])


@pytest.mark.parametrize("rate_hz", [26.0, 52.0, 104.0])
def test_what_the_model_sends_comes_back(rate_hz: float) -> None:
    samples = block(160, rate_hz)
    decoder = MovesenseDecoder(rate_hz)
    batches = fed(decoder, sent(samples, rate_hz))
    assert not decoder.skipped
    acc = np.concatenate([batch.acc for batch in batches if batch.acc is not None])
    gyr = np.concatenate([batch.gyr for batch in batches if batch.gyr is not None])
    assert samples.gyr is not None
    assert_allclose(acc, samples.acc, rtol=1e-6, atol=ACC_RESOLUTION_MPS2)
    assert_allclose(gyr, samples.gyr, rtol=1e-6, atol=GYR_RESOLUTION_RADPS)
    assert_allclose(times(batches), samples.t_s, rtol=0, atol=1.1e-3)
    for batch in batches:
        assert batch.acc is not None
        assert batch.gyr is not None
        assert batch.acc.flags.c_contiguous
        assert batch.gyr.flags.c_contiguous


def test_a_packet_at_104_hz_comes_in_two_notifications_that_fit_the_mtu() -> None:
    assert [(data[:2], len(data)) for data in sent(block(16))] == [
        (b"\x02\x02", 158),
        (b"\x03\x02", 42),
    ] * 2


def test_samples_that_fill_no_packet_wait_for_the_next_ones() -> None:
    samples, peripheral = block(30), model()
    started(peripheral)
    assert samples.gyr is not None
    parts = []
    for begin in range(0, 30, 5):
        some = slice(begin, begin + 5)
        part = SampleBlock(samples.t_s[some], samples.acc[some], samples.gyr[some])
        parts += [one.data for one in peripheral.packets(part)]
    assert parts == sent(samples)


def test_values_beyond_the_range_are_cut_off() -> None:
    samples = SampleBlock(np.arange(8) / 104.0, np.full((8, 3), 500.0), np.full((8, 3), -99.0))
    (batch,) = fed(MovesenseDecoder(104.0), sent(samples))
    assert batch.acc is not None
    assert batch.gyr is not None
    assert_allclose(batch.acc, 8 * STANDARD_GRAVITY_MPS2, rtol=1e-4)
    assert_allclose(batch.gyr, -np.deg2rad(2000.0), rtol=1e-4)


def test_answers_are_passed_over_in_silence() -> None:
    peripheral = model()
    link, setup = started(peripheral)
    asyncio.run(DRIVER.stop(link))
    decoder = DRIVER.decoder(setup)
    assert [data[:2] for _, data in link.packets] == [b"\x01\x01", b"\x01\x02", b"\x01\x02"]
    assert [decoder.feed(channel, data) for channel, data in link.packets] == [[], [], []]
    assert not decoder.skipped


def test_a_lost_second_part_costs_its_packet() -> None:
    parts = [packet(77 * number) for number in range(3)]
    decoder = MovesenseDecoder(104.0)
    batches = fed(decoder, parts[0] + parts[1][:1] + parts[2])
    assert decoder.skipped == {"second part lost": 1}
    assert [times([batch])[0] for batch in batches] == [0.0, 0.154]


def test_a_lost_first_part_costs_its_packet() -> None:
    parts = [packet(77 * number) for number in range(3)]
    decoder = MovesenseDecoder(104.0)
    batches = fed(decoder, parts[0] + parts[1][1:] + parts[2])
    assert decoder.skipped == {"first part lost": 1}
    assert [times([batch])[0] for batch in batches] == [0.0, 0.154]


@given(lost=st.sets(st.integers(0, 19)))
def test_any_lost_notifications_cost_their_packets_only(lost: set[int]) -> None:
    # Two neighbours lost, end of one packet and begin of the next: nothing in the rest tells.
    lost = {number for number in lost if number - 1 not in lost}
    parts = [part for number in range(10) for part in packet(77 * number, value=float(number))]
    decoder = MovesenseDecoder(104.0)
    batches = fed(decoder, [part for number, part in enumerate(parts) if number not in lost])
    whole = [number for number in range(10) if not {2 * number, 2 * number + 1} & lost]
    assert [batch.acc[0, 0] for batch in batches if batch.acc is not None] == whole
    assert decoder.skipped.total() + (19 in lost) == 10 - len(whole)


def test_another_number_of_samples_than_usual_is_known_by_the_times() -> None:
    decoder = MovesenseDecoder(104.0)
    batches = [decoder.feed(0, packet(39 * number, count=4)[0]) for number in range(4)]
    assert [len(group) for group in batches] == [0, 2, 1, 1]
    assert [len(times([batch])) for group in batches for batch in group] == [4] * 4
    assert not decoder.skipped


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (b"", "unknown packet"),
        (b"\x02", "unknown packet"),
        (b"\x07\x02abc", "unknown packet"),
        (b"\x02\x63" + bytes(28), "unknown packet"),
        (b"\x02\x02\x00", "wrong length"),
        (packet(77, value=float("nan"))[0][:54], "not a number"),
    ],
)
def test_damage_is_counted_and_the_next_packet_is_good(damaged: bytes, reason: str) -> None:
    decoder = MovesenseDecoder(26.0)
    assert decoder.feed(0, damaged) == []
    assert decoder.skipped == {reason: 1}
    assert len(decoder.feed(0, TWO_SAMPLES)) == 1


def test_a_second_part_of_a_wrong_length_is_counted() -> None:
    decoder = MovesenseDecoder(104.0)
    first, second = packet(0)
    assert fed(decoder, [first, second[:-1], *packet(77)])[0].device_s is not None
    assert decoder.skipped == {"wrong length": 1}


@given(
    packets=st.lists(
        st.one_of(
            st.binary(max_size=200),
            st.binary(max_size=200).map(lambda tail: b"\x02\x02" + tail),
            st.binary(max_size=200).map(lambda tail: b"\x03\x02" + tail),
        ),
        max_size=20,
    )
)
def test_no_bytes_make_it_raise(packets: list[bytes]) -> None:
    for batch in fed(MovesenseDecoder(104.0), packets):
        assert batch.acc is not None
        assert batch.gyr is not None
        assert np.isfinite(batch.acc).all()
        assert np.isfinite(batch.gyr).all()
        assert len(times([batch])) == len(batch.acc) == len(batch.gyr) > 0
        assert (np.diff(times([batch])) > 0).all()


# Times


@given(off=st.floats(-0.03, 0.03), start_s=st.floats(0.0, 1e6))
def test_times_are_right_to_a_millisecond_and_what_the_rate_is_uncertain_by(
    off: float, start_s: float
) -> None:
    rate_hz = 104.0 * (1 + off)
    samples = block(800, rate_hz, start_s)
    device_s = times(fed(MovesenseDecoder(104.0), sent(samples)))
    # Two stamps, each cut to a millisecond, tell the rate, from the first packet to each other.
    told_s = 2e-3 / np.maximum(np.arange(800) // 8 * 8, 1)
    uncertain_s = np.minimum(told_s, abs(1 / rate_hz - 1 / 104.0))
    uncertain_s[:8] = abs(1 / rate_hz - 1 / 104.0)
    assert (np.abs(device_s - samples.t_s) <= 1e-3 + 7 * uncertain_s + 1e-6).all()
    assert (np.diff(device_s) > 0).all()


def test_at_the_nominal_rate_samples_are_evenly_spaced() -> None:
    device_s = times(fed(MovesenseDecoder(104.0), sent(block(4000, start_s=3.21))))
    assert_allclose(np.diff(device_s)[200:], 1 / 104, rtol=1e-3)


@pytest.mark.parametrize("rate_hz", [101.0, 102.5, 105.3, 106.9])
def test_at_another_rate_they_soon_are(rate_hz: float) -> None:
    device_s = times(fed(MovesenseDecoder(104.0), sent(block(4000, rate_hz, 3.21))))
    settled = np.diff(device_s[device_s > device_s[0] + 5.0])
    assert np.sqrt(np.mean((settled * rate_hz - 1) ** 2)) < 0.01


def test_the_wrap_of_the_time_is_undone() -> None:
    parts = [packet(2**32 - 100 + 77 * number) for number in range(4)]
    batches = fed(MovesenseDecoder(104.0), [part for both in parts for part in both])
    expected = [(2**32 - 100 + 77 * number) * 1e-3 for number in range(4)]
    assert_allclose([times([batch])[0] for batch in batches], expected, rtol=0, atol=1e-6)


def test_packets_that_come_again_or_late_do_not_move_the_others() -> None:
    parts = [packet(1000 + int(76.92 * number)) for number in range(12)]
    once = fed(MovesenseDecoder(104.0), [part for both in parts for part in both])
    order = [0, 1, 2, 2, 1, 3, 4, 5, 5, 6, 7, 8, 9, 9, 10, 11]
    again = fed(MovesenseDecoder(104.0), [part for number in order for part in parts[number]])
    newest_s = 0.0
    seen: set[int] = set()
    for number, batch in zip(order, again, strict=True):
        if number in seen:
            assert (times([batch]) <= newest_s).all()
        else:
            assert_array_equal(times([batch]), times([once[number]]))
        newest_s = max(newest_s, times([batch])[-1])
        seen.add(number)


def test_an_overtaken_packet_has_its_own_time() -> None:
    samples = block(48)
    parts = sent(samples)
    order = [0, 1, 4, 5, 2, 3, *range(6, 12)]
    batches = fed(MovesenseDecoder(104.0), [parts[number] for number in order])
    device_s = np.sort(times(batches))
    assert_allclose(times(batches)[[8, 16]], samples.t_s[[16, 8]], rtol=0, atol=1e-3)
    assert_allclose(device_s, samples.t_s, rtol=0, atol=1.1e-3)


def test_a_lost_packet_leaves_a_gap_of_its_length() -> None:
    samples = block(80)
    parts = sent(samples)
    device_s = times(fed(MovesenseDecoder(104.0), parts[:8] + parts[10:]))
    assert_allclose(device_s, np.delete(samples.t_s, range(32, 40)), rtol=0, atol=1.1e-3)

"""Frames and settings of Polar sensors: vectors of the SDK's own tests, damage, and time."""

import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.drivers import Batch, Setup
from sensor.drivers.polar import DRIVER, PolarDecoder
from sensor.polar_pmd import Item, parse_settings, settings_bytes
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats
from sensor.simulator.polar_frames import compressed

CONTROL, DATA = 0, 1
MG = STANDARD_GRAVITY_MPS2 / 1000
STAMP_NS = 788_918_400 * 10**9 + 123_456_789  # some time in 2024, as a sensor says it
STEP_NS = 10**9 // 104

RAW_ACC = "02 00943577 00000000 01 F7FF FFFF E703 F8FF FEFF E503"
COMPRESSED_ACC = "02 65000000 00000000 81 F1FF 1400 F003 06 01 7B0F08"
GYRO_16_BIT = "05 FFFFFFFF FFFFFF7F 80 EAFF 0800 0D00 03 01 DF00"
GYRO_FLOATS = "05 00943577 00000000 81 0000803F 00002041 0000A041 1C 01 0000A001 000008CDCCEC0D"
ACC_IN_G = (
    "02 00943577 00000000 80 7107 F06A 9E8D 0A 38 "
    "BE5CBEBA2F96B3EE4BE5ADFB42B9EBBE4CFEBA2F92BFEE4BE4B1FB12B9ECBD3C3EBB2F8FD3DE4BE3B5F7D2B8EDBD30"
    "7E7B2F8BE3CE8BE2BAF7A2B8EEBC20BE7B2F88F3CECBE1BDEF52F8EFBC18FE3B2F8403BFCBE0C2EF32B8F0BB044EBC"
    "2E8113AF0BE0C6EFF2F7F1B9FC7DBC2E7D279F4BDFCAEBC2F7F2B8ECCD7C2E7B378F4BDECEE392F7F3B8E00DFD2D77"
    "4B7FCBDDD2DF6237F5B7D44DBD2D745B6FCBDCD7D73237F6B5C88D7D2D716B4F4BDCDCD3F236F7B4BCDDFD2C6F7B3F"
    "4BDBE0CFD236F8B2B02DBE2C6C8F1FCBDAE3C7A276F9"
)
H10_ACC = "02 0000a43993435208 01 0000 0000 e803 ffff 0500 e603"
# As a Verity Sense sent it, up to the end of its first block: polar-ble-sdk issue 443.
FROM_A_VERITY_SENSE = (
    "02 00416FC412 45930A 81 EE02 1FFE 82FF 08 0A "
    "10DA20D6A30BD9CBE7D6F6C4E6F1E1F3E0151AFE281BF8372C252013 1911"
)
VECTORS = (
    RAW_ACC,
    COMPRESSED_ACC,
    GYRO_16_BIT,
    GYRO_FLOATS,
    ACC_IN_G,
    H10_ACC,
    FROM_A_VERITY_SENSE,
)
SETTINGS = bytes.fromhex("0001 3400 0101 1000 0204 F500 F401 E803 D007 0401 03")

ROWS = st.lists(st.tuples(*[st.integers(-32768, 32767)] * 3), min_size=1, max_size=60)


def decoder(*, rate_hz: float = 104.0, acc: float = 1.0, gyr: float = 1.0) -> PolarDecoder:
    details = {"acc_factor": acc, "gyr_factor": gyr}
    return DRIVER.decoder(Setup("polar", "", rate_hz, 8.0, 1000.0, "", details))


def only(batches: list[Batch]) -> Batch:
    (batch,) = batches
    return batch


def decoded(text: str, *, acc: float = 1.0, gyr: float = 1.0) -> Floats:
    """The values in a single frame, whichever stream it is of."""
    batch = only(decoder(acc=acc, gyr=gyr).feed(DATA, bytes.fromhex(text)))
    values = batch.acc if batch.gyr is None else batch.gyr
    assert values is not None
    assert (batch.acc is None) != (batch.gyr is None)
    assert values.flags.c_contiguous
    assert batch.device_s is not None
    assert len(batch.device_s) == len(values)
    return values


def frame(*, stream: int = 2, time_ns: int = STAMP_NS, samples: int = 20) -> bytes:
    kind = {2: 0x81, 5: 0x80}[stream]
    return struct.pack("<BQB", stream, time_ns, kind) + compressed([(1, 2, 3)] * samples)


def times(batches: list[Batch]) -> Floats:
    device_s = only(batches).device_s
    assert device_s is not None
    return device_s


# Values


@pytest.mark.parametrize(
    ("text", "milli_g"),
    [
        (RAW_ACC, [(-9, -1, 999), (-8, -2, 997)]),
        (COMPRESSED_ACC, [(-15, 20, 1008), (-20, 17, 1008)]),
        (H10_ACC, [(0, 0, 1000), (-1, 5, 998)]),
        ("02 0000000000000000 00 FF 7F 80 01 00 02", [(-1, 127, -128), (1, 0, 2)]),
        ("02 0000000000000000 02 FFFFFF E80300 000080", [(-1, 1000, -(2**23))]),
    ],
)
def test_accelerations_in_mg(text: str, milli_g: list[tuple[float, ...]]) -> None:
    np.testing.assert_allclose(decoded(text) / MG, milli_g, rtol=1e-12, atol=1e-12)


def test_what_a_verity_sense_sent() -> None:
    values = decoded(FROM_A_VERITY_SENSE) / MG
    assert len(values) == 1 + 10
    np.testing.assert_allclose(values[:3], [(750, -481, -126), (766, -519, -94), (724, -612, -83)])


def test_accelerations_in_g_have_a_factor() -> None:
    values = decoded(ACC_IN_G, acc=2.44e-4) / STANDARD_GRAVITY_MPS2
    first = np.array((1905, 27376, -29282))
    assert len(values) == 1 + 56
    np.testing.assert_allclose(values[0], 2.44e-4 * first)
    np.testing.assert_allclose(values[1], 2.44e-4 * (first + np.array((190, -105, -85))))
    assert np.abs(values).max() <= 8


def test_the_factor_is_for_compressed_frames_only() -> None:
    np.testing.assert_array_equal(decoded(RAW_ACC, acc=0.5), decoded(RAW_ACC))
    np.testing.assert_allclose(decoded(COMPRESSED_ACC, acc=0.5), 0.5 * decoded(COMPRESSED_ACC))


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_angular_rates_of_16_bits(factor: float) -> None:
    expected = factor * np.array([(-22, 8, 13), (-23, 11, 16)])
    np.testing.assert_allclose(np.rad2deg(decoded(GYRO_16_BIT, gyr=factor)), expected)


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_angular_rates_as_floats_whose_bits_differ(factor: float) -> None:
    first = np.array([0x3F800000, 0x41200000, 0x41A00000])
    second = (first + np.array([0x1A00000, 0x0800000, 0xFDECCCCD])) % 2**32
    expected = factor * np.array([(1, 10, 20), second.astype(np.uint32).view(np.float32)])
    np.testing.assert_allclose(np.rad2deg(decoded(GYRO_FLOATS, gyr=factor)), expected)


def test_negative_angular_rates_as_floats() -> None:
    values = decoded("05 0000000000000000 81 000080BF 00002041 0000A0C1 01 01 00")
    np.testing.assert_allclose(np.rad2deg(values), [(-1, 10, -20)] * 2)


@given(ROWS)
def test_compressed_samples_come_back(rows: list[tuple[int, ...]]) -> None:
    data = struct.pack("<BQB", 2, 0, 0x81) + compressed(rows)
    np.testing.assert_allclose(decoded(data.hex()) / MG, rows, rtol=1e-12)


# Damage


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "cut off"),
        ("02 0000000000000000", "cut off"),
        ("02 0000000000000000 01", "cut off"),
        ("02 0000000000000000 01 0000 0000", "cut off"),
        ("02 0000000000000000 81 F1FF 1400", "cut off"),
        (COMPRESSED_ACC[:-2], "cut off"),
        (COMPRESSED_ACC + "06", "cut off"),
        ("02 0000000000000000 81 F1FF 1400 F003 21 01" + "00" * 13, "damaged block"),
        ("02 0000000000000000 81 F1FF 1400 F003 06 00", "damaged block"),
        ("05 0000000000000000 81 0000C07F 00000000 00000000", "not a number"),
        ("05 0000000000000000 81 0000807F 00000000 00000000", "not a number"),
        ("02 0000000000000000 03 0000 0000 0000", "unknown frame"),
        ("05 0000000000000000 00 0000 0000 0000", "unknown frame"),
        ("00 0000000000000000 00 010203", "unknown frame"),
    ],
)
def test_a_damaged_frame_is_counted_and_the_next_one_read(text: str, reason: str) -> None:
    one = decoder()
    assert one.feed(DATA, bytes.fromhex(text)) == []
    assert one.skipped == {reason: 1}
    assert len(times(one.feed(DATA, frame(samples=20)))) == 20
    assert one.skipped.total() == 1


@pytest.mark.parametrize("text", VECTORS)
def test_a_frame_cut_short_anywhere_is_counted_or_holds_its_first_samples(text: str) -> None:
    data = bytes.fromhex(text)
    whole = decoded(text)
    for stop in range(len(data)):
        one = decoder()
        batches = one.feed(DATA, data[:stop])
        assert len(batches) + one.skipped.total() == 1
        if batches:
            np.testing.assert_array_equal(decoded(data[:stop].hex()), whole[: len(times(batches))])


@given(st.lists(st.tuples(st.sampled_from((CONTROL, DATA)), st.binary(max_size=260))))
def test_random_packets_never_raise(packets: list[tuple[int, bytes]]) -> None:
    one = decoder()
    for channel, data in packets:
        one.feed(channel, data)


@given(
    st.lists(
        st.tuples(
            st.sampled_from((2, 5)),
            st.integers(0, 2**64 - 1),
            st.sampled_from((0x00, 0x01, 0x02, 0x80, 0x81)),
            st.binary(min_size=6, max_size=120),
        ),
        max_size=10,
    )
)
def test_whatever_comes_is_finite_and_its_time_rises(
    frames: list[tuple[int, int, int, bytes]],
) -> None:
    one = decoder()
    given_out = 0
    for stream, time_ns, kind, content in frames:
        for batch in one.feed(DATA, struct.pack("<BQB", stream, time_ns, kind) + content):
            values = batch.acc if batch.gyr is None else batch.gyr
            assert values is not None
            assert np.isfinite(values).all()
            assert (np.diff(times([batch])) > 0).all()
            given_out += 1
    assert given_out + one.skipped.total() == len(frames)


# Messages


@pytest.mark.parametrize("text", ["F0 02 02 00 00", "F0 01 02 00 00 00 01 34 00", "F0"])
def test_replies_are_passed_over_silently(text: str) -> None:
    one = decoder()
    assert one.feed(CONTROL, bytes.fromhex(text)) == []
    assert not one.skipped


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("01 02 05", "the sensor stopped its streams"),
        ("01", "the sensor stopped its streams"),
        ("02 02", "unknown message"),
        ("", "unknown message"),
    ],
)
def test_what_the_sensor_says_by_itself_is_counted(text: str, reason: str) -> None:
    one = decoder()
    assert one.feed(CONTROL, bytes.fromhex(text)) == []
    assert one.skipped == {reason: 1}


# Time


def test_a_first_frame_goes_back_from_its_last_sample_at_the_nominal_rate() -> None:
    found = times(decoder(rate_hz=52.0).feed(DATA, frame(samples=3)))
    np.testing.assert_allclose(found, [-2 / 52, -1 / 52, 0.0], atol=1e-12)


@pytest.mark.parametrize("off", [0.95, 1.0, 1.03])
def test_samples_lie_evenly_between_the_times_of_two_frames(off: float) -> None:
    one = decoder()
    one.feed(DATA, frame(samples=40))
    length_ns = round(20 * STEP_NS * off)
    found = times(one.feed(DATA, frame(time_ns=STAMP_NS + length_ns, samples=20)))
    np.testing.assert_allclose(found, length_ns * 1e-9 * np.arange(1, 21) / 20, atol=1e-9)


def test_after_a_lost_frame_the_sample_interval_is_as_measured_before() -> None:
    one = decoder()
    frame_ns = round(20 * STEP_NS * 1.03)
    for number in (0, 1, 2):
        one.feed(DATA, frame(time_ns=STAMP_NS + number * frame_ns))
    found = times(one.feed(DATA, frame(time_ns=STAMP_NS + 4 * frame_ns)))
    expected = (4 * frame_ns - frame_ns / 20 * np.arange(19, -1, -1)) * 1e-9
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_after_a_loss_at_once_the_sample_interval_is_the_nominal_one() -> None:
    one = decoder(rate_hz=100.0)
    one.feed(DATA, frame())
    found = times(one.feed(DATA, frame(time_ns=STAMP_NS + 10**9, samples=3)))
    np.testing.assert_allclose(found, [0.98, 0.99, 1.0], atol=1e-9)


def test_a_repeated_and_a_late_frame_keep_their_own_times() -> None:
    one = decoder(rate_hz=100.0)
    first, second = (frame(time_ns=STAMP_NS + part * 10**8, samples=10) for part in (0, 1))
    early = times(one.feed(DATA, first))
    late = times(one.feed(DATA, second))
    np.testing.assert_allclose(times(one.feed(DATA, second)), late, atol=1e-9)
    np.testing.assert_allclose(times(one.feed(DATA, first)), early, atol=1e-9)


def test_both_streams_count_from_the_same_instant_and_keep_their_own_steps() -> None:
    one = decoder(rate_hz=100.0)
    half_ns = 5 * 10**6
    found = [
        times(one.feed(DATA, frame(stream=stream, time_ns=STAMP_NS + time_ns, samples=10)))
        for stream, time_ns in (
            (2, 0),
            (5, half_ns),
            (2, 10**8),
            (5, 10**8 + half_ns),
        )
    ]
    for acc_s, gyr_s in (found[:2], found[2:]):
        np.testing.assert_allclose(gyr_s - acc_s, 0.005, atol=1e-9)
    np.testing.assert_allclose(found[2], 0.01 * np.arange(1, 11), atol=1e-9)


def test_a_time_is_exact_to_the_nanosecond() -> None:
    one = decoder()
    one.feed(DATA, frame(time_ns=STAMP_NS))
    assert times(one.feed(DATA, frame(time_ns=STAMP_NS + 1)))[-1] == 1e-9


# Settings


def test_settings_are_read() -> None:
    assert parse_settings(SETTINGS) == {
        Item.RATE_HZ: (52,),
        Item.RESOLUTION_BITS: (16,),
        Item.RANGE: (245, 500, 1000, 2000),
        Item.CHANNELS: (3,),
    }


def test_a_factor_and_a_range_in_thousandths_are_read() -> None:
    found = parse_settings(bytes.fromhex("0501 0000003F 0301 A0860100"))
    assert found == {Item.FACTOR: (0.5,), Item.RANGE_MILLI: (100_000,)}


def test_chosen_settings_are_written_in_order() -> None:
    chosen = {Item.CHANNELS: 3, Item.RANGE: 8, Item.RATE_HZ: 104, Item.RESOLUTION_BITS: 16}
    assert settings_bytes(chosen) == bytes.fromhex("0001 6800 0101 1000 0201 0800 0401 03")


@pytest.mark.parametrize("stop", range(len(SETTINGS)))
def test_settings_cut_short_keep_the_items_that_are_whole(stop: int) -> None:
    whole = parse_settings(SETTINGS)
    found = parse_settings(SETTINGS[:stop])
    assert found == dict(list(whole.items())[: len(found)])


def test_an_item_that_is_not_known_ends_the_settings() -> None:
    assert parse_settings(bytes.fromhex("0001 3400 0701 0000 0401 03")) == {Item.RATE_HZ: (52,)}


@given(st.binary(max_size=64))
def test_random_settings_never_raise(data: bytes) -> None:
    parse_settings(data)

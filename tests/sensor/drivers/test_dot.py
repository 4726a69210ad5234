"""Movella DOT: the rate is set and read back, and each packet is a sample with its time."""

import asyncio
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sensor.drivers import Batch, Setup
from sensor.drivers.dot import (
    BATTERY,
    COMPANY,
    DEVICE_CONTROL,
    DEVICE_INFO,
    DRIVER,
    MEASUREMENT,
    MEDIUM_PAYLOAD,
    DotDecoder,
)
from sensor.link import Advertisement, SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2, SampleBlock
from sensor.simulator.peripherals import make
from sensor.simulator.peripherals.dot import DotPeripheral
from tests.sensor.drivers.fake_link import FakeLink

START = bytes.fromhex("01 01 15")
STOP = bytes.fromhex("01 00 15")

VECTOR = bytes.fromhex(
    "40 42 0f 0000 00 00 00 00 00 00 00 00 00 1d 4100 00 28 41 00 00 a2 c1 00 00 00 3f"
)


class Stubborn(DotPeripheral):
    """Its device control always reads like this."""

    control = bytes(32)

    def read(self, uuid: str) -> bytes:
        return self.control if uuid == DEVICE_CONTROL else super().read(uuid)


def model(kind: type[DotPeripheral] = DotPeripheral) -> DotPeripheral:
    return kind(address="D4:22:CD:00:4B:81", serial="4B81")


def started(peripheral: DotPeripheral, rate_hz: float = 100.0) -> tuple[FakeLink, Setup]:
    link = FakeLink(peripheral)
    return link, asyncio.run(DRIVER.start(link, rate_hz))


def with_rate(control: bytes, mask: int, rate_hz: int) -> bytes:
    return bytes((mask,)) + control[1:24] + struct.pack("<H", rate_hz) + control[26:]


def block(count: int, start_s: float = 5.0) -> SampleBlock:
    rng = np.random.default_rng(2)
    t_s = start_s + np.arange(count) / 60.0
    return SampleBlock(t_s, rng.uniform(-150, 150, (count, 3)), rng.uniform(-30, 30, (count, 3)))


def sample(time_us: int, value: float = 1.0) -> bytes:
    return struct.pack("<I6f", time_us % 2**32, *[value] * 6)


def time_s(batch: Batch) -> float:
    assert batch.device_s is not None
    return float(batch.device_s[0])


# Start and stop


def test_it_is_known_by_both_of_its_names_or_its_company() -> None:
    assert DRIVER.recognise(Advertisement("a", "Movella DOT")) == "Movella DOT"
    assert DRIVER.recognise(Advertisement("a", "Xsens DOT")) == "Xsens DOT"
    assert DRIVER.recognise(Advertisement("a", manufacturer={COMPANY: b""})) == "Movella DOT"
    assert DRIVER.recognise(Advertisement("a", "DOTTY", manufacturer={0x004C: b""})) is None
    assert DRIVER.recognise(model().advertisement) == "Movella DOT"


def test_the_rate_is_written_before_it_listens_and_starts() -> None:
    peripheral = model()
    before = peripheral.read(DEVICE_CONTROL)
    link, setup = started(peripheral)
    assert link.log == [(DEVICE_CONTROL, with_rate(before, 0x10, 60)), (MEASUREMENT, START)]
    assert peripheral.streaming
    assert setup == Setup(
        "dot",
        "Movella DOT",
        60.0,
        16.0,
        2000.0,
        "2.1.0",
        {"serial": f"{int.from_bytes(b'4B81', 'little'):X}", "product": "XS-T02"},
    )
    asyncio.run(DRIVER.stop(link))
    assert link.log[2:] == [(MEASUREMENT, STOP)]
    assert not peripheral.streaming


@pytest.mark.parametrize(
    ("asked_hz", "rate_hz"),
    [(10.0, 30), (31.0, 60), (60.0, 60), (200.0, 60)],
)
def test_the_rate_is_the_next_one_that_it_has(asked_hz: float, rate_hz: int) -> None:
    peripheral = model()
    link, setup = started(peripheral, asked_hz)
    assert link.log[0][1][24:26] == struct.pack("<H", rate_hz)
    assert setup.rate_hz == peripheral.rate_hz == rate_hz


def test_nothing_but_the_rate_changes() -> None:
    peripheral = model()
    before = peripheral.read(DEVICE_CONTROL)
    started(peripheral, 30.0)
    assert peripheral.read(DEVICE_CONTROL) == with_rate(before, 0, 30)


def test_the_rate_that_it_keeps_counts() -> None:
    peripheral = model(Stubborn)
    assert isinstance(peripheral, Stubborn)
    peripheral.control = with_rate(bytes(32), 0, 30)
    assert started(peripheral)[1].rate_hz == 30.0


@pytest.mark.parametrize("kept_hz", [0, 4, 120])
def test_a_rate_that_is_no_use_is_an_error(kept_hz: int) -> None:
    peripheral = model(Stubborn)
    assert isinstance(peripheral, Stubborn)
    peripheral.control = with_rate(bytes(32), 0, kept_hz)
    with pytest.raises(SensorError, match=f"stays at {kept_hz} Hz .* try again"):
        started(peripheral)


def test_a_control_of_another_length_is_an_error() -> None:
    peripheral = model(Stubborn)
    assert isinstance(peripheral, Stubborn)
    peripheral.control = bytes(16)
    with pytest.raises(SensorError, match="has 16 bytes, not 32: update its firmware"):
        started(peripheral)


def test_the_battery_level_is_read() -> None:
    peripheral = model()
    level = asyncio.run(DRIVER.battery(FakeLink(peripheral)))
    assert level == peripheral.read(BATTERY)[0]


def test_it_is_said_that_it_is_slow() -> None:
    assert any("60 Hz at most" in words for words in DRIVER.cannot)


# Packets


@pytest.mark.parametrize("zeros", [0, 12, 35])
def test_the_vector_of_the_specification_with_and_without_padding(zeros: int) -> None:
    (batch,) = DotDecoder().feed(0, VECTOR + bytes(zeros))
    assert batch.acc is not None
    assert batch.gyr is not None
    assert_array_equal(batch.acc, [[0.0, 0.0, 9.8125]])
    assert_allclose(np.rad2deg(batch.gyr), [[10.5, -20.25, 0.5]], rtol=1e-12)
    assert time_s(batch) == 1.0


def test_what_the_model_sends_comes_back() -> None:
    samples, peripheral = block(200), model()
    link, setup = started(peripheral)
    link.deliver(peripheral.packets(samples))
    decoder = DRIVER.decoder(setup)
    batches = [batch for channel, data in link.packets for batch in decoder.feed(channel, data)]
    assert not decoder.skipped
    assert samples.gyr is not None
    acc = np.concatenate([batch.acc for batch in batches if batch.acc is not None])
    gyr = np.concatenate([batch.gyr for batch in batches if batch.gyr is not None])
    assert_allclose(acc, samples.acc, rtol=1e-6)
    assert_allclose(gyr, samples.gyr, rtol=1e-6)
    assert_allclose([time_s(batch) for batch in batches], samples.t_s, rtol=0, atol=1e-6)
    assert all(batch.acc is not None and batch.acc.flags.c_contiguous for batch in batches)
    assert all(batch.gyr is not None and batch.gyr.flags.c_contiguous for batch in batches)


def test_the_time_wraps_at_two_to_the_32_exactly() -> None:
    decoder = DotDecoder()
    times = [2**32 - 16667 + 16667 * number for number in range(3)]
    batches = [decoder.feed(0, sample(time))[0] for time in times]
    assert_allclose([time_s(one) * 1e6 for one in batches], times, rtol=0, atol=0.01)


def test_a_late_packet_is_no_wrap() -> None:
    decoder = DotDecoder()
    times = [50_000, 16_667, 16_667, 66_667, -10, 83_333]
    batches = [decoder.feed(0, sample(time))[0] for time in times]
    assert_allclose([time_s(one) * 1e6 for one in batches], times, rtol=0, atol=0.01)


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (b"", "too short"),
        (VECTOR[:20], "too short"),
        (VECTOR[:27], "too short"),
        (sample(0, float("nan")), "not a number"),
        (sample(0, float("-inf")), "not a number"),
    ],
)
def test_damage_is_counted_and_the_next_packet_is_good(damaged: bytes, reason: str) -> None:
    decoder = DotDecoder()
    assert decoder.feed(0, damaged) == []
    assert decoder.skipped == {reason: 1}
    assert len(decoder.feed(0, VECTOR)) == 1


@given(packets=st.lists(st.binary(max_size=64), max_size=10))
def test_no_bytes_make_it_raise(packets: list[bytes]) -> None:
    decoder = DotDecoder()
    batches = [batch for data in packets for batch in decoder.feed(0, data)]
    assert len(batches) + decoder.skipped.total() == len(packets)
    for batch in batches:
        assert batch.acc is not None
        assert batch.gyr is not None
        assert np.isfinite(np.hstack((batch.acc, batch.gyr))).all()


# The model sensor


def test_the_model_streams_only_after_it_is_listened_to_and_then_started() -> None:
    peripheral = model()
    peripheral.connected()
    peripheral.write(MEASUREMENT, START)
    peripheral.listen(MEDIUM_PAYLOAD, on=True)
    assert peripheral.packets(block(1)) == []
    peripheral.write(MEASUREMENT, START)
    assert len(peripheral.packets(block(3))) == 3
    peripheral.connected()
    assert peripheral.packets(block(1)) == []


def test_the_model_does_not_stream_at_120_hz() -> None:
    peripheral = model()
    control = peripheral.read(DEVICE_CONTROL)
    peripheral.write(DEVICE_CONTROL, with_rate(control, 0x10, 120))
    assert peripheral.rate_hz == 60.0
    assert peripheral.read(DEVICE_CONTROL) == control


def test_the_model_takes_only_what_the_mask_names() -> None:
    peripheral = model()
    control = peripheral.read(DEVICE_CONTROL)
    peripheral.write(DEVICE_CONTROL, with_rate(control, 0x04, 30))
    assert peripheral.rate_hz == 60.0
    peripheral.write(DEVICE_CONTROL, with_rate(control, 0x10, 30))
    assert peripheral.rate_hz == 30.0


def test_the_model_cuts_off_values_beyond_its_range() -> None:
    peripheral = model()
    started(peripheral)
    wild = SampleBlock(np.array([1.0]), np.full((1, 3), 500.0), np.full((1, 3), -99.0))
    (batch,) = DotDecoder().feed(0, peripheral.packets(wild)[0].data)
    assert batch.acc is not None
    assert batch.gyr is not None
    assert_allclose(batch.acc, 16 * STANDARD_GRAVITY_MPS2, rtol=1e-6)
    assert_allclose(batch.gyr, -np.deg2rad(2000.0), rtol=1e-6)


def test_the_model_tells_its_address_and_has_the_layout_of_its_info() -> None:
    info = make("dot", address="D4:22:CD:00:4B:81").read(DEVICE_INFO)
    assert len(info) == 34
    assert info[:6] == bytes.fromhex("81 4b 00 cd 22 d4")

"""Nordic Thingy:52: its flash is spared, and each packet is a sample."""

import asyncio
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from sensor.drivers import Setup
from sensor.drivers.thingy52 import DRIVER, Thingy52Decoder
from sensor.link import Advertisement, SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock
from sensor.simulator.peripherals import make
from sensor.simulator.peripherals.thingy52 import Thingy52Peripheral
from tests.sensor.drivers.fake_link import FakeLink

SERVICE = "ef680100-9b35-4933-9b10-52ffa9740042"
CONNECTION = "ef680104-9b35-4933-9b10-52ffa9740042"
CONFIG = "ef680401-9b35-4933-9b10-52ffa9740042"
RAW = "ef680406-9b35-4933-9b10-52ffa9740042"

PACKET = bytes.fromhex("00 00 00 00 00 04 80 0c 80 f3 00 00 a0 00 00 00 00 00")
DELIVERED = "e8 03 f4 01 f4 01 0a 00 01"
AT_100_HZ = "e8 03 f4 01 f4 01 64 00 01"


class Odd(Thingy52Peripheral):
    """Its motion settings are of another length."""

    def read(self, uuid: str) -> bytes:
        return super().read(uuid)[: 8 if uuid == CONFIG else None]


def model(kind: type[Thingy52Peripheral] = Thingy52Peripheral) -> Thingy52Peripheral:
    return kind("C0:FF:EE:00:00:01", "1")


def started(peripheral: Thingy52Peripheral, rate_hz: float = 100.0) -> tuple[FakeLink, Setup]:
    link = FakeLink(peripheral)
    return link, asyncio.run(DRIVER.start(link, rate_hz))


def sent(link: FakeLink) -> list[tuple[str, str]]:
    return [(uuid, data.hex(" ")) for uuid, data in link.log]


def decoded(packet: bytes) -> tuple[Floats, Floats]:
    (batch,) = Thingy52Decoder().feed(0, packet)
    assert batch.acc is not None
    assert batch.gyr is not None
    assert batch.device_s is None
    assert batch.acc.flags.c_contiguous
    assert batch.gyr.flags.c_contiguous
    return batch.acc, batch.gyr


def samples(count: int, acc_g: float, gyr_dps: float) -> SampleBlock:
    rng = np.random.default_rng(4)
    return SampleBlock(
        np.arange(count) / 100.0,
        rng.uniform(-acc_g, acc_g, (count, 3)) * STANDARD_GRAVITY_MPS2,
        np.radians(rng.uniform(-gyr_dps, gyr_dps, (count, 3))),
    )


def streamed(block: SampleBlock) -> Floats:
    """(n, 6) g and deg/s, through the model sensor and the driver."""
    peripheral = model()
    link, setup = started(peripheral)
    link.deliver(peripheral.packets(block))
    decoder = DRIVER.decoder(setup)
    rows = []
    for packet in link.packets:
        (batch,) = decoder.feed(*packet)
        assert batch.acc is not None
        assert batch.gyr is not None
        rows.append(np.hstack((batch.acc / STANDARD_GRAVITY_MPS2, np.degrees(batch.gyr))))
    assert not decoder.skipped
    return np.concatenate(rows)


# Start


def test_it_is_known_by_its_service_whatever_its_name() -> None:
    seen = Advertisement("a", "Hips", services=(SERVICE,))
    assert DRIVER.recognise(seen) == "Nordic Thingy:52"
    assert DRIVER.recognise(Advertisement("a", "Thingy:53")) is None
    assert DRIVER.recognise(make("thingy52").advertisement) == "Nordic Thingy:52"


def test_the_rate_is_written_and_the_other_settings_stay() -> None:
    peripheral = model()
    assert peripheral.read(CONFIG) == bytes.fromhex(DELIVERED)
    link, setup = started(peripheral)
    assert sent(link) == [(CONFIG, AT_100_HZ)]
    assert setup == Setup("thingy52", "Nordic Thingy:52", 100.0, 2.0, 1023.0, "2.2.0")
    assert (peripheral.rate_hz, peripheral.streaming) == (100.0, True)


def test_a_second_start_writes_nothing_to_flash() -> None:
    peripheral = model()
    started(peripheral)
    peripheral.log.clear()
    link, setup = started(peripheral)
    assert sent(link) == []
    assert (setup.rate_hz, peripheral.streaming) == (100.0, True)


@pytest.mark.parametrize(
    ("asked_hz", "rate_hz"), [(10.0, 50), (60.0, 100), (104.0, 200), (400.0, 200)]
)
def test_the_rate_is_the_next_one_that_divides_200_hz(asked_hz: float, rate_hz: int) -> None:
    link, setup = started(model(), asked_hz)
    assert link.log[0][1][6:8] == struct.pack("<H", rate_hz)
    assert setup.rate_hz == link.peripheral.rate_hz == rate_hz


@pytest.mark.parametrize("found", [(6, 25, 0, 320), (400, 400, 0, 320), (6, 24, 1, 320)])
def test_a_connection_that_would_be_slow_is_put_right(found: tuple[int, ...]) -> None:
    peripheral = model()
    peripheral.write(CONNECTION, struct.pack("<4H", *found))
    peripheral.log.clear()
    link, _ = started(peripheral)
    assert sent(link) == [(CONNECTION, "06 00 18 00 00 00 40 01"), (CONFIG, AT_100_HZ)]


@pytest.mark.parametrize("found", [(6, 24, 0, 320), (12, 12, 0, 100)])
def test_a_connection_that_is_quick_enough_stays(found: tuple[int, ...]) -> None:
    peripheral = model()
    peripheral.write(CONNECTION, struct.pack("<4H", *found))
    peripheral.log.clear()
    link, _ = started(peripheral)
    assert sent(link) == [(CONFIG, AT_100_HZ)]


def test_settings_of_another_length_are_refused() -> None:
    with pytest.raises(SensorError, match="8 bytes of motion settings, not 9: update its firmware"):
        started(model(Odd))


def test_the_battery_is_read() -> None:
    link, _ = started(model())
    assert asyncio.run(DRIVER.battery(link)) == 87.0


def test_it_is_stopped_without_a_word() -> None:
    link, _ = started(model())
    before = sent(link)
    asyncio.run(DRIVER.stop(link))
    assert sent(link) == before


# Packets


def test_a_packet_is_a_sample() -> None:
    acc, gyr = decoded(PACKET)
    assert_allclose(acc, [(0.0, 0.0, STANDARD_GRAVITY_MPS2)])
    assert_allclose(np.degrees(gyr), [(100.0, -100.0, 0.0)])


@given(st.binary(max_size=40))
def test_a_packet_of_another_length_is_counted(data: bytes) -> None:
    decoder = Thingy52Decoder()
    found = decoder.feed(0, data)
    assert len(found) == (len(data) == 18)
    assert decoder.skipped == ({} if found else {"wrong length": 1})
    assert len(decoder.feed(0, PACKET)) == 1


@given(st.lists(st.integers(-32768, 32767), min_size=9, max_size=9))
def test_every_packet_is_read_as_its_numbers(values: list[int]) -> None:
    acc, gyr = decoded(struct.pack("<9h", *values))
    assert_allclose(acc / STANDARD_GRAVITY_MPS2 * 1024, [values[:3]], atol=1e-6)
    assert_allclose(np.degrees(gyr) * 32, [values[3:6]], atol=1e-6)


# The model sensor


def test_what_the_model_sensor_measures_is_decoded_within_a_count() -> None:
    block = samples(200, 1.99, 1000.0)
    assert block.gyr is not None
    found = streamed(block)
    assert_allclose(found[:, :3], block.acc / STANDARD_GRAVITY_MPS2, atol=1.001 / 1024)
    assert_allclose(found[:, 3:], np.degrees(block.gyr), atol=1.001 / 32)


def test_the_model_sensor_clips_at_its_range() -> None:
    found = streamed(samples(200, 8.0, 4000.0))
    assert_allclose(np.abs(found[:, :3]).max(), 2.0)
    assert_array_equal([found[:, 3:].min().round(6), found[:, 3:].max().round(6)], [-1024, 1023])


@pytest.mark.parametrize(
    "data",
    [
        "e8 03 f4 01 f4 01 04 00 01",
        "e8 03 f4 01 f4 01 c9 00 01",
        "63 00 f4 01 f4 01 64 00 01",
        "e8 03 f4 01 e9 03 64 00 01",
        "e8 03 f4 01 f4 01 64 00 02",
        "e8 03 f4 01 f4 01 64 00",
    ],
)
def test_the_model_sensor_refuses_settings_beyond_its_limits(data: str) -> None:
    peripheral = model()
    with pytest.raises(SensorError, match="write not permitted"):
        peripheral.write(CONFIG, bytes.fromhex(data))
    assert peripheral.read(CONFIG) == bytes.fromhex(DELIVERED)


def test_the_model_sensor_only_divides_its_200_hz() -> None:
    peripheral = model()
    peripheral.write(CONFIG, struct.pack("<4HB", 1000, 500, 500, 60, 1))
    assert peripheral.rate_hz == pytest.approx(200 / 3)


def test_the_model_sensor_sends_only_to_who_listens() -> None:
    peripheral = model()
    started(peripheral)
    assert len(peripheral.packets(samples(5, 1.0, 1.0))) == 5
    peripheral.listen(RAW, on=False)
    assert peripheral.packets(samples(5, 1.0, 1.0)) == []
    peripheral.listen(RAW, on=True)
    peripheral.connected()
    assert peripheral.packets(samples(5, 1.0, 1.0)) == []

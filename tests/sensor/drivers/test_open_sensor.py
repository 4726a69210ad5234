"""The project's own open sensor: found, started, stopped, and its model read back."""

import asyncio
from pathlib import Path

import numpy as np
import pytest

from sensor.drivers import Setup, recognise
from sensor.drivers.open_sensor import DRIVER
from sensor.link import Advertisement, SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2, SampleBlock
from sensor.simulator.peripherals import Notification
from sensor.simulator.peripherals.open_sensor import OpenSensorPeripheral
from tests.sensor.drivers.fake_link import FakeLink

PAGE = Path(__file__).parents[3] / "docs" / "open-sensor.md"
SERVICE = "0a2f0001-08c1-4c31-a61a-d79e8fbd7ccc"
DATA = "0a2f0002-08c1-4c31-a61a-d79e8fbd7ccc"
CONFIGURATION = "0a2f0003-08c1-4c31-a61a-d79e8fbd7ccc"
SETUP = Setup("open_sensor", "Model open sensor", 100.0, 16.0, 2000.0, "1")
START_100 = bytes.fromhex("01 10 d0 07 64 00")
STOP = bytes.fromhex("01 10 d0 07 00 00")


def new(mtu: int = 247, rates_hz: tuple[int, ...] = (50, 100, 200)) -> OpenSensorPeripheral:
    return OpenSensorPeripheral(address="C0:FF:EE:00:00:01", serial="1", mtu=mtu, rates_hz=rates_hz)


def swaying(count: int, rate_hz: float, seed: int = 1) -> SampleBlock:
    rng = np.random.default_rng(seed)
    t_s = 12.3 + np.arange(count) / rate_hz
    return SampleBlock(t_s, rng.normal(0, 20, (count, 3)), rng.normal(0, 5, (count, 3)))


def streamed(peripheral: OpenSensorPeripheral, rate_hz: float) -> tuple[FakeLink, Setup]:
    link = FakeLink(peripheral)
    return link, asyncio.run(DRIVER.start(link, rate_hz))


def decoded(setup: Setup, link: FakeLink) -> SampleBlock:
    decoder = DRIVER.decoder(setup)
    batches = [batch for one in link.packets for batch in decoder.feed(*one)]
    assert not decoder.skipped
    return SampleBlock(
        np.concatenate([batch.device_s for batch in batches if batch.device_s is not None]),
        np.concatenate([batch.acc for batch in batches if batch.acc is not None]),
        np.concatenate([batch.gyr for batch in batches if batch.gyr is not None]),
    )


# Found, started, stopped


def test_the_page_names_the_uuids_and_settings_that_are_used() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for text in (SERVICE, DATA, CONFIGURATION, START_100.hex(" "), STOP.hex(" ")):
        assert f"`{text}`" in page


def test_it_is_known_by_its_service_whatever_its_name() -> None:
    found = recognise(Advertisement("AA", "belt", services=("180f", SERVICE)))
    assert found is not None
    assert found == (DRIVER, "hiprep open sensor")
    assert DRIVER.recognise(Advertisement("AA", "hiprep-1")) is None
    assert DRIVER.recognise(new().advertisement)


def test_it_listens_and_then_starts_with_its_ranges_and_rate() -> None:
    peripheral = new()
    link, setup = streamed(peripheral, 100.0)
    assert link.log == [(CONFIGURATION, START_100)]
    assert setup == SETUP
    assert peripheral.streaming
    asyncio.run(DRIVER.stop(link))
    assert link.log[1:] == [(CONFIGURATION, STOP)]
    assert not peripheral.streaming


@pytest.mark.parametrize(
    ("offered", "asked", "got"),
    [
        ((50, 100, 200), 60.0, 100.0),
        ((50, 100, 200), 400.0, 200.0),
        ((52, 104, 208), 100.0, 104.0),
        ((60, 119, 238), 50.0, 60.0),
        ((100,), 200.0, 100.0),
    ],
)
def test_the_rate_is_one_that_the_sensor_offers(
    offered: tuple[int, ...], asked: float, got: float
) -> None:
    peripheral = new(rates_hz=offered)
    _, setup = streamed(peripheral, asked)
    assert setup.rate_hz == peripheral.rate_hz == got


def test_a_new_connection_finds_it_stopped_and_starts_it_again() -> None:
    peripheral = new()
    streamed(peripheral, 200.0)
    assert FakeLink(peripheral).peripheral.streaming is False
    _, setup = streamed(peripheral, 100.0)
    assert setup.rate_hz == 100.0


def test_it_tells_its_battery() -> None:
    assert asyncio.run(DRIVER.battery(FakeLink(new()))) == 81.0


def test_a_board_need_have_no_battery_and_no_name() -> None:
    peripheral = new()
    own = [one for one in peripheral.characteristics if one.service == SERVICE]
    peripheral.characteristics = tuple(own)
    link, setup = streamed(peripheral, 100.0)
    assert (setup.model, setup.firmware) == ("hiprep open sensor", "")
    assert asyncio.run(DRIVER.battery(link)) is None


class Stubborn(OpenSensorPeripheral):
    """Its Bluetooth library cannot refuse a write: it stays as it was, without a word."""

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        self.log.append((uuid, data))
        return []


class Other(OpenSensorPeripheral):
    """It has another configuration to read."""

    configuration = b""

    def read(self, uuid: str) -> bytes:
        return self.configuration if uuid == CONFIGURATION else super().read(uuid)


def test_a_start_that_is_ignored_is_an_error() -> None:
    with pytest.raises(SensorError, match=r"does not take 16 g, 2000 deg/s and 100 Hz: "):
        streamed(Stubborn(address="C0:FF:EE:00:00:01", serial="1"), 100.0)


@pytest.mark.parametrize(
    ("configuration", "said"),
    [
        ("", "version none of its profile, not 1: flash"),
        ("02 10 d0 07 00 00 64 00 00 00 00 00 00 00", "version 2 of its profile, not 1: flash"),
        ("01 10 d0 07 00 00 00 00 00 00 00 00 00 00", "offers no rate: "),
        ("01 10 d0 07 00 00 64 00", "offers no rate: "),
    ],
)
def test_what_is_not_understood_is_an_error_with_its_cure(configuration: str, said: str) -> None:
    peripheral = Other(address="C0:FF:EE:00:00:01", serial="1")
    peripheral.configuration = bytes.fromhex(configuration)
    with pytest.raises(SensorError, match=said):
        streamed(peripheral, 100.0)


@pytest.mark.parametrize(
    ("settings", "error"),
    [
        ("02 10 d0 07 64 00", "0x80"),
        ("01 04 d0 07 64 00", "0x80"),
        ("01 10 f4 01 64 00", "0x80"),
        ("01 10 d0 07 65 00", "0x80"),
        ("01 10 d0 07 64", "0x0d"),
        ("01 10 d0 07 64 00 00", "0x0d"),
    ],
)
def test_the_model_refuses_what_it_does_not_have_and_stays_as_it_was(
    settings: str, error: str
) -> None:
    peripheral = new()
    before = peripheral.read(CONFIGURATION)
    with pytest.raises(SensorError, match=error):
        peripheral.write(CONFIGURATION, bytes.fromhex(settings))
    assert peripheral.read(CONFIGURATION) == before


def test_while_it_samples_it_can_only_be_stopped() -> None:
    peripheral = new()
    peripheral.write(CONFIGURATION, START_100)
    with pytest.raises(SensorError, match="0x81"):
        peripheral.write(CONFIGURATION, bytes.fromhex("01 08 d0 07 c8 00"))
    peripheral.write(CONFIGURATION, STOP)
    peripheral.write(CONFIGURATION, bytes.fromhex("01 08 d0 07 c8 00"))
    assert peripheral.read(CONFIGURATION)[:6] == bytes.fromhex("01 08 d0 07 c8 00")


# From model sensor to samples


@pytest.mark.parametrize("mtu", [26, 50, 185, 247, 517])
@pytest.mark.parametrize("rate_hz", [50.0, 100.0, 200.0])
def test_samples_come_out_as_they_went_in(rate_hz: float, mtu: int) -> None:
    peripheral = new(mtu)
    link, setup = streamed(peripheral, rate_hz)
    block = swaying(400, rate_hz)
    link.deliver(peripheral.packets(block))
    assert all(len(data) <= mtu - 3 for _, data in link.packets)
    out = decoded(setup, link)
    sent = len(out)
    per_packet = link.packets[0][1][10]
    assert 400 - per_packet < sent <= 400  # the rest waits for what fills its packet
    assert block.gyr is not None
    assert out.gyr is not None
    half_a_count = 0.51 / 32768
    np.testing.assert_allclose(out.t_s, block.t_s[:sent], atol=2e-6)
    np.testing.assert_allclose(
        out.acc, block.acc[:sent], atol=16 * STANDARD_GRAVITY_MPS2 * half_a_count
    )
    np.testing.assert_allclose(out.gyr, block.gyr[:sent], atol=np.radians(2000) * half_a_count)


def test_how_the_samples_are_cut_into_blocks_makes_no_difference() -> None:
    block = swaying(100, 100.0)
    assert block.gyr is not None
    whole, pieces = new(), new()
    streamed(whole, 100.0)
    streamed(pieces, 100.0)
    sent = [
        one
        for index in range(100)
        for one in pieces.packets(
            SampleBlock(*(part[index : index + 1] for part in (block.t_s, block.acc, block.gyr)))
        )
    ]
    assert sent == whole.packets(block)
    assert [one.at_s for one in sent] == block.t_s[9::10].tolist()


def test_beyond_the_range_it_clips() -> None:
    peripheral = new()
    link, setup = streamed(peripheral, 50.0)
    block = SampleBlock(np.arange(5) / 50, np.full((5, 3), 1000.0), np.full((5, 3), -100.0))
    link.deliver(peripheral.packets(block))
    out = decoded(setup, link)
    assert out.gyr is not None
    np.testing.assert_allclose(out.acc, 16 * STANDARD_GRAVITY_MPS2, rtol=1e-4)
    np.testing.assert_allclose(out.gyr, -np.radians(2000), rtol=1e-4)


def test_samples_that_the_sensor_lost_are_told_from_packets_that_the_radio_lost() -> None:
    peripheral = new()
    link, setup = streamed(peripheral, 100.0)
    block = swaying(400, 100.0)
    assert block.gyr is not None
    kept = np.r_[0:125, 180:400]
    link.deliver(peripheral.packets(SampleBlock(block.t_s[kept], block.acc[kept], block.gyr[kept])))
    del link.packets[20:23]
    decoder = DRIVER.decoder(setup)
    for one in link.packets:
        decoder.feed(*one)
    assert (decoder.overruns, decoder.lost_packets) == (1, 3)


def test_an_mtu_without_room_for_a_sample_is_seen_as_a_wrong_length() -> None:
    peripheral = new(mtu=23)
    link, setup = streamed(peripheral, 100.0)
    link.deliver(peripheral.packets(swaying(7, 100.0)))
    assert {len(data) for _, data in link.packets} == {20}
    decoder = DRIVER.decoder(setup)
    assert not [batch for one in link.packets for batch in decoder.feed(*one)]
    assert decoder.skipped == {"wrong length": 7}

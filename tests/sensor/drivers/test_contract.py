"""What every driver promises; the folder is the registry, so a new one is found here by itself."""

import asyncio
import json
from collections import Counter
from dataclasses import asdict
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import sensor.drivers
from sensor import drivers
from sensor.drivers import Batch, Setup, load, names, recognise
from sensor.link import Advertisement, SensorError
from sensor.samples import Floats, SampleBlock
from sensor.simulator import peripherals
from sensor.simulator.model_link import ModelLink
from sensor.simulator.peripherals import make

FOLDER = Path(sensor.drivers.__file__).parent

every_driver = pytest.mark.parametrize("name", names())


def started(name: str, rate_hz: float | None = None) -> tuple[ModelLink, Setup]:
    driver, link = load(name), ModelLink(make(name))
    return link, asyncio.run(driver.start(link, rate_hz or driver.default_rate_hz))


def moving(rate_hz: float, seconds: float = 4.0) -> SampleBlock:
    """A sensor that sways about all axes, within every range."""
    t_s = np.arange(round(seconds * rate_hz)) / rate_hz
    sway = np.column_stack([np.sin((2 + k) * t_s + k) for k in range(3)])
    acc = np.ascontiguousarray(3.0 * sway + (0.0, 0.0, 9.81))
    return SampleBlock(t_s, acc, np.ascontiguousarray(2.0 * sway))


@cache
def session(name: str) -> tuple[Setup, tuple[tuple[int, bytes], ...], SampleBlock]:
    """Setup, packets after it, and what was sampled."""
    link, setup = started(name)
    block = moving(link.peripheral.rate_hz)
    before = len(link.packets)
    for start in range(0, len(block), 7):
        part = slice(start, start + 7)
        assert block.gyr is not None
        link.deliver(
            link.peripheral.packets(SampleBlock(block.t_s[part], block.acc[part], block.gyr[part]))
        )
    return setup, tuple(link.packets[before:]), block


def decoded(name: str, packets: tuple[tuple[int, bytes], ...]) -> tuple[list[Batch], Counter[str]]:
    setup, _, _ = session(name)
    decoder = load(name).decoder(setup)
    return [one for packet in packets for one in decoder.feed(*packet)], decoder.skipped


def values(batches: list[Batch], kind: str) -> Floats:
    return np.concatenate([getattr(one, kind) for one in batches if getattr(one, kind) is not None])


def test_the_folder_is_the_registry() -> None:
    files = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem[0] != "_")
    assert list(names()) == [name for name in files if name != "driver"]
    wanted = {"witmotion", "polar", "movesense", "metamotion", "dot", "thingy52", "open_sensor"}
    assert wanted <= set(names())


def test_an_unknown_driver_is_named_with_the_known_ones() -> None:
    with pytest.raises(ValueError, match="witmotion"):
        load("wii")


@every_driver
def test_a_driver_is_what_its_file_is_called_and_says_what_it_is(name: str) -> None:
    driver = load(name)
    assert driver.name == name
    assert driver.title
    assert driver.default_rate_hz in driver.rates_hz or driver.default_rate_hz <= max(
        driver.rates_hz
    )
    assert list(driver.rates_hz) == sorted(set(driver.rates_hz))
    assert driver.channels
    assert driver.clock in ("none", "device")
    assert driver.cannot or driver.clock == "device"
    doc = import_module(f"sensor.drivers.{name}").__doc__
    assert doc
    assert "Source" in doc or "source" in doc


@every_driver
def test_it_recognises_its_own_model_sensor_and_no_other(name: str) -> None:
    found = recognise(make(name).advertisement)
    assert found is not None
    assert found[0].name == name
    assert found[1]
    knowing = [one for one in names() if load(one).recognise(make(name).advertisement)]
    assert knowing == [name]


def test_what_is_no_sensor_is_recognised_by_none() -> None:
    assert recognise(Advertisement("AA:BB:CC:DD:EE:FF")) is None
    assert recognise(Advertisement("AA:BB:CC:DD:EE:FF", "JBL Flip 5")) is None


@every_driver
def test_its_setup_can_be_recorded_and_says_what_was_asked_for(name: str) -> None:
    link, setup = started(name)
    assert setup.driver == name
    assert setup.model
    assert setup.rate_hz == pytest.approx(link.peripheral.rate_hz, rel=0.01)
    assert link.peripheral.streaming
    kept = json.loads(json.dumps(asdict(setup)))
    assert Setup(**kept) == setup


@every_driver
def test_every_rate_it_offers_is_set(name: str) -> None:
    for rate_hz in load(name).rates_hz:
        link, setup = started(name, rate_hz)
        assert setup.rate_hz == pytest.approx(link.peripheral.rate_hz, rel=0.01)
        # A model of the make that lacks a rate takes the next.
        assert rate_hz * 0.99 < setup.rate_hz < rate_hz * 1.1


@every_driver
def test_what_was_sampled_is_what_is_decoded(name: str) -> None:
    _, packets, block = session(name)
    batches, skipped = decoded(name, packets)
    assert not skipped
    acc = values(batches, "acc")
    assert len(acc) >= 0.8 * len(block)
    assert np.abs(acc - block.acc[: len(acc)]).max() < 0.02
    if load(name).gyroscope and name != "polar":  # its gyroscope is sampled at other instants
        gyr = values(batches, "gyr")
        assert block.gyr is not None
        assert np.abs(gyr - block.gyr[: len(gyr)]).max() < 0.002


@every_driver
def test_blocks_are_as_promised(name: str) -> None:
    _, packets, _ = session(name)
    for one in decoded(name, packets)[0]:
        parts = [part for part in (one.acc, one.gyr) if part is not None]
        assert parts
        for part in parts:
            assert part.flags.c_contiguous
            assert part.dtype == np.float64
            assert part.shape == (len(parts[0]), 3)
        assert len(parts[0]) > 0
        if load(name).clock == "device":
            assert one.device_s is not None
            assert len(one.device_s) == len(parts[0])
            assert (np.diff(one.device_s) > 0).all()
        else:
            assert one.device_s is None


@every_driver
@given(st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=260)), max_size=8))
def test_no_bytes_raise_and_the_stream_goes_on(name: str, junk: list[tuple[int, bytes]]) -> None:
    setup, packets, _ = session(name)
    decoder = load(name).decoder(setup)
    for packet in junk:
        decoder.feed(*packet)
    found = [one for packet in packets for one in decoder.feed(*packet)]
    assert sum(len(one.acc) for one in found if one.acc is not None) > 100


@every_driver
@given(st.data())
def test_cut_packets_never_raise(name: str, data: st.DataObject) -> None:
    setup, packets, _ = session(name)
    decoder = load(name).decoder(setup)
    for channel, packet in packets[:40]:
        decoder.feed(channel, packet[: data.draw(st.integers(0, len(packet)))])


@every_driver
def test_a_link_that_answers_nothing_is_an_error_for_people(name: str) -> None:
    class Gone(ModelLink):
        async def write(self, uuid: str, data: bytes, *, response: bool = True) -> None:  # noqa: ARG002
            raise SensorError("the connection was lost: bring the sensor nearer")

        async def listen(self, uuid: str, channel: int) -> None:  # noqa: ARG002
            raise SensorError("the connection was lost: bring the sensor nearer")

    with pytest.raises(SensorError, match="connection was lost"):
        asyncio.run(load(name).start(Gone(make(name)), 100.0))


@every_driver
def test_after_stop_it_can_be_started_anew(name: str) -> None:
    driver, link = load(name), ModelLink(make(name))

    async def twice() -> Setup:
        await driver.start(link, driver.default_rate_hz)
        await driver.stop(link)
        again = ModelLink(link.peripheral)
        return await driver.start(again, driver.default_rate_hz)

    assert asyncio.run(twice()) == started(name)[1]
    assert link.peripheral.streaming


@every_driver
def test_a_dropped_link_can_be_started_anew(name: str) -> None:
    driver, peripheral = load(name), make(name)
    asyncio.run(driver.start(ModelLink(peripheral), driver.default_rate_hz))
    asyncio.run(driver.start(ModelLink(peripheral), driver.default_rate_hz))
    assert peripheral.streaming


@every_driver
def test_the_battery_is_a_percentage_or_not_known(name: str) -> None:
    driver, link = load(name), ModelLink(make(name))

    async def ask() -> float | None:
        await driver.start(link, driver.default_rate_hz)
        return await driver.battery(link)

    percent = asyncio.run(ask())
    assert percent is None or 0 <= percent <= 100


def test_every_driver_has_a_model_sensor() -> None:
    assert peripherals.names() == names()
    with pytest.raises(ValueError, match="witmotion"):
        peripherals.make("wii")


def test_names_are_found_again_without_a_list() -> None:
    assert drivers.names() is names()

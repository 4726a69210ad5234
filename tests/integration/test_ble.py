"""Sensors over Bleak's own Linux backend, when all is well and when a link breaks."""

import asyncio
import os
import time
from threading import Event, Thread

import numpy as np
import pytest

from sensor import ble, drivers
from sensor.ble import BleRadio
from sensor.link import Advertisement, SensorError
from sensor.records import Battery, Connected, Disconnected, Packet, Record, Tick
from sensor.samples import SampleBlock
from sensor.simulator import peripherals
from tests.integration.bluez import Bluez
from tests.integration.bus import PrivateBus, private_bus
from tests.integration.session import nothing_left, run
from tests.sensor import ticker
from tests.sensor.supervision import Session, supervised, until
from tests.sensor.ticker import TickerDriver, TickerPeripheral, address_of


def numbers(session: Session) -> list[int]:
    return [int.from_bytes(data, "little") for data in session.packets(1)]


async def stream(bluez: Bluez, session: Session, packets: int, number: int = 1) -> None:
    """So many more packets of a Ticker, sent and arrived."""
    before = len(numbers(session))
    peripheral = bluez.devices[address_of(number)].peripheral
    assert isinstance(peripheral, TickerPeripheral)
    await until(lambda: session.phase() == "streaming")
    await bluez.play(address_of(number), peripheral.ticks(packets))
    await until(lambda: len(numbers(session)) == before + packets)


def test_a_scan_tells_what_a_sensor_says_of_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(_: Bluez, __: PrivateBus) -> None:
        heard: dict[str, Advertisement] = {}
        async for one in BleRadio().seen():
            heard[one.address] = one
            if len(heard) == 2:
                break
        said = [sensor.advertisement for sensor in sensors]
        assert [heard[one.address].name for one in said] == ["Ticker 1", "Ticker 2"]
        assert [heard[one.address].services for one in said] == [(ticker.SERVICE,)] * 2
        assert [heard[one.address].manufacturer for one in said] == [{0xFFFF: b"tick"}] * 2
        assert all(one.rssi_dbm is not None for one in heard.values())

    sensors = (TickerPeripheral(1), TickerPeripheral(2))
    run(monkeypatch, body, *sensors)


@pytest.mark.parametrize(
    "wanted", ["Ticker 1", "tICKER 1", "C0:FF:EE:00:00:01", "c0:ff:ee:00:00:01"]
)
def test_a_sensor_is_found_by_name_or_address(monkeypatch: pytest.MonkeyPatch, wanted: str) -> None:
    async def body(_: Bluez, __: PrivateBus) -> None:
        assert (await BleRadio("hci0").find(wanted)).address == address_of(1)

    run(monkeypatch, body, TickerPeripheral(1), TickerPeripheral(11))


def test_two_sensors_of_one_name_are_told_apart_by_address(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(_: Bluez, __: PrivateBus) -> None:
        radio = BleRadio()
        with pytest.raises(SensorError, match=f"{address_of(1)}, {address_of(2)}"):
            await radio.find("Ticker")
        assert (await radio.find(address_of(2))).address == address_of(2)

    run(monkeypatch, body, TickerPeripheral(1, "Ticker"), TickerPeripheral(2, "Ticker"))


def test_what_is_connected_already_is_found_and_connected(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        bluez.connect_for_another(address_of(1))
        device = bluez.devices[address_of(1)]
        async with supervised(BleRadio(), "Ticker 1", TickerDriver()) as session:
            await stream(bluez, session, 10)
        assert device.connects == 0
        assert not device.connected

    run(monkeypatch, body, TickerPeripheral(1))


def test_a_thousand_packets_in_bursts_come_whole_and_in_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        async with supervised(BleRadio(), "Ticker 1", TickerDriver()) as session:
            await stream(bluez, session, 1000)
        assert numbers(session) == list(range(1000))
        records = session.records
        first = next(place for place, one in enumerate(records) if isinstance(one, Connected))
        assert all(isinstance(one, Tick) for one in records[:first])
        assert session.packets(0)[0] == ticker.READY  # the reply that came before it was connected
        assert Battery in map(type, records)
        assert session.states[-1].battery_pct == ticker.PERCENT
        assert isinstance(records[-1], Disconnected)
        assert not bluez.devices[address_of(1)].connected
        assert bluez.devices[address_of(1)].peripheral.log[-1] == (ticker.CONTROL, ticker.STOP)
        assert not bluez.overlap

    run(monkeypatch, body, TickerPeripheral(1))


def test_after_a_drop_the_stream_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        async with supervised(BleRadio(), "Ticker 1", TickerDriver()) as session:
            await stream(bluez, session, 20)
            await bluez.drop(address_of(1))
            await until(lambda: session.connections() == 2)
            await stream(bluez, session, 20)
        assert session.reasons() == ["the connection was lost", "stopped"]
        assert numbers(session) == list(range(40))
        assert "lost" in [one.phase for one in session.states]

    run(monkeypatch, body, TickerPeripheral(1))


def test_fifty_connections_leave_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        async with supervised(BleRadio(), address_of(1), TickerDriver()) as session:
            held = []
            for _again in range(50):
                await stream(bluez, session, 1)
                held.append((open_files(), len(asyncio.all_tasks())))
                before = session.connections()
                await bluez.drop(address_of(1))
                await until(lambda before=before: session.connections() > before)  # type: ignore[misc]
            await stream(bluez, session, 1)
            assert numbers(session) == list(range(51))
            assert max(held[5:]) <= max(held[:5])

    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))  # noqa: PTH208

    run(monkeypatch, body, TickerPeripheral(1))


def test_eight_sensors_stream_at_once_each_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        radio = BleRadio()

        async def one(number: int) -> None:
            async with supervised(radio, f"Ticker {number}", TickerDriver()) as session:
                await until(lambda: session.phase() == "streaming")
                everybody.add(number)
                await until(lambda: len(everybody) == 8)
                await stream(bluez, session, 200, number)
                assert numbers(session) == list(range(200))

        everybody: set[int] = set()
        await asyncio.gather(*(one(number) for number in range(1, 9)))
        assert not bluez.overlap

    monkeypatch.setattr(ble, "_SCAN_S", 1000.0)  # no connection waits for the end of a scan
    run(monkeypatch, body, *(TickerPeripheral(number) for number in range(1, 9)))


def test_a_blocked_consumer_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sensors' side runs in a thread of its own, and goes on while ours stands still."""
    peripheral = TickerPeripheral(1)
    packets = peripheral.ticks(400)
    begun = Event()

    async def air(address: str) -> None:
        async with Bluez(address, peripheral) as bluez:
            begun.set()
            await until(lambda: peripheral.streaming)
            await bluez.play(address_of(1), packets)
            await until(lambda: not bluez.devices[address_of(1)].connected)

    async def ground() -> list[Record]:
        radio = BleRadio()
        async with (
            asyncio.timeout(60),
            supervised(radio, "Ticker 1", TickerDriver(), silence_s=1.0) as session,
        ):
            blocked = False

            def take(record: Record) -> None:
                nonlocal blocked
                session.records.append(record)
                if not blocked and len(numbers(session)) == 50:
                    blocked = True
                    time.sleep(2.0)

            session.supervisor._take = take
            await until(lambda: len(numbers(session)) == len(packets))
        thread.join()
        await nothing_left(bus)
        return session.records

    with private_bus() as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        thread = Thread(target=asyncio.run, args=(air(bus.address),))
        thread.start()
        begun.wait()
        records = asyncio.run(ground())
    came = [one.data for one in records if isinstance(one, Packet) and one.channel == 1]
    assert came == [one.data for one in packets]
    assert sum(isinstance(one, Connected) for one in records) == 1


@pytest.mark.parametrize("name", drivers.names())
def test_every_driver_streams_what_its_sensor_sent(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    sensor = peripherals.make(name)

    async def body(bluez: Bluez, _: PrivateBus) -> None:
        driver = drivers.load(name)
        sent = bluez.devices[address].sent
        async with supervised(BleRadio(), address) as session:
            await until(lambda: session.phase() == "streaming")
            assert sensor.streaming
            before = len(sent)
            await bluez.play(address, sensor.packets(rest(sensor)), speed=3.0)
            assert len(sent) > before
            await until(lambda: len(received(session)) == len(sent))
            assert received(session) == [data for _, data in sent]
        connected = [one for one in session.records if isinstance(one, Connected)]
        assert [one.setup.driver for one in connected] == [name]
        decoder = driver.decoder(connected[0].setup)
        samples = [
            batch
            for one in session.records
            if isinstance(one, Packet)
            for batch in decoder.feed(one.channel, one.data)
        ]
        assert samples
        assert not decoder.skipped

    def received(session: Session) -> list[bytes]:
        return [one.data for one in session.records if isinstance(one, Packet)]

    address = sensor.advertisement.address
    run(monkeypatch, body, sensor)


def rest(sensor: peripherals.Peripheral) -> SampleBlock:
    """A second and a half of a sensor that lies still."""
    t_s = np.arange(round(1.5 * sensor.rate_hz)) / sensor.rate_hz
    acc = np.tile([0.0, 0.0, 9.81], (len(t_s), 1))
    return SampleBlock(t_s, acc, np.zeros_like(acc) if sensor.gyro else None)

"""What goes wrong with Bluetooth: it is told in one line, with the cure, and the stream goes on."""

import asyncio
from collections.abc import Callable

import pytest

from sensor import ble, supervisor
from sensor.ble import BleLink, BleRadio
from sensor.link import Advertisement, SensorError
from tests.integration.bluez import Bluez
from tests.integration.bus import PrivateBus, private_bus
from tests.integration.session import run
from tests.sensor import ticker
from tests.sensor.supervision import supervised, until
from tests.sensor.ticker import TickerDriver, TickerPeripheral, address_of

HOME = address_of(1)
BUSY = ("org.bluez.Error.InProgress", "Operation already in progress")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """As patient as it takes to see what happens at the end of the patience."""
    monkeypatch.setattr(ble, "_CONNECT_S", 0.5)
    monkeypatch.setattr(ble, "_SCAN_S", 0.5)
    monkeypatch.setattr(ble, "_SCAN_CALL_S", 1.0)
    monkeypatch.setattr(supervisor, "_HOPELESS_WAIT_S", 0.2)
    monkeypatch.setattr(supervisor, "_LOST_HOPE_S", 0.3)


async def connected(radio: BleRadio, lost: Callable[[], None] = lambda: None) -> BleLink:
    return await radio.connect(await radio.find(HOME), lambda _, __: None, lost)


async def refusal(radio: BleRadio, seen: Advertisement | None = None) -> str:
    """The one line with which a connection does not come about."""
    seen = seen or await radio.find(HOME)
    with pytest.raises(SensorError) as refused:
        await radio.connect(seen, lambda _, __: None, lambda: None)
    text = str(refused.value)
    assert "\n" not in text
    return text


# The radio of this computer


def test_where_no_bus_answers_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nowhere/bus")
    with pytest.raises(SensorError, match="systemctl start dbus"):
        asyncio.run(BleRadio().find(HOME))


def test_where_bluez_does_not_run_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with private_bus() as bus:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address)
        with pytest.raises(SensorError, match="systemctl start bluetooth"):
            asyncio.run(BleRadio().find(HOME))


@pytest.mark.parametrize("adapter", [None, "hci0"])
def test_where_bluetooth_is_off_it_is_told(
    monkeypatch: pytest.MonkeyPatch, adapter: str | None
) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        await bluez.power(on=False)
        with pytest.raises(SensorError, match="bluetoothctl power on"):
            await BleRadio(adapter).find(HOME)

    run(monkeypatch, body, TickerPeripheral())


def test_an_adapter_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(_: Bluez, __: PrivateBus) -> None:
        with pytest.raises(SensorError, match=r"hci9.*bluetoothctl list"):
            await BleRadio("hci9").find(HOME)

    run(monkeypatch, body, TickerPeripheral())


def test_where_nobody_may_use_bluetooth_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        bluez.start_faults.append(("org.freedesktop.DBus.Error.AccessDenied", "Rejected"))
        with pytest.raises(SensorError, match="usermod -aG bluetooth"):
            await BleRadio().find(HOME)

    run(monkeypatch, body, TickerPeripheral())


def test_a_fault_of_the_scan_is_told_to_all_who_search(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        radio = BleRadio()
        searches = [asyncio.create_task(radio.find(f"nobody {number}")) for number in (1, 2)]
        await until(lambda: bluez.scans)
        await bluez.power(on=False)
        told = await asyncio.gather(*searches, return_exceptions=True)
        assert [type(one) for one in told] == [SensorError, SensorError]
        assert "bluetoothctl power on" in str(told[0])

    run(monkeypatch, body, TickerPeripheral())


def test_all_who_search_share_a_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        radio = BleRadio()
        found = await asyncio.gather(*(radio.find(address_of(number)) for number in (1, 2, 3)))
        assert [one.address for one in found] == [address_of(number) for number in (1, 2, 3)]
        assert bluez.scans == 1

    run(monkeypatch, body, *(TickerPeripheral(number) for number in (1, 2, 3)))


def test_who_joins_a_search_hears_what_was_told_before(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        async def listen() -> None:
            async for _ in radio.seen():
                heard.set()

        bluez.devices[HOME].steady = True
        radio, heard = BleRadio(), asyncio.Event()
        other = asyncio.create_task(listen())
        await heard.wait()
        assert (await radio.find(HOME)).address == HOME
        other.cancel()

    monkeypatch.setattr(ble, "_SCAN_S", 1000.0)
    run(monkeypatch, body, TickerPeripheral())


def test_a_scan_makes_way_for_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        radio = BleRadio()
        far, near = [await radio.find(address_of(number)) for number in (1, 2)]
        bluez.devices[far.address].answers = False
        first = asyncio.create_task(refusal(radio, far))
        await until(lambda: bluez.devices[far.address].connects)
        search = asyncio.create_task(radio.find("nobody"))
        await asyncio.sleep(0.1)  # it is next now
        link = await radio.connect(near, lambda _, __: None, lambda: None)
        assert "does not answer" in await first
        await link.close()
        await until(lambda: bluez._scanning)
        await (await radio.connect(near, lambda _, __: None, lambda: None)).close()
        assert not bluez.overlap
        search.cancel()

    monkeypatch.setattr(ble, "_SCAN_S", 1000.0)
    run(monkeypatch, body, TickerPeripheral(1), TickerPeripheral(2))


def test_a_scan_that_is_busy_is_begun_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        bluez.start_faults.extend([BUSY, BUSY])
        assert (await BleRadio().find(HOME)).address == HOME

    run(monkeypatch, body, TickerPeripheral())


def test_a_search_that_is_given_up_ends_the_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        radio = BleRadio()
        search = asyncio.create_task(radio.find("nobody"))
        await until(lambda: bluez._scanning)
        search.cancel()
        await until(lambda: not bluez._scanning)
        assert (await radio.find(HOME)).address == HOME

    monkeypatch.setattr(ble, "_SCAN_S", 1000.0)
    run(monkeypatch, body, TickerPeripheral())


def test_the_radio_switched_off_and_on_costs_no_more_than_that_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        async with supervised(BleRadio(), HOME, TickerDriver()) as session:
            await until(lambda: session.phase() == "streaming")
            await bluez.play(HOME, ticks.ticks(5))
            await bluez.power(on=False)
            await until(lambda: session.phase() == "failed")
            await asyncio.sleep(1.0)
            told = [text for text in session.texts() if "bluetoothctl power on" in text]
            assert len(told) == 1
            await bluez.power(on=True)
            await until(lambda: session.connections() == 2)

    ticks = TickerPeripheral()
    run(monkeypatch, body, ticks)


def test_a_bus_that_is_killed_and_comes_back_is_survived(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, bus: PrivateBus) -> None:
        async with supervised(BleRadio(), HOME, TickerDriver()) as session:
            await until(lambda: session.phase() == "streaming")
            await bluez.play(HOME, ticks.ticks(5))
            bus.kill()
            await until(lambda: session.phase() == "failed")
            assert "systemctl start dbus" in session.states[-1].text
            assert session.reasons() == ["the connection was lost"]
            bus.start()
            async with Bluez(bus.address, ticks):
                await until(lambda: session.connections() == 2)

    ticks = TickerPeripheral()
    run(monkeypatch, body, ticks)


# Connecting


@pytest.mark.parametrize(
    "fault", [BUSY, ("org.bluez.Error.Failed", "le-connection-abort-by-local")]
)
def test_a_connection_that_fails_in_passing_is_made_again(
    monkeypatch: pytest.MonkeyPatch, fault: tuple[str, str]
) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        device = bluez.devices[HOME]
        device.connect_faults.extend([fault, fault])
        link = await connected(BleRadio())
        assert device.connects == 3
        assert await link.read(ticker.BATTERY) == b"\x49"
        await link.close()
        assert not device.connected

    run(monkeypatch, body, TickerPeripheral())


@pytest.mark.parametrize(
    ("fault", "cure"),
    [
        (BUSY, "systemctl restart bluetooth"),
        (("org.bluez.Error.AuthenticationFailed", "Authentication Failed"), f"ctl pair {HOME}"),
        (("org.bluez.Error.NotReady", "Resource Not Ready"), "bluetoothctl power on"),
        (("org.bluez.Error.Failed", "br-connection-unknown"), "disconnect it from phones"),
        (("org.freedesktop.DBus.Error.UnknownObject", "no object"), "not there any more"),
    ],
)
def test_a_connection_that_is_refused_says_the_cure(
    monkeypatch: pytest.MonkeyPatch, fault: tuple[str, str], cure: str
) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        bluez.devices[HOME].connect_faults.extend([fault] * 9)
        assert cure in await refusal(BleRadio())

    run(monkeypatch, body, TickerPeripheral())


def test_a_sensor_that_vanished_before_it_was_connected_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        radio = BleRadio()
        seen = await radio.find(HOME)
        await bluez.vanish(HOME)
        with pytest.raises(SensorError, match="not there any more"):
            await radio.connect(seen, lambda _, __: None, lambda: None)
        with pytest.raises(SensorError, match="search for it first"):
            await BleRadio().connect(seen, lambda _, __: None, lambda: None)

    run(monkeypatch, body, TickerPeripheral())


@pytest.mark.parametrize(
    ("knob", "told"), [("answers", "does not answer"), ("resolves", "does not tell its services")]
)
def test_a_sensor_that_does_not_come_to_an_end_is_let_go(
    monkeypatch: pytest.MonkeyPatch, knob: str, told: str
) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        device = bluez.devices[HOME]
        setattr(device, knob, False)
        radio = BleRadio()
        assert told in await refusal(radio)
        assert not device.connected
        setattr(device, knob, True)
        await (await connected(radio)).close()

    run(monkeypatch, body, TickerPeripheral())


def test_a_drop_while_services_are_told_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        device = bluez.devices[HOME]
        device.resolves = False
        attempt = asyncio.create_task(refusal(BleRadio()))
        await until(lambda: device.connected)
        await bluez.drop(HOME)
        assert "disconnected" in await attempt

    run(monkeypatch, body, TickerPeripheral())


def test_a_connection_that_is_given_up_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        device = bluez.devices[HOME]
        device.answers = False
        async with supervised(BleRadio(), HOME, TickerDriver()):
            await until(lambda: device.connects)
        assert device.hung_up.is_set()
        assert not device.connected

    monkeypatch.setattr(ble, "_CONNECT_S", 60.0)
    run(monkeypatch, body, TickerPeripheral())


def test_a_sensor_that_does_not_advertise_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """BlueZ tells of every change of a device, and Bleak takes it for an advertisement."""

    async def body(bluez: Bluez, _: PrivateBus) -> None:
        radio = BleRadio()
        device = bluez.devices[HOME]
        link = await connected(radio)
        other = asyncio.create_task(radio.find("nobody"))
        await until(lambda: bluez._scanning)
        device.advertises = False
        await bluez.drop(HOME)
        await link.close()
        again = asyncio.create_task(radio.find(HOME))
        before = bluez.scans
        await until(lambda: bluez.scans > before)
        await bluez.touch(HOME)
        await until(lambda: bluez.scans > before + 1)
        assert not again.done()
        device.advertises = True
        assert (await again).address == HOME
        other.cancel()

    run(monkeypatch, body, TickerPeripheral())


# A connected sensor


def test_what_a_sensor_has_not_or_may_not_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(_: Bluez, __: PrivateBus) -> None:
        link = await connected(BleRadio())
        missing = ticker.SERVICE
        assert link.has(ticker.DATA)
        assert not link.has(missing)
        with pytest.raises(SensorError, match=f"no characteristic {missing}"):
            await link.read(missing)
        with pytest.raises(SensorError, match="Request Not Supported"):
            await link.write(ticker.DATA, b"\x01")
        with pytest.raises(SensorError, match="NotSupported"):
            await link.listen(ticker.BATTERY, 0)
        await link.close()
        with pytest.raises(SensorError, match="not connected any more"):
            await link.read(ticker.BATTERY)
        await link.close()

    run(monkeypatch, body, TickerPeripheral())


def test_a_request_that_gets_no_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        lost: list[str] = []
        link = await connected(BleRadio(), lambda: lost.append("lost"))
        await link.listen(ticker.CONTROL, 0)
        with pytest.raises(SensorError, match=r"01 02 within 0\.05 s"):
            await link.request(ticker.CONTROL, b"\x01\x02", 0, lambda _: True, timeout_s=0.05)
        request = link.request(ticker.CONTROL, b"\x01", 0, lambda _: True, timeout_s=50.0)
        waiting = asyncio.create_task(request)
        await until(lambda: len(sensor.log) == 2)
        await bluez.drop(HOME)
        with pytest.raises(SensorError, match="not connected any more"):
            await waiting
        assert lost == ["lost"]
        await link.close()
        assert lost == ["lost"]

    sensor = TickerPeripheral()
    sensor.deaf = True
    run(monkeypatch, body, sensor)


def test_a_link_that_is_closed_is_not_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        lost: list[str] = []
        link = await connected(BleRadio(), lambda: lost.append("lost"))
        await link.close()
        assert not bluez.devices[HOME].connected
        assert lost == []

    run(monkeypatch, body, TickerPeripheral())


# Under supervision


def test_a_sensor_that_was_switched_off_streams_again_when_it_returns(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        async with supervised(BleRadio(), "Ticker 1", TickerDriver()) as session:
            await until(lambda: session.phase() == "streaming")
            await bluez.play(HOME, ticks.ticks(5))
            await bluez.vanish(HOME)
            await until(lambda: "switch it on, come closer" in session.states[-1].text)
            bluez.devices[HOME].advertises = True
            await until(lambda: session.phase() == "streaming")
            await bluez.play(HOME, ticks.ticks(5))
            await until(lambda: len(session.packets(1)) == 10)
        assert session.reasons() == ["the connection was lost", "stopped"]

    ticks = TickerPeripheral()
    run(monkeypatch, body, ticks)


def test_a_sensor_that_falls_silent_is_connected_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        async with supervised(BleRadio(), HOME, TickerDriver(), silence_s=0.5) as session:
            await until(lambda: session.phase() == "streaming")
            await bluez.play(HOME, ticks.ticks(5))
            await until(lambda: session.connections() == 2)
            assert session.reasons() == ["silent for 0.5 s"]
            await bluez.play(HOME, ticks.ticks(5))
            await until(lambda: len(session.packets(1)) == 10)

    ticks = TickerPeripheral()
    run(monkeypatch, body, ticks)


def test_a_sensor_out_of_reach_keeps_no_other_from_streaming(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def body(bluez: Bluez, _: PrivateBus) -> None:
        radio = BleRadio()
        bluez.devices[HOME].answers = False
        async with (
            supervised(radio, HOME, TickerDriver()) as far,
            supervised(radio, address_of(2), TickerDriver()) as near,
        ):
            await until(lambda: far.phase() == "failed" and near.phase() == "streaming")
            await bluez.play(address_of(2), ticks.ticks(50))
            await until(lambda: len(near.packets(1)) == 50)
        assert bluez.devices[HOME].connects > 0

    ticks = TickerPeripheral(2)
    run(monkeypatch, body, TickerPeripheral(1), ticks)

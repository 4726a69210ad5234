"""The host's Bluetooth, asked over a private D-Bus where nothing is real but the bus."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dbus_fast import BusType, Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from sensor.adapter import Adapter, adapters_of, look, raspberry_pi, version_of, wifi_is_up
from tests.integration.bus import private_bus

HCI0 = {"Address": "00:1A:7D:DA:71:13", "Powered": True, "Roles": ["central", "peripheral"]}


def objects(**adapters: dict[str, Any]) -> dict[str, dict[str, dict[str, Any]]]:
    """As BlueZ has them, with what is no adapter between."""
    found: dict[str, dict[str, dict[str, Any]]] = {
        "/org/bluez": {"org.bluez.AgentManager1": {}},
        "/org/bluez/hci0/dev_C0_FF_EE_00_00_01": {"org.bluez.Device1": {"Name": "belt"}},
    }
    for name, properties in adapters.items():
        found[f"/org/bluez/{name}"] = {"org.bluez.Adapter1": properties}
    return found


def test_adapters_are_told_from_other_objects() -> None:
    off = {**HCI0, "Powered": False, "PowerState": "off-blocked", "Roles": ["peripheral"]}
    assert adapters_of(objects(hci1=off, hci0=HCI0)) == (
        Adapter("hci0", "00:1A:7D:DA:71:13", powered=True, blocked=False, central=True),
        Adapter("hci1", "00:1A:7D:DA:71:13", powered=False, blocked=True, central=False),
    )
    assert adapters_of(objects()) == ()


def test_an_adapter_that_says_nothing_of_roles_is_given_the_benefit_of_the_doubt() -> None:
    (adapter,) = adapters_of(objects(hci0={}))
    assert adapter.central
    assert not adapter.powered


@pytest.mark.parametrize(
    ("text", "version"),
    [("bluetoothctl: 5.66\n", (5, 66)), ("5.7", (5, 7)), ("bluetoothctl: unknown", None)],
)
def test_a_version_is_read(text: str, version: tuple[int, int] | None) -> None:
    assert version_of(text) == version


def test_a_raspberry_pi_is_known_by_its_model(tmp_path: Path) -> None:
    assert raspberry_pi(tmp_path) is None
    model = tmp_path / "proc/device-tree/model"
    model.parent.mkdir(parents=True)
    model.write_bytes(b"Raspberry Pi 4 Model B Rev 1.4\0")
    assert raspberry_pi(tmp_path) == "Raspberry Pi 4 Model B Rev 1.4"
    model.write_bytes(b"Some other board\0")
    assert raspberry_pi(tmp_path) is None


def test_wifi_is_up_where_a_wireless_interface_is(tmp_path: Path) -> None:
    assert not wifi_is_up(tmp_path)
    net = tmp_path / "sys/class/net"
    (net / "eth0").mkdir(parents=True)
    (net / "eth0/operstate").write_text("up\n")
    (net / "wlan0/wireless").mkdir(parents=True)
    assert not wifi_is_up(tmp_path)
    (net / "wlan0/operstate").write_text("down\n")
    assert not wifi_is_up(tmp_path)
    (net / "wlan0/operstate").write_text("up\n")
    assert wifi_is_up(tmp_path)


# With a bus


@pytest.fixture
def bus(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A bus of our own, which is the system bus for this test."""
    with private_bus() as one:
        monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", one.address)
        yield


async def with_bluez(adapters: dict[str, dict[str, Any]] | None, refusal: str = "") -> Any:
    """What is seen while a BlueZ with these adapters is on the bus; or one that refuses."""
    signatures = {str: "s", bool: "b", list: "as"}
    bluez = await MessageBus(bus_type=BusType.SYSTEM).connect()

    def answer(message: Message) -> Message | None:
        if message.message_type is not MessageType.METHOD_CALL or message.path != "/":
            return None
        if refusal:
            return Message.new_error(message, refusal, "no")
        wrapped = {
            path: {
                interface: {key: Variant(signatures[type(one)], one) for key, one in held.items()}
                for interface, held in interfaces.items()
            }
            for path, interfaces in objects(**(adapters or {})).items()
        }
        return Message.new_method_return(message, "a{oa{sa{sv}}}", [wrapped])

    bluez.add_message_handler(answer)
    await bluez.request_name("org.bluez")
    try:
        return await look()
    finally:
        bluez.disconnect()


@pytest.mark.usefixtures("bus")
def test_the_adapters_of_bluez_are_seen() -> None:
    host = asyncio.run(with_bluez({"hci0": HCI0}))
    assert host.fault is None
    assert [(one.name, one.powered, one.central) for one in host.adapters] == [("hci0", True, True)]


@pytest.mark.usefixtures("bus")
def test_bluez_without_an_adapter_is_no_fault_of_bluez() -> None:
    host = asyncio.run(with_bluez({}))
    assert (host.fault, host.adapters) == (None, ())


@pytest.mark.usefixtures("bus")
def test_a_bus_without_bluez_is_said() -> None:
    assert asyncio.run(look()).fault == "no BlueZ"


@pytest.mark.usefixtures("bus")
def test_a_bluez_that_may_not_be_asked_is_said() -> None:
    denied = "org.freedesktop.DBus.Error.AccessDenied"
    assert asyncio.run(with_bluez(None, denied)).fault == "no permission"


def test_no_bus_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/none")
    host = asyncio.run(look())
    assert host.fault == "no bus"
    assert host.detail
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", "nonsense")
    assert asyncio.run(look()).fault == "no bus"


def test_what_is_no_bus_is_no_bus(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/bus")

    async def hung_up() -> Any:
        def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.close()

        async with await asyncio.start_unix_server(hang_up, tmp_path / "bus"):
            return await look()

    assert asyncio.run(hung_up()).fault == "no bus"

"""What sensor.ble relies on of Bleak, against the Bleak that is installed.

If one of these fails after an update, look into sensor/ble.py at the place that is named.
"""

import asyncio
import inspect
from typing import Any, get_type_hints

import pytest
from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.args.bluez import BlueZAdapterArgs, BlueZClientArgs, BlueZScannerArgs
from bleak.args.winrt import WinRTClientArgs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakBluetoothNotAvailableReason,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
    BleakGATTProtocolErrorCode,
)

from sensor import ble_words


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def test_a_scanner_takes_a_callback_and_bluez_arguments() -> None:
    assert parameters(BleakScanner)[0] == "detection_callback"
    assert "bluez" in parameters(BleakScanner)
    assert inspect.iscoroutinefunction(BleakScanner.start)
    assert inspect.iscoroutinefunction(BleakScanner.stop)


def test_a_client_takes_a_device_a_callback_and_options() -> None:
    assert parameters(BleakClient)[:2] == ["address_or_ble_device", "disconnected_callback"]
    assert {"timeout", "bluez", "winrt"} <= set(parameters(BleakClient))
    for method in ("connect", "disconnect", "read_gatt_char", "write_gatt_char", "start_notify"):
        assert inspect.iscoroutinefunction(getattr(BleakClient, method))
    assert "response" in parameters(BleakClient.write_gatt_char)
    assert parameters(BleakClient.start_notify)[1:3] == ["char_specifier", "callback"]
    for name in ("services", "is_connected"):
        assert isinstance(inspect.getattr_static(BleakClient, name), property)


def test_what_is_connected_already_can_be_asked_for() -> None:
    assert inspect.iscoroutinefunction(BleakAdapter.get)
    assert parameters(BleakAdapter.get) == ["bluez", "backend"]
    assert parameters(BleakAdapter.get_connected_devices)[1] == "service_uuids"


def test_options_have_their_names() -> None:
    for arguments in (BlueZScannerArgs, BlueZClientArgs, BlueZAdapterArgs):
        assert get_type_hints(arguments)["adapter"] is str
    assert get_type_hints(WinRTClientArgs)["use_cached_services"] is bool


def test_an_advertisement_has_its_fields() -> None:
    assert {"local_name", "manufacturer_data", "service_uuids", "rssi"} <= set(
        AdvertisementData._fields
    )
    device = BLEDevice("C0:FF:EE:00:00:01", None, {})
    assert (device.address, device.name) == ("C0:FF:EE:00:00:01", None)


@pytest.mark.parametrize(
    "fault",
    [
        BleakBluetoothNotAvailableError("", BleakBluetoothNotAvailableReason.POWERED_OFF),
        BleakCharacteristicNotFoundError("2a19"),
        BleakDBusError("org.bluez.Error.Failed", ["text"]),
        BleakDeviceNotFoundError("C0:FF:EE:00:00:01"),
        BleakGATTProtocolError(BleakGATTProtocolErrorCode.INSUFFICIENT_ENCRYPTION),
    ],
)
def test_every_fault_is_a_bleak_error(fault: Exception) -> None:
    assert isinstance(fault, BleakError)


def test_faults_tell_what_they_are() -> None:
    reason = BleakBluetoothNotAvailableReason.POWERED_OFF
    assert BleakBluetoothNotAvailableError("", reason).reason is reason
    dbus = BleakDBusError("org.bluez.Error.Failed", ["le-connection-abort-by-local"])
    assert dbus.dbus_error == "org.bluez.Error.Failed"
    assert dbus.dbus_error_details == "le-connection-abort-by-local"
    assert BleakDBusError("org.bluez.Error.Failed", []).dbus_error_details is None
    assert BleakGATTProtocolError(0x0F).code.name == "INSUFFICIENT_ENCRYPTION"


def test_there_are_words_for_every_reason_for_which_bluetooth_is_not_available() -> None:
    names = {reason.name for reason in BleakBluetoothNotAvailableReason}
    assert names <= set(ble_words._WORDS)


def test_every_attribute_code_that_words_are_for_exists() -> None:
    codes = {name for name in ble_words._WORDS if name.startswith("INSUFFICIENT")}
    assert codes <= {code.name for code in BleakGATTProtocolErrorCode}


class StubClient(BaseBleakClient):
    """Bleak's own hook for another backend, to see what the front does by itself."""

    def __init__(self, *args: Any, bluez: Any, winrt: Any, **kwargs: Any) -> None:
        super().__init__(*args[:1], **kwargs)
        self.options = (bluez, winrt)

    def end(self) -> None:
        assert self._disconnected_callback is not None
        self._disconnected_callback()

    @property
    def name(self) -> str:
        return "stub"

    @property
    def mtu_size(self) -> int:
        return 23

    @property
    def is_connected(self) -> bool:
        return True

    async def connect(self, pair: bool, **_: Any) -> None:
        raise NotImplementedError

    async def disconnect(self) -> None:
        raise NotImplementedError

    async def pair(self, *_: Any, **__: Any) -> None:
        raise NotImplementedError

    async def unpair(self) -> None:
        raise NotImplementedError

    async def read_gatt_char(self, characteristic: Any, **_: Any) -> bytearray:
        return bytearray(characteristic.uuid.encode())

    async def read_gatt_descriptor(self, descriptor: Any, **_: Any) -> bytearray:
        raise NotImplementedError

    async def write_gatt_char(self, characteristic: Any, data: Any, response: bool) -> None:
        raise NotImplementedError

    async def write_gatt_descriptor(self, descriptor: Any, data: Any) -> None:
        raise NotImplementedError

    async def start_notify(self, characteristic: Any, callback: Any, **_: Any) -> None:  # noqa: ARG002
        callback(bytearray(b"first"))

    async def stop_notify(self, characteristic: Any) -> None:
        raise NotImplementedError


def test_the_end_of_a_link_is_told_with_the_client_and_at_once() -> None:
    told: list[BleakClient] = []
    device = BLEDevice("C0:FF:EE:00:00:01", "stub", {})
    client = BleakClient(device, told.append, winrt={}, backend=StubClient)
    client._backend.end()  # type: ignore[attr-defined]
    assert told == [client]


def test_a_plain_function_gets_each_notification_at_once_as_a_bytearray() -> None:
    service: Any = None
    characteristic = BleakGATTCharacteristic(
        None, 1, "0000ffe4-0000-1000-8000-00805f9a34fb", ["notify"], lambda: 20, service
    )
    got: list[tuple[BleakGATTCharacteristic, bytearray]] = []

    async def body() -> None:
        client = BleakClient("C0:FF:EE:00:00:01", backend=StubClient)
        client._backend.services = {"not": "empty"}  # type: ignore[assignment]
        await client.start_notify(characteristic, lambda one, data: got.append((one, data)))
        assert got == [(characteristic, bytearray(b"first"))]
        assert await client.read_gatt_char(characteristic) == characteristic.uuid.encode()

    asyncio.run(body())

"""A model sensor as BlueZ has it on D-Bus: objects, properties, and what goes wrong with it."""

import asyncio
from collections import deque
from dataclasses import dataclass, field

from dbus_fast import Variant

from sensor.simulator.peripherals import Peripheral

ADAPTER = "/org/bluez/hci0"
DEVICE1 = "org.bluez.Device1"
SERVICE1, CHARACTERISTIC1 = "org.bluez.GattService1", "org.bluez.GattCharacteristic1"
_GATT_UUIDS = [f"0000{short}-0000-1000-8000-00805f9b34fb" for short in ("1800", "1801")]

Properties = dict[str, Variant]


@dataclass
class Device:
    """A model sensor in the air, and what goes wrong with it.

    steady: its strength does not change, so each scan tells of it only once. connect_faults:
    (D-Bus error, text) for each of the next attempts to connect. sent: what went out to a central
    that listened, in order.
    """

    peripheral: Peripheral
    advertises: bool = True
    steady: bool = False
    resolves: bool = True
    answers: bool = True
    connect_faults: deque[tuple[str, str]] = field(default_factory=deque)
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)
    connects: int = 0
    sent: list[tuple[str, bytes]] = field(default_factory=list)
    known: bool = False
    connected: bool = False
    resolved: bool = False
    rssi_dbm: int | None = None
    listeners: dict[str, set[str]] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return self.peripheral.advertisement.address

    @property
    def path(self) -> str:
        return f"{ADAPTER}/dev_{self.address.replace(':', '_')}"

    def properties(self) -> Properties:
        said = self.peripheral.advertisement
        uuids = [*said.services, *(_GATT_UUIDS if self.resolved else [])]
        company = {number: Variant("ay", data) for number, data in said.manufacturer.items()}
        found = {
            "Address": Variant("s", self.address),
            "AddressType": Variant("s", "random"),
            "Alias": Variant("s", said.name or self.address.replace(":", "-")),
            "Adapter": Variant("o", ADAPTER),
            "Paired": Variant("b", False),
            "Connected": Variant("b", self.connected),
            "ServicesResolved": Variant("b", self.resolved),
            "UUIDs": Variant("as", uuids),
            "ManufacturerData": Variant("a{qv}", company),
        }
        if said.name:
            found["Name"] = Variant("s", said.name)
        if self.rssi_dbm is not None:
            found["RSSI"] = Variant("n", self.rssi_dbm)
        return found

    def gatt(self) -> dict[str, dict[str, Properties]]:
        """Object path -> interface -> properties; handles as a server gives them."""
        objects: dict[str, dict[str, Properties]] = {}
        services: dict[str, str] = {}
        handle = 1
        for one in self.peripheral.characteristics:
            if one.service not in services:
                services[one.service] = f"{self.path}/service{handle:04x}"
                objects[services[one.service]] = {
                    SERVICE1: {
                        "UUID": Variant("s", one.service),
                        "Device": Variant("o", self.path),
                        "Primary": Variant("b", True),
                    }
                }
                handle += 1
            objects[f"{services[one.service]}/char{handle:04x}"] = {
                CHARACTERISTIC1: {
                    "UUID": Variant("s", one.uuid),
                    "Service": Variant("o", services[one.service]),
                    "Flags": Variant("as", list(one.flags)),
                    "MTU": Variant("q", 247),
                }
            }
            handle += 3
        return objects

    def char_path(self, uuid: str) -> str:
        return next(
            path
            for path, interfaces in self.gatt().items()
            if CHARACTERISTIC1 in interfaces and interfaces[CHARACTERISTIC1]["UUID"].value == uuid
        )

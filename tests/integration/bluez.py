"""A model of BlueZ on a private D-Bus: model sensors behind Bleak's own Linux backend.

Only what Bleak asks of org.bluez is there, in BlueZ's own shapes: objects, properties, errors.
"""

import asyncio
import random
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Self

from dbus_fast import Message, MessageType, Variant
from dbus_fast.aio import MessageBus

from sensor.simulator.peripherals import Notification, Peripheral
from tests.integration.device import ADAPTER, CHARACTERISTIC1, DEVICE1, Device, Properties

_ADAPTER1 = "org.bluez.Adapter1"
_ADVERTISE_S = 0.05
_CONNECT_S = 0.02


class RefusedError(Exception):
    """D-Bus error name and text."""


class Bluez:
    """The service. Use it in `async with`, in any loop; its methods are for that loop."""

    def __init__(self, address: str, *peripherals: Peripheral) -> None:
        self.devices = {one.advertisement.address: Device(one) for one in peripherals}
        self.powered = True
        self.start_faults: deque[tuple[str, str]] = deque()  # for the next scans
        self.scans = 0
        self.clients: set[str] = set()
        self.overlap = False  # whether it ever had to scan and connect, or connect two, at once
        self._scanning: set[str] = set()
        self._connecting = 0
        self._address = address
        self._tasks: set[asyncio.Task[None]] = set()
        self._chance = random.Random(1)

    async def __aenter__(self) -> Self:
        self._bus = await MessageBus(bus_address=self._address).connect()
        self._bus.add_message_handler(self._on_message)
        await self._bus.request_name("org.bluez")
        await self._bus.call(
            Message(
                destination="org.freedesktop.DBus",
                path="/org/freedesktop/DBus",
                interface="org.freedesktop.DBus",
                member="AddMatch",
                signature="s",
                body=["type='signal',member='NameOwnerChanged'"],
            )
        )
        self._go(self._advertise())
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._bus.disconnect()

    # What a test does to it

    async def power(self, *, on: bool) -> None:
        """As `rfkill` does: connections and scans end."""
        self.powered = on
        if not on:
            self._scanning.clear()
            for device in self.devices.values():
                await self._leave(device)
        await self._changed(ADAPTER, _ADAPTER1, {"Powered": Variant("b", on)})

    async def drop(self, address: str) -> None:
        """The link breaks; the sensor advertises again."""
        await self._leave(self.devices[address])

    async def touch(self, address: str) -> None:
        """Something about it changes, as it does now and then without an advertisement."""
        await self._changed(self.devices[address].path, DEVICE1, {"Paired": Variant("b", False)})

    async def vanish(self, address: str) -> None:
        """Switched off: the link breaks, and BlueZ forgets the sensor."""
        device = self.devices[address]
        device.advertises = False
        await self._leave(device)
        await self._forget(device)

    def connect_for_another(self, address: str) -> None:
        """As another program does, or ours before it crashed."""
        device = self.devices[address]
        device.known = device.connected = device.resolved = True
        device.peripheral.connected()

    async def send(self, address: str, *notifications: Notification) -> None:
        device = self.devices[address]
        for one in notifications:
            if device.connected and device.listeners.get(one.uuid):
                device.sent.append((one.uuid, one.data))
                await self._value(device, one.uuid, one.data)

    async def play(
        self, address: str, notifications: list[Notification], *, speed: float = 1.0
    ) -> None:
        """Send each when it is due, in bursts as connection intervals of 30 to 50 ms make them."""
        loop = asyncio.get_running_loop()
        waiting = deque(notifications)
        first_s, start_s = waiting[0].at_s or 0.0, loop.time()
        while waiting:
            await asyncio.sleep(self._chance.uniform(0.03, 0.05))
            due_s = first_s + speed * (loop.time() - start_s)
            while waiting and (waiting[0].at_s or 0.0) <= due_s:
                await self.send(address, waiting.popleft())

    # What Bleak asks

    def _on_message(self, message: Message) -> bool:
        if message.member == "NameOwnerChanged" and not message.body[2]:
            self._on_client_gone(message.body[0])
            return False
        if message.message_type is not MessageType.METHOD_CALL or message.destination is None:
            return False
        self.clients.add(message.sender or "")
        self._go(self._reply(message))
        return True

    def _on_client_gone(self, client: str) -> None:
        self.clients.discard(client)
        self._scanning.discard(client)
        for device in self.devices.values():
            for listeners in device.listeners.values():
                listeners.discard(client)

    async def _reply(self, message: Message) -> None:
        answers: dict[str, Callable[[Message], Coroutine[Any, Any, tuple[str, list[Any]]]]] = {
            "GetManagedObjects": self._objects,
            "SetDiscoveryFilter": self._nothing,
            "StartDiscovery": self._start_discovery,
            "StopDiscovery": self._stop_discovery,
            "Connect": self._connect,
            "Disconnect": self._disconnect,
            "ReadValue": self._read_value,
            "WriteValue": self._write_value,
            "StartNotify": self._start_notify,
            "StopNotify": self._nothing,
        }
        member = message.member or ""
        try:
            signature, body = await answers[member](message)
            answer = Message.new_method_return(message, signature, body)
        except RefusedError as fault:
            answer = Message.new_error(message, *fault.args)
        await self._send(answer)

    async def _nothing(self, _: Message) -> tuple[str, list[Any]]:
        return "", []

    async def _objects(self, _: Message) -> tuple[str, list[Any]]:
        objects: dict[str, dict[str, Properties]] = {
            "/org/bluez": {},
            ADAPTER: {
                _ADAPTER1: {
                    "Address": Variant("s", "00:00:5E:00:53:01"),
                    "Name": Variant("s", "model"),
                    "Powered": Variant("b", self.powered),
                    "Roles": Variant("as", ["central", "peripheral"]),
                }
            },
        }
        for device in self.devices.values():
            if device.known:
                objects[device.path] = {DEVICE1: device.properties()}
            if device.resolved:
                objects |= device.gatt()
        return "a{oa{sa{sv}}}", [objects]

    async def _start_discovery(self, message: Message) -> tuple[str, list[Any]]:
        if not self.powered:
            raise RefusedError("org.bluez.Error.NotReady", "Resource Not Ready")
        if self.start_faults:
            raise RefusedError(*self.start_faults.popleft())
        if message.sender in self._scanning:
            raise RefusedError("org.bluez.Error.InProgress", "Operation already in progress")
        self.scans += 1
        self.overlap |= self._connecting > 0
        self._scanning.add(message.sender or "")
        return "", []

    async def _stop_discovery(self, message: Message) -> tuple[str, list[Any]]:
        if message.sender not in self._scanning:
            raise RefusedError("org.bluez.Error.Failed", "No discovery started")
        self._scanning.discard(message.sender)
        if not self._scanning:
            for device in self.devices.values():
                await self._unheard(device)
        return "", []

    async def _connect(self, message: Message) -> tuple[str, list[Any]]:
        device = self._device(message.path or "")
        device.connects += 1
        self.overlap |= self._connecting > 0 or bool(self._scanning)
        self._connecting += 1
        try:
            await asyncio.sleep(_CONNECT_S)
            if device.connect_faults:
                await self._refuse(device, *device.connect_faults.popleft())
            if not device.answers:
                device.hung_up.clear()
                await device.hung_up.wait()
                raise RefusedError("org.bluez.Error.Failed", "le-connection-canceled")
        finally:
            self._connecting -= 1
        device.connected = True
        device.peripheral.connected()
        await self._unheard(device)
        await self._changed(device.path, DEVICE1, {"Connected": Variant("b", True)})
        if device.resolves:
            self._go(self._resolve(device))
        return "", []

    async def _refuse(self, device: Device, name: str, text: str) -> None:
        if text == "le-connection-abort-by-local":  # for a moment there was a connection
            for connected in (True, False):
                changed = {"Connected": Variant("b", connected)}
                await self._changed(device.path, DEVICE1, changed)
        raise RefusedError(name, text)

    async def _resolve(self, device: Device) -> None:
        await asyncio.sleep(_CONNECT_S)
        if device.connected:
            for path, interfaces in device.gatt().items():
                await self._signal("InterfacesAdded", "oa{sa{sv}}", [path, interfaces])
            device.resolved = True
            properties = device.properties()
            resolved = {key: properties[key] for key in ("UUIDs", "ServicesResolved")}
            await self._changed(device.path, DEVICE1, resolved)

    async def _disconnect(self, message: Message) -> tuple[str, list[Any]]:
        device = self._device(message.path or "")
        device.hung_up.set()  # whoever waits for a connection waits no longer
        await self._leave(device)
        return "", []

    async def _read_value(self, message: Message) -> tuple[str, list[Any]]:
        device, uuid = self._characteristic(message, "read")
        value = device.peripheral.read(uuid)
        # BlueZ tells those who listen of a read as well.
        await self.send(device.address, Notification(None, uuid, value))
        return "ay", [value]

    async def _write_value(self, message: Message) -> tuple[str, list[Any]]:
        data, options = message.body
        request = options["type"].value == "request"
        device, uuid = self._characteristic(
            message, "write" if request else "write-without-response"
        )
        await self.send(device.address, *device.peripheral.write(uuid, bytes(data)))
        return "", []

    async def _start_notify(self, message: Message) -> tuple[str, list[Any]]:
        device, uuid = self._characteristic(message, "notify", "indicate")
        device.listeners.setdefault(uuid, set()).add(message.sender or "")
        await self.send(device.address, *device.peripheral.listen(uuid, on=True))
        return "", []

    # How it is done

    def _device(self, path: str) -> Device:
        for device in self.devices.values():
            if device.known and path.startswith(device.path):
                return device
        raise RefusedError("org.freedesktop.DBus.Error.UnknownObject", "no such object")

    def _characteristic(self, message: Message, *flags: str) -> tuple[Device, str]:
        device = self._device(message.path or "")
        if not device.connected:
            raise RefusedError("org.bluez.Error.Failed", "Not connected")
        found = device.gatt()[message.path or ""][CHARACTERISTIC1]
        if not set(flags) & set(found["Flags"].value):
            raise RefusedError("org.bluez.Error.NotSupported", "Operation is not supported")
        return device, found["UUID"].value

    async def _advertise(self) -> None:
        while True:
            await asyncio.sleep(_ADVERTISE_S)
            for device in list(self.devices.values()):
                if not self._scanning or not device.advertises or device.connected:
                    continue
                if device.steady and device.rssi_dbm is not None:
                    continue
                # BlueZ reports a strength only if it is another one.
                usual_dbm = device.peripheral.advertisement.rssi_dbm or -60
                device.rssi_dbm = usual_dbm if device.rssi_dbm != usual_dbm else usual_dbm - 1
                if device.known:
                    changed = {"RSSI": Variant("n", device.rssi_dbm)}
                    await self._changed(device.path, DEVICE1, changed)
                else:
                    device.known = True
                    body = [device.path, {DEVICE1: device.properties()}]
                    await self._signal("InterfacesAdded", "oa{sa{sv}}", body)

    async def _leave(self, device: Device) -> None:
        if not device.connected:
            return
        device.connected = False
        resolved, device.resolved = device.resolved, False
        device.listeners.clear()
        properties = device.properties()
        ended = {key: properties[key] for key in ("ServicesResolved", "Connected")}
        await self._changed(device.path, DEVICE1, ended)
        if resolved:
            for path, interfaces in device.gatt().items():
                await self._signal("InterfacesRemoved", "oas", [path, list(interfaces)])

    async def _forget(self, device: Device) -> None:
        device.known = False
        device.rssi_dbm = None
        await self._signal("InterfacesRemoved", "oas", [device.path, [DEVICE1]])

    async def _unheard(self, device: Device) -> None:
        if device.rssi_dbm is not None:
            device.rssi_dbm = None
            await self._changed(device.path, DEVICE1, {}, ["RSSI"])

    async def _value(self, device: Device, uuid: str, value: bytes) -> None:
        changed = {"Value": Variant("ay", value)}
        await self._changed(device.char_path(uuid), CHARACTERISTIC1, changed)

    async def _changed(
        self, path: str, interface: str, changed: Properties, gone: list[str] | None = None
    ) -> None:
        await self._send(
            Message.new_signal(
                path,
                "org.freedesktop.DBus.Properties",
                "PropertiesChanged",
                "sa{sv}as",
                [interface, changed, gone or []],
            )
        )

    async def _signal(self, member: str, signature: str, body: list[Any]) -> None:
        manager = "org.freedesktop.DBus.ObjectManager"
        await self._send(Message.new_signal("/", manager, member, signature, body))

    async def _send(self, message: Message) -> None:
        """One after the other: dbus-fast gives up a bus whose socket is full."""
        with suppress(Exception):  # the bus was killed
            await self._bus.send(message)

    def _go(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

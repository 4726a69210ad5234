"""Bluetooth Low Energy with Bleak: sensors found, connected, read and written.

Nothing else imports Bleak; all that it raises becomes a SensorError here. What is relied on of it
stands in the test named canary.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import TypeVar

from bleak import BleakAdapter, BleakClient, BleakScanner
from bleak.args.bluez import BlueZClientArgs, BlueZScannerArgs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData
from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakGATTProtocolError,
)

from sensor.ble_words import NO_DBUS, REACH, unanswered, words
from sensor.link import Advertisement, SensorError

_CONNECT_S = 20.0
_DISCONNECT_S = 10.0
_ANSWER_S = 10.0
_SCAN_CALL_S = 5.0
# A new scan reports afresh what the old one had reported, and notices a radio that went away.
_SCAN_S = 10.0
_SAME_NAME_S = 0.5
_BUSY_WAITS_S = (0.2, 0.5, 1.0)
_MOST_DEVICES = 1000
_NOT_HEARD_DBM = -127  # what Bleak says on Linux if the device changed but did not advertise
# Every device has Generic Access, most have Generic Attribute.
_ANY_SERVICE = ["1800", "1801"]
_IN_PROGRESS = "org.bluez.Error.InProgress"
# BlueZ gave up by itself, or because of what else it does: the next attempt mostly succeeds.
_PASSING = (
    "le-connection-abort-by-local",
    "Operation already in progress",
    "Software caused connection abort",
)

_Heard = asyncio.Queue[Advertisement | SensorError]
_T = TypeVar("_T")


class BleRadio:
    """The Bluetooth adapter of this computer; see sensor.link.Radio. For one event loop.

    adapter: its name on Linux, such as "hci1"; None for the first that is switched on.

    All who search share one scan. It rests while a connection is made, one at a time: adapters
    do badly with both at once.
    """

    def __init__(self, adapter: str | None = None) -> None:
        self._bluez: BlueZClientArgs = {"adapter": adapter} if adapter else {}
        self._bluez_scan: BlueZScannerArgs = {"adapter": adapter} if adapter else {}
        self._searches: set[_Heard] = set()
        self._devices: dict[str, BLEDevice] = {}
        self._scanning: asyncio.Task[None] | None = None
        self._air = asyncio.Lock()  # held by whoever scans or connects
        self._connecting = 0
        self._scan_over = asyncio.Event()

    async def seen(self) -> AsyncIterator[Advertisement]:
        """Advertisements as they come, and what is connected already, without a signal strength."""
        async with self._search() as heard:
            while True:
                yield _raised(await heard.get())

    async def find(self, wanted: str) -> Advertisement:
        """Wait for the sensor of that name or address, in any case of letters.

        One that is connected already, by us before a crash or by another program, is found too.
        """
        loop = asyncio.get_running_loop()
        found: dict[str, Advertisement] = {}
        decide_s: float | None = None
        async with self._search() as heard:
            with suppress(TimeoutError):
                while True:
                    async with asyncio.timeout_at(decide_s):
                        one = _raised(await heard.get())
                    by_address = one.address.casefold() == wanted.casefold()
                    if by_address and one.name:
                        return one
                    if by_address or one.name.casefold() == wanted.casefold():
                        found[one.address] = one
                        decide_s = decide_s or loop.time() + _SAME_NAME_S
        if len(found) > 1:
            raise SensorError(
                f"more than one sensor is named {wanted}: "
                f"give the address instead, one of {', '.join(sorted(found))}"
            )
        return next(iter(found.values()))

    async def connect(
        self,
        seen: Advertisement,
        packet: Callable[[int, bytes], None],
        lost: Callable[[], None],
    ) -> "BleLink":
        """Connect to what was seen. A radio that is busy is asked again, a few times."""
        device = self._devices.get(seen.address)
        if device is None:
            raise SensorError(f"{_who(seen)} was not heard of yet: search for it first")
        self._connecting += 1
        self._scan_over.set()
        try:
            async with self._air:
                for wait_s in (*_BUSY_WAITS_S, None):
                    link = BleLink(seen, packet, lost)
                    try:
                        await link.open(device, self._bluez)
                    except _PassingError:
                        if wait_s is None:
                            raise
                        await asyncio.sleep(wait_s)
                    else:
                        return link
            raise AssertionError  # the last attempt raises
        finally:
            self._connecting -= 1

    @asynccontextmanager
    async def _search(self) -> AsyncIterator[_Heard]:
        heard = _Heard()
        self._searches.add(heard)
        self._scan_over.set()  # a scan does not repeat what it has told the others: begin a new one
        if self._scanning is None or self._scanning.done():
            self._scanning = asyncio.create_task(self._scan())
        try:
            yield heard
        finally:
            self._searches.discard(heard)
            if not self._searches:
                self._scan_over.set()

    async def _scan(self) -> None:
        """Scan as long as anyone searches. What goes wrong is told to all of them."""
        while self._searches:
            async with self._air:
                try:
                    await self._scan_once()
                except SensorError as fault:
                    for heard in self._searches:
                        heard.put_nowait(fault)
                    self._searches.clear()

    async def _scan_once(self) -> None:
        self._scan_over.clear()
        if self._connecting or not self._searches:
            return
        scanner = BleakScanner(self._on_advertisement, bluez=self._bluez_scan)
        with _sensor_errors("BlueZ" if sys.platform == "linux" else "Bluetooth"):
            await self._tell_connected()
            for wait_s in (*_BUSY_WAITS_S, None):
                try:
                    async with asyncio.timeout(_SCAN_CALL_S):
                        await scanner.start()
                    break
                except BleakDBusError as fault:
                    if wait_s is None or fault.dbus_error != _IN_PROGRESS:
                        raise
                    await asyncio.sleep(wait_s)
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_SCAN_S):
                    await self._scan_over.wait()
        finally:
            # A scan that cannot be stopped is over: the adapter or the bus went away.
            with suppress(Exception):
                async with asyncio.timeout(_SCAN_CALL_S):
                    await scanner.stop()

    async def _tell_connected(self) -> None:
        """What is connected to this computer does not advertise, but can be had."""
        with suppress(NotImplementedError):
            async with asyncio.timeout(_SCAN_CALL_S):
                adapter = await BleakAdapter.get(bluez={**self._bluez})
                for device in await adapter.get_connected_devices(_ANY_SERVICE):
                    self._tell(device, Advertisement(device.address, device.name or ""))

    def _on_advertisement(self, device: BLEDevice, data: AdvertisementData) -> None:
        if data.rssi == _NOT_HEARD_DBM:
            return
        seen = Advertisement(
            device.address,
            data.local_name or device.name or "",
            data.rssi,
            tuple(uuid.lower() for uuid in data.service_uuids),
            dict(data.manufacturer_data),
        )
        self._tell(device, seen)

    def _tell(self, device: BLEDevice, seen: Advertisement) -> None:
        self._devices.pop(seen.address, None)
        self._devices[seen.address] = device
        if len(self._devices) > _MOST_DEVICES:  # phones take a new address every few minutes
            del self._devices[next(iter(self._devices))]
        for heard in self._searches:
            heard.put_nowait(seen)


class BleLink:
    """A sensor connected with Bleak; see sensor.link.Link. BleRadio.connect makes it."""

    def __init__(
        self,
        seen: Advertisement,
        packet: Callable[[int, bytes], None],
        lost: Callable[[], None],
    ) -> None:
        self._seen = seen
        self._packet = packet
        self._lost = lost
        self._client: BleakClient | None = None
        self._table: dict[str, BleakGATTCharacteristic] = {}
        self._waiting: list[tuple[int, Callable[[bytes], bool], asyncio.Future[bytes | None]]] = []
        self._opened = False
        self._gone = False

    async def open(self, device: BLEDevice, bluez: BlueZClientArgs) -> None:
        """Connect and learn what characteristics there are. If that fails, disconnect."""
        self._client = client = BleakClient(
            device,
            self._on_disconnected,
            timeout=_CONNECT_S,
            bluez=bluez,
            winrt={"use_cached_services": False},
        )
        who = _who(self._seen)
        try:
            with _sensor_errors(who, self._seen.address):
                try:
                    # Bleak minds its own timeout, but not while it disconnects after it.
                    async with asyncio.timeout(_CONNECT_S + _DISCONNECT_S):
                        await client.connect()
                except TimeoutError:
                    # It was connected, if Bleak had to tell of the end.
                    how = "does not tell its services" if self._gone else "does not answer"
                    raise SensorError(f"{who} {how}: {REACH}") from None
                for one in client.services.characteristics.values():
                    self._table.setdefault(one.uuid.lower(), one)
                # Bleak tells of the end of each attempt that BlueZ aborted, before it succeeds.
                self._gone = not client.is_connected
                self._opened = True
        finally:
            if not self._opened:
                await self.close()

    def has(self, uuid: str) -> bool:
        """Whether there is such a characteristic."""
        return uuid in self._table

    async def read(self, uuid: str) -> bytes:
        """The value of a characteristic."""
        with self._asking(uuid) as (client, characteristic):
            return bytes(await _soon(client.read_gatt_char(characteristic)))

    async def write(self, uuid: str, data: bytes, *, response: bool = True) -> None:
        """Write a characteristic; with response, it is acknowledged when this returns."""
        with self._asking(uuid) as (client, characteristic):
            await _soon(client.write_gatt_char(characteristic, data, response=response))

    async def listen(self, uuid: str, channel: int) -> None:
        """Enable notifications or indications: from now on they are packets of that channel."""

        def notified(_: BleakGATTCharacteristic, data: bytearray) -> None:
            self._on_packet(channel, bytes(data))

        with self._asking(uuid) as (client, characteristic):
            await _soon(client.start_notify(characteristic, notified))

    async def request(
        self,
        uuid: str,
        data: bytes,
        channel: int,
        accept: Callable[[bytes], bool],
        *,
        response: bool = True,
        timeout_s: float = 2.0,
    ) -> bytes:
        """Write, and return the first notification of a channel from then on that is accepted."""
        answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        waiting = (channel, accept, answer)
        self._waiting.append(waiting)  # before it is written: the answer may come first
        try:
            await self.write(uuid, data, response=response)
            async with asyncio.timeout(timeout_s):
                answered = await answer
        except TimeoutError:
            raise SensorError(
                f"{_who(self._seen)} does not answer {data.hex(' ')} within {timeout_s:g} s: "
                "switch it off and on"
            ) from None
        finally:
            self._waiting.remove(waiting)
        if answered is None:
            raise self._not_connected()
        return answered

    async def close(self) -> None:
        """Disconnect; nothing happens if it is already gone. Never raises."""
        client, self._client = self._client, None
        if client is None:
            return
        with suppress(Exception):
            async with asyncio.timeout(_DISCONNECT_S):
                await client.disconnect()
        self._end()

    @contextmanager
    def _asking(self, uuid: str) -> Iterator[tuple[BleakClient, BleakGATTCharacteristic]]:
        who = _who(self._seen)
        characteristic = self._table.get(uuid)
        if characteristic is None:
            raise SensorError(
                f"{who} has no characteristic {uuid}: it is another model or has other firmware"
            )
        if self._client is None or self._gone:
            raise self._not_connected()
        try:
            with _sensor_errors(who, self._seen.address):
                yield self._client, characteristic
        except SensorError as fault:
            if self._gone:  # whatever Bleak made of it
                raise self._not_connected() from fault
            raise

    def _on_packet(self, channel: int, data: bytes) -> None:
        if self._client is None:
            return
        self._packet(channel, data)
        for waiting in self._waiting:
            listened, accept, answer = waiting
            if listened == channel and not answer.done() and accept(data):
                answer.set_result(data)
                break

    def _on_disconnected(self, _: BleakClient) -> None:
        by_itself = self._opened and self._client is not None and not self._gone
        self._end()
        if by_itself:
            self._lost()

    def _end(self) -> None:
        self._gone = True
        for _, _, answer in self._waiting:
            if not answer.done():
                answer.set_result(None)

    def _not_connected(self) -> SensorError:
        return SensorError(f"{_who(self._seen)} is not connected any more: {REACH}")


class _PassingError(SensorError):
    """What may well be over at the next attempt."""


async def _soon(work: Awaitable[_T]) -> _T:
    async with asyncio.timeout(_ANSWER_S):
        return await work


def _raised(heard: Advertisement | SensorError) -> Advertisement:
    if isinstance(heard, SensorError):
        raise heard
    return heard


def _who(seen: Advertisement) -> str:
    return f"{seen.name} ({seen.address})" if seen.name else seen.address


@contextmanager
def _sensor_errors(who: str, address: str = "") -> Iterator[None]:
    """Whatever is raised becomes a SensorError: a bus that dies makes Bleak raise anything."""
    try:
        yield
    except SensorError:
        raise
    except Exception as fault:
        passing = isinstance(fault, BleakDBusError) and _is_passing(fault)
        kind = _PassingError if passing else SensorError
        raise kind(_told(fault, who, address)) from fault


def _is_passing(fault: BleakDBusError) -> bool:
    return fault.dbus_error == _IN_PROGRESS or (fault.dbus_error_details or "") in _PASSING


def _told(fault: Exception, who: str, address: str) -> str:
    if isinstance(fault, TimeoutError):
        return unanswered(who, address)
    if isinstance(fault, OSError | EOFError):
        return NO_DBUS
    name = ""
    if isinstance(fault, BleakBluetoothNotAvailableError):
        name = fault.reason.name
    elif isinstance(fault, BleakDeviceNotFoundError):
        name = "org.bluez.Error.DoesNotExist"
    elif isinstance(fault, BleakDBusError):
        name = fault.dbus_error
    elif isinstance(fault, BleakGATTProtocolError):
        name = fault.code.name
    text = " ".join(str(part) for part in fault.args) or type(fault).__name__
    return words(name, text, who, address)

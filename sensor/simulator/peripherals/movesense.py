"""A model Movesense sensor with the GATT sensor data service, and only IMU6 to subscribe to."""

import struct

import numpy as np

from sensor.link import Advertisement
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock
from sensor.simulator.peripherals.peripheral import Characteristic, Notification

_SERVICE = "34802252-7185-4d5d-b431-630e7050e8f0"
_WRITE = "34800001-7185-4d5d-b431-630e7050e8f0"
_NOTIFY = "34800002-7185-4d5d-b431-630e7050e8f0"
_BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
_BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
_ADVERTISED_SERVICE = "0000fe06-0000-1000-8000-00805f9b34fb"
_SUUNTO = 0x009F

_SUBSCRIPTIONS = 4
_NOTIFICATION_BYTES = 158  # MTU 161 without the header of ATT
# Of each rate, how many samples go into a packet.
_GROUPS = {13: 1, 26: 2, 52: 4, 104: 8}

# Not known of the real one, which has others to choose from: what it is set to.
_ACC_RANGE_MPS2 = 8 * STANDARD_GRAVITY_MPS2
_GYR_RANGE_DPS = 2000.0
_STEPS = 32768

_OK, _NOT_FOUND, _NO_ROOM = 200, 404, 507
_PERCENT = 87


class MovesensePeripheral:
    """Commands 0 to 2: hello, subscribe, unsubscribe; silence for others and for reference 0.

    It has the rates of up to 104 Hz: how the real one sends faster ones is not specified.
    """

    gyro = True

    def __init__(self, *, address: str, serial: str) -> None:
        self.advertisement = Advertisement(
            address,
            f"Movesense {serial}",
            -60,
            (_ADVERTISED_SERVICE,),
            {_SUUNTO: bytes(8)},
        )
        self.characteristics: tuple[Characteristic, ...] = (
            Characteristic(_SERVICE, _WRITE, ("write",)),
            Characteristic(_SERVICE, _NOTIFY, ("notify",)),
            Characteristic(_BATTERY_SERVICE, _BATTERY_LEVEL, ("read", "notify")),
        )
        self.rate_hz = 104.0
        self.log: list[tuple[str, bytes]] = []
        self._serial = serial
        self.connected()

    def connected(self) -> None:
        """Subscriptions end with the connection."""
        self.streaming = False
        self._notifies = False
        self._subscribed: set[int] = set()
        self._rows: list[tuple[float, Floats, Floats]] = []

    def listen(self, uuid: str, *, on: bool) -> list[Notification]:
        """Nothing goes out before the notifications are on."""
        if uuid == _NOTIFY:
            self._notifies = on
            self._update()
        return []

    def read(self, uuid: str) -> bytes:
        """The battery level."""
        return {_BATTERY_LEVEL: bytes((_PERCENT,))}[uuid]

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        """Command, reference, and what the command needs."""
        self.log.append((uuid, data))
        if len(data) < 2 or data[1] == 0:
            return []
        command, reference, rest = data[0], data[1], data[2:]
        if command == 0:
            return self._replied(reference, self._hello())
        if command == 1:
            status = self._subscribe(reference, rest.rstrip(b"\0").decode("ascii", "replace"))
        elif command == 2:
            status = _OK if reference in self._subscribed else _NOT_FOUND
            self._subscribed.discard(reference)
        else:
            return []
        self._update()
        return self._replied(reference, status.to_bytes(2, "little"))

    def packets(self, samples: SampleBlock) -> list[Notification]:
        """A packet for each group of samples, cut in two where it is too long for one."""
        if not self.streaming:
            return []
        assert samples.gyr is not None
        acc = _measured(samples.acc, _ACC_RANGE_MPS2)
        gyr_dps = _measured(np.rad2deg(samples.gyr), _GYR_RANGE_DPS)
        self._rows += zip(samples.t_s.tolist(), acc, gyr_dps, strict=True)
        sent: list[Notification] = []
        group = _GROUPS[round(self.rate_hz)]
        while len(self._rows) >= group:
            sent += self._packet(self._rows[:group])
            del self._rows[:group]
        return sent

    def _packet(self, rows: list[tuple[float, Floats, Floats]]) -> list[Notification]:
        times, acc, gyr_dps = zip(*rows, strict=True)
        payload = struct.pack("<I", int(times[0] * 1000 // 1) % 2**32)
        payload += np.array(acc, "<f4").tobytes() + np.array(gyr_dps, "<f4").tobytes()
        fits = _NOTIFICATION_BYTES - 2
        parts = [(2, payload[:fits])] + ([(3, payload[fits:])] if len(payload) > fits else [])
        return [
            Notification(times[-1], _NOTIFY, bytes((kind, reference)) + part)
            for reference in sorted(self._subscribed)
            for kind, part in parts
        ]

    def _subscribe(self, reference: int, path: str) -> int:
        resource, _, rate = path.rpartition("/")
        if resource != "/Meas/IMU6" or not rate.isdecimal() or int(rate) not in _GROUPS:
            return _NOT_FOUND
        if len(self._subscribed) == _SUBSCRIPTIONS:
            return _NO_ROOM
        self.rate_hz = float(rate)
        self._subscribed.add(reference)
        return _OK

    def _hello(self) -> bytes:
        texts = (self._serial, "Movesense", "0C:8C:DC:00:00:01", "Default", "2.3.1")
        return b"\x01" + b"".join(text.encode() + b"\0" for text in texts)

    def _replied(self, reference: int, answer: bytes) -> list[Notification]:
        return [Notification(None, _NOTIFY, bytes((1, reference)) + answer)]

    def _update(self) -> None:
        self.streaming = self._notifies and bool(self._subscribed)
        if not self.streaming:
            self._rows.clear()


def _measured(values: Floats, full_scale: float) -> Floats:
    """Cut off at full scale and in whole steps of 16 bits."""
    counts = np.clip(np.rint(values / full_scale * _STEPS), -_STEPS, _STEPS - 1)
    measured: Floats = counts * (full_scale / _STEPS)
    return measured


PERIPHERAL = MovesensePeripheral

"""Movesense HR+, HR2 and MD, over its GATT sensor data protocol.

Sources: Movesense, "GATT SensorData Protocol specification" (GD-77, version 1.0) and the sample
firmware GATTSensorDataClient, which is older and leaves some answers out. Packets carry the
sensor's own time in whole milliseconds and values in m/s2 and deg/s.
"""

import struct
from collections import Counter
from typing import Literal

import numpy as np

from sensor.drivers.driver import Batch, Setup, nearest_rate
from sensor.link import Advertisement, Link, SensorError
from sensor.samples import Floats
from sensor.unwrap import Unwrap

SERVICE = "34802252-7185-4d5d-b431-630e7050e8f0"
COMMAND = "34800001-7185-4d5d-b431-630e7050e8f0"
NOTIFY = "34800002-7185-4d5d-b431-630e7050e8f0"
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"

_HELLO, _SUBSCRIBE, _UNSUBSCRIBE = 0, 1, 2
_REPLY, _DATA, _DATA_SECOND_PART = 1, 2, 3
_HELLO_REFERENCE, _REFERENCE = 1, 2

_OK = 200
_CURES = {
    403: "another app may hold it, close that one",
    404: "its firmware has none, update it with the Movesense Showcase app",
    507: "all its subscriptions are taken, restart it: take the battery out and put it back",
}

_HEADER_BYTES = 4
_SAMPLE_BYTES = 24  # 3 floats of the accelerometer and 3 of the gyroscope
_PACKETS_PER_S = 13

_STAMP_S = 1e-3
# The sample clock is off by 3 % at most; a lost packet is a step that is twice as long.
_OFF = 0.05


class MovesenseDriver:
    """Movesense sensors with the GATT sensor data service: firmware 2.3 or later, or the sample's.

    Faster rates than 104 Hz do not fit into two notifications, which is all that is specified.
    """

    name = "movesense"
    title = "Movesense HR+, HR2, MD"
    rates_hz: tuple[float, ...] = (26.0, 52.0, 104.0)
    default_rate_hz = 104.0
    gyroscope = True
    clock: Literal["none", "device"] = "device"
    counter = False
    cannot: tuple[str, ...] = (
        "its ranges are not told: movements beyond them are cut off unnoticed",
        "packets carry no number: what is lost is known by the sensor's time only",
    )
    channels: tuple[str, ...] = ("data",)

    def recognise(self, seen: Advertisement) -> str | None:
        """By its name or service. Not by the company: it is Suunto's, which makes watches too."""
        known = seen.name.startswith("Movesense") or SERVICE in seen.services
        return "Movesense" if known else None

    async def start(self, link: Link, rate_hz: float) -> Setup:
        """Say hello, and subscribe to accelerometer and gyroscope together."""
        if not link.has(COMMAND):
            raise SensorError(
                "this Movesense has no sensor data service: "
                "update its firmware to 2.3 or later with the Movesense Showcase app"
            )
        rate_hz = nearest_rate(self.rates_hz, rate_hz)
        await link.listen(NOTIFY, 0)
        hello = await link.request(
            COMMAND, bytes((_HELLO, _HELLO_REFERENCE)), 0, _is_reply_to_hello
        )
        firmware, details = _identity(hello)
        await _subscribe(link, f"/Meas/IMU6/{rate_hz:.0f}")
        return Setup(self.name, "Movesense", rate_hz, None, None, firmware, details)

    async def battery(self, link: Link) -> float | None:
        """Percent left, from the battery service."""
        if not link.has(BATTERY):
            return None
        value = await link.read(BATTERY)
        return float(value[0]) if value else None

    async def stop(self, link: Link) -> None:
        """Unsubscribe. Not every firmware answers this, so no answer is waited for."""
        await link.write(COMMAND, bytes((_UNSUBSCRIBE, _REFERENCE)))

    def decoder(self, setup: Setup) -> "MovesenseDecoder":
        """A decoder for one connection."""
        return MovesenseDecoder(setup.rate_hz)


class MovesenseDecoder:
    """Notifications -> samples: packets too long for one come in two parts.

    What is complete is known by its length, which must be whole samples and the usual number of
    them: a thirteenth of a second, or whatever the sensor's time turns out to say.
    """

    def __init__(self, rate_hz: float) -> None:
        self.skipped: Counter[str] = Counter()
        self.battery_pct: float | None = None
        self._pace = _Pace(rate_hz)
        self._usual = round(rate_hz / _PACKETS_PER_S)
        self._first_part: bytes | None = None

    def feed(self, channel: int, data: bytes) -> list[Batch]:  # noqa: ARG002 -- there is only one
        """The samples that this notification completes."""
        kind, reference = data[0] if data else None, data[1] if len(data) > 1 else None
        if kind == _REPLY:
            return []
        if kind not in (_DATA, _DATA_SECOND_PART) or reference != _REFERENCE:
            self.skipped["unknown packet"] += 1
            return []
        return self._first(data[2:]) if kind == _DATA else self._second(data[2:])

    def _first(self, payload: bytes) -> list[Batch]:
        if len(payload) < _HEADER_BYTES:
            self.skipped["wrong length"] += 1
            return []
        batches = self._give_up_waiting(payload)
        if _samples(payload) == self._usual:
            return batches + self._complete(payload)
        self._first_part = payload
        return batches

    def _second(self, payload: bytes) -> list[Batch]:
        first, self._first_part = self._first_part, None
        if first is None:
            self.skipped["first part lost"] += 1
            return []
        if not _samples(first + payload):
            self.skipped["wrong length"] += 1
            return []
        return self._complete(first + payload)

    def _give_up_waiting(self, following: bytes) -> list[Batch]:
        """What waited for its second part, if the next packet's time says that it was whole."""
        waited, self._first_part = self._first_part, None
        if waited is None:
            return []
        count = _samples(waited)
        if not count or not self._pace.fits(_stamp(waited), count, _stamp(following)):
            self.skipped["second part lost"] += 1
            return []
        self._usual = count
        return self._complete(waited)

    def _complete(self, payload: bytes) -> list[Batch]:
        vectors = np.frombuffer(payload, "<f4", offset=_HEADER_BYTES)
        if not np.isfinite(vectors).all():
            self.skipped["not a number"] += 1
            return []
        acc, gyr_dps = vectors.astype(np.float64).reshape(2, -1, 3)
        device_s = self._pace.times(_stamp(payload), len(acc))
        return [Batch(acc, np.deg2rad(gyr_dps), device_s)]


class _Pace:
    """The time of each sample, from the time of the first one of each packet in whole ms.

    A stamp says in which millisecond a packet began. So while nothing is lost, samples stay as far
    apart as they were and follow on from the packet before, as far as the stamps allow it.
    """

    def __init__(self, rate_hz: float) -> None:
        self._unwrap = Unwrap(32)
        self._nominal_s = self._period_s = 1.0 / rate_hz
        self._stamp_s: float | None = None  # of the newest packet
        self._start_s = 0.0  # of its first sample
        self._count = 0  # its samples
        self._since_s = 0.0  # stamp of the packet from which on none was lost
        self._since_count = 0  # samples from there to the newest packet

    def fits(self, stamp_ms: int, count: int, next_ms: int) -> bool:
        """Whether a packet with so many samples lies between two stamps."""
        return self._near((next_ms - stamp_ms) % 2**32 * _STAMP_S, count)

    def times(self, stamp_ms: int, count: int) -> Floats:
        """(count,) seconds on the sensor's clock. A late packet changes nothing for the others."""
        stamp_s = start_s = self._unwrap(stamp_ms) * _STAMP_S
        step_s = np.inf if self._stamp_s is None else stamp_s - self._stamp_s
        if step_s > 0:
            if self._near(step_s, self._count):
                start_s = self._following(stamp_s)
            else:
                self._since_s, self._since_count = stamp_s, 0
            self._stamp_s, self._start_s, self._count = stamp_s, start_s, count
        times: Floats = start_s + self._period_s * np.arange(count, dtype=np.float64)
        return times

    def _following(self, stamp_s: float) -> float:
        """When the first sample was taken of a packet before which none was lost."""
        self._since_count += self._count
        span_s, due_s = stamp_s - self._since_s, self._since_count * self._period_s
        span_s = min(max(due_s, span_s - _STAMP_S), span_s + _STAMP_S)
        self._period_s = span_s / self._since_count
        follows_s = self._start_s + self._count * self._period_s
        return min(max(follows_s, stamp_s), stamp_s + _STAMP_S)

    def _near(self, step_s: float, count: int) -> bool:
        due_s = count * self._nominal_s
        return abs(step_s - due_s) <= _OFF * due_s + _STAMP_S


def _samples(payload: bytes) -> int:
    """How many there are; 0 if they are not whole."""
    count, rest = divmod(len(payload) - _HEADER_BYTES, _SAMPLE_BYTES)
    return 0 if rest else max(count, 0)


def _stamp(payload: bytes) -> int:
    """Time of the first sample, ms."""
    return int.from_bytes(payload[:_HEADER_BYTES], "little")


async def _subscribe(link: Link, path: str) -> None:
    """Raises SensorError unless the sensor agrees, or just begins as the sample firmware does."""
    command = bytes((_SUBSCRIBE, _REFERENCE)) + path.encode()
    answer = await link.request(COMMAND, command, 0, _is_answer_to_subscription)
    if answer[0] == _DATA:
        return
    status = _status(answer)
    if status != _OK:
        cure = _CURES.get(status, "take its battery out, put it back, and try again")
        raise SensorError(f"the Movesense refuses {path} with status {status}: {cure}")


def _is_reply_to_hello(data: bytes) -> bool:
    return data[:2] == bytes((_REPLY, _HELLO_REFERENCE))


def _is_answer_to_subscription(data: bytes) -> bool:
    replied = len(data) >= 4 and data[:2] == bytes((_REPLY, _REFERENCE))
    return replied or data[:2] == bytes((_DATA, _REFERENCE))


def _status(reply: bytes) -> int:
    """As in HTTP. The sample firmware sends 507 with its bytes the other way round."""
    (status,) = struct.unpack_from("<H", reply, 2)
    (turned,) = struct.unpack_from(">H", reply, 2)
    return int(status if 100 <= status < 600 else turned)


def _identity(hello: bytes) -> tuple[str, dict[str, float | str]]:
    """Firmware and details: protocol version, then texts that end with 0. The sample has none.

    The texts: serial number, product, address of the bootloader, application and its version.
    """
    texts = hello[3:].decode("ascii", errors="replace").split("\0")
    if len(texts) < 5:
        return "", {}
    serial, product, _, application, version = texts[:5]
    return f"{application} {version}", {"serial": serial, "product": product}


DRIVER = MovesenseDriver()

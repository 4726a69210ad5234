"""Nordic Thingy:52: one sample of its motion service in each notification.

Source: the Thingy:52 firmware, which Nordic publishes: ble_tms.h (layout, limits), m_motion.c
(scale), ble_tcs.h (connection parameters, version).
"""

import struct
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np

from sensor.drivers.driver import Batch, Setup, nearest_rate
from sensor.link import Advertisement, Link, SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2

WRONG_LENGTH = "wrong length"

# Parts of the firmware read as if +1 g were down. Nothing hangs on it: where up and force are both
# turned round, pitch and rise are the same.
_ACC_MPS2 = STANDARD_GRAVITY_MPS2 / 1024
_GYR_RADPS = float(np.radians(1 / 32))
# It leaves the accelerometer at the range with which its motion library begins; and rates are
# clipped at what 11 bits hold before the point.
_ACC_RANGE_G = 2.0
_GYR_RANGE_DPS = 1023.0

_PACKET_BYTES = 18  # acceleration, angular rate, magnetic field: three i16 each
_CONFIG = struct.Struct("<4HB")  # step, temperature, compass interval, ms; rate, Hz; wake on motion
_RATE_AT = 3

# min, max interval, 1.25 ms; latency; timeout, 10 ms. Those with which it is delivered, 7.5 to
# 30 ms, are short enough, and it disconnects when a host does not grant it what it asks for: so
# nothing shorter is asked for, and only longer ones are put right.
_CONNECTION = struct.Struct("<4H")
_DELIVERED = (6, 24, 0, 320)


def _uuid(short: int) -> str:
    return f"ef68{short:04x}-9b35-4933-9b10-52ffa9740042"


_SERVICE = _uuid(0x0100)
_CONNECTION_UUID = _uuid(0x0104)
_VERSION_UUID = _uuid(0x0107)
_CONFIG_UUID = _uuid(0x0401)
_RAW_UUID = _uuid(0x0406)
_BATTERY_UUID = "00002a19-0000-1000-8000-00805f9b34fb"


class Thingy52:
    """Streams as soon as it is listened to; its settings are kept in flash."""

    name = "thingy52"
    title = "Nordic Thingy:52"
    # Any whole number can be written, but its motion processor only divides 200 Hz.
    rates_hz: tuple[float, ...] = (50.0, 100.0, 200.0)
    default_rate_hz = 100.0
    gyroscope = True
    clock: Literal["none", "device"] = "none"
    counter = False
    cannot: tuple[str, ...] = (
        "its packets carry neither time nor number: lost samples cannot be told from a slow clock",
        "accelerations beyond 2 g are clipped: its firmware has no other range",
    )
    channels: tuple[str, ...] = ("raw",)

    def recognise(self, seen: Advertisement) -> str | None:
        """By its service: people give it names, and other Thingys are called alike."""
        return self.title if _SERVICE in seen.services else None

    async def start(self, link: Link, rate_hz: float) -> Setup:
        """Rate, then listen. What is already set is not written: each write goes to flash."""
        rate_hz = nearest_rate(self.rates_hz, rate_hz)
        firmware = ".".join(str(part) for part in await link.read(_VERSION_UUID))
        await _set_connection(link)
        await _set_rate(link, round(rate_hz))
        await link.listen(_RAW_UUID, 0)
        return Setup(self.name, self.title, rate_hz, _ACC_RANGE_G, _GYR_RANGE_DPS, firmware)

    async def battery(self, link: Link) -> float | None:
        """As its battery service says."""
        value = await link.read(_BATTERY_UUID)
        return float(value[0]) if value else None

    async def stop(self, link: Link) -> None:
        """Nothing to send: it switches its motion sensor off when the connection ends."""

    def decoder(self, setup: Setup) -> "Thingy52Decoder":  # noqa: ARG002 -- ranges are fixed
        """Packets of any setup are alike."""
        return Thingy52Decoder()


class Thingy52Decoder:
    """One sample of each packet."""

    battery_pct: float | None = None

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()

    def feed(self, channel: int, data: bytes) -> list[Batch]:  # noqa: ARG002 -- there is only one
        """The sample; none of a packet that was cut off."""
        found = self.feed_all((data,))
        if found:
            return [found[0]]
        self.skipped[WRONG_LENGTH] += 1
        return []

    def feed_all(self, packets: Sequence[bytes]) -> tuple[Batch, list[int]] | None:
        """The samples, if no packet was cut off."""
        if any(len(data) != _PACKET_BYTES for data in packets):
            return None
        fields = np.frombuffer(b"".join(packets), "<i2").reshape(len(packets), -1)
        batch = Batch(fields[:, :3] * _ACC_MPS2, fields[:, 3:6] * _GYR_RADPS, None)
        return batch, [1] * len(packets)


async def _set_rate(link: Link, rate_hz: int) -> None:
    found = await link.read(_CONFIG_UUID)
    if len(found) != _CONFIG.size:
        raise SensorError(
            f"the Thingy:52 has {len(found)} bytes of motion settings, not {_CONFIG.size}: "
            "update its firmware"
        )
    fields = list(_CONFIG.unpack(found))
    fields[_RATE_AT] = rate_hz
    wanted = _CONFIG.pack(*fields)
    if wanted != found:
        await link.write(_CONFIG_UUID, wanted)


async def _set_connection(link: Link) -> None:
    found = await link.read(_CONNECTION_UUID)
    if len(found) != _CONNECTION.size:
        return  # data come all the same
    _, longest, latency, _ = _CONNECTION.unpack(found)
    if longest > _DELIVERED[1] or latency > _DELIVERED[2]:
        await link.write(_CONNECTION_UUID, _CONNECTION.pack(*_DELIVERED))


DRIVER = Thingy52()

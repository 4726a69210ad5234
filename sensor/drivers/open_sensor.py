"""The project's own open sensor: cheap boards with the firmware in deploy/firmware/open_sensor.

Source: docs/open-sensor.md, which defines every byte. Each packet carries a number and the
sensor's own time in microseconds, so what is lost is known, and when each sample was taken.
"""

import struct
from collections import Counter
from typing import Literal

import numpy as np

from sensor.drivers.driver import Batch, Setup, nearest_rate
from sensor.link import Advertisement, Link, SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2
from sensor.unwrap import Unwrap

SERVICE = "0a2f0001-08c1-4c31-a61a-d79e8fbd7ccc"
DATA = "0a2f0002-08c1-4c31-a61a-d79e8fbd7ccc"
CONFIGURATION = "0a2f0003-08c1-4c31-a61a-d79e8fbd7ccc"
BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
MODEL_NUMBER = "00002a24-0000-1000-8000-00805f9b34fb"
FIRMWARE_REVISION = "00002a26-0000-1000-8000-00805f9b34fb"

_TITLE = "hiprep open sensor"
_VERSION = 1
_ACC_RANGE_G = 16
_GYR_RANGE_DPS = 2000

_SETTINGS = struct.Struct("<BBHH")  # version, acc range, gyr range, rate
_RATES = struct.Struct("<4H")
_HEADER = struct.Struct("<BBHIHB")  # version, flags, number, time, period, samples
_SAMPLE_BYTES = 12
_FULL_SCALE_COUNTS = 32768
_SAMPLES_LOST = 0x01

# More than a connection can lose and live on: 32 s of the fastest packets. So the count began anew.
_MOST_LOST = 8192


class OpenSensorDriver:
    """Whatever speaks version 1 of the open profile."""

    name = "open_sensor"
    title = _TITLE
    rates_hz: tuple[float, ...] = (50.0, 100.0, 200.0)
    default_rate_hz = 100.0
    gyroscope = True
    clock: Literal["none", "device"] = "device"
    counter = True
    cannot: tuple[str, ...] = ()
    channels: tuple[str, ...] = ("data",)

    def recognise(self, seen: Advertisement) -> str | None:
        """By its service; the name is free."""
        return _TITLE if SERVICE in seen.services else None

    async def start(self, link: Link, rate_hz: float) -> Setup:
        """Listen, then set ranges and rate, which starts it, and see that it took them.

        The rates are those that the sensor itself offers: some parts have 104 Hz, not 100.
        """
        rates_hz = _offered(await link.read(CONFIGURATION))
        rate_hz = nearest_rate(rates_hz, rate_hz)
        model = await _text(link, MODEL_NUMBER)
        firmware = await _text(link, FIRMWARE_REVISION)
        await link.listen(DATA, 0)
        await self._set(link, round(rate_hz))
        ranges = float(_ACC_RANGE_G), float(_GYR_RANGE_DPS)
        return Setup(self.name, model or _TITLE, rate_hz, *ranges, firmware)

    async def battery(self, link: Link) -> float | None:
        """Percent left; None for a board that cannot measure it."""
        if not link.has(BATTERY_LEVEL):
            return None
        value = await link.read(BATTERY_LEVEL)
        return float(value[0]) if value and value[0] <= 100 else None

    async def stop(self, link: Link) -> None:
        """A rate of 0."""
        await self._set(link, 0)

    def decoder(self, setup: Setup) -> "OpenSensorDecoder":
        """A decoder for one connection."""
        return OpenSensorDecoder(setup)

    async def _set(self, link: Link, rate_hz: int) -> None:
        """Not every Bluetooth library can refuse a write: only what is read back is true."""
        settings = _SETTINGS.pack(_VERSION, _ACC_RANGE_G, _GYR_RANGE_DPS, rate_hz)
        await link.write(CONFIGURATION, settings)
        if (await link.read(CONFIGURATION))[: _SETTINGS.size] != settings:
            raise SensorError(
                f"the open sensor does not take {_ACC_RANGE_G} g, {_GYR_RANGE_DPS} deg/s and "
                f"{rate_hz} Hz: its firmware must, see docs/open-sensor.md"
            )


class OpenSensorDecoder:
    """Data packets -> samples. What is of a version that is not known here is passed over.

    overruns: packets before which the sensor itself had lost samples, as they say.
    """

    def __init__(self, setup: Setup) -> None:
        self.skipped: Counter[str] = Counter()
        self.battery_pct: float | None = None
        self.overruns = 0
        self._numbers = _Numbers()
        self._unwrap = Unwrap(32)
        acc_range_g = setup.acc_range_g or _ACC_RANGE_G
        gyr_range_dps = setup.gyr_range_dps or _GYR_RANGE_DPS
        self._acc_step = acc_range_g * STANDARD_GRAVITY_MPS2 / _FULL_SCALE_COUNTS
        self._gyr_step = float(np.deg2rad(gyr_range_dps)) / _FULL_SCALE_COUNTS

    @property
    def lost_packets(self) -> int:
        """Packets between the first and the newest that did not come, or not whole."""
        return self._numbers.lost

    def feed(self, channel: int, data: bytes) -> list[Batch]:  # noqa: ARG002 -- there is only one
        """The samples of this packet; a late one is passed on, one that came before is not."""
        fault = _fault(data)
        if fault:
            self.skipped[fault] += 1
            return []
        _, flags, number, time_us, period_us, count = _HEADER.unpack_from(data)
        if not self._numbers.new(number):
            self.skipped["sent twice"] += 1
            return []
        if flags & _SAMPLES_LOST:
            self.overruns += 1
        counts = np.frombuffer(data, "<i2", offset=_HEADER.size).reshape(count, 6)
        device_us = self._unwrap(time_us) + period_us * np.arange(count)
        acc = np.ascontiguousarray(counts[:, :3] * self._acc_step)
        gyr = np.ascontiguousarray(counts[:, 3:] * self._gyr_step)
        return [Batch(acc, gyr, device_us * 1e-6)]


class _Numbers:
    """Which packets came, by their numbers of 16 bits."""

    def __init__(self) -> None:
        self._unwrap = Unwrap(16)
        self._first: int | None = None
        self._newest = 0
        self._missing: set[int] = set()
        self._gone = 0  # missing, and too old to come late

    @property
    def lost(self) -> int:
        return self._gone + len(self._missing)

    def new(self, number: int) -> bool:
        """Note that a packet came; False if it had come before."""
        index = self._unwrap(number)
        if self._first is None or abs(index - self._newest) > _MOST_LOST:
            self._forget(index)
            self._first = self._newest = index
        elif index > self._newest:
            self._missing.update(range(self._newest + 1, index))
            self._newest = index
            if len(self._missing) > 2 * _MOST_LOST:
                self._forget(index - _MOST_LOST)
        elif index < self._first:
            self._missing.update(range(index + 1, self._first))
            self._first = index
        elif index in self._missing:
            self._missing.remove(index)
        else:
            return False
        return True

    def _forget(self, before: int) -> None:
        late = {index for index in self._missing if index >= before}
        self._gone += len(self._missing) - len(late)
        self._missing = late


def _fault(data: bytes) -> str | None:
    """Why a packet cannot be used."""
    if len(data) < _HEADER.size:
        return "too short"
    version, _, _, _, period_us, count = _HEADER.unpack_from(data)
    if version != _VERSION:
        return "unknown version"
    if count == 0 or period_us == 0:
        return "no samples, or no time between them"
    if len(data) != _HEADER.size + count * _SAMPLE_BYTES:
        return "wrong length"
    return None


def _offered(configuration: bytes) -> tuple[float, ...]:
    """The rates that the sensor has."""
    if not configuration or configuration[0] != _VERSION:
        version = configuration[0] if configuration else "none"
        raise SensorError(
            f"the open sensor speaks version {version} of its profile, not {_VERSION}: "
            "flash the firmware that comes with this version of hiprep"
        )
    if len(configuration) >= _SETTINGS.size + _RATES.size:
        rates = _RATES.unpack_from(configuration, _SETTINGS.size)
        if any(rates):
            return tuple(float(rate) for rate in rates if rate)
    raise SensorError(
        "the open sensor offers no rate: correct its firmware, see docs/open-sensor.md"
    )


async def _text(link: Link, uuid: str) -> str:
    """What a sensor may say of itself; "" if it does not."""
    if not link.has(uuid):
        return ""
    return (await link.read(uuid)).decode("utf-8", "replace").strip("\0 ")


DRIVER = OpenSensorDriver()

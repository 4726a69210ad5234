"""Movella DOT, sold as Xsens DOT before.

Source: Xsens, "Xsens DOT BLE Services Specifications" (XD0506P, revision F), and for the ranges
"Xsens DOT User Manual" (XD0502P, revision E). Packets carry the sensor's own time in microseconds
and calibrated values in m/s2 and deg/s, one sample each.
"""

import struct
from collections import Counter
from collections.abc import Sequence
from typing import Literal

import numpy as np

from sensor.drivers.driver import Batch, Setup, nearest_rate
from sensor.link import Advertisement, Link, SensorError
from sensor.unwrap import Unwrap

DEVICE_INFO = "15171001-4947-11e9-8646-d663bd873d93"
DEVICE_CONTROL = "15171002-4947-11e9-8646-d663bd873d93"
MEASUREMENT = "15172001-4947-11e9-8646-d663bd873d93"
MEDIUM_PAYLOAD = "15172003-4947-11e9-8646-d663bd873d93"
BATTERY = "15173001-4947-11e9-8646-d663bd873d93"
COMPANY = 0x0886

_CONTROL_BYTES = 32
_CHANGES_RATE = 0x10
_RATE_AT = 24
_START = bytes((1, 1, 21))  # mode 21: calibrated accelerometer and gyroscope, no magnetometer
_STOP = bytes((1, 0, 21))
_SAMPLE = np.dtype([("time_us", "<u4"), ("vectors", "<f4", 6)])  # zeros may follow


class DotDriver:
    """Movella DOT and Xsens DOT, first and second generation."""

    name = "dot"
    title = "Movella DOT, Xsens DOT"
    rates_hz: tuple[float, ...] = (30.0, 60.0)
    default_rate_hz = 60.0
    gyroscope = True
    clock: Literal["none", "device"] = "device"
    counter = False
    cannot: tuple[str, ...] = (
        "it streams at 60 Hz at most, below the 100 Hz that are best: fast reps are timed coarsely",
        "packets carry no number: what is lost is known by the sensor's time only",
    )
    channels: tuple[str, ...] = ("data",)

    def recognise(self, seen: Advertisement) -> str | None:
        """By its name, which changed in 2022, or by the company."""
        for model in ("Movella DOT", "Xsens DOT"):
            if seen.name.startswith(model):
                return model
        return "Movella DOT" if COMPANY in seen.manufacturer else None

    async def start(self, link: Link, rate_hz: float) -> Setup:
        """Set the rate, listen, and start the measurement, in this order."""
        firmware, details = _identity(await link.read(DEVICE_INFO))
        rate_hz = await self._set_rate(link, nearest_rate(self.rates_hz, rate_hz))
        await link.listen(MEDIUM_PAYLOAD, 0)
        await link.write(MEASUREMENT, _START)
        return Setup(self.name, "Movella DOT", rate_hz, 16.0, 2000.0, firmware, details)

    async def battery(self, link: Link) -> float | None:
        """Percent left, as the sensor says."""
        value = await link.read(BATTERY)
        return float(value[0]) if value else None

    async def stop(self, link: Link) -> None:
        """End the measurement."""
        await link.write(MEASUREMENT, _STOP)

    def decoder(self, setup: Setup) -> "DotDecoder":  # noqa: ARG002 -- its packets need no setup
        """A decoder for one connection."""
        return DotDecoder()

    async def _set_rate(self, link: Link, rate_hz: float) -> float:
        """Change the rate alone, and return the one that the sensor then has."""
        control = bytearray(await _control(link))
        control[0] = _CHANGES_RATE
        struct.pack_into("<H", control, _RATE_AT, round(rate_hz))
        await link.write(DEVICE_CONTROL, bytes(control))
        (confirmed,) = struct.unpack_from("<H", await _control(link), _RATE_AT)
        if confirmed not in self.rates_hz:
            raise SensorError(
                f"the DOT stays at {confirmed} Hz and does not take {rate_hz:.0f} Hz: "
                "stop whatever it measures or records with its own app, then try again"
            )
        return float(confirmed)


class DotDecoder:
    """Notifications of mode 21 -> samples, one each."""

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        self.battery_pct: float | None = None
        self._unwrap = Unwrap(32)

    def feed(self, channel: int, data: bytes) -> list[Batch]:  # noqa: ARG002 -- there is only one
        """The sample in this notification."""
        found = self.feed_all((data,))
        if found:
            return [found[0]]
        self.skipped["too short" if len(data) < _SAMPLE.itemsize else "not a number"] += 1
        return []

    def feed_all(self, packets: Sequence[bytes]) -> tuple[Batch, list[int]] | None:
        """The samples, if they are whole and all of them numbers."""
        if any(len(data) < _SAMPLE.itemsize for data in packets):
            return None
        samples = np.frombuffer(b"".join([data[: _SAMPLE.itemsize] for data in packets]), _SAMPLE)
        if not np.isfinite(samples["vectors"]).all():
            return None
        device_us = np.array([self._unwrap(time_us) for time_us in samples["time_us"].tolist()])
        vectors = samples["vectors"].astype(np.float64)
        acc, gyr = vectors[:, :3].copy(), np.deg2rad(vectors[:, 3:])
        return Batch(acc, gyr, device_us * 1e-6), [1] * len(packets)


async def _control(link: Link) -> bytes:
    control = await link.read(DEVICE_CONTROL)
    if len(control) < _CONTROL_BYTES:
        raise SensorError(
            f"the DOT's control has {len(control)} bytes, not {_CONTROL_BYTES}: "
            "update its firmware with the Movella DOT app"
        )
    return control


def _identity(info: bytes) -> tuple[str, dict[str, float | str]]:
    """Firmware and details; old firmware leaves out the product code at the end."""
    if len(info) < 28:
        return "", {}
    (serial,) = struct.unpack_from("<Q", info, 20)
    details: dict[str, float | str] = {"serial": f"{serial:X}"}
    product = info[28:34].decode("ascii", errors="replace").strip("\0 ")
    if product:
        details["product"] = product
    return ".".join(str(part) for part in info[6:9]), details


DRIVER = DotDriver()

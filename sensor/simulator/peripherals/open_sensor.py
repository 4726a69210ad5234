"""A model of the project's own open sensor. docs/open-sensor.md defines what it says."""

import struct

import numpy as np
from numpy.typing import NDArray

from sensor.link import Advertisement, SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock
from sensor.simulator.peripherals.peripheral import Characteristic, Notification

_SERVICE = "0a2f0001-08c1-4c31-a61a-d79e8fbd7ccc"
_DATA = "0a2f0002-08c1-4c31-a61a-d79e8fbd7ccc"
_CONFIGURATION = "0a2f0003-08c1-4c31-a61a-d79e8fbd7ccc"
_BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
_BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
_DEVICE_INFORMATION = "0000180a-0000-1000-8000-00805f9b34fb"
_MODEL_NUMBER = "00002a24-0000-1000-8000-00805f9b34fb"
_FIRMWARE_REVISION = "00002a26-0000-1000-8000-00805f9b34fb"

_VERSION = 1
_ACC_RANGES_G = (8, 16)
_GYR_RANGES_DPS = (1000, 2000)
_PERCENT = 81

# Its answers to a write that it does not take: errors of ATT that are a profile's own.
_NOT_SUPPORTED, _NOT_NOW, _WRONG_LENGTH = 0x80, 0x81, 0x0D

_HEADER_BYTES, _SAMPLE_BYTES, _ATT_BYTES = 11, 12, 3
_MAX_SAMPLES = 20
_GAP = 1.5  # of a sample interval; more of it, and samples are missing


class OpenSensorPeripheral:
    """Samples that are missing in what it is given are samples that it lost itself.

    A refused write raises SensorError with the ATT error, and changes nothing.
    """

    gyro = True

    def __init__(
        self,
        *,
        address: str,
        serial: str,
        mtu: int = 247,
        rates_hz: tuple[int, ...] = (50, 100, 200),
    ) -> None:
        self.advertisement = Advertisement(address, f"hiprep-{serial}", -60, (_SERVICE,))
        self.characteristics: tuple[Characteristic, ...] = (
            Characteristic(_SERVICE, _DATA, ("notify",)),
            Characteristic(_SERVICE, _CONFIGURATION, ("read", "write")),
            Characteristic(_BATTERY_SERVICE, _BATTERY_LEVEL, ("read",)),
            Characteristic(_DEVICE_INFORMATION, _MODEL_NUMBER, ("read",)),
            Characteristic(_DEVICE_INFORMATION, _FIRMWARE_REVISION, ("read",)),
        )
        self.rate_hz = 100.0
        self.log: list[tuple[str, bytes]] = []
        self._mtu = mtu
        self._rates_hz = rates_hz
        self._ranges = (16, 2000)
        self._number = 0
        self._rows: list[tuple[float, bytes]] = []
        self._last_s: float | None = None
        self.connected()

    def connected(self) -> None:
        """It waits to be started; the packets' numbers go on."""
        self._notifies = False
        self._now_hz = 0
        self._update()

    def listen(self, uuid: str, *, on: bool) -> list[Notification]:
        """Nobody listens: nothing is sent."""
        if uuid == _DATA:
            self._notifies = on
            self._update()
        return []

    def read(self, uuid: str) -> bytes:
        """As of now."""
        if uuid == _CONFIGURATION:
            rates = (*self._rates_hz, 0, 0, 0, 0)[:4]
            return struct.pack("<BBHH4H", _VERSION, *self._ranges, self._now_hz, *rates)
        return {
            _BATTERY_LEVEL: bytes((_PERCENT,)),
            _MODEL_NUMBER: b"Model open sensor",
            _FIRMWARE_REVISION: b"1",
        }[uuid]

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        """Only the configuration is written; while it samples it can only be stopped."""
        self.log.append((uuid, data))
        if len(data) != 6:
            raise _refusal(_WRONG_LENGTH)
        version, acc_range_g, gyr_range_dps, rate_hz = struct.unpack("<BBHH", data)
        known = acc_range_g in _ACC_RANGES_G and gyr_range_dps in _GYR_RANGES_DPS
        if version != _VERSION or not known or rate_hz not in (0, *self._rates_hz):
            raise _refusal(_NOT_SUPPORTED)
        if self._now_hz and rate_hz:
            raise _refusal(_NOT_NOW)
        self._ranges = acc_range_g, gyr_range_dps
        self._now_hz = rate_hz
        self.rate_hz = float(rate_hz or self.rate_hz)
        self._update()
        return []

    def packets(self, samples: SampleBlock) -> list[Notification]:
        """Up to 0.1 s in a packet, as far as it has room; evenly spaced inside of each."""
        if not self.streaming:
            return []
        assert samples.gyr is not None
        acc_g = samples.acc / STANDARD_GRAVITY_MPS2
        gyr_dps = np.rad2deg(samples.gyr)
        values = np.hstack((_counts(acc_g, self._ranges[0]), _counts(gyr_dps, self._ranges[1])))
        sent: list[Notification] = []
        for at_s, row in zip(samples.t_s.tolist(), values, strict=True):
            if self._last_s is not None and at_s - self._last_s > _GAP / self.rate_hz:
                sent += self._packet()
                self._lost = True
            self._rows.append((at_s, row.tobytes()))
            self._last_s = at_s
            if len(self._rows) == self._samples_per_packet:
                sent += self._packet()
        return sent

    @property
    def _samples_per_packet(self) -> int:
        room = (self._mtu - _ATT_BYTES - _HEADER_BYTES) // _SAMPLE_BYTES
        return max(1, min(room, int(self.rate_hz) // 10, _MAX_SAMPLES))

    def _packet(self) -> list[Notification]:
        """What is ready, and nothing if that is nothing."""
        if not self._rows:
            return []
        times = [at_s for at_s, _ in self._rows]
        steps = len(times) - 1
        first_us, last_us = round(times[0] * 1e6), round(times[-1] * 1e6)
        period_us = (1_000_000 + int(self.rate_hz) // 2) // int(self.rate_hz)
        if steps:
            period_us = (last_us - first_us + steps // 2) // steps
        head = (_VERSION, int(self._lost), self._number, first_us % 2**32, period_us, len(times))
        data = struct.pack("<BBHIHB", *head) + b"".join(row for _, row in self._rows)
        self._number = (self._number + 1) % 2**16
        self._lost = False
        self._rows.clear()
        # The link layer cuts off what has no room.
        return [Notification(times[-1], _DATA, data[: self._mtu - _ATT_BYTES])]

    def _update(self) -> None:
        self.streaming = self._notifies and self._now_hz > 0
        if not self.streaming:
            self._rows.clear()
            self._last_s = None
            self._lost = False


def _counts(values: Floats, full_scale: float) -> NDArray[np.int16]:
    return np.clip(np.rint(values / full_scale * 32768), -32768, 32767).astype("<i2")


def _refusal(error: int) -> SensorError:
    return SensorError(
        f"the open sensor refuses to write its configuration: ATT error {error:#04x}"
    )


PERIPHERAL = OpenSensorPeripheral

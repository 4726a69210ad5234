"""A model Polar sensor, Verity Sense or H10, with its measurement service (PMD).

Left out are the optical and electric streams, offline recording, file transfer and the commands
that ask for a status.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from sensor.link import Advertisement
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock
from sensor.simulator.peripherals.peripheral import Characteristic, Notification
from sensor.simulator.polar_frames import Counts, compressed, fitting, plain

_PMD_SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
_CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
_DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
_HEART_RATE_SERVICE = "0000180d-0000-1000-8000-00805f9b34fb"
_HEART_RATE = "00002a37-0000-1000-8000-00805f9b34fb"
_BATTERY_SERVICE = "0000180f-0000-1000-8000-00805f9b34fb"
_BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
_INFORMATION_SERVICE = "0000180a-0000-1000-8000-00805f9b34fb"
_FIRMWARE = "00002a26-0000-1000-8000-00805f9b34fb"
_MANUFACTURER = "00002a29-0000-1000-8000-00805f9b34fb"
_TRANSFER_SERVICE = "0000feee-0000-1000-8000-00805f9b34fb"
_POLAR = 0x006B

_ACC, _GYRO, _SDK_MODE = 2, 5, 9
_PERCENT = 91

_OK, _BAD_COMMAND, _BAD_STREAM, _BAD_LENGTH, _BAD_PARAMETER, _ALREADY = 0, 1, 2, 4, 5, 6
_BAD_RESOLUTION, _BAD_RATE, _BAD_RANGE, _BAD_CHANNELS, _BAD_STATE, _IN_CHARGER = 7, 8, 9, 11, 12, 13

_RATE, _RESOLUTION, _RANGE, _CHANNELS, _FACTOR = 0, 1, 2, 4, 5
_ITEM_BYTES = {_RATE: 2, _RESOLUTION: 2, _RANGE: 2, _CHANNELS: 1}
_ITEM_FAULTS = {
    _RATE: _BAD_RATE,
    _RESOLUTION: _BAD_RESOLUTION,
    _RANGE: _BAD_RANGE,
    _CHANNELS: _BAD_CHANNELS,
}
_Offer = dict[int, tuple[int, ...]]

_SDK_RATES_HZ = (26, 52, 104, 208, 416)
_NORMAL: dict[str, dict[int, _Offer]] = {
    "verity": {
        _ACC: {_RATE: (52,), _RESOLUTION: (16,), _RANGE: (8,), _CHANNELS: (3,)},
        _GYRO: {_RATE: (52,), _RESOLUTION: (16,), _RANGE: (2000,), _CHANNELS: (3,)},
    },
    "h10": {_ACC: {_RATE: (25, 50, 100, 200), _RESOLUTION: (16,), _RANGE: (2, 4, 8)}},
}
_IN_SDK_MODE: dict[int, _Offer] = {
    _ACC: {_RATE: _SDK_RATES_HZ, _RESOLUTION: (16,), _RANGE: (2, 4, 8, 16), _CHANNELS: (3,)},
    _GYRO: {
        _RATE: _SDK_RATES_HZ,
        _RESOLUTION: (16,),
        _RANGE: (250, 500, 1000, 2000),
        _CHANNELS: (3,),
    },
}

_H10_FRAME_SAMPLES = 36
_STEPS = 32768

# Seconds from 2000-01-01 to what the clock says at t_s = 0. That of an H10 begins in 2019 whenever
# it had no power.
_CLOCK_S = {"verity": 789_004_800, "h10": 599_616_000}


@dataclass
class _Stream:
    """One that runs. unit: of a count, in m/s2 or rad/s. kind: its frame type."""

    unit: float
    kind: int
    most: float  # counts beyond zero
    times: list[float] = field(default_factory=list)
    counts: Counts = field(default_factory=list)


class PolarPeripheral:
    """Streams and SDK mode outlive a connection. Nothing is answered before it is listened to.

    In SDK mode the accelerometer's values are counts, with a factor; otherwise, and always those of
    an H10, they are whole mg. in_charger: then it measures nothing.
    """

    def __init__(
        self, *, address: str, serial: str, model: Literal["verity", "h10"] = "verity"
    ) -> None:
        name = {"verity": "Polar Sense", "h10": "Polar H10"}[model]
        self.advertisement = Advertisement(
            address,
            f"{name} {serial.zfill(8)}",
            -58,
            (_HEART_RATE_SERVICE, _TRANSFER_SERVICE),
            {_POLAR: bytes(4)},
        )
        self.characteristics: tuple[Characteristic, ...] = (
            Characteristic(_PMD_SERVICE, _CONTROL, ("read", "write", "indicate")),
            Characteristic(_PMD_SERVICE, _DATA, ("notify",)),
            Characteristic(_HEART_RATE_SERVICE, _HEART_RATE, ("notify",)),
            Characteristic(_BATTERY_SERVICE, _BATTERY_LEVEL, ("read", "notify")),
            Characteristic(_INFORMATION_SERVICE, _FIRMWARE, ("read",)),
            Characteristic(_INFORMATION_SERVICE, _MANUFACTURER, ("read",)),
        )
        self.gyro = model == "verity"
        self.rate_hz = 104.0 if self.gyro else 100.0
        self.in_charger = False
        self.log: list[tuple[str, bytes]] = []
        self._model = model
        self._sdk_mode = False
        self._running: dict[int, _Stream] = {}
        self.connected()

    def connected(self) -> None:
        """A central listens to nothing yet, and gets nothing from before."""
        self._listened: set[str] = set()
        self._last_gyr: tuple[float, Floats] | None = None
        for stream in self._running.values():
            stream.times.clear()
            stream.counts.clear()
        self._update()

    def listen(self, uuid: str, *, on: bool) -> list[Notification]:
        """Indications of the control point, or notifications of the others."""
        self._listened = self._listened | {uuid} if on else self._listened - {uuid}
        self._update()
        return []

    def read(self, uuid: str) -> bytes:
        """Of the control point: what it measures."""
        verity = self._model == "verity"
        return {
            # PPG, ACC, PPI, GYRO, MAG and SDK mode; or ECG and ACC.
            _CONTROL: bytes((0x0F, 0x6E, 0x02) if verity else (0x0F, 0x05, 0x00)) + bytes(14),
            _BATTERY_LEVEL: bytes((_PERCENT,)),
            _FIRMWARE: b"2.2.6" if verity else b"3.2.2",
            _MANUFACTURER: b"Polar Electro Oy",
        }[uuid]

    def write(self, uuid: str, data: bytes) -> list[Notification]:
        """Command, stream, and what the command needs."""
        self.log.append((uuid, data))
        if uuid != _CONTROL or len(data) < 2 or not {_CONTROL, _DATA} <= self._listened:
            return []
        command, stream, items = data[0], data[1], data[2:]
        status, parameters = self._answer(command, stream, items)
        self._update()
        answer = bytes((0xF0, command, stream, status))
        return [Notification(None, _CONTROL, answer + (b"" if status else b"\0" + parameters))]

    def put_into_charger(self) -> list[Notification]:
        """Which ends all streams."""
        self.in_charger = True
        stopped = bytes(self._running)
        self._running.clear()
        self._update()
        return [Notification(None, _CONTROL, b"\x01" + stopped)] if stopped else []

    def packets(self, samples: SampleBlock) -> list[Notification]:
        """Frames that are full.

        The gyroscope measures half an interval after the accelerometer: the mean of the sample
        before and the one after.
        """
        if not self.streaming:
            return []
        if acc := self._running.get(_ACC):
            _add(acc, samples.t_s, samples.acc)
        if (gyro := self._running.get(_GYRO)) and samples.gyr is not None and len(samples):
            times, values = samples.t_s, samples.gyr
            if self._last_gyr is not None:
                times = np.concatenate(([self._last_gyr[0]], times))
                values = np.concatenate((self._last_gyr[1][None], values))
            self._last_gyr = (float(times[-1]), values[-1])
            _add(gyro, (times[1:] + times[:-1]) / 2, (values[1:] + values[:-1]) / 2)
        sent = [frame for stream in self._running for frame in self._frames(stream)]
        return sorted(sent, key=lambda frame: frame.at_s or 0.0)

    def _update(self) -> None:
        self.streaming = bool(self._running) and _DATA in self._listened

    def _answer(self, command: int, stream: int, items: bytes) -> tuple[int, bytes]:
        """Status and parameters."""
        if command == 4 and self._model == "verity":
            offer = _IN_SDK_MODE.get(stream)
            return (_BAD_STREAM, b"") if offer is None else (_OK, _offered(offer))
        if command == 1:
            offer = _NORMAL[self._model].get(stream)
            return (_BAD_STREAM, b"") if offer is None else (_OK, _offered(offer))
        if command not in (2, 3):
            return _BAD_COMMAND, b""
        if stream == _SDK_MODE and self._model == "verity":
            return self._switch_sdk_mode(on=command == 2), b""
        if stream not in _NORMAL[self._model]:
            return _BAD_STREAM, b""
        if command == 2:
            return self._start(stream, items)
        return (_OK if self._running.pop(stream, None) else _ALREADY), b""

    def _switch_sdk_mode(self, *, on: bool) -> int:
        if self.in_charger:
            return _IN_CHARGER
        if self._running:
            return _BAD_STATE
        if self._sdk_mode == on:
            return _ALREADY
        self._sdk_mode = on
        return _OK

    def _start(self, stream: int, items: bytes) -> tuple[int, bytes]:
        if self.in_charger:
            return _IN_CHARGER, b""
        if stream in self._running:
            return _ALREADY, b""
        offer = (_IN_SDK_MODE if self._sdk_mode else _NORMAL[self._model])[stream]
        chosen = _parsed(items)
        if chosen is None:
            return _BAD_LENGTH, b""
        if chosen.keys() != offer.keys():
            return _BAD_PARAMETER, b""
        for item, value in chosen.items():
            if value not in offer[item]:
                return _ITEM_FAULTS[item], b""
        self.rate_hz = float(chosen[_RATE])
        factor = chosen[_RANGE] / _STEPS
        if stream == _GYRO:
            self._last_gyr = None
        if stream == _ACC and not self._sdk_mode:
            kind = 0x81 if self._model == "verity" else 0x01
            self._running[_ACC] = _Stream(
                STANDARD_GRAVITY_MPS2 / 1000, kind, 1000.0 * chosen[_RANGE]
            )
            return _OK, b""
        unit = factor * (STANDARD_GRAVITY_MPS2 if stream == _ACC else np.pi / 180)
        self._running[stream] = _Stream(unit, 0x80, _STEPS - 1)
        return _OK, struct.pack("<BBf", _FACTOR, 1, factor)

    def _frames(self, number: int) -> Iterator[Notification]:
        stream = self._running[number]
        while count := _full(stream):
            at_s = stream.times[count - 1]
            time_ns = _CLOCK_S[self._model] * 10**9 + round(at_s * 1e9)
            header = struct.pack("<BQB", number, time_ns, stream.kind)
            content = (compressed if stream.kind & 0x80 else plain)(stream.counts[:count])
            yield Notification(at_s, _DATA, header + content)
            del stream.times[:count], stream.counts[:count]


def _add(stream: _Stream, t_s: Floats, values: Floats) -> None:
    counts = np.clip(np.rint(values / stream.unit), -stream.most, stream.most)
    stream.times += t_s.tolist()
    stream.counts += [tuple(row) for row in counts.astype(int).tolist()]


def _full(stream: _Stream) -> int:
    """How many samples the next frame takes; 0 as long as there are too few to fill one."""
    if stream.kind & 0x80:
        return fitting(stream.counts)
    return _H10_FRAME_SAMPLES if len(stream.counts) >= _H10_FRAME_SAMPLES else 0


def _offered(offer: _Offer) -> bytes:
    return b"".join(
        bytes((item, len(values)))
        + b"".join(value.to_bytes(_ITEM_BYTES[item], "little") for value in values)
        for item, values in offer.items()
    )


def _parsed(items: bytes) -> dict[int, int] | None:
    """One value for each item; None where it is something else."""
    chosen: dict[int, int] = {}
    while items:
        size = _ITEM_BYTES.get(items[0])
        if size is None or items[1:2] != b"\x01" or len(items) < 2 + size:
            return None
        chosen[items[0]] = int.from_bytes(items[2 : 2 + size], "little")
        items = items[2 + size :]
    return chosen


PERIPHERAL = PolarPeripheral

"""Polar Verity Sense, with accelerometer and gyroscope in its SDK mode, and Polar H10.

Sources: the Polar BLE SDK (github.com/polarofficial/polar-ble-sdk: BlePMDClient,
PmdControlPointResponse, PmdTimeStampUtils; documentation/SdkModeExplained.md and products/).
Frames carry the sensor's own time in ns. The two streams of a Verity Sense are apart: each has its
own frames, and only their times say what belongs together.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from math import isfinite
from typing import Literal

import numpy as np

from sensor.drivers.driver import Batch, Setup, nearest_rate
from sensor.link import Advertisement, Link, SensorError
from sensor.polar_pmd import (
    ACC,
    GYRO,
    UPDATE,
    BadFrame,
    Frame,
    Item,
    parse_frame,
    parse_settings,
    refusal,
    settings_bytes,
)
from sensor.samples import Floats

SERVICE = "fb005c80-02e7-f387-1cad-8acd2d8df0c8"
CONTROL = "fb005c81-02e7-f387-1cad-8acd2d8df0c8"
DATA = "fb005c82-02e7-f387-1cad-8acd2d8df0c8"
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"
FIRMWARE = "00002a26-0000-1000-8000-00805f9b34fb"

_VERITY, _H10, _OTHER = "Polar Verity Sense", "Polar H10", "Polar sensor"
_NAMES = {"Polar Sense": _VERITY, "Polar Verity": _VERITY, "Polar H10": _H10}

_SETTINGS, _START, _STOP, _SDK_SETTINGS = 1, 2, 3, 4
_SDK_MODE = 9
_REPLY, _STOPPED = 0xF0, 0x01
_REPLY_BYTES = 5  # F0, command, stream, status, whether more follows
_FEATURES = 0x0F
_SDK_MODE_BIT = 0x02
_STREAMS = {ACC: "the accelerometer", GYRO: "the gyroscope"}
_FACTORS = {ACC: "acc_factor", GYRO: "gyr_factor"}

_OK, _ALREADY = 0, 6

_MIN_ACC_RANGE_G = 8.0
_MIN_GYR_RANGE_DPS = 1000.0

# Sample clocks are off by a few percent. Frames are about equally full, so a lost one makes the
# step to the next much longer.
_OFF = 0.25


class PolarDriver:
    """Polar Verity Sense (firmware 1.1.5 or later for more than 52 Hz) and Polar H10.

    416 Hz, which a Verity Sense offers too, is more than two streams bring over the radio.
    """

    name = "polar"
    title = "Polar Verity Sense, H10"
    rates_hz: tuple[float, ...] = (25.0, 26.0, 50.0, 52.0, 100.0, 104.0, 200.0, 208.0)
    default_rate_hz = 100.0  # which is 104 Hz for a Verity Sense
    gyroscope = True
    clock: Literal["none", "device"] = "device"
    counter = False
    cannot: tuple[str, ...] = (
        "the H10 has no gyroscope",
        "the Verity Sense measures no heart rate meanwhile",
        "packets carry no number: what is lost is known by the sensor's time only",
    )
    channels: tuple[str, ...] = ("control", "data")

    def recognise(self, seen: Advertisement) -> str | None:
        """By its name; else by the service, which says no model."""
        for start, model in _NAMES.items():
            if seen.name.startswith(start):
                return model
        return _OTHER if SERVICE in seen.services else None

    async def start(self, link: Link, rate_hz: float) -> Setup:
        """Stop what still runs, switch SDK mode on where there is one, and start the streams."""
        if not (link.has(CONTROL) and link.has(DATA)):
            raise SensorError(f"this Polar sensor has no measurement service: {UPDATE}")
        await link.listen(CONTROL, 0)
        await link.listen(DATA, 1)
        features = await _read_features(link)
        if ACC not in features.streams:
            raise SensorError(f"the {features.model} offers no accelerometer: {UPDATE}")
        await _stop_streams(link, features)
        if features.sdk_mode:
            await _command(link, features, _START, _SDK_MODE)
        firmware = await _read_firmware(link)
        query = _SDK_SETTINGS if features.sdk_mode else _SETTINGS
        offered = {
            stream: parse_settings(await _command(link, features, query, stream))
            for stream in features.streams
        }
        chosen = _chosen(features, offered, self.rates_hz, rate_hz)
        factors: dict[str, float | str] = {
            _FACTORS[stream]: await _start_stream(link, features, stream, items)
            for stream, items in chosen.items()
        }
        return Setup(
            self.name,
            features.model,
            float(chosen[ACC][Item.RATE_HZ]),
            float(chosen[ACC][Item.RANGE]),
            float(chosen[GYRO][Item.RANGE]) if GYRO in chosen else None,
            firmware,
            factors,
        )

    async def battery(self, link: Link) -> float | None:
        """Percent left; a Verity Sense in its charger tells what it was before."""
        if not link.has(BATTERY):
            return None
        value = await link.read(BATTERY)
        return float(value[0]) if value else None

    async def stop(self, link: Link) -> None:
        """Stop the streams, without which an H10 stays awake, and leave SDK mode."""
        features = await _read_features(link)
        await _stop_streams(link, features)
        if features.sdk_mode:
            await _Reply(_STOP, _SDK_MODE).asked(link)

    def decoder(self, setup: Setup) -> "PolarDecoder":
        """A decoder for one connection."""
        return PolarDecoder(setup)


class PolarDecoder:
    """Data frames -> samples of one stream or the other; both count time from the first frame."""

    def __init__(self, setup: Setup) -> None:
        self.skipped: Counter[str] = Counter()
        self.battery_pct: float | None = None
        self._factors = {
            stream: float(setup.details.get(name, 1.0)) for stream, name in _FACTORS.items()
        }
        self._nominal_ns = 1e9 / setup.rate_hz
        self._begin_ns: int | None = None  # whole: a float would not hold ns since 2000
        self._last: dict[tuple[int, int], tuple[int, float]] = {}  # time and sample interval, ns

    def feed(self, channel: int, data: bytes) -> list[Batch]:
        """The samples in this packet."""
        if channel == 0:
            self._heed(data)
            return []
        try:
            frame = parse_frame(data, self._factors)
        except BadFrame as error:
            self.skipped[str(error)] += 1
            return []
        device_s = self._times(frame)
        if frame.stream == ACC:
            return [Batch(frame.values, None, device_s)]
        return [Batch(None, frame.values, device_s)]

    def _heed(self, message: bytes) -> None:
        """Replies were for the driver, and BlueZ tells what was read as if it had been notified.

        Else the sensor says that it has stopped streams.
        """
        if message[:1] == bytes((_STOPPED,)):
            self.skipped["the sensor stopped its streams"] += 1
        elif message[:1] not in (bytes((_REPLY,)), bytes((_FEATURES,))):
            self.skipped["unknown message"] += 1

    def _times(self, frame: Frame) -> Floats:
        """(n,) seconds. A frame says when its last sample was taken, and follows on from the last.

        If frames are missing between, or the clock was set, samples are as far apart as before.
        """
        count = len(frame.values)
        previous_ns, interval_ns = self._last.get(
            (frame.stream, frame.kind), (None, self._nominal_ns)
        )
        if previous_ns is not None:
            step_ns = (frame.time_ns - previous_ns) / count
            if abs(step_ns - self._nominal_ns) <= _OFF * self._nominal_ns:
                interval_ns = step_ns
        self._last[frame.stream, frame.kind] = (frame.time_ns, interval_ns)
        if self._begin_ns is None:
            self._begin_ns = frame.time_ns
        last_s = (frame.time_ns - self._begin_ns) * 1e-9
        device_s: Floats = last_s + interval_ns * 1e-9 * np.arange(1 - count, 1, dtype=np.float64)
        return device_s


@dataclass(frozen=True, slots=True)
class _Features:
    """streams: which of the accelerometer and gyroscope it has, in this order."""

    model: str
    streams: tuple[int, ...]
    sdk_mode: bool


class _Reply:
    """What answers a command; long ones come in parts, each with the same beginning."""

    def __init__(self, command: int, stream: int) -> None:
        self.status = _OK
        self.parameters = b""
        self._command = command
        self._stream = stream

    async def asked(self, link: Link, parameters: bytes = b"") -> "_Reply":
        """Send the command, and wait until its reply is complete."""
        request = bytes((self._command, self._stream)) + parameters
        await link.request(CONTROL, request, 0, self._completed_by)
        return self

    def _completed_by(self, message: bytes) -> bool:
        if message[:3] != bytes((_REPLY, self._command, self._stream)) or len(message) < 4:
            return False
        self.status = message[3]
        self.parameters += message[_REPLY_BYTES:]
        more_follows = self.status == _OK and any(message[4:_REPLY_BYTES])
        return not more_follows


async def _command(
    link: Link, features: _Features, command: int, stream: int, parameters: bytes = b""
) -> bytes:
    """Send a command -> the parameters of its reply. Raises SensorError if it is refused."""
    reply = await _Reply(command, stream).asked(link, parameters)
    if reply.status == _OK or (stream == _SDK_MODE and reply.status == _ALREADY):
        return reply.parameters
    reason, cure = refusal(reply.status)
    what = _STREAMS.get(stream, "SDK mode")
    raise SensorError(
        f"the {features.model} refuses {what} with status {reply.status}, {reason}: {cure}"
    )


async def _stop_streams(link: Link, features: _Features) -> None:
    """Those of an earlier connection go on. It is no fault if there are none."""
    for stream in features.streams:
        await _Reply(_STOP, stream).asked(link)


async def _read_features(link: Link) -> _Features:
    value = await link.read(CONTROL)
    if len(value) < 3 or value[0] != _FEATURES:
        raise SensorError(
            f"this Polar sensor does not say what it measures ({value.hex(' ')}): {UPDATE}"
        )
    streams = tuple(stream for stream in _STREAMS if value[1] >> stream & 1)
    has_ecg = bool(value[1] & 1)
    model = _VERITY if GYRO in streams else _H10 if has_ecg else _OTHER
    return _Features(model, streams, bool(value[2] & _SDK_MODE_BIT))


async def _read_firmware(link: Link) -> str:
    if not link.has(FIRMWARE):
        return ""
    return (await link.read(FIRMWARE)).decode("ascii", errors="replace").strip("\0 ")


def _chosen(
    features: _Features,
    offered: Mapping[int, Mapping[Item, tuple[float, ...]]],
    rates_hz: tuple[float, ...],
    rate_hz: float,
) -> dict[int, dict[Item, int]]:
    """Of what each stream offers, one value of each item; the same rate for all of them."""
    common = tuple(
        rate
        for rate in rates_hz
        if all(rate in items.get(Item.RATE_HZ, ()) for items in offered.values())
    )
    if not common or not all(items.get(Item.RANGE) for items in offered.values()):
        raise SensorError(f"the {features.model} offers no rate or range to choose: {UPDATE}")
    least = {ACC: _MIN_ACC_RANGE_G, GYRO: _MIN_GYR_RANGE_DPS}
    chosen: dict[int, dict[Item, int]] = {}
    for stream, items in offered.items():
        chosen[stream] = {
            Item.RATE_HZ: round(nearest_rate(common, rate_hz)),
            Item.RANGE: round(nearest_rate(items[Item.RANGE], least[stream])),
        }
        for item in (Item.RESOLUTION_BITS, Item.CHANNELS):
            if items.get(item):
                chosen[stream][item] = round(max(items[item]))
    return chosen


async def _start_stream(
    link: Link, features: _Features, stream: int, items: Mapping[Item, int]
) -> float:
    """Start a stream -> the factor of its values; 1 if the sensor gives none."""
    reply = parse_settings(await _command(link, features, _START, stream, settings_bytes(items)))
    (factor, *_) = reply.get(Item.FACTOR) or (1.0,)
    if not (isfinite(factor) and factor > 0):
        raise SensorError(
            f"the {features.model} gives {_STREAMS[stream]} the factor {factor}: "
            "switch it off and on again"
        )
    return factor


DRIVER = PolarDriver()

"""WitMotion WT901BLECL and WT9011DCL: a byte stream of 20-byte frames, and registers.

Source: WitMotion's datasheets of both (acceleration, angular rate and angle in a frame of type
0x61, register replies of type 0x71) and its sample programs for BWT901BLE5.0.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sensor.drivers.driver import Batch, Setup, nearest_rate
from sensor.link import Advertisement, Link, SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2

LOST_ALIGNMENT = "bytes between frames"

_ACC_RANGE_G = 16.0
_GYR_RANGE_DPS = 2000.0
_ACC_MPS2 = _ACC_RANGE_G / 32768 * STANDARD_GRAVITY_MPS2
_GYR_RADPS = float(np.radians(_GYR_RANGE_DPS / 32768))

_FRAME_BYTES = 20
_HEAD_BYTES = 2
_DATA = b"\x55\x61"
_REPLY = b"\x55\x71"
_SPARE_BYTES = 2  # some firmware has replies of 22 bytes

_RATE, _BANDWIDTH, _AXES, _FIRMWARE, _BATTERY = 0x03, 0x1F, 0x24, 0x2E, 0x64
_UNLOCK = b"\xff\xaa\x69\x88\xb5"  # changes are taken for about 10 s
_SIX_AXES = 1  # a gym is full of steel: no magnetometer in its fusion
_REPLY_S = 1.0

# Codes 1, 2, ...
_RATE_OF_CODE_HZ = dict(
    enumerate((0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 200.0), start=1)
)
# 200 Hz is 0x0B in its general protocol, where 0x0A is 125 Hz, but 0x0A in the datasheet of the
# WT901BLECL: so the second is only for a sensor that does not take the first.
_CODES = {50.0: (0x08,), 100.0: (0x09,), 200.0: (0x0B, 0x0A)}
_BANDWIDTH_CODES = {50.0: 4, 100.0: 3, 200.0: 2}  # 21, 44, 94 Hz: below half the rate

# Volts times 100, at least -> percent; from its sample programs.
_BATTERY_PCT = (
    *((396, 100.0), (393, 90.0), (387, 75.0), (382, 60.0), (379, 50.0), (377, 40.0)),
    *((373, 30.0), (370, 20.0), (368, 15.0), (350, 10.0), (340, 5.0)),
)

# Its UUIDs end in 5f9a34fb, where those of Bluetooth itself end in 5f9b34fb.
_OWN_TAIL = "-0000-1000-8000-00805f9a34fb"
_BLUETOOTH_TAIL = "-0000-1000-8000-00805f9b34fb"
_SERVICE = f"0000ffe5{_OWN_TAIL}"


@dataclass(frozen=True, slots=True)
class _Port:
    """Where data and replies come from and commands go to. response: writes are acknowledged."""

    notify: str
    write: str
    response: bool


# The usual one first, then those of other batches and of models with two kinds of Bluetooth.
_PORTS = (
    *(_Port(f"0000ffe4{t}", f"0000ffe9{t}", True) for t in (_OWN_TAIL, _BLUETOOTH_TAIL)),
    *(_Port(f"0000fff1{t}", f"0000fff2{t}", False) for t in (_OWN_TAIL, _BLUETOOTH_TAIL)),
    _Port("49535343-1e4d-4bd9-ba61-23c647249616", "49535343-8841-43f4-a8d4-ecbe34729bb3", True),
    *(_Port(f"0000ffe1{t}", f"0000ffe1{t}", False) for t in (_OWN_TAIL, _BLUETOOTH_TAIL)),
)


class WitMotion:
    """Streams as soon as it is listened to; its settings hold until it is switched off."""

    name = "witmotion"
    title = "WitMotion WT901BLE, WT9011DCL"
    rates_hz: tuple[float, ...] = tuple(_CODES)
    default_rate_hz = 100.0
    gyroscope = True
    clock: Literal["none", "device"] = "none"
    counter = False
    cannot: tuple[str, ...] = (
        "its packets carry neither time nor number: lost samples cannot be told from a slow clock",
    )
    channels: tuple[str, ...] = ("data",)

    def recognise(self, seen: Advertisement) -> str | None:
        """Its name begins with WT and the model; batches differ in what follows."""
        if not seen.name.startswith("WT") and _SERVICE not in seen.services:
            return None
        return f"WitMotion {seen.name}" if seen.name else self.title

    async def start(self, link: Link, rate_hz: float) -> Setup:
        """Six axes, bandwidth and rate; then listen, and read back the rate.

        Nothing is saved: flash wears out, and settings are made again at each connection.
        """
        rate_hz = nearest_rate(self.rates_hz, rate_hz)
        port = _port(link)
        code, *others = _CODES[rate_hz]
        await _configure(link, port, rate_hz, code)
        await link.listen(port.notify, 0)
        found = await _register(link, port, _RATE)
        for other in (*others, code):  # the first once more: it may not have been listening
            if found in (None, code):
                break
            code = other
            await _configure(link, port, rate_hz, code)
            found = await _register(link, port, _RATE)
        firmware = None if found is None else await _register(link, port, _FIRMWARE)
        return Setup(
            driver=self.name,
            model=self.title,
            rate_hz=_RATE_OF_CODE_HZ.get(found or 0, rate_hz),
            acc_range_g=_ACC_RANGE_G,
            gyr_range_dps=_GYR_RANGE_DPS,
            firmware="" if firmware is None else str(firmware),
            details={"confirmed": "yes" if found in _RATE_OF_CODE_HZ else "no"},
        )

    async def battery(self, link: Link) -> float | None:
        """From the voltage; some firmware does not answer."""
        centivolts = await _register(link, _port(link), _BATTERY)
        return None if centivolts is None else _battery_pct(centivolts)

    async def stop(self, link: Link) -> None:
        """Nothing to send: it stops when the connection ends."""

    def decoder(self, setup: Setup) -> "WitMotionDecoder":  # noqa: ARG002 -- ranges are fixed
        """Frames of any setup are alike."""
        return WitMotionDecoder()


class WitMotionDecoder:
    """Frames out of a byte stream, however it was cut into notifications."""

    def __init__(self) -> None:
        self.skipped: Counter[str] = Counter()
        self.battery_pct: float | None = None
        self._frames = _Frames(self.skipped)

    def feed(self, channel: int, data: bytes) -> list[Batch]:  # noqa: ARG002 -- there is only one
        """All samples whose frames are complete, as one batch."""
        samples = []
        for frame in self._frames.feed(data):
            if frame.startswith(_DATA):
                samples.append(frame)
            elif frame[2] == _BATTERY:
                self.battery_pct = _battery_pct(_value(frame))
        return [_batch(b"".join(samples))] if samples else []

    def feed_all(self, packets: Sequence[bytes]) -> tuple[Batch, list[int]] | None:
        """Packets of whole frames, where no bytes wait for more."""
        counts = [len(data) // _FRAME_BYTES for data in packets]
        frames = b"".join(packets)
        if 0 in counts or any(len(data) % _FRAME_BYTES for data in packets):
            return None
        return (_batch(frames), counts) if self._frames.passed(frames) else None


class _Frames:
    """Cuts a byte stream into frames of 20 bytes; counts in skipped where it lost its place.

    A frame has no checksum, and its values may look like a head. So a head counts where one is
    due; after bytes that belong to no frame, only if another one follows where its frame ends.
    """

    def __init__(self, skipped: Counter[str]) -> None:
        self._skipped = skipped
        self._bytes = bytearray()
        self._spare = 0
        self._lost = False

    def feed(self, data: bytes) -> list[bytes]:
        self._bytes += data
        frames = []
        while (framed := self._framed()) is not None:
            if framed:
                frames.append(bytes(self._bytes[:_FRAME_BYTES]))
                del self._bytes[:_FRAME_BYTES]
                self._spare = _SPARE_BYTES if frames[-1].startswith(_REPLY) else 0
                self._lost = False
            else:
                self._pass_over()
        return frames

    def passed(self, data: bytes) -> bool:
        """Take data if it is whole frames of samples, and each of them in its place."""
        begins = [data[k::_FRAME_BYTES] for k in range(_HEAD_BYTES)]
        heads = [bytes((byte,)) * (len(data) // _FRAME_BYTES) for byte in _DATA]
        if self._bytes or begins != heads:  # where it lost its place, bytes wait
            return False
        self._spare = 0
        return True

    def _framed(self) -> bool | None:
        """Whether the next bytes are a frame; None if there are too few to say."""
        head = self._head(0)
        if not head:
            return head
        if not self._lost:
            return True if len(self._bytes) >= _FRAME_BYTES else None
        follows = self._head(_FRAME_BYTES)
        if follows is False and self._bytes.startswith(_REPLY):
            return self._head(_FRAME_BYTES + _SPARE_BYTES)
        return follows

    def _head(self, start: int) -> bool | None:
        found = self._bytes[start : start + _HEAD_BYTES]
        return found in (_DATA, _REPLY) if len(found) == _HEAD_BYTES else None

    def _pass_over(self) -> None:
        del self._bytes[0]
        if self._spare:
            self._spare -= 1
        elif not self._lost:
            self._lost = True
            self._skipped[LOST_ALIGNMENT] += 1


def _batch(frames: bytes) -> Batch:
    """The samples of whole frames."""
    fields = np.frombuffer(frames, "<i2").reshape(-1, _FRAME_BYTES // 2)
    return Batch(fields[:, 1:4] * _ACC_MPS2, fields[:, 4:7] * _GYR_RADPS, None)


def _port(link: Link) -> _Port:
    for port in _PORTS:
        if link.has(port.notify) and link.has(port.write):
            return port
    raise SensorError(
        "this WitMotion sensor has none of the known characteristics: only models with Bluetooth "
        "5.0 (WT901BLECL, WT9011DCL) can be used"
    )


async def _configure(link: Link, port: _Port, rate_hz: float, code: int) -> None:
    await link.write(port.write, _UNLOCK, response=port.response)
    for register, value in (
        (_AXES, _SIX_AXES),
        (_BANDWIDTH, _BANDWIDTH_CODES[rate_hz]),
        (_RATE, code),
    ):
        await link.write(
            port.write, bytes((0xFF, 0xAA, register, value, 0)), response=port.response
        )


async def _register(link: Link, port: _Port, register: int) -> int | None:
    """The value of a register; None if there is no answer."""
    try:
        data = await link.request(
            port.write,
            bytes((0xFF, 0xAA, 0x27, register, 0)),
            0,
            lambda data: _answer(data, register) is not None,
            response=port.response,
            timeout_s=_REPLY_S,
        )
    except SensorError:
        return None
    return _answer(data, register)


def _answer(data: bytes, register: int) -> int | None:
    """The value of that register in a notification, where data may stand beside the reply."""
    for frame in _Frames(Counter()).feed(data):
        if frame.startswith(_REPLY) and frame[2] == register:
            return _value(frame)
    return None


def _value(reply: bytes) -> int:
    return int.from_bytes(reply[4:6], "little")


def _battery_pct(centivolts: int) -> float:
    return next((percent for least, percent in _BATTERY_PCT if centivolts >= least), 0.0)


DRIVER = WitMotion()

"""The Polar Measurement Data service (PMD): what its frames, settings and refusals mean.

Source: the Polar BLE SDK (github.com/polarofficial/polar-ble-sdk: PmdDataFrame, PmdSetting,
PmdControlPointResponse, AccData, GyrData) and the frames and settings in its tests.
"""

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

import numpy as np
from numpy.typing import NDArray

from sensor.samples import STANDARD_GRAVITY_MPS2, Floats

ACC, GYRO = 2, 5  # streams, as they are numbered

UPDATE = "update its firmware with the Polar Flow app"
_REFUSALS = {
    1: ("unknown command", UPDATE),
    2: ("no such stream", UPDATE),
    3: ("not supported", UPDATE),
    4: ("wrong length", UPDATE),
    5: ("wrong parameter", UPDATE),
    6: ("already so", "switch it off and on again"),
    7: ("wrong resolution", UPDATE),
    8: ("wrong rate", "ask for another rate"),
    9: ("wrong range", UPDATE),
    10: ("packets too short", "use another Bluetooth adapter, one that allows longer packets"),
    11: ("wrong number of channels", UPDATE),
    12: ("busy", "close every other app that uses it and end its own recording"),
    13: ("in the charger", "take it off the charger"),
    14: ("memory full", "delete its recordings with the Polar Flow app"),
}

_HEADER = struct.Struct("<BQB")  # stream, time of the last sample in ns, frame type
_AXES = 3
_MOST_BITS = 32

_MG_MPS2 = STANDARD_GRAVITY_MPS2 / 1000.0
_DPS_RADPS = np.pi / 180.0


class BadFrame(ValueError):  # noqa: N818 -- a packet to be counted, no fault of the program
    """A frame that cannot be read; its text is the reason, to be counted."""


class Item(IntEnum):
    """What a setting is about."""

    RATE_HZ = 0
    RESOLUTION_BITS = 1
    RANGE = 2
    RANGE_MILLI = 3
    CHANNELS = 4
    FACTOR = 5


_ITEM_FORMATS = {
    Item.RATE_HZ: "<H",
    Item.RESOLUTION_BITS: "<H",
    Item.RANGE: "<H",
    Item.RANGE_MILLI: "<I",
    Item.CHANNELS: "<B",
    Item.FACTOR: "<f",
}


@dataclass(frozen=True, slots=True)
class _Layout:
    """value_bytes: of one axis. unit: what a value of 1 is in SI, before the stream's factor."""

    value_bytes: int
    unit: float
    compressed: bool = False
    floats: bool = False


_LAYOUTS = {
    (ACC, 0x00): _Layout(1, _MG_MPS2),
    (ACC, 0x01): _Layout(2, _MG_MPS2),
    (ACC, 0x02): _Layout(3, _MG_MPS2),
    (ACC, 0x80): _Layout(2, STANDARD_GRAVITY_MPS2, compressed=True),
    (ACC, 0x81): _Layout(2, _MG_MPS2, compressed=True),
    (GYRO, 0x80): _Layout(2, _DPS_RADPS, compressed=True),
    (GYRO, 0x81): _Layout(4, _DPS_RADPS, compressed=True, floats=True),
}


@dataclass(frozen=True, eq=False, slots=True)
class Frame:
    """stream: ACC or GYRO. kind: its frame type. time_ns: of its last sample.

    values: (n, 3) m/s2 or rad/s, n > 0.
    """

    stream: int
    kind: int
    time_ns: int
    values: Floats


def parse_frame(data: bytes, factors: Mapping[int, float]) -> Frame:
    """A data packet. factors: of each stream, as told when it was started. Raises BadFrame."""
    if len(data) < _HEADER.size:
        raise BadFrame("cut off")
    stream, time_ns, kind = _HEADER.unpack_from(data)
    layout = _LAYOUTS.get((stream, kind))
    if layout is None:
        raise BadFrame("unknown frame")
    content = data[_HEADER.size :]
    if layout.compressed:
        values = layout.unit * factors[stream] * _decompressed(content, layout)
    else:  # these need no factor
        values = layout.unit * _integers(content, layout.value_bytes).astype(np.float64)
    return Frame(stream, kind, time_ns, values)


def parse_settings(data: bytes) -> dict[Item, tuple[float, ...]]:
    """Items of a reply -> their values, in the order in which they came.

    Items that are not known have a length that is not known either: they end the list.
    """
    settings: dict[Item, tuple[float, ...]] = {}
    at = 0
    while at + 2 <= len(data) and data[at] in _ITEM_FORMATS:
        item, count = Item(data[at]), data[at + 1]
        one = struct.Struct(_ITEM_FORMATS[item])
        values = data[at + 2 : at + 2 + count * one.size]
        if len(values) < count * one.size:
            break
        settings[item] = tuple(value for (value,) in one.iter_unpack(values))
        at += 2 + len(values)
    return settings


def refusal(status: int) -> tuple[str, str]:
    """What a status other than 0 means, and its cure."""
    return _REFUSALS.get(status, ("unknown reason", "switch it off and on again"))


def settings_bytes(chosen: Mapping[Item, int]) -> bytes:
    """One value for each item, as a start request has them."""
    return b"".join(
        bytes((item, 1)) + struct.pack(_ITEM_FORMATS[item], value)
        for item, value in sorted(chosen.items())
    )


def _decompressed(content: bytes, layout: _Layout) -> Floats:
    """(n, 3) values of a first sample, and of blocks of differences from one to the next."""
    at = _AXES * layout.value_bytes
    steps = [_integers(content[:at], layout.value_bytes)]
    while at < len(content):
        bits, count = content[at], content[at + 1] if at + 1 < len(content) else 0
        at += 2
        size = -(-bits * count * _AXES // 8)
        if at + size > len(content):
            raise BadFrame("cut off")
        if bits > _MOST_BITS or count == 0:
            raise BadFrame("damaged block")
        steps.append(_differences(content[at : at + size], bits, count))
        at += size
    values = np.concatenate(steps).cumsum(axis=0)
    return _floats(values) if layout.floats else values.astype(np.float64)


def _differences(block: bytes, bits: int, count: int) -> NDArray[np.int64]:
    """(count, 3) signed numbers of so many bits each, packed from the lowest bit on."""
    packed = np.frombuffer(block, np.uint8)
    single = np.unpackbits(packed, count=count * _AXES * bits, bitorder="little")
    numbers = single.reshape(count * _AXES, bits).astype(np.int64)
    values: NDArray[np.int64] = numbers @ _weights(bits)
    return values.reshape(count, _AXES)


@cache
def _weights(bits: int) -> NDArray[np.int64]:
    """(bits,) what each bit of a signed number is worth, from the lowest on."""
    weights = np.left_shift(1, np.arange(bits, dtype=np.int64))
    weights[-1:] *= -1
    return weights


def _integers(content: bytes, value_bytes: int) -> NDArray[np.int64]:
    """(n, 3) signed numbers of so many bytes each."""
    count, rest = divmod(len(content), _AXES * value_bytes)
    if rest or not count:
        raise BadFrame("cut off")
    single = np.frombuffer(content, np.uint8).reshape(count * _AXES, value_bytes)
    weights = np.left_shift(1, 8 * np.arange(value_bytes, dtype=np.int64))
    values: NDArray[np.int64] = single.astype(np.int64) @ weights
    values -= (values >> (8 * value_bytes - 1)) << (8 * value_bytes)
    return values.reshape(count, _AXES)


def _floats(patterns: NDArray[np.int64]) -> Floats:
    """Differences were of the bits of floats, and went over at 32 bits."""
    values = (patterns & 0xFFFFFFFF).astype(np.uint32).view(np.float32)
    if not np.isfinite(values).all():
        raise BadFrame("not a number")
    return values.astype(np.float64)

"""The format hiprep-raw/1: records to bytes and back. docs/recordings.md defines it."""

import json
import struct
import zlib
from collections.abc import Mapping
from dataclasses import asdict
from math import isfinite
from typing import Any, NamedTuple, NoReturn

from sensor.drivers.driver import Setup
from sensor.records import Battery, Connected, Disconnected, End, Note, Packet, Record, Tick

FORMAT = "hiprep-raw/1"
MAGIC = f"{FORMAT}\n".encode()

# Letters, so that a hex dump can be read. 0 will never be one: a file may end in zeros that
# nobody wrote.
HEADER, PACKET, CONNECTED, DISCONNECTED, TICK, BATTERY, NOTE, END = b"HPCDTBNE"
RECORD_KINDS = b"PCDTBNE"

_HEAD = struct.Struct("<BHIH")  # kind, payload length, low 32 and high 16 bits of at_us
_PERCENT = struct.Struct("<d")
_CRC_BYTES = 2
# A notification has at most 512 bytes; what is left is for notes in a header.
MAX_PAYLOAD_BYTES = 1 << 14
MAX_RECORD_BYTES = _HEAD.size + MAX_PAYLOAD_BYTES + _CRC_BYTES
_END_OF_TIME_US = 1 << 48


class Frame(NamedTuple):
    """A whole record, its payload not yet looked at. end: index just after it."""

    kind: int
    at_us: int
    payload: bytes
    end: int


def encode_header(meta: Mapping[str, str]) -> bytes:
    """The record that comes first. ValueError if meta is too long for one."""
    return _framed(HEADER, 0, _json_bytes(dict(meta)))


def encode(record: Record) -> bytes:
    """One record as bytes. ValueError for what the format cannot hold; no session has such."""
    match record:
        case Packet():
            return _framed(PACKET, record.at_us, bytes((record.channel,)) + record.data)
        case Connected():
            setup = asdict(record.setup) | {"details": dict(record.setup.details)}
            return _framed(CONNECTED, record.at_us, _json_bytes(setup))
        case Disconnected():
            return _framed(DISCONNECTED, record.at_us, record.reason.encode("utf-8", "replace"))
        case Tick():
            return _framed(TICK, record.at_us, b"")
        case Battery():
            return _framed(BATTERY, record.at_us, _PERCENT.pack(record.percent))
        case Note():
            return _framed(NOTE, record.at_us, f"{record.order}\n{record.text}".encode())
        case End():
            return _framed(END, record.at_us, b"")


def whole_end(data: bytes, start: int) -> int | None:
    """Where a record at start would end by its length; None if that cannot be a record's.

    May lie beyond the end of data.
    """
    if len(data) - start < _HEAD.size:
        return start + _HEAD.size + _CRC_BYTES
    length = _HEAD.unpack_from(data, start)[1]
    return start + _HEAD.size + length + _CRC_BYTES if length <= MAX_PAYLOAD_BYTES else None


def frames_at(data: bytes, start: int) -> list[Frame]:
    """The records from start on, up to the first that is damaged or not all there."""
    frames: list[Frame] = []
    size = len(data)
    while (body := start + _HEAD.size) <= size:
        kind, length, low, high = _HEAD.unpack_from(data, start)
        stop = body + length
        end = stop + _CRC_BYTES
        if not kind or length > MAX_PAYLOAD_BYTES or size < end:
            break
        # Small copies of bytes cost less than views of them.
        if _crc(data[start:stop]) != data[stop] | data[stop + 1] << 8:
            break
        frames.append(Frame(kind, low | high << 32, data[body:stop], end))
        start = end
    return frames


def decode_header(frame: Frame) -> dict[str, str]:
    """The header's meta; ValueError if it is not one."""
    if frame.kind != HEADER:
        raise ValueError("not a header")
    return {key: value for key, value in _object(frame.payload).items() if isinstance(value, str)}


def decode(frame: Frame) -> Record | None:
    """The record of a frame; None for a kind that is not known. ValueError if it is malformed."""
    kind, at_us, payload, _ = frame
    if kind == PACKET:
        if not payload:
            raise ValueError("a packet without a channel")
        return Packet(at_us, payload[0], payload[1:])
    if kind == CONNECTED:
        return Connected(at_us, _setup(_object(payload)))
    if kind == DISCONNECTED:
        return Disconnected(at_us, payload.decode())
    if kind == BATTERY:
        return Battery(at_us, _percent(payload))
    if kind == NOTE:
        order, _, text = payload.decode().partition("\n")
        return Note(at_us, order, text)
    if kind not in (TICK, END):
        return None
    if payload:
        raise ValueError("more than was expected")
    return Tick(at_us) if kind == TICK else End(at_us)


def _framed(kind: int, at_us: int, payload: bytes) -> bytes:
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise ValueError(f"{len(payload)} bytes are too many for one record")
    if not 0 <= at_us < _END_OF_TIME_US:
        raise ValueError(f"{at_us} us is no time of a session")
    whole = _HEAD.pack(kind, len(payload), at_us & 0xFFFFFFFF, at_us >> 32) + payload
    return whole + _crc(whole).to_bytes(_CRC_BYTES, "little")


def _crc(data: bytes) -> int:
    return zlib.crc32(data) & 0xFFFF


def _json_bytes(values: dict[str, Any]) -> bytes:
    return json.dumps(values, separators=(",", ":"), allow_nan=False).encode()


def _object(payload: bytes) -> dict[str, Any]:
    try:
        values = json.loads(payload.decode(), parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
    if not isinstance(values, dict):
        raise ValueError("not a JSON object")  # noqa: TRY004 -- malformed like any other
    return values


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")


def _setup(values: dict[str, Any]) -> Setup:
    rate_hz = _number(values.get("rate_hz"))
    if rate_hz <= 0:
        raise ValueError("no rate")
    details = values.get("details", {})
    if not isinstance(details, dict):
        raise ValueError("no details")  # noqa: TRY004
    return Setup(
        driver=_text(values.get("driver")),
        model=_text(values.get("model")),
        rate_hz=rate_hz,
        acc_range_g=_range(values.get("acc_range_g")),
        gyr_range_dps=_range(values.get("gyr_range_dps")),
        firmware=_text(values.get("firmware", "")),
        details={
            key: value if isinstance(value, str) else _number(value)
            for key, value in details.items()
        },
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("not a text")  # noqa: TRY004
    return value


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise ValueError("not a number")
    return value


def _range(value: object) -> float | None:
    return None if value is None else _number(value)


def _percent(payload: bytes) -> float:
    if len(payload) != _PERCENT.size:
        raise ValueError("not a percentage")
    return _number(_PERCENT.unpack(payload)[0])

"""A recording to give away with a bug report: the motion, and nothing of who moved."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from sensor import drivers, imu_csv
from sensor.bytestream import MAX_LINE_BYTES, ByteStream
from sensor.checks import RecordingError
from sensor.drivers import Setup
from sensor.raw import is_raw, open_raw
from sensor.raw_format import MAGIC, encode, encode_header
from sensor.raw_writer import new_gzip
from sensor.records import Connected, Disconnected, Packet, Record

# What a bug report needs of a header; all else is left out, whatever it is called.
_KEPT = ("rate_hz", "acc_range_g", "gyr_range_dps", "exercise", "model", "firmware")
_TOLD = (*_KEPT, "format", "driver", "started")
# Texts of a setup that a decoder needs, or that tell the make.
_KEPT_DETAILS = ("chip", "product")
_TELLING_KEY = re.compile(r"serial|address|(?:^|_)(?:name|mac|id)(?:_|$)")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_PLAIN = re.compile(r"[A-Za-z0-9 ._/+()-]{1,60}")
_WORD = re.compile(r"\w+")
_ADDRESS = re.compile(r"(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}")
_SERIAL = re.compile(r"(?=.*\d)[0-9a-f]{6,}|(?:\D*\d){4,}\D*")
_NAME_CHARS = 3  # fewer letters stand in any word
_FOUND_CHARS = 4  # fewer bytes are found in any motion
_NUMERIC = b"0123456789-+.eE, \t\r\n"


def share(source: str | Path, target: str | Path) -> None:
    """Rewrite a recording of either format, gzip, without anything that tells who made it.

    Kept are the samples or packets, the sensor's make, its settings, the exercise and the date.
    Left out are names, notes, addresses and serial numbers, what packets say before the sensor
    was set up, and packets in which one of those can be read. RecordingError if source is no
    recording, or if target exists or cannot be written.
    """
    if str(source) == "-":
        raise RecordingError(
            "standard input: cannot be shared, it can be read only once: name a file"
        )
    target = Path(target)
    if target.exists():
        raise RecordingError(f"{target}: exists already: choose another name")
    raw = _is_packets(source)
    parts = _raw_parts(source) if raw else _csv_parts(source)
    first = next(parts)
    try:
        with new_gzip(target) as zipped:
            zipped.write(first)
            for part in parts:
                zipped.write(part)
    except OSError as error:
        raise RecordingError(f"{target}: cannot be written: {error.strerror or error}") from None


def _is_packets(source: str | Path) -> bool:
    try:
        stream = ByteStream(source)
        try:
            return is_raw(stream.chunk())
        finally:
            stream.close()
    except OSError as error:
        raise RecordingError(f"{source}: cannot be read: {error.strerror or error}") from None


class _Personal:
    """What tells who made a recording, taken from what is left out of it."""

    def __init__(self, meta: Mapping[str, str]) -> None:
        self._names = {word for word in _words(meta.get("athlete", "")) if len(word) >= _NAME_CHARS}
        self._serials: set[str] = set()
        self._found: set[bytes] = set()
        for key, text in meta.items():
            if key not in _TOLD:
                self.add(text)

    def add(self, text: str) -> None:
        """A text that is left out: no number of it may stand elsewhere, no word in a packet."""
        self._serials |= {word for word in _words(text) if _SERIAL.fullmatch(word)}
        self._find(text)

    def clean(self, text: str) -> str:
        """Text without the words that tell; "" if it is not what a thing is called."""
        if not _PLAIN.fullmatch(text):
            return ""
        told = self._names | self._serials
        parts = text.split()
        return " ".join(one for one in parts if not any(word in one.casefold() for word in told))

    def named_in(self, text: str) -> bool:
        """Whether it has the athlete's name in it, or is more than what a thing is called."""
        return not _PLAIN.fullmatch(text) or any(name in text.casefold() for name in self._names)

    def pattern(self) -> re.Pattern[bytes] | None:
        """What in a packet would tell; None if there is nothing to tell."""
        if not self._found:
            return None
        return re.compile(b"|".join(map(re.escape, sorted(self._found))), re.IGNORECASE)

    def _find(self, text: str) -> None:
        words = (word.encode("utf-8", "replace") for word in _WORD.findall(text))
        self._found |= {word for word in words if len(word) >= _FOUND_CHARS}
        for address in _ADDRESS.findall(text):
            there = bytes.fromhex(re.sub("[:-]", "", address))
            self._found |= {there, there[::-1]}


def _words(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(text)}


def _shared_meta(meta: Mapping[str, str], personal: _Personal) -> dict[str, str]:
    shared = {"sensor": "sensor"}
    if meta.get("driver") in drivers.names():
        shared["driver"] = meta["driver"]
    if date := _DATE.match(meta.get("started", "")):
        shared["started"] = date.group()
    cleaned = {key: personal.clean(meta[key]) for key in _KEPT if key in meta}
    return shared | {key: text for key, text in cleaned.items() if text}


def _raw_parts(source: str | Path) -> Iterator[bytes]:
    """The file, rewritten; read twice, for what must not be told may come late."""
    with open_raw(source) as reader:
        personal = _Personal(reader.meta)
        for record in reader.records():
            if isinstance(record, Connected):
                for key, value in record.setup.details.items():
                    if not _tellable(key, value):
                        personal.add(str(value))
    with open_raw(source) as reader:
        yield MAGIC + encode_header(_shared_meta(reader.meta, personal))
        yield from map(encode, _shared_records(reader.records(), personal))


def _shared_records(records: Iterable[Record], personal: _Personal) -> Iterator[Record]:
    telling = personal.pattern()
    connected = False
    for record in records:
        match record:
            case Packet():
                if connected and not (telling and telling.search(record.data)):
                    yield record
            case Connected():
                connected = True
                yield Connected(record.at_us, _shared_setup(record.setup, personal))
            case Disconnected():
                connected = False
                yield Disconnected(record.at_us, "disconnected")
            case _:
                yield record


def _shared_setup(setup: Setup, personal: _Personal) -> Setup:
    return replace(
        setup,
        driver=setup.driver if setup.driver in drivers.names() else "unknown",
        model=personal.clean(setup.model),
        firmware=personal.clean(setup.firmware),
        details={
            key: value
            for key, value in setup.details.items()
            if _tellable(key, value) and not personal.named_in(f"{key} {value}")
        },
    )


def _tellable(key: str, value: float | str) -> bool:
    """Whether what only the driver knows of a sensor can be given away: most numbers can."""
    if isinstance(value, str):
        return key in _KEPT_DETAILS
    return not _TELLING_KEY.search(key.casefold())


def _csv_parts(source: str | Path) -> Iterator[bytes]:
    """The file, rewritten; of a row that holds words, only how many there were."""
    stream = ByteStream(source)
    try:
        text = b""
        while (end := imu_csv.header_end(text[:MAX_LINE_BYTES])) == 0:
            chunk = stream.chunk()
            if not chunk or len(text) > MAX_LINE_BYTES:
                break
            text += chunk
        end = end or len(text)
        try:
            meta = imu_csv.parse_header(text[:end][:MAX_LINE_BYTES]).meta
        except RecordingError as error:
            raise RecordingError(f"{source}: {error}") from None
        shared = _shared_meta(meta, _Personal(meta))
        lines = [f"# format: {imu_csv.FORMAT}", *(f"# {key}: {shared[key]}" for key in shared)]
        columns = text[:end].strip().rpartition(b"\n")[2].strip()
        yield "\n".join(lines).encode() + b"\n" + columns + b"\n"
        for rows in stream.lines(text[end:], Counter()):
            yield rows if not rows.translate(None, _NUMERIC) else _without_words(rows)
    finally:
        stream.close()


def _without_words(rows: bytes) -> bytes:
    """Rows of as many fields, with a question mark for each that is no number."""
    lines = (line.split(b",") for line in rows.splitlines())
    return b"".join(
        b",".join(b"?" if field.translate(None, _NUMERIC) else field for field in line) + b"\n"
        for line in lines
    )

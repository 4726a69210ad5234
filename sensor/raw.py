"""Recordings of packets, hiprep-raw/1, read again. docs/recordings.md defines the format."""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from sensor.bytestream import ByteStream
from sensor.checks import RecordingError
from sensor.closing import Closing
from sensor.raw_format import (
    FORMAT,
    MAGIC,
    MAX_RECORD_BYTES,
    RECORD_KINDS,
    Frame,
    decode,
    decode_header,
    frames_at,
    whole_end,
)
from sensor.records import Record

CUT_OFF = "cut off within a record"
DAMAGED = "damaged, up to the next whole record"
MALFORMED = "malformed record"
UNKNOWN_KIND = "record of an unknown kind"

_ANY_VERSION = b"hiprep-raw/"
_RECORD_KIND = re.compile(b"[" + RECORD_KINDS + b"]")


def is_raw(start: bytes) -> bool:
    """Whether a file that starts so is a recording of packets, of whatever version."""
    return start.startswith(_ANY_VERSION)


def open_raw(path: str | Path) -> "RawReader":
    """Open a hiprep-raw/1 recording, plain or gzip; "-" is standard input.

    RecordingError if it is none, or of a newer version, or cannot be read.
    """
    name = "standard input" if str(path) == "-" else str(path)
    with _reading(name):
        stream = ByteStream(path)
        try:
            start = stream.chunk()
        except BaseException:
            stream.close()
            raise
    return RawReader(stream, start, name)


class RawReader(Closing):
    """One recording of packets, read once from its beginning, in constant memory.

    stream, start: the bytes, and the first chunk that was taken from them. meta: what the header
    says. skipped: reason -> how often something was passed over, filled while the records are
    read; a damaged stretch counts once, however many records it was.
    """

    def __init__(self, stream: ByteStream, start: bytes, name: str) -> None:
        self.name = name
        self.meta: dict[str, str] = {}
        self.skipped: Counter[str] = Counter()
        self._bytes = stream
        try:
            with _reading(name):
                if fault := _start_fault(start, stream.damage):
                    raise RecordingError(fault)  # noqa: TRY301 -- gets its name like all others
                self._frames = self._read_header(start[len(MAGIC) :])
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close the file; standard input stays open."""
        self._bytes.close()

    @property
    def progress(self) -> float | None:
        """Part of the file's bytes read, 0 to 1; None where its size is not known."""
        return self._bytes.progress

    def records(self) -> Iterator[Record]:
        """All whole records, in the order in which they were written; can be read only once."""
        with _reading(self.name):
            for frame in self._frames:
                try:
                    record = decode(frame)
                except ValueError:
                    self.skipped[MALFORMED] += 1
                    continue
                if record is None:
                    self.skipped[UNKNOWN_KIND] += 1
                else:
                    yield record

    def _read_header(self, rest: bytes) -> Iterator[Frame]:
        """Fill meta -> the frames that follow. Without a header, all of them."""
        frames = self._whole_frames(rest)
        first = next(frames, None)
        if first is None:
            return frames
        try:
            self.meta = decode_header(first)
        except ValueError:
            return chain((first,), frames)
        return frames

    def _whole_frames(self, data: bytes) -> Iterator[Frame]:
        start = 0
        lost: str | None = None  # why the frame before was none, while the next is searched
        while True:
            if len(data) - start < MAX_RECORD_BYTES and (chunk := self._bytes.chunk()):
                data = data[start:] + chunk
                start = 0
                continue
            if start >= len(data):
                break
            frames = frames_at(data, start)
            if frames and (lost is None or _believable(frames[0])):
                if lost:
                    self.skipped[DAMAGED] += 1
                    lost = None
                yield from frames
                start = frames[-1].end
                continue
            if lost is None:
                lost = CUT_OFF if (whole_end(data, start) or 0) > len(data) else DAMAGED
            found = _RECORD_KIND.search(data, start + 1)
            start = found.start() if found else len(data)
        if reason := self._bytes.damage or lost:
            self.skipped[reason] += 1


def _start_fault(start: bytes, damage: str | None) -> str | None:
    """What is wrong with a file that starts so."""
    if start.startswith(MAGIC):
        return None
    if damage:
        return f"{damage}: get an undamaged copy"
    if not start:
        return "is empty: it holds no recording"
    if MAGIC.startswith(start):
        return "breaks off in its first line: it holds no recording"
    if is_raw(start):
        found = ascii(start[:30].partition(b"\n")[0].decode("ascii", "replace"))
        return f"has the format {found}: only {FORMAT} can be read, update hiprep"
    return f"is no recording of packets: its first line must be '{FORMAT}'"


def _believable(frame: Frame) -> bool:
    """Whether a frame found by searching is one: a CRC of 16 bits alone agrees too easily."""
    try:
        return decode(frame) is not None
    except ValueError:
        return False


@contextmanager
def _reading(name: str) -> Iterator[None]:
    """Puts the name in front of a reason; what the system says becomes a reason too."""
    shown = "".join(char if char.isprintable() else "?" for char in name)
    try:
        yield
    except RecordingError as error:
        raise RecordingError(f"{shown}: {error}") from None
    except OSError as error:
        raise RecordingError(f"{shown}: cannot be read: {error.strerror or error}") from None

"""Recordings: whatever can be replayed, as sample blocks."""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sensor import imu_csv
from sensor.bytestream import MAX_LINE_BYTES, ByteStream
from sensor.checks import IMPOSSIBLE_VALUE, RecordingError, gyr_fault, possible, start_fault
from sensor.closing import Closing
from sensor.faults import Faults
from sensor.raw import RawReader, is_raw
from sensor.raw_recording import RawRecording
from sensor.samples import Floats, Moment, SampleBlock, as_they_come, joined

__all__ = ["AnyRecording", "Recording", "RecordingError", "open_recording"]

TIME_STANDS_STILL = "time stands still"
TIME_GOES_BACKWARDS = "time goes backwards"

_PACKET_SAMPLES = 10
_CHECKED_SAMPLES = 500
_MIN_JUDGED_ROWS = 100


def open_recording(path: str | Path, faults: Faults | None = None) -> "AnyRecording":
    """Open an imu-csv/1 or hiprep-raw/1 recording, plain or gzip; "-" is standard input.

    Reads no further than the header. RecordingError if there is none, or nothing to read.
    faults: what befalls its packets on purpose; in imu-csv/1, ten samples are a packet.
    """
    name = "standard input" if str(path) == "-" else str(path)
    with _errors(name):
        stream = ByteStream(path)
    try:
        with _errors(name):
            start = stream.chunk()
        if is_raw(start):
            return RawRecording(RawReader(stream, start, name), faults)
        with _errors(name):
            return Recording(stream, start, name, faults)
    except BaseException:
        stream.close()
        raise


class Recording(Closing):
    """One imu-csv/1 recording, read once from its beginning, in constant memory.

    stream, start: its bytes, and the first chunk that was taken from them. meta: the
    ``# key: value`` lines of the header, without the format. skipped: reason -> rows passed over,
    filled while the blocks are read; where a gzip breaks off counts as one.
    """

    def __init__(
        self, stream: ByteStream, start: bytes, name: str, faults: Faults | None = None
    ) -> None:
        self.name = name
        self.skipped: Counter[str] = Counter()
        self._kept = 0
        self._bytes = stream
        self._faults = faults
        header, rest = self._read_header(start)
        self.meta = header.meta
        self._order = list(header.order)
        self._lines = self._bytes.lines(rest, self.skipped)

    def close(self) -> None:
        """Close the file; standard input stays open."""
        self._bytes.close()

    @property
    def progress(self) -> float | None:
        """Part of the file's bytes read, 0 to 1; None where its size is not known."""
        return self._bytes.progress

    def blocks(self, samples: int = 10) -> Iterator[SampleBlock]:
        """All samples in blocks of that many, the last one shorter; can be read only once.

        RecordingError where the whole proves unusable: under a second of samples, a rate or
        units that cannot be, most rows bad. Single bad rows are counted in ``skipped``.
        """
        if samples < 1:
            raise ValueError(f"a block holds at least one sample, not {samples}")
        return self._blocks(samples)

    def moments(self, samples: int = 10) -> Iterator[Moment]:
        """All samples as they would have come in packets of so many; can be read only once."""
        if self._faults:
            blocks = self._faults.blocks(self.blocks(_PACKET_SAMPLES))
            return as_they_come(blocks)
        return as_they_come(self.blocks(samples))

    def _blocks(self, samples: int) -> Iterator[SampleBlock]:
        with _errors(self.name):
            rising = map(_block, self._rising())
            yield from _cut(self._checked(_cut(rising, _CHECKED_SAMPLES)), samples)

    def _read_header(self, start: bytes) -> tuple[imu_csv.Header, bytes]:
        text, chunk = start, start
        while chunk and len(text) <= MAX_LINE_BYTES and not imu_csv.header_end(text):
            chunk = self._bytes.chunk()
            text += chunk
        end = imu_csv.header_end(text[:MAX_LINE_BYTES])
        if not end and self._bytes.damage:
            raise RecordingError(f"{self._bytes.damage}: get an undamaged copy")
        if not text:
            raise RecordingError("is empty: it holds no recording")
        end = end or len(text)
        return imu_csv.parse_header(text[:end][:MAX_LINE_BYTES]), text[end:]

    def _rows(self) -> Iterator[Floats]:
        """All rows (n, 4 or 7) that hold numbers: t, acc, gyr."""
        in_order = self._order == sorted(self._order)
        for lines in self._lines:
            rows = imu_csv.parse_rows(lines, len(self._order), self.skipped)
            yield rows if in_order else rows[:, self._order]
        if self._bytes.damage:
            self.skipped[self._bytes.damage] += 1

    def _rising(self) -> Iterator[Floats]:
        """Rows later than all before them; of a single one ahead of its time, not the rest.

        To know one, the last row waits for the next.
        """
        waiting = np.empty((0, len(self._order)))
        before, latest = -np.inf, -np.inf
        for fresh in self._rows():
            rows = np.concatenate((waiting, fresh))
            known, waiting = rows[:-1], rows[-1:]
            if len(known):
                kept = self._later(known, before, float(waiting[0, 0]), latest)
                before = float(known[-1, 0])
                latest = float(kept[-1, 0]) if len(kept) else latest
                yield kept
            if self._kept + self.skipped.total() >= _MIN_JUDGED_ROWS:
                self._refuse_mostly_skipped()
        if len(waiting):
            yield self._later(waiting, before, np.inf, latest)
        self._refuse_mostly_skipped()

    def _later(self, rows: Floats, before: float, after: float, latest: float) -> Floats:
        """Rows (n, k), n > 0, later than latest; before and after: times beside them."""
        t_s = np.concatenate(([before], rows[:, 0], [after]))
        if rows[0, 0] <= latest or not (t_s[:-1] < t_s[1:]).all():
            ahead = (t_s[:-2] < t_s[2:]) & (t_s[2:] < t_s[1:-1])
            rows = rows[~ahead]
            so_far = np.maximum.accumulate(np.concatenate(([latest], rows[:, 0])))[:-1]
            self._skip(TIME_GOES_BACKWARDS, ahead)
            self._skip(TIME_GOES_BACKWARDS, rows[:, 0] < so_far)
            self._skip(TIME_STANDS_STILL, rows[:, 0] == so_far)
            rows = rows[rows[:, 0] > so_far]
        self._kept += len(rows)
        return rows

    def _skip(self, reason: str, rows: NDArray[np.bool_]) -> None:
        if rows.any():
            self.skipped[reason] += int(rows.sum())

    def _refuse_mostly_skipped(self) -> None:
        skipped = self.skipped.total()
        if skipped > self._kept:
            reasons = ", ".join(f"{count} {reason}" for reason, count in self.skipped.most_common())
            raise RecordingError(
                f"{skipped} of its first {self._kept + skipped} rows cannot be used ({reasons}): "
                f"check that it is whole and in {imu_csv.FORMAT}"
            )

    def _checked(self, parts: Iterable[SampleBlock]) -> Iterator[SampleBlock]:
        """The samples of parts that can be true; RecordingError if the whole cannot be."""
        start = True
        for part in parts:
            fault = start_fault(part) if start else gyr_fault(part)
            if fault:
                raise RecordingError(fault)
            start = False
            good = possible(part)
            self._skip(IMPOSSIBLE_VALUE, ~good)
            yield part if good.all() else _taken(part, good)
        if start:
            raise RecordingError("holds no samples: record it again")


AnyRecording = Recording | RawRecording


@contextmanager
def _errors(name: str) -> Iterator[None]:
    """Puts the name in front of a reason; what the system says becomes a reason too."""
    shown = "".join(char if char.isprintable() else "?" for char in name)
    try:
        yield
    except RecordingError as error:
        raise RecordingError(f"{shown}: {error}") from None
    except OSError as error:
        raise RecordingError(f"{shown}: cannot be read: {error.strerror or error}") from None


def _block(rows: Floats) -> SampleBlock:
    return SampleBlock(
        t_s=np.ascontiguousarray(rows[:, 0]),
        acc=np.ascontiguousarray(rows[:, 1:4]),
        gyr=np.ascontiguousarray(rows[:, 4:]) if rows.shape[1] > 4 else None,
    )


def _taken(block: SampleBlock, samples: slice | NDArray[np.bool_]) -> SampleBlock:
    gyr = None if block.gyr is None else block.gyr[samples]
    return SampleBlock(block.t_s[samples], block.acc[samples], gyr)


def _cut(blocks: Iterable[SampleBlock], samples: int) -> Iterator[SampleBlock]:
    """The same samples in blocks of that many, the last one shorter."""
    held: list[SampleBlock] = []
    missing = samples
    for block in blocks:
        start = 0
        while len(block) - start >= missing:
            part = _taken(block, slice(start, start + missing))
            yield joined([*held, part]) if held else part
            start += missing
            held, missing = [], samples
        if start < len(block):
            held.append(_taken(block, slice(start, None)))
            missing -= len(block) - start
    if held:
        yield joined(held)

"""The format imu-csv/1: header, rows and writer. Its definition is in the project's contract."""

import gzip
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from sensor.checks import RecordingError
from sensor.samples import Floats, SampleBlock

FORMAT = "imu-csv/1"
_T_ACC = ("t", "acc_x", "acc_y", "acc_z")
_GYR = ("gyr_x", "gyr_y", "gyr_z")

NOT_A_NUMBER = "not a number"
WRONG_FIELDS = "wrong number of fields"

_BOM = b"\xef\xbb\xbf"
_NUMERIC = b"0123456789-+.eE \t\r"  # of these is every finite number
_POWERS_OF_TEN = 10.0 ** np.arange(16)
_MAX_DECIMAL_CHARS = 16  # then the digits without the point are exact in a float64
_PART_BYTES = 4096
_LARGEST = 1e20  # its square, and what is computed of it, stays finite


@dataclass(frozen=True, slots=True)
class Header:
    """meta: the free ``# key: value`` lines. order: where t, acc, gyr stand in a row."""

    meta: dict[str, str]
    order: tuple[int, ...]


def header_end(text: bytes) -> int:
    """Index just after the column line of text; 0 if it is not in there."""
    start = 0
    while (stop := text.find(b"\n", start)) >= 0:
        line = text[start:stop].removeprefix(_BOM).strip()
        start = stop + 1
        if line and not line.startswith(b"#"):
            return start
    return 0


def parse_header(text: bytes) -> Header:
    """The header from its bytes, up to and with the column line; raises RecordingError."""
    try:
        decoded = text.removeprefix(_BOM).decode()
    except UnicodeDecodeError:
        decoded = "\0"
    if "\0" in decoded:
        raise RecordingError(f"is not UTF-8 text: expected {FORMAT}, plain or gzip")
    lines = decoded.split("\n")
    meta = _meta(lines)
    found = meta.pop("format", None)
    if found is None:
        raise RecordingError(f"has no format line: its first line must be '# format: {FORMAT}'")
    if found != FORMAT:
        raise RecordingError(f"has the format {_shown(found)}: only {FORMAT} can be read")
    columns = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    if not columns:
        raise RecordingError(f"has no column line: expected '{','.join(_T_ACC + _GYR)}'")
    return Header(meta, _order([name.strip() for name in columns[0].split(",")]))


def parse_rows(text: bytes, width: int, skipped: Counter[str]) -> Floats:
    """Rows (n, width) of text, whole lines; what is no row is counted in skipped by its reason."""
    text = text.replace(b"\r\n", b"\n")
    rows = _parse_clean(text, width)
    if rows is not None:
        return rows
    return np.concatenate([_parse_part(part, width, skipped) for part in _parts(text)])


def write_imu_csv(
    target: str | Path | BinaryIO, blocks: Iterable[SampleBlock], meta: Mapping[str, str]
) -> None:
    """Write blocks as imu-csv/1, gzip if the name ends in .gz; the same bytes each time.

    Times and accelerations get 5 decimals, angular rates 6. Whether there are gyr_* columns
    is decided by the first block; ValueError if the others differ, or for a meta line that
    could not be read back.
    """
    with ExitStack() as stack:
        file: BinaryIO | gzip.GzipFile
        if not isinstance(target, str | Path):
            file = target
        else:
            file = stack.enter_context(Path(target).open("wb"))
            if str(target).endswith(".gz"):
                zipped = gzip.GzipFile("", "wb", compresslevel=6, fileobj=file, mtime=0)
                file = stack.enter_context(zipped)
        for text in _lines(blocks, meta):
            file.write(text.encode())


def _lines(blocks: Iterable[SampleBlock], meta: Mapping[str, str]) -> Iterator[str]:
    yield f"# format: {FORMAT}\n"
    for key, value in meta.items():
        line = f"# {key}: {value}\n"
        if key == "format" or _meta(line.split("\n")) != {key: value}:
            raise ValueError(f"no header line can hold {key!r}: {value!r}")
        yield line
    with_gyr: bool | None = None
    for block in blocks:
        if with_gyr is None:
            with_gyr = block.gyr is not None
            yield ",".join(_T_ACC + _GYR if with_gyr else _T_ACC) + "\n"
        if with_gyr != (block.gyr is not None):
            raise ValueError("some blocks have gyr, others have none")
        columns = [block.t_s[:, None], block.acc] + ([] if block.gyr is None else [block.gyr])
        row = ",".join(["%.5f"] * 4 + ["%.6f"] * (3 if with_gyr else 0)) + "\n"
        yield (row * len(block)) % tuple(np.hstack(columns).ravel().tolist())
    if with_gyr is None:
        yield ",".join(_T_ACC + _GYR) + "\n"


def _meta(lines: Iterable[str]) -> dict[str, str]:
    comments = (line.strip() for line in lines if line.lstrip().startswith("#"))
    pairs = (comment.lstrip("#").partition(":") for comment in comments)
    return {key.strip(): value.strip() for key, colon, value in pairs if colon}


def _order(names: list[str]) -> tuple[int, ...]:
    wanted = _T_ACC + _GYR if set(names) & set(_GYR) else _T_ACC
    faults = {
        "missing": [name for name in wanted if name not in names],
        "unknown": [name for name in names if name not in _T_ACC + _GYR],
        "twice": sorted({name for name in names if names.count(name) > 1}),
    }
    told = [f"{what}: {_shown(', '.join(which))}" for what, which in faults.items() if which]
    if told:
        raise RecordingError(
            f"has wrong columns ({'; '.join(told)}): expected '{','.join(wanted)}'"
        )
    return tuple(names.index(name) for name in wanted)


def _shown(text: str) -> str:
    """Text of a file, fit for one line of a message."""
    return ascii(text if len(text) <= 60 else text[:57] + "...")


def _parts(text: bytes) -> Iterator[bytes]:
    """Text in parts of whole lines, so that one bad row does not make all the others slow."""
    start = 0
    while start < len(text):
        stop = text.find(b"\n", start + _PART_BYTES) + 1 or len(text)
        yield text[start:stop]
        start = stop


def _parse_part(text: bytes, width: int, skipped: Counter[str]) -> Floats:
    rows = _parse_clean(text, width)
    if rows is not None:
        return rows
    lines = [line for line in text.split(b"\n") if line.strip()]
    whole = [line for line in lines if line.count(b",") == width - 1]
    numeric = [line for line in whole if len(line.translate(None, _NUMERIC)) == width - 1]
    rows = _parse_clean(b"".join(line + b"\n" for line in numeric), width)
    if rows is None:
        rows = _parse_each(numeric, width)
    for reason, count in (
        (WRONG_FIELDS, len(lines) - len(whole)),
        (NOT_A_NUMBER, len(whole) - len(rows)),
    ):
        if count:
            skipped[reason] += count
    return rows


def _parse_clean(text: bytes, width: int) -> Floats | None:
    """Rows of text without any fault; None if it may have one."""
    rows = _parse_decimal(text, width)
    return _parse_numeric(text, width) if rows is None else rows


def _parse_decimal(text: bytes, width: int) -> Floats | None:
    """Rows that are all like -1.234: as integers and powers of ten, exact and twice as fast.

    None unless every field is, to the byte: nothing is left for the integer parser to judge.
    """
    count = text.count(b"\n")
    skeleton = (b",".join([b"."] * width) + b"\n") * count
    signed = text.translate(None, b"0123456789")
    if not count or signed.replace(b"-", b"") != skeleton:
        return None
    chars = np.frombuffer(text, np.uint8)
    marks = np.flatnonzero((chars < ord("0")) & (chars != ord("-")))
    points, ends = marks[::2], marks[1::2]
    starts = np.concatenate(([0], ends[:-1] + 1))
    decimals = ends - points - 1
    if (
        np.count_nonzero(chars[starts] == ord("-")) != len(signed) - len(skeleton)
        or decimals.min() < 1
        or (ends - starts).max() > _MAX_DECIMAL_CHARS
    ):
        return None
    digits = text.translate(None, b".").replace(b"\n", b",")
    rows: Floats = np.fromstring(digits, dtype=np.int64, sep=",") / _POWERS_OF_TEN[decimals]
    return rows.reshape(count, width)


def _parse_numeric(text: bytes, width: int) -> Floats | None:
    count = text.count(b"\n")
    if not count or text.translate(None, _NUMERIC) != (b"," * (width - 1) + b"\n") * count:
        return None
    try:
        rows: Floats = np.loadtxt(
            text.decode().split("\n")[:-1], delimiter=",", comments=None, ndmin=2
        )
    except ValueError:
        return None
    if not (np.abs(rows) < _LARGEST).all():
        return None
    return rows + 0.0  # no -0.0, as from _parse_decimal


def _parse_each(lines: list[bytes], width: int) -> Floats:
    rows = []
    for line in lines:
        try:
            row = [float(field) for field in line.split(b",")]
        except ValueError:
            continue
        if all(abs(value) < _LARGEST for value in row):
            rows.append(row)
    return np.array(rows, dtype=np.float64).reshape(len(rows), width) + 0.0

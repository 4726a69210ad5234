"""Recordings of packets, hiprep-raw/1, written as a session runs, and compressed after it."""

import gzip
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from sensor.checks import RecordingError
from sensor.raw_format import FORMAT, MAGIC, encode, encode_header
from sensor.records import End, Record

_SYNC_EVERY_US = 2_000_000


class RawWriter:
    """Writes a new recording, record by record: what was appended survives the end of the process.

    What the system does not let it write stops the recording, never the caller. failure: why it
    stopped, one line for people; None while all is well. Only a file that cannot even be begun
    raises: RecordingError.
    """

    def __init__(self, path: str | Path, meta: Mapping[str, str]) -> None:
        self.path = Path(path)
        self.failure: str | None = None
        header = MAGIC + encode_header(meta)
        try:
            _refuse_taken(zipped_path(self.path))
            self._file = self.path.open("xb", buffering=0)
        except FileExistsError:
            raise RecordingError(f"{path}: exists already: choose another name") from None
        except OSError as error:
            raise RecordingError(
                f"{path}: cannot be written, choose another place: {error.strerror or error}"
            ) from None
        self._length = 0
        self._last: Record | None = None
        self._synced_us = 0
        self._write(header)
        self._sync()
        _sync_folder(self.path.parent)

    def append(self, record: Record) -> None:
        """Write one record, at once; nothing after a failure. Every 2 s it is put on the disk."""
        if self.failure:
            return
        self._write(encode(record))
        self._last = record
        if record.at_us - self._synced_us >= _SYNC_EVERY_US:
            self._sync()
            self._synced_us = record.at_us

    def close(self) -> Path:
        """Write End if it was not yet, and compress -> the file that there is now.

        Takes seconds for a long session. After a failure the file stays as it is.
        """
        if self._file.closed:
            return self.path
        if not isinstance(self._last, End):
            self.append(End(self._last.at_us if self._last else 0))
        self._sync()
        try:
            self._file.close()
        except OSError as error:
            self._fail(error)
        if self.failure is None:
            try:
                self.path = compress(self.path)
            except RecordingError as error:
                self.failure = str(error)
        return self.path

    def _write(self, data: bytes) -> None:
        """One write of the system, unless that takes only a part: then it says why at the next."""
        rest = data
        try:
            while rest:
                rest = rest[self._file.write(rest) :]
        except OSError as error:
            self._fail(error)
            with suppress(OSError):
                self._file.truncate(self._length)
        else:
            self._length += len(data)

    def _sync(self) -> None:
        if self.failure:
            return
        try:
            os.fsync(self._file.fileno())
        except OSError as error:
            self._fail(error)

    def _fail(self, error: OSError) -> None:
        self.failure = (
            f"{self.path}: recording stopped, what came before is kept; "
            f"make room or choose another place: {error.strerror or error}"
        )


def _refuse_taken(path: Path) -> None:
    if path.exists():
        raise RecordingError(f"{path}: exists already: choose another name")


def zipped_path(path: Path) -> Path:
    """What a recording is called once it is compressed."""
    return path.with_name(path.name + ".gz")


def compress(path: str | Path) -> Path:
    """Replace a plain recording by NAME.gz beside it, also one that a crash left -> its path.

    RecordingError, and the file stays as it is, if it is none or there is no room.
    """
    path = Path(path)
    target = zipped_path(path)
    try:
        with path.open("rb") as raw:
            if raw.read(len(MAGIC)) != MAGIC:
                raise RecordingError(f"{path}: is no plain {FORMAT} recording: leave it as it is")
            if target.exists():
                raise RecordingError(f"{target}: exists already: move it away")
            raw.seek(0)
            with new_gzip(target) as zipped:
                shutil.copyfileobj(raw, zipped)
        path.unlink()
    except OSError as error:
        raise RecordingError(
            f"{path}: cannot be compressed, it stays as it is: {error.strerror or error}"
        ) from None
    return target


@contextmanager
def new_gzip(target: Path) -> Iterator[gzip.GzipFile]:
    """A gzip file to write that will be there whole, or not at all; the same bytes each time."""
    part = target.with_name(target.name + ".part")
    try:
        with part.open("wb") as file:
            with gzip.GzipFile("", "wb", compresslevel=9, fileobj=file, mtime=0) as zipped:
                yield zipped
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    """Put names on the disk, where the system has a way to."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

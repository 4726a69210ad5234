"""Recording while a session runs: a disk that takes its time keeps no packet from being tracked."""

from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from threading import Thread

from sensor.raw_writer import RawWriter
from sensor.records import Record


class Recorder:
    """A `RawWriter` with a thread of its own. Raises RecordingError where it cannot begin.

    path: of the recording; after `close`, of the compressed one.
    """

    def __init__(self, path: Path, meta: Mapping[str, str]) -> None:
        self._writer = RawWriter(path, meta)
        self._records: SimpleQueue[Record | None] = SimpleQueue()
        self._thread = Thread(target=self._write, name=f"recorder {path.name}")
        self._thread.start()

    @property
    def path(self) -> Path:
        """Where the recording is."""
        return self._writer.path

    @property
    def failure(self) -> str | None:
        """Why it stopped, one line for people; None while all is well."""
        return self._writer.failure

    def append(self, record: Record) -> None:
        """Write a record soon; returns at once."""
        self._records.put(record)

    def close(self) -> Path:
        """Write what waits, and compress -> the file that there is now. Takes seconds."""
        if self._thread.is_alive():
            self._records.put(None)
            self._thread.join()
        return self._writer.close()

    def _write(self) -> None:
        while (record := self._records.get()) is not None:
            self._writer.append(record)

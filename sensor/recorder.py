"""Recording while a session runs: a disk that takes its time keeps no packet from being tracked."""

from collections.abc import Mapping
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from time import sleep

from sensor.raw_writer import RawWriter
from sensor.records import Record

_GATHER_S = 0.02


class Recorder:
    """A `RawWriter` with a thread of its own. Raises RecordingError where it cannot begin.

    A record is written within a fiftieth of a second; so much is lost if the process is killed.

    path: of the recording; after `close`, of the compressed one.
    """

    def __init__(self, path: Path, meta: Mapping[str, str]) -> None:
        self._writer = RawWriter(path, meta)
        self._records: SimpleQueue[Record | None] = SimpleQueue()
        # A daemon: what forgets to close a recording still comes to its end.
        self._thread = Thread(target=self._write, name=f"recorder {path.name}", daemon=True)
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
        record = self._records.get()
        while record is not None:
            try:
                self._writer.append(record)
            except ValueError as error:  # what the format cannot hold
                self._writer.failure = f"{self.path}: recording stopped: {error}: report this"
            if self._records.empty():
                # To be woken for each packet would cost more than all the rest of recording it.
                sleep(_GATHER_S)
            record = self._records.get()

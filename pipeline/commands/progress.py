"""How far a recording has been read."""

import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress

from sensor.recording import AnyRecording
from sensor.samples import Moment

_PROGRESS_AFTER_S = 1.0


class ProgressBar:
    """On standard error, if that is a terminal, once the reading takes long enough to want it."""

    def __init__(self, recording: AnyRecording, *, hidden: bool) -> None:
        self._recording = recording
        self._hidden = hidden or not sys.stderr.isatty()
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def watch(self, moments: Iterable[Moment]) -> Iterator[Moment]:
        """The same moments, counted as they pass."""
        begin_s = time.monotonic()
        for moment in moments:
            if self._bar:
                self._bar.update(self._bar.task_ids[0], completed=self._recording.progress)
            elif not self._hidden and time.monotonic() - begin_s > _PROGRESS_AFTER_S:
                self._begin()
            yield moment

    def _begin(self) -> None:
        total = None if self._recording.progress is None else 1.0
        self._bar = Progress(console=Console(stderr=True), transient=True)
        self._bar.add_task("reading", total=total)
        self._bar.start()

"""How far something is that takes its time."""

import sys
import time
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress

from sensor.recording import AnyRecording
from sensor.samples import Moment

_BAR_AFTER_S = 1.0


class Bar:
    """On standard error, if that is a terminal, once it takes long enough to want it."""

    def __init__(self, what: str, *, hidden: bool = False) -> None:
        self._what = what
        self._hidden = hidden or not sys.stderr.isatty()
        self._begin_s = time.monotonic()
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

    def told(self, done: float | None, total: float | None) -> None:
        """So much of so much; None where that is not known."""
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=done, total=total)
        elif not self._hidden and time.monotonic() - self._begin_s > _BAR_AFTER_S:
            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.add_task(self._what, total=total)
            self._bar.start()

    def watch(self, recording: AnyRecording, moments: Iterable[Moment]) -> Iterator[Moment]:
        """The moments of a recording, counted as they pass."""
        for moment in moments:
            self.told(recording.progress, None if recording.progress is None else 1.0)
            yield moment

"""Results on their way to the stores: into the outbox, and then a mark that they are there.

A mark is `published/RECORDING.ALGORITHM.json` in the folder of the run. It is written when the
outbox has all events of a recording on the disk, which then sees to it that they arrive. Without
the mark a recording is processed and posted again: its ids and revisions are the same, so that a
store takes nothing twice.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from pipeline.archive import StoppedError
from pipeline.archive.folder import write_whole
from pipeline.archive.results import Job, Result
from pipeline.delivery.messages import Message
from pipeline.tracker import ALGORITHM

_MANY = 1000  # events
_TOGETHER = 100  # recordings
_LOOK_S = 0.01
_PATIENCE_S = 10.0
_SHOWN = 5


class Sender(Protocol):
    """What posting needs of a `Publisher`, which processes that only track need not import."""

    def post(self, messages: Sequence[Message]) -> None:
        """Events for the outbox. Returns at once."""

    def health(self) -> Mapping[str, Any]:
        """How it is, as `Publisher.health`."""


@dataclass(slots=True)
class Posted:
    """What became of the results. recordings: that are published now, with so many events.

    lost: of how many recordings corrections could not be carried over; first_lost: id and how many
    corrections, of the first few. undated: recordings that do not say when they were made, and so
    have no place in a store; first_undated: the first few of them, as they are on the disk.
    """

    recordings: int = 0
    events: int = 0
    lost: int = 0
    first_lost: list[tuple[str, int]] = field(default_factory=list)
    undated: int = 0
    first_undated: list[str] = field(default_factory=list)


class Posting:
    """Posts for one run. posted: so far.

    folder: of the run. site: of the sender; what was published at another one is not here.
    """

    def __init__(self, folder: Path, sender: Sender, site: str) -> None:
        self.posted = Posted()
        self._folder = folder / "published"
        self._sender = sender
        self._site = site
        self._unmarked: list[Result] = []

    def over(self, job: Job, before: Result) -> bool:
        """Is there nothing to publish of a recording that was done before?"""
        if _is_undated(before):
            self._note_undated(before)
            return True
        try:
            mark = json.loads(self._mark(job.recording).read_text(encoding="utf-8"))
            return bool(mark | self._said(job) == mark)
        except (OSError, ValueError, TypeError):
            return False

    def take(self, result: Result) -> None:
        """Post what a recording tells. Raises StoppedError."""
        if _is_undated(result):
            self._note_undated(result)
            return
        if result.again:
            return
        if len(self._unmarked) >= _TOGETHER or not self._sender.health()["held"]:
            self.settle()
        messages = result.retold.messages if result.retold else ()
        for start in range(0, len(messages), _MANY):
            if self._sender.health()["held"] > _MANY:
                self.settle()
            self._sender.post(messages[start : start + _MANY])
        self._unmarked.append(result)

    def settle(self) -> None:
        """Wait until the outbox has what was posted, and mark it. Raises StoppedError."""
        since_s = time.monotonic()
        while (health := self._sender.health())["held"]:
            if not health["working"]:
                raise StoppedError("what publishes has failed: report this")
            if health["disk"] is None:
                since_s = time.monotonic()
            elif time.monotonic() - since_s > _PATIENCE_S:
                raise StoppedError(health["disk"])
            time.sleep(_LOOK_S)
        for result in self._unmarked:
            self._write_mark(result)
        self._unmarked.clear()

    def _write_mark(self, result: Result) -> None:
        events, lost = (
            (len(result.retold.messages), result.retold.lost) if result.retold else (0, 0)
        )
        text = json.dumps(self._said(result) | {"events": events, "lost": lost}) + "\n"
        try:
            self._folder.mkdir(exist_ok=True)
            write_whole(
                self._mark(result.recording), lambda part: part.write_text(text, encoding="utf-8")
            )
        except OSError as error:
            raise StoppedError(
                f"cannot write to {self._folder}: {error.strerror or error}"
            ) from error
        self.posted.recordings += events > 0
        self.posted.events += events
        if lost:
            self.posted.lost += 1
            if len(self.posted.first_lost) < _SHOWN:
                self.posted.first_lost.append((result.recording, lost))

    def _said(self, one: Job | Result) -> dict[str, object]:
        """Of what a mark is: another file or another site has none."""
        return {
            "site": self._site,
            "size_bytes": one.size_bytes,
            "modified_ns": one.modified_ns,
        }

    def _mark(self, recording: str) -> Path:
        return self._folder / f"{recording}.{ALGORITHM}.json"

    def _note_undated(self, result: Result) -> None:
        self.posted.undated += 1
        if len(self.posted.first_undated) < _SHOWN:
            self.posted.first_undated.append(result.path)


def _is_undated(result: Result) -> bool:
    """Could it be read, and does it not say when it was made?"""
    return result.session is not None and result.started_us is None

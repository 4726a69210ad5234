"""What a store does with a batch: read it, write what is new, and remember that. No MQTT here."""

import logging
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.delivery.book import Book
from pipeline.delivery.messages import Message, PayloadError, from_payload
from pipeline.delivery.refused import RefusedFile
from pipeline.delivery.sinks import Sink, points_of

REFUSED_FILE = "refused.jsonl"
MOST_BYTES = 65_536
# A point has its time in 63 bits of nanoseconds.
LAST_US = 2**63 // 1000 - 1
_MOST_S = 1e9
_MOST_DEEP = 8

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Counts:
    """Since the start. kept: changes of an event. known: what had come before. refused: points."""

    kept: int = 0
    known: int = 0
    malformed: int = 0
    refused: int = 0


class Keeper:
    """Databases first, then the book: what is in the book is everywhere.

    After a kill in between, the same batch comes again and writes the same.
    """

    def __init__(self, book: Book, sinks: Sequence[Sink]) -> None:
        self.counts = Counts()
        self.refused = RefusedFile(refused_file(book.path))
        self._book = book
        self._sinks = sinks

    def read(self, topic: str, payload: bytes) -> Message | None:
        """What came as a message; None for what is none, which is logged and counted."""
        try:
            return _read(topic, payload)
        except PayloadError as error:
            self.counts.malformed += 1
            log.warning("%s: passed over, it %s", _shown(topic), error)
            return None

    def keep(self, messages: Sequence[Message]) -> None:
        """Keep what is new. SinkUnavailableError or BookError: try again with the same messages."""
        changes = self._book.plan(messages)
        points = [point for change in changes if change.shown for point in points_of(change)]
        refused = [(sink.name, sink.write(points)) for sink in self._sinks] if points else []
        for name, some in refused:
            self.refused.add(name, some)
        self._book.keep(changes)
        for name, some in refused:
            self.counts.refused += len(some)
            for one in some:
                log.error(
                    "%s refused %s (%s), which is now in %s: hiprep store --resend FILE, "
                    "when the cause is gone",
                    name,
                    one.point.fields["id"],
                    one.reason,
                    self.refused.path,
                )
        self.counts.kept += len(changes)
        self.counts.known += len(messages) - len(changes)


def refused_file(book: Path) -> Path:
    """Where points are that were refused by a database."""
    return book.with_name(REFUSED_FILE)


def _read(topic: str, payload: bytes) -> Message:
    if len(payload) > MOST_BYTES:
        raise PayloadError(f"is longer than {MOST_BYTES} bytes")
    message = from_payload(topic, payload)
    if message.time_us > LAST_US:
        raise PayloadError("has a time_us after the year 2262")
    if not abs(message.at_s) < _MOST_S:
        raise PayloadError("has an at_s that is no time of a session")
    if not _plain(message.values, _MOST_DEEP):
        raise PayloadError("has values that are not finite, or nested too deep")
    return message


def _plain(value: Any, levels: int) -> bool:
    """Whether an object or a list can be kept as it is. 1e999 is JSON, and infinite."""
    parts = value.values() if isinstance(value, dict) else value
    for part in parts:
        if type(part) is float:
            if not math.isfinite(part):
                return False
        elif isinstance(part, dict | list) and (levels == 0 or not _plain(part, levels - 1)):
            return False
    return True


def _shown(topic: str) -> str:
    return repr(topic[:200])

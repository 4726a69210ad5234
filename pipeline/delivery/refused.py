"""Points that a database refused, set aside in a file of JSON lines until they are sent again."""

import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path

from pipeline.delivery.book import Book, BookError
from pipeline.delivery.messages import EVENT_KINDS
from pipeline.delivery.sinks import Point, Refused, Sink, point_of, tags_of

_AT_ONCE = 500


@dataclass(slots=True)
class Resent:
    """How many points the databases took, how many they refuse still, and lines none can read."""

    sent: int = 0
    refused: int = 0
    unreadable: int = 0


class RefusedFile:
    """One line for each point: ``{"sink": NAME, "reason": TEXT, "point": {...}}``.

    Raises BookError where the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, sink: str, refused: Sequence[Refused]) -> None:
        """Put them on the disk."""
        self._append(
            json.dumps({"sink": sink, "reason": one.reason, "point": asdict(one.point)})
            for one in refused
        )

    def resend(self, book: Book, sinks: Sequence[Sink]) -> Resent:
        """Send all of them, as they are in the book now; what is refused again stays in the file.

        A store may go on meanwhile: it adds to a new file. Raises SinkUnavailableError too; then no
        point is lost, and it can be tried again.
        """
        aside = self.path.with_name(f"{self.path.name}.resending")
        resent = Resent()
        with self._errors():
            if aside.exists():  # it broke off the last time
                self._resend(aside, book, sinks, Resent())
            if self.path.exists():
                self.path.replace(aside)
                self._resend(aside, book, sinks, resent)
        return resent

    def _resend(self, aside: Path, book: Book, sinks: Sequence[Sink], resent: Resent) -> None:
        with aside.open(encoding="utf-8", errors="replace") as file:
            while lines := list(islice(file, _AT_ONCE)):
                read = [(line, _read(line)) for line in lines]
                foreign = [line.rstrip("\n") for line, entry in read if entry is None]
                self._append(foreign)
                resent.unreadable += len(foreign)
                for sink in sinks:
                    were = [entry[1] for _, entry in read if entry and entry[0] == sink.name]
                    points = [now for point in were if (now := _as_it_is(point, book))]
                    refused = sink.write(points)
                    self.add(sink.name, refused)
                    resent.sent += len(points) - len(refused)
                    resent.refused += len(refused)
        aside.unlink()

    def _append(self, lines: Iterator[str] | Sequence[str]) -> None:
        text = "".join(f"{line}\n" for line in lines)
        if text:
            with self._errors(), self.path.open("a", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BookError(f"{self.path}: {error.strerror}: free the disk or mend it") from error


def _read(line: str) -> tuple[str, Point] | None:
    """The sink and the point of a line; None where it is none of ours."""
    try:
        entry = json.loads(line)
        point = Point(**entry["point"])
        usable = (
            point.measurement in EVENT_KINDS
            and isinstance(point.fields["id"], str)
            and type(point.time_ns) is int
            and all(isinstance(text, str) for text in point.tags.values())
            and all(isinstance(value, bool | int | float | str) for value in point.fields.values())
        )
        return (str(entry["sink"]), point) if usable else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _as_it_is(point: Point, book: Book) -> Point | None:
    """By what is known now: the event may be newer, somebody else's, hidden now, or gone."""
    for kind in EVENT_KINDS:
        if kind == point.measurement:
            message = book.get(kind, str(point.fields["id"]))
            if message is None:
                return None
            if tags_of(message) == point.tags and book.shows(message):
                return point_of(message, anew=True)
    return replace(point, fields={**point.fields, "valid": False})

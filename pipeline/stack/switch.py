"""Another version of the algorithm is shown: in the store's file, and in its databases."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from pipeline.delivery.book import Book
from pipeline.delivery.sinks import Point, Sink, point_of
from pipeline.delivery.versions import MEASURED, SessionKey, key_of
from pipeline.stack.refill import write


def switch(
    book: Book,
    sinks: Sequence[Sink],
    algorithm: str,
    session: str | None = None,
    told: Callable[[int, int], None] = lambda *_: None,
) -> int:
    """Show this version of all sessions that have it, or of those of one name -> how many have.

    The file first, in one piece; then the points, session by session. Where that is interrupted,
    the same again does all of it. The book must be no store's meanwhile. told: how many sessions
    are done, of how many. Raises BookError, SinkUnavailableError.
    """
    for sink in sinks:
        sink.check()
    count = book.use(algorithm, session)
    keys = book.showing(algorithm, session) if sinks else []
    for done, key in enumerate(keys, start=1):
        for points in _points(book, key, algorithm):
            write(sinks, points)
        told(done, len(keys))
    return count


def _points(book: Book, key: SessionKey, algorithm: str) -> tuple[list[Point], list[Point]]:
    """Of one session: those that are hidden, to be written first, and those that are shown.

    One of each may be the same row of a database: then that of the second is made anew.
    """
    events = [
        message
        for kind in MEASURED
        for message in book.messages(kind, session=key[2], withdrawn=True, every_version=True)
        if key_of(message) == key
    ]
    hidden = [point_of(replace(one, valid=False)) for one in events if one.algorithm != algorithm]
    taken = set(map(_row, hidden))
    shown = [point_of(one) for one in events if one.algorithm == algorithm]
    return hidden, [replace(point, anew=_row(point) in taken) for point in shown]


def _row(point: Point) -> object:
    return point.measurement, tuple(point.tags.items()), point.time_ns

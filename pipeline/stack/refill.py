"""The events of a store, written once more into its databases."""

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from pipeline.delivery.book import Book
from pipeline.delivery.messages import EVENT_KINDS, Message
from pipeline.delivery.sinks import Point, Sink, point_of

BATCH = 1000

log = logging.getLogger(__name__)


def refill(book: Book, sinks: Sequence[Sink], told: Callable[[int], None] = lambda _: None) -> int:
    """Write every event that the book shows, as it stands there -> how many points were taken.

    Nothing is deleted, and writing it again changes nothing; a point that is refused is logged. The
    book must be no store's meanwhile: what is newer could be written over. told: how many events
    are done. Raises BookError; SinkUnavailableError: begin again when it answers.
    """
    for sink in sinks:
        sink.check()
    done = refused = 0
    for points in _batches(map(point_of, _events(book))):
        refused += write(sinks, points)
        done += len(points)
        told(done)
    return done * len(sinks) - refused


def write(sinks: Sequence[Sink], points: Sequence[Point]) -> int:
    """Write points into all of them -> how many were refused, which is logged."""
    refused = 0
    for sink in sinks:
        for one in sink.write(points):
            log.error("%s refused %s (%s)", sink.name, one.point.fields["id"], one.reason)
            refused += 1
    return refused


def _events(book: Book) -> Iterator[Message]:
    """What was withdrawn too: its point says that it is not valid."""
    for kind in EVENT_KINDS:
        yield from book.messages(kind, withdrawn=True)


def _batches(points: Iterable[Point]) -> Iterator[list[Point]]:
    rest = iter(points)
    while batch := list(islice(rest, BATCH)):
        yield batch

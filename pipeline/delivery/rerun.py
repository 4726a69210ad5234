"""A recording once more, as messages: with what was asked for while it was live."""

from collections.abc import Callable, Iterable, Iterator

from pipeline.delivery.carried import Carried
from pipeline.delivery.commands import CommandError, parse
from pipeline.delivery.messages import Message
from pipeline.events import Event
from pipeline.tracker import Tracker
from sensor.samples import Moment


def rerun(
    moments: Iterable[Moment],
    tracker: Tracker,
    carried: Carried,
    heard: Callable[[Event], object] = lambda _: None,
) -> Iterator[Message]:
    """What the live session said, in its order; of the same recording, the same again.

    heard: is told each event of the tracker, too.
    """
    at_s = 0.0
    for moment in moments:
        at_s = moment.at_s
        if moment.text:
            yield from _asked(moment, carried)
        for event in tracker.follow(moment):
            heard(event)
            yield from carried.take(at_s, event)
    for event in tracker.finish():
        heard(event)
        yield from carried.take(at_s, event)
    yield from carried.ledger.end(at_s)


def _asked(moment: Moment, carried: Carried) -> list[Message]:
    try:
        command = parse(moment.text.encode())
    except CommandError:  # of a newer hiprep: what it did to the tracker is an order of its own
        return []
    return carried.command(moment.at_s, command)

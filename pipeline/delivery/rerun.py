"""A recording once more, as messages: with what was asked for while it was live."""

from collections.abc import Iterable, Iterator

from pipeline.delivery.commands import CommandError, parse
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import Message
from pipeline.tracker import Tracker
from sensor.samples import Moment


def rerun(moments: Iterable[Moment], tracker: Tracker, ledger: Ledger) -> Iterator[Message]:
    """What the live session said, in its order; of the same recording, the same again."""
    at_s = 0.0
    for moment in moments:
        at_s = moment.at_s
        if moment.text:
            yield from _asked(moment, ledger)
        for event in tracker.follow(moment):
            yield from ledger.take(at_s, event)
    for event in tracker.finish():
        yield from ledger.take(at_s, event)
    yield from ledger.end(at_s)


def _asked(moment: Moment, ledger: Ledger) -> list[Message]:
    try:
        command = parse(moment.text.encode())
    except CommandError:  # of a newer hiprep: what it did to the tracker is an order of its own
        return []
    return ledger.command(moment.at_s, command)[1]

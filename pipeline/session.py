"""One sensor on one lifter: records in, events out. Live and replay go through here alike."""

from pipeline.events import Event
from pipeline.tracker import Tracker
from sensor.records import End, Record
from sensor.stream import Stream


class Session:
    """A tracker, if any, behind a stream of records.

    The same records give the same events: a replay of what was recorded says what was said live.
    """

    def __init__(self, tracker: Tracker | None) -> None:
        self.tracker = tracker
        self.stream = Stream()

    def take(self, record: Record) -> list[tuple[float, Event]]:
        """The next record -> what became known with it, each with its ``at_s``.

        Raises ValueError for a sensor whose driver is not known here.
        """
        moment = self.stream.moment(record)
        if self.tracker is None:
            return []
        events = self.tracker.follow(moment)
        if isinstance(record, End):
            events += self.tracker.finish()
        return [(moment.at_s, event) for event in events]

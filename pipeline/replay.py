"""A recording through the tracker: events as they are published, and as they stand afterwards."""

from collections.abc import Iterable, Iterator, Sequence

from pipeline.events import Event, Gap, Rep, RepWithdrawn, SetSummary
from pipeline.tracker import Tracker
from sensor.samples import Moment

LIVE_SAMPLES = 10
ARCHIVE_SAMPLES = 1000


def published(moments: Iterable[Moment], tracker: Tracker) -> Iterator[tuple[float, Event]]:
    """Each event with its ``at_s``: when what made it known had come.

    What the end of the recording brings carries the time of the last moment.
    """
    at_s = 0.0
    for moment in moments:
        at_s = moment.at_s
        for event in tracker.follow(moment):
            yield at_s, event
    for event in tracker.finish():
        yield at_s, event


class FinalOrder:
    """Published events in, final ones out: a set's reps in order of time, then the set.

    Holds the newest revision of each rep until its set is over. Gaps come between the reps
    where they lie; those outside of a set wait for the next set or the end.
    """

    def __init__(self) -> None:
        self._reps: dict[str, Rep] = {}
        self._gaps: list[Gap] = []

    def add(self, event: Event) -> list[Event]:
        """What this event makes final; empty as long as its set is open."""
        match event:
            case Rep():
                held = self._reps.get(event.id)
                if held is None or event.revision > held.revision:
                    self._reps[event.id] = event
            case RepWithdrawn():
                self._reps.pop(event.id, None)
            case Gap():
                self._gaps.append(event)
            case SetSummary():
                return self._close(event)
        return []

    def rest(self) -> list[Event]:
        """What no set has taken, in order of time: after an interruption, the open set's reps."""
        rest = _in_order([*self._reps.values(), *self._gaps])
        self._reps.clear()
        self._gaps.clear()
        return rest

    def _close(self, summary: SetSummary) -> list[Event]:
        reps = [rep for rep in self._reps.values() if rep.set == summary.set]
        gaps = [gap for gap in self._gaps if gap.start_s < summary.end_s]
        for rep in reps:
            del self._reps[rep.id]
        del self._gaps[: len(gaps)]
        return [*_in_order([*reps, *gaps]), summary]


def _in_order(events: Sequence[Rep | Gap]) -> list[Event]:
    ordered: list[Rep | Gap] = sorted(events, key=lambda event: event.start_s)
    return [*ordered]

"""Events as trackers give them, for many sensors at once; and messages of them, any number."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import cycle

from pipeline.delivery.commands import Targets
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import Message
from pipeline.events import Event, Rep, RepWithdrawn, SetSummary
from pipeline.exercises import load
from pipeline.replay import LIVE_SAMPLES
from pipeline.tracker import Tracker
from tests.benchmarks.sessions import mostly_sets
from tests.benchmarks.speed import cut

SITE = "home"
_SESSION = "20260105T173000Z"
_TARGETS = Targets(reps=8, tempo="3-1-1-2", hold_s=2.0, velocity_loss_pct=20.0)
_US = 1_000_000


@dataclass(frozen=True, slots=True)
class Moment:
    """What the tracker of a sensor says, and when: seconds since the beginning of its session."""

    at_s: float
    event: Event


@cache
def moments() -> tuple[Moment, ...]:
    """A model lifter doing set after set of ten reps, with rests of 20 s."""
    tracker = Tracker(load("hip_thrust"))
    found = []
    at_s = 0.0
    for block in cut(mostly_sets(), LIVE_SAMPLES):
        at_s = float(block.t_s[-1])
        found += [Moment(at_s, event) for event in tracker.feed(block)]
    found += [Moment(at_s, event) for event in tracker.finish()]
    return tuple(found)


def of_device(device: str, event: Event) -> Event:
    """The same event, of another sensor."""
    if isinstance(event, Rep | RepWithdrawn | SetSummary):
        return replace(event, id=f"{device}-{event.id}")
    return event


def ledger(device: str, started_us: int) -> Ledger:
    return Ledger(
        SITE, device, "anna", _SESSION, "hip_thrust", started_us, load_kg=60.0, targets=_TARGETS
    )


def reps(started_us: int) -> Iterator[Message]:
    """Reps without end, each an event of its own, as they stand after their set; 3 s apart."""
    book = ledger("belt-7", started_us)
    said = [message for one in moments() for message in book.take(one.at_s, one.event)]
    final = [one for one in said if one.kind == "rep" and one.values.get("final")]
    for number, message in enumerate(cycle(final)):
        time_us = started_us + number * 3 * _US
        yield replace(message, id=f"{message.id}-{number}", time_us=time_us, known_us=time_us)

"""Model recordings, made once, and what the tracker says to them."""

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import repeat
from typing import Any

import numpy as np

from pipeline.events import Event, Rep, RepWithdrawn, SetSummary
from pipeline.exercises import load
from pipeline.replay import published
from pipeline.report import Settings
from pipeline.tracker import Tracker
from sensor.samples import Floats, SampleBlock, as_they_come
from sensor.simulator import SessionSpec, simulate

Truth = dict[str, Any]

recording = cache(simulate)


@cache
def samples(spec: SessionSpec) -> SampleBlock:
    """The whole recording as one block."""
    made = recording(spec)
    return SampleBlock(made.t_s, made.acc, made.gyr)


def true_reps(spec: SessionSpec) -> list[Truth]:
    return [rep for one in recording(spec).truth["sets"] for rep in one["reps"]]


def part(block: SampleBlock, start: int, stop: int) -> SampleBlock:
    gyr = None if block.gyr is None else block.gyr[start:stop].copy()
    return SampleBlock(block.t_s[start:stop].copy(), block.acc[start:stop].copy(), gyr)


def cut(block: SampleBlock, sizes: Iterable[int]) -> Iterator[SampleBlock]:
    """Consecutive blocks of these sizes, until all is given out."""
    start = 0
    for size in sizes:
        yield part(block, start, start + size)
        start += size
        if start >= len(block):
            return


def random_sizes(most: int) -> Iterator[int]:
    """Endless; empty blocks among them."""
    rng = np.random.default_rng(most)
    while True:
        yield int(rng.integers(0, most))


def without(block: SampleBlock, gone: np.ndarray) -> SampleBlock:
    """The block without the samples (n,) that are marked."""
    gyr = None if block.gyr is None else block.gyr[~gone]
    return SampleBlock(block.t_s[~gone], block.acc[~gone], gyr)


def lost(block: SampleBlock, *windows: tuple[float, float]) -> SampleBlock:
    """The block without what lies in [start, end) seconds."""
    gone = np.zeros(len(block), dtype=bool)
    for start_s, end_s in windows:
        gone |= (block.t_s >= start_s) & (block.t_s < end_s)
    return without(block, gone)


def turned(block: SampleBlock, rotation: Floats) -> SampleBlock:
    """The same movement felt by a sensor that is worn turned by `rotation` (3, 3)."""
    assert block.gyr is not None
    acc, gyr = block.acc @ rotation.T, block.gyr @ rotation.T
    return SampleBlock(block.t_s, np.ascontiguousarray(acc), np.ascontiguousarray(gyr))


def tracker(exercise: str = "hip_thrust", **settings: float) -> Tracker:
    return Tracker(load(exercise), settings=Settings(**settings))  # type: ignore[arg-type]


def fed(to: Tracker, blocks: Iterable[SampleBlock]) -> list[Event]:
    return [event for block in blocks for event in to.feed(block)]


def replayed(
    block: SampleBlock, exercise: str = "hip_thrust", size: int = 1000, **settings: float
) -> list[Event]:
    """All events in the order in which they were published, the end of the stream included."""
    to = tracker(exercise, **settings)
    return fed(to, cut(block, repeat(size))) + to.finish()


def live(
    block: SampleBlock, exercise: str = "hip_thrust", **settings: float
) -> list[tuple[float, Event]]:
    """Each event with the time at which it was known, from packets of 10 samples."""
    return list(published(as_they_come(cut(block, repeat(10))), tracker(exercise, **settings)))


def final(events: Iterable[Event]) -> list[Rep]:
    """The reps as they stand in the end, partial ones too, in order of time."""
    latest: dict[str, Rep] = {}
    for event in events:
        if isinstance(event, Rep):
            latest[event.id] = event
        elif isinstance(event, RepWithdrawn):
            del latest[event.id]
    return sorted(latest.values(), key=lambda rep: rep.start_s)


def counted(events: Iterable[Event]) -> list[Rep]:
    return [rep for rep in final(events) if not rep.partial]


def sets(events: Iterable[Event]) -> list[SetSummary]:
    return [event for event in events if isinstance(event, SetSummary)]


def set_sizes(events: Iterable[Event]) -> list[int]:
    return [one.reps for one in sets(events)]


def true_sizes(spec: SessionSpec) -> list[int]:
    found = recording(spec).truth["sets"]
    return [sum(not rep["partial"] for rep in one["reps"]) for one in found]


def errors(found: Sequence[Rep], true: Sequence[Truth], name: str) -> Floats:
    """Found minus true of one field, rep by rep, where both have it."""
    pairs = [(getattr(a, name), b[name]) for a, b in zip(found, true, strict=True)]
    return np.array([a - b for a, b in pairs if a is not None and b is not None])

"""Recordings through the tracker, live, many at a time."""

import math
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

from pipeline.events import to_json
from pipeline.exercises import load
from pipeline.replay import published
from pipeline.tracker import Tracker
from sensor.samples import SampleBlock, as_they_come
from tests.benchmarks.scoring import Json

Job = TypeVar("Job")
Result = TypeVar("Result")


def replay(blocks: Iterable[SampleBlock], exercise: str) -> tuple[list[Json], float]:
    """Every event as it was published, with its ``at_s``; and the recording's length, seconds."""
    first_s, last_s = math.inf, -math.inf

    def watched() -> Iterator[SampleBlock]:
        nonlocal first_s, last_s
        for block in blocks:
            if len(block):
                first_s, last_s = min(first_s, block.t_s[0]), max(last_s, block.t_s[-1])
            yield block

    tracker = Tracker(load(exercise))
    events = [
        {**to_json(event), "at_s": at_s}
        for at_s, event in published(as_they_come(watched()), tracker)
    ]
    return events, max(0.0, float(last_s - first_s))


def run_all(work: Callable[[Job], Result], jobs: Sequence[Job]) -> list[Result]:
    """Results in the order of the jobs, from as many processes as there are cores."""
    with ProcessPoolExecutor(max_workers=os.cpu_count()) as pool:
        return list(pool.map(work, jobs, chunksize=4))

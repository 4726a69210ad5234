"""Packets that came one after the other, taken at once: what is given out is the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np

from sensor.drivers.driver import Batch
from sensor.samples import Floats


@dataclass(frozen=True, eq=False, slots=True)
class Run:
    """Samples of one packet or of several.

    batch: all of them. counts: samples of each packet, none of them 0. received_s: when each
    packet came.
    """

    batch: Batch
    counts: Sequence[int]
    received_s: Sequence[float]

    def cut(self, start: int, stop: int) -> "Run":
        """Packets start to stop of these."""
        if stop - start == len(self.counts):
            return self
        ends = [0, *accumulate(self.counts)]
        part, batch = slice(ends[start], ends[stop]), self.batch
        acc = None if batch.acc is None else batch.acc[part]
        gyr = None if batch.gyr is None else batch.gyr[part]
        device_s = None if batch.device_s is None else batch.device_s[part]
        return Run(Batch(acc, gyr, device_s), self.counts[start:stop], self.received_s[start:stop])


def edges(times_s: Floats, counts: Sequence[int]) -> tuple[list[float], list[float]]:
    """Of times (n,), the first and the last one of each packet."""
    if len(counts) == 1:
        return [float(times_s[0])], [float(times_s[-1])]
    sizes = np.array(counts)
    ends = np.cumsum(sizes)
    return times_s[ends - sizes].tolist(), times_s[ends - 1].tolist()


def in_one(runs: Sequence[Run]) -> list[Run]:
    """The same packets, those of a kind that follow on each other as one run."""
    groups: list[list[Run]] = []
    for run in runs:
        if groups and _kind(groups[-1][0]) == _kind(run):
            groups[-1].append(run)
        else:
            groups.append([run])
    return [_joined(group) for group in groups]


def _kind(run: Run) -> tuple[bool, bool]:
    return run.batch.acc is None, run.batch.gyr is None


def _joined(runs: list[Run]) -> Run:
    if len(runs) == 1:
        return runs[0]
    acc = [run.batch.acc for run in runs if run.batch.acc is not None]
    gyr = [run.batch.gyr for run in runs if run.batch.gyr is not None]
    device_s = [run.batch.device_s for run in runs if run.batch.device_s is not None]
    return Run(
        Batch(*(np.concatenate(parts) if parts else None for parts in (acc, gyr, device_s))),
        [count for run in runs for count in run.counts],
        [at_s for run in runs for at_s in run.received_s],
    )

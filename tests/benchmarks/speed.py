"""How fast the tracker is, against VQF alone in the same run: writes docs/speed.md.

python -m tests.benchmarks.speed
"""

import gc
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import vqf

from pipeline.exercises import load
from pipeline.tracker import Tracker
from sensor.samples import SampleBlock
from tests.benchmarks.sessions import long_set, mostly_sets, session, write_csv
from tests.benchmarks.tables import table

REPORT = Path(__file__).parents[2] / "docs" / "speed.md"
RATE_HZ = 100.0
RUNS = 5
CROWD = 1000
CROWD_WARM_S = 10
CROWD_S = 15
CLI = [sys.executable, "-c", "import sys; from pipeline.cli import main; sys.exit(main())"]


@dataclass(frozen=True, slots=True)
class Line:
    what: str
    value: float
    limit: float | None
    unit: str

    def cells(self) -> list[str]:
        goal = "" if self.limit is None else f"≤ {self.limit:g} {self.unit}".rstrip()
        met = "" if self.limit is None else "met"
        if self.limit is not None and self.value > self.limit:
            met = f"**over by {self.value - self.limit:.3g} {self.unit}".rstrip() + "**"
        return [self.what, f"{self.value:.3g} {self.unit}".rstrip(), goal, met]


def cut(samples: SampleBlock, size: int) -> list[SampleBlock]:
    return [part(samples, i, i + size) for i in range(0, len(samples), size)]


def part(samples: SampleBlock, start: int, end: int) -> SampleBlock:
    assert samples.gyr is not None
    return SampleBlock(samples.t_s[start:end], samples.acc[start:end], samples.gyr[start:end])


def tracker() -> Tracker:
    return Tracker(load("hip_thrust"))


def track(blocks: Sequence[SampleBlock]) -> None:
    one = tracker()
    for block in blocks:
        one.feed(block)
    one.finish()


def orient(blocks: Sequence[SampleBlock]) -> None:
    filtered = vqf.VQF(1 / RATE_HZ)
    for block in blocks:
        filtered.updateBatch(block.gyr, block.acc)


def cpu_s(work: Callable[[Sequence[SampleBlock]], None], blocks: Sequence[SampleBlock]) -> float:
    started = time.process_time()
    work(blocks)
    return time.process_time() - started


def against_vqf(samples: SampleBlock, size: int) -> tuple[float, float]:
    """Tracker over VQF, median of interleaved runs; and the tracker's microseconds a sample."""
    blocks = cut(samples, size)
    runs = [(cpu_s(track, blocks), cpu_s(orient, blocks)) for _ in range(RUNS)]
    return (
        statistics.median(ours / alone for ours, alone in runs),
        1e6 * statistics.median(ours for ours, _ in runs) / len(samples),
    )


def crowd_cores(samples: SampleBlock) -> float:
    """CPU seconds that 1,000 trackers need for a second of stream, each elsewhere in it."""
    step = int(RATE_HZ / 10)
    offsets = np.linspace(0, len(samples) - (CROWD_WARM_S + CROWD_S) * RATE_HZ, CROWD).astype(int)
    trackers = [tracker() for _ in range(CROWD)]
    started = 0.0
    for k in range(10 * (CROWD_WARM_S + CROWD_S)):
        blocks = [part(samples, i + k * step, i + (k + 1) * step) for i in offsets]
        if k == 10 * CROWD_WARM_S:
            started = time.process_time()
        for one, block in zip(trackers, blocks, strict=True):
            one.feed(block)
    return (time.process_time() - started) / CROWD_S


def growth(hour: SampleBlock, parts: Sequence[SampleBlock]) -> float:
    """Time for the hour over the time for its parts, each with a tracker of its own."""
    whole, pieces = cut(hour, 10), [cut(piece, 10) for piece in parts]
    runs = [cpu_s(track, whole) / sum(cpu_s(track, piece) for piece in pieces) for _ in range(3)]
    return statistics.median(runs)


def held_bytes(samples: SampleBlock) -> int:
    """What a tracker keeps after these samples, in Python and NumPy memory."""
    blocks = cut(samples, 100)
    gc.collect()
    tracemalloc.start()
    one = tracker()
    for block in blocks:
        one.feed(block)
    gc.collect()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    return held


def replay_s(samples: SampleBlock) -> tuple[float, float]:
    """Wall time of ``hiprep replay`` as a process; and of two seconds, which is its start-up."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "hour.csv.gz"
        short = Path(folder) / "short.csv.gz"
        write_csv(path, samples)
        write_csv(short, part(samples, 0, int(2 * RATE_HZ)))
        runs = [
            (_process_s("replay", str(path), "--json"), _process_s("replay", str(short), "--json"))
            for _ in range(5)
        ]
    return statistics.median(a for a, _ in runs), statistics.median(b for _, b in runs)


def _process_s(*arguments: str) -> float:
    started = time.perf_counter()
    subprocess.run([*CLI, *arguments], check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - started


def measure() -> tuple[list[Line], list[Line]]:
    """What does not depend on the machine; and what does."""
    hour = session(3600.0)
    sixths = cut(hour, int(600 * RATE_HZ))
    recordings = {
        "session, 15 % in sets": sixths[0],
        "sets with rests of 20 s": mostly_sets(),
        "one set of 150 reps": long_set(),
    }
    ratios, micros = [], []
    for name, samples in recordings.items():
        for size, limit in ((10, 8.0), (1000, 5.0)):
            ratio, micro = against_vqf(samples, size)
            what = f"{name}, blocks of {size:,}"
            ratios.append(Line(f"tracker / VQF alone: {what}", ratio, limit, "times"))
            micros.append(Line(f"tracker: {what}", micro, None, "µs a sample"))
    ratios.append(Line("an hour / its parts of 10 minutes", growth(hour, sixths), 1.1, "times"))
    ratios.append(
        Line("one tracker after an hour, outside a set", held_bytes(hour) / 1e6, 1.0, "MB")
    )
    total_s, start_s = replay_s(hour)
    micros = [
        Line("1,000 trackers at 100 Hz", crowd_cores(hour), 1.0, "cores"),
        Line("`hiprep replay` of an hour, start-up apart", total_s - start_s, 2.0, "s"),
        Line("start-up (`hiprep replay` of two seconds)", start_s, None, "s"),
        *micros,
    ]
    return ratios, micros


def report(ratios: Sequence[Line], micros: Sequence[Line]) -> str:
    head = ["figure", "measured", "goal", "goal met?"]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}."
    return f"""# How fast

Written by `make bench`. Model recordings at {RATE_HZ:g} Hz, CPU time of one core; medians of {RUNS}
runs, tracker and VQF by turns.

## Whatever the machine

{table(head, [line.cells() for line in ratios])}
VQF alone is `vqf.VQF.updateBatch` on the same samples in the same blocks. Memory is what Python
and NumPy hold for the tracker.

## On this machine

{machine}

{table(head, [line.cells() for line in micros])}"""


def main() -> None:
    text = report(*measure())
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()

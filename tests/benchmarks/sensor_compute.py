"""What a packet costs, from the radio's callback to the events: recorder, stream and tracker."""

import heapq
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from pipeline.exercises import load
from pipeline.live import Lifter, Watched
from pipeline.session import Session
from pipeline.tracker import Tracker
from sensor import drivers
from sensor.recorder import Recorder
from sensor.records import Packet, Record
from sensor.simulator.packets import model_session
from sensor.simulator.plan import SessionSpec
from tests.benchmarks.sessions import SET
from tests.benchmarks.speed import Line

LIFTERS = 8
_SPEC = SessionSpec(sets=(SET,) * 4, rest_s=60.0)


@dataclass
class Wearer:
    """One of the sensors. took_s: for each of its packets. samples: what came of them."""

    driver: str
    records: list[Record]
    took_s: list[float] = field(default_factory=list)
    samples: int = 0


def crowd() -> list[Wearer]:
    """Eight sensors, of every make there is a driver for, and the first of them again."""
    names = drivers.names()
    makes = [names[number % len(names)] for number in range(LIFTERS)]
    return [Wearer(name, model_session(name, _seeded(seed))[1]) for seed, name in enumerate(makes)]


def play(wearers: list[Wearer]) -> None:
    """All their records in the order in which they came, as fast as they are taken."""
    with tempfile.TemporaryDirectory() as folder:
        watched = [_watched(Path(folder), number, one) for number, one in enumerate(wearers)]
        for record, wearer, one in _interleaved(wearers, watched):
            started_s = time.perf_counter()
            one.take(record)
            if isinstance(record, Packet):
                wearer.took_s.append(time.perf_counter() - started_s)
        for wearer, one in zip(wearers, watched, strict=True):
            assert one.recorder
            one.recorder.close()
            wearer.samples = one.session.stream.samples


def lines(wearers: list[Wearer]) -> list[Line]:
    all_ms = 1e3 * np.concatenate([one.took_s for one in wearers])
    p50, p99 = np.percentile(all_ms, (50, 99))
    what = f"{LIFTERS} sensors of mixed makes, as fast as it goes"
    return [
        Line(f"{what}: p50", float(p50), None, "ms"),
        Line(f"{what}: p99", float(p99), 2.0, "ms"),
        Line(f"{what}: worst of {len(all_ms):,}", float(all_ms.max()), None, "ms"),
    ]


def rows(wearers: list[Wearer]) -> list[list[str]]:
    """One line for each make."""
    found = []
    for one in {one.driver: one for one in wearers}.values():
        p50, p99 = 1e3 * np.percentile(one.took_s, (50, 99))
        per_packet = one.samples / len(one.took_s)
        worst_ms = 1e3 * max(one.took_s)
        found.append(
            [one.driver, f"{per_packet:.3g}", f"{p50:.3f}", f"{p99:.2f}", f"{worst_ms:.1f}"]
        )
    return found


def _seeded(seed: int) -> SessionSpec:
    return SessionSpec(sets=_SPEC.sets, rest_s=_SPEC.rest_s, seed=seed)


def _watched(folder: Path, number: int, wearer: Wearer) -> Watched:
    name = f"{number}-{wearer.driver}"
    return Watched(
        Lifter(name, name),
        Session(Tracker(load("hip_thrust"))),
        Recorder(folder / f"{name}.hiprec", {}),
        lambda *_: None,
    )


def _interleaved(
    wearers: list[Wearer], watched: list[Watched]
) -> Iterator[tuple[Record, Wearer, Watched]]:
    streams = [
        [(record, wearer, one) for record in wearer.records]
        for wearer, one in zip(wearers, watched, strict=True)
    ]
    return iter(heapq.merge(*streams, key=lambda entry: entry[0].at_us))

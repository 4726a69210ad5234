"""An archive to measure with: recordings of packets, a few distinct ones and copies of them.

A copy has the same packets under another session of another day, so that its reps have ids of
their own. It is made of two gzip members, a header of its own and the packets, which are compressed
once: 200 recordings are there in seconds.
"""

import gzip
import os
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sensor.raw_format import MAGIC, encode, encode_header
from sensor.records import End
from sensor.simulator.packets import model_session
from sensor.simulator.plan import SessionSpec
from tests.benchmarks.sessions import SET, SET_SHARE
from tests.pipeline.archive.tasks import DEADLY

MAKES = ("witmotion", "open_sensor", "polar", "movesense")
SEEDS = 2
_SET_S = 30.0
_REST_S = _SET_S * (1 / SET_SHARE - 1)
_FIRST_DAY = datetime(2025, 1, 6, 17, 30, tzinfo=UTC)
_KEPT_OF_TRUNCATED = 0.6


def write_archive(folder: Path, count: int, minutes: float) -> list[Path]:
    """So many recordings, makes and seeds by turns; the last one breaks off in its middle."""
    folder.mkdir()
    packets = [
        gzip.compress(_packets(make, seed, minutes), mtime=0)
        for seed in range(SEEDS)
        for make in MAKES
    ]
    paths = []
    for number in range(count):
        make = MAKES[number % len(MAKES)]
        started = _FIRST_DAY + timedelta(days=number)
        meta = {
            "sensor": make.replace("_", "-"),
            "session": f"{started:%Y%m%dT%H%M%SZ}",
            "started": started.isoformat(),
        }
        header = gzip.compress(MAGIC + encode_header(meta), mtime=0)
        paths.append(folder / f"{number:06}-{make}.hiprec.gz")
        paths[-1].write_bytes(header + packets[number % len(packets)])
    whole = paths[-1].read_bytes()
    paths[-1].write_bytes(whole[: int(_KEPT_OF_TRUNCATED * len(whole))])
    return paths


def part_of(folder: Path, paths: Sequence[Path], *, deadly: bool = False) -> Path:
    """A folder with some of them, which take no room; deadly: and one of which processes die."""
    folder.mkdir()
    for path in paths:
        os.link(path, folder / path.name)
    if deadly:
        os.link(paths[0], folder / f"{DEADLY}.hiprec.gz")
    return folder


def _packets(make: str, seed: int, minutes: float) -> bytes:
    """All records of a model session, about 15 % of it in sets."""
    seconds = 60 * minutes
    sets = round(seconds * SET_SHARE / _SET_S) + 1
    _, records = model_session(make, SessionSpec(sets=(SET,) * sets, rest_s=_REST_S, seed=seed))
    kept = [record for record in records if record.at_us <= seconds * 1e6]
    if not isinstance(kept[-1], End):
        kept.append(End(kept[-1].at_us))
    return b"".join(map(encode, kept))

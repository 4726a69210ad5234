"""``hiprep compare``: what another version of the algorithm changed in an archive."""

import argparse
import heapq
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from types import ModuleType

from rich.console import Console

from pipeline.archive import ArchiveError
from pipeline.archive.compare import SetChange, Tally, compare
from pipeline.archive.compare_view import (
    change_json,
    headline,
    summary_json,
    summary_view,
    worst_view,
)
from pipeline.archive.folder import run_of
from pipeline.archive.results import Result
from pipeline.commands import CommandError
from sensor.recording import RecordingError

_REASONS = (
    "only in A",
    "only in B",
    "another file in B",
    "damaged results",
    "failed in A alone",
    "failed in B alone",
)


@dataclass(frozen=True, slots=True)
class Version:
    """What one version of the algorithm found: a folder of results, and which of those in it."""

    folder: Path
    algorithm: str

    def __str__(self) -> str:
        exercise = run_of(self.folder).exercise
        asked = f", as {exercise}" if exercise else ""
        return f"{self.folder}, algorithm {self.algorithm}{asked}"


def run(args: argparse.Namespace) -> int:
    """Compare two folders: a summary, the worst sets, and pictures of them."""
    results = _parquet()
    try:
        versions = _version(results, args.a), _version(results, args.b)
        if versions[0] == versions[1]:
            raise CommandError(f"A and B are the same: {versions[0]}")
        return _compare(results, versions, args)
    except ArchiveError as error:
        raise CommandError(str(error)) from error


def _parquet() -> ModuleType:
    try:
        from pipeline.archive import parquet  # noqa: PLC0415  # an extra, and slow to import
    except ModuleNotFoundError as error:
        if error.name != "pyarrow":
            raise
        raise CommandError("results are kept as Parquet: pip install 'hiprep[parquet]'") from error
    return parquet


def _version(results: ModuleType, text: str) -> Version:
    """What is meant by FOLDER or FOLDER@ALGORITHM."""
    folder, at, algorithm = text.rpartition("@")
    if Path(text).exists() or not at:
        folder, algorithm = text, ""
    known = results.algorithms(Path(folder))
    run_of(Path(folder))
    if not known:
        raise CommandError(f"{folder} has no results yet: hiprep process writes them")
    if not algorithm and len(known) > 1:
        raise CommandError(
            f"{folder} has results of the algorithms {', '.join(known)}: say which, "
            f"like {folder}@{known[-1]}"
        )
    if algorithm and algorithm not in known:
        raise CommandError(f"{folder} has no results of {algorithm}, but of {', '.join(known)}")
    return Version(Path(folder), algorithm or known[0])


def _compare(
    results: ModuleType, versions: tuple[Version, Version], args: argparse.Namespace
) -> int:
    apart: dict[str, list[str]] = {reason: [] for reason in _REASONS}
    tally = Tally()
    worst: list[tuple[float, int, SetChange]] = []
    order = count(0, -1)  # of those that are equally bad, the first
    for before, after in _both(results, versions, apart):
        changes = compare(before, after)
        tally.add(changes)
        for change in changes:
            if change.equal:
                continue
            if args.json:
                print(json.dumps(change_json(change)))
            heapq.heappush(worst, (change.badness, next(order), change))
            if len(worst) > args.worst:
                heapq.heappop(worst)
    shown = [change for *_, change in sorted(worst, reverse=True)]
    if args.json:
        print(json.dumps(summary_json(tally, apart)))
    else:
        _print(versions, tally, apart, shown)
    if args.plots:
        _plot(args.plots, shown)
    return 0


def _both(
    results: ModuleType, versions: tuple[Version, Version], apart: dict[str, list[str]]
) -> Iterator[tuple[Result, Result]]:
    """Results of the recordings that both have; notes those that cannot be compared."""
    first, second = (set(results.recordings(one.folder, one.algorithm)) for one in versions)
    apart["only in A"] += sorted(first - second)
    apart["only in B"] += sorted(second - first)
    for recording in sorted(first & second):
        try:
            before, after = (results.read(one.folder, recording, one.algorithm) for one in versions)
        except ArchiveError:
            apart["damaged results"].append(recording)
            continue
        if before.size_bytes != after.size_bytes:
            apart["another file in B"].append(recording)
            continue
        if (before.error is None) != (after.error is None):
            apart["failed in A alone" if before.error else "failed in B alone"].append(recording)
        yield before, after


def _print(
    versions: tuple[Version, Version],
    tally: Tally,
    apart: dict[str, list[str]],
    shown: Sequence[SetChange],
) -> None:
    console = Console(highlight=False, markup=False, emoji=False)
    for name, version in zip("AB", versions, strict=True):
        console.print(f"{name}: {version}", soft_wrap=True)
    console.print(summary_view(tally, apart), soft_wrap=True)
    if shown:
        console.print("\nThe worst:")
        console.print(worst_view(shown))


def _plot(folder: Path, changes: Sequence[SetChange]) -> None:
    """Draw them; say which recordings are gone."""
    from pipeline.archive.plots import draw_change  # noqa: PLC0415  # Matplotlib takes a second

    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number, change in enumerate(changes, start=1):
            path = folder / f"{number:03d}-{change.recording}-{change.start_s:.0f}s.png"
            try:
                draw_change(path, change, headline(change))
                print(f"hiprep: wrote {path}", file=sys.stderr)
            except RecordingError as error:
                print(f"hiprep: no picture of {change.recording}: {error}", file=sys.stderr)
    except OSError as error:
        raise CommandError(f"cannot write to {folder}: {error.strerror}") from error

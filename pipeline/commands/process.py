"""``hiprep process``: an archive of recordings, again with the algorithm of today."""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from pipeline.archive import ArchiveError, StoppedError
from pipeline.archive.folder import Run, claim
from pipeline.archive.found import Found, found
from pipeline.archive.work import Gym, process
from pipeline.commands import INTERRUPTED, CommandError
from pipeline.commands.common import usable_settings
from pipeline.commands.progress import Bar
from pipeline.delivery.messages import many

try:
    from pipeline.archive.local import processes
    from pipeline.archive.posting import Posted, Posting
    from pipeline.archive.runs import Engine, Totals, Work
except ModuleNotFoundError as error:
    if error.name != "pyarrow":
        raise
    raise CommandError("results are kept as Parquet: pip install 'hiprep[parquet]'") from error

_STOPPED = 1
_LEFT = 1
_GO_ON = "what is done stays: the same command goes on with the rest"


def run(args: argparse.Namespace) -> int:
    """Process what is not done, and with --publish what is not published.

    1 where the work stopped on its way, or events wait in the outbox; 130 for ^C.
    """
    try:
        recordings = found(args.recordings)
        total = recordings.count()
        if not total:
            raise CommandError("no recordings there: they end in .hiprec or .csv, plain or .gz")
        if args.publish:
            return _published(recordings, total, args)
        claim(args.out, Run(str(recordings.base), args.exercise))
        with _engine(args) as engine:
            _work(recordings, total, engine, args)
    except StoppedError as error:
        print(f"hiprep: {error}; {_GO_ON}", file=sys.stderr)
        return _STOPPED
    except ArchiveError as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        print(f"hiprep: stopped; {_GO_ON}", file=sys.stderr)
        return INTERRUPTED
    return 0


def _published(recordings: Found, total: int, args: argparse.Namespace) -> int:
    """Process and publish; wait until a store has it."""
    # MQTT and the outbox take a while to import.
    from pipeline.commands.publishing import (  # noqa: PLC0415
        PATIENCE_S,
        left_behind,
        publisher_of,
        shown_names,
        waited,
    )

    settings = usable_settings()
    gym = Gym(settings.site, shown_names(settings))
    with publisher_of(settings) as publisher:
        claim(args.out, Run(str(recordings.base), args.exercise))
        publisher.start()
        posting = Posting(args.out, publisher, settings.site)
        with _engine(args) as engine:
            _work(recordings, total, engine, args, gym, posting)
        left = waited(publisher, PATIENCE_S)
        told = left_behind(publisher.health())
    for text in [*_posted_lines(posting.posted), *told]:
        print(text)
    return _LEFT if left else 0


def _posted_lines(posted: Posted) -> Iterator[str]:
    """What was published, and what could not be."""
    yield f"published {posted.events} events of {many(posted.recordings, 'recording')}"
    if posted.lost:
        yield f"corrections that find nothing to correct: {many(posted.lost, 'recording')}:"
        for recording, count in posted.first_lost:
            yield f"  {recording}: {count}"
        yield from _more(posted.lost - len(posted.first_lost))
    if posted.undated:
        which = many(posted.undated, "recording")
        yield f"do not say when they were made, and are not published: {which}:"
        for path in posted.first_undated:
            yield f"  {path}"
        yield from _more(posted.undated - len(posted.first_undated))
        yield "  publish each: hiprep replay FILE --publish --start-time 2026-11-22T18:00"


def _more(count: int) -> Iterator[str]:
    if count:
        yield f"  and {count} more"


def _engine(args: argparse.Namespace) -> AbstractContextManager[Engine]:
    if args.executor is None:
        return processes(args.workers or os.cpu_count() or 1)
    if args.workers:
        raise CommandError("--workers is of processes here: a Dask cluster has its own")
    try:
        from pipeline.archive.cluster import dask_cluster  # noqa: PLC0415  # an extra, and slow
    except ModuleNotFoundError as error:
        if error.name not in ("dask", "distributed"):
            raise
        raise CommandError("there is no Dask here: pip install 'hiprep[cluster]'") from error
    return dask_cluster(args.executor)


def _work(
    recordings: Found,
    total: int,
    engine: Engine,
    args: argparse.Namespace,
    gym: Gym | None = None,
    posting: Posting | None = None,
) -> None:
    """Do it, and say what came of it."""
    begin_s = time.monotonic()
    with Bar("processing") as bar:
        work = Work(
            args.out,
            engine,
            partial(process, exercise=args.exercise, gym=gym),
            again=args.again,
            posting=posting,
            told=lambda over: bar.told(over, total),
        )
        work.go(recordings.jobs())
    _conclude(work.totals, args.out, time.monotonic() - begin_s)


def _conclude(totals: Totals, out: Path, took_s: float) -> None:
    before = f", {totals.skipped} of them done before" if totals.skipped else ""
    print(f"{out}: {totals.recordings} recordings, {_hours(totals.seconds)}{before}")
    print(f"{totals.reps} reps in {totals.sets} sets, {totals.errors} with errors")
    for recording, reason in totals.first_errors:
        print(f"  {recording}: {reason}")
    if totals.errors > len(totals.first_errors):
        print(f"  and {totals.errors - len(totals.first_errors)} more: {out / 'errors'}")
    if totals.cpu_s > 0:
        print(
            f"{_hours(totals.fresh_s)} in {took_s:.1f} s: {totals.fresh_s / took_s:,.0f} times "
            f"real time, {totals.fresh_s / totals.cpu_s:,.0f} times on each core at work"
        )
    print(f"digest {totals.digest}")


def _hours(duration_s: float) -> str:
    return f"{duration_s / 3600:.1f} h"

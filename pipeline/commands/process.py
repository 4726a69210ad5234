"""``hiprep process``: an archive of recordings, again with the algorithm of today."""

import argparse
import os
import sys
import time
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from pipeline.archive import ArchiveError, StoppedError
from pipeline.archive.folder import Run, claim
from pipeline.archive.found import Found, found
from pipeline.archive.work import process
from pipeline.commands import INTERRUPTED, CommandError
from pipeline.commands.progress import Bar

try:
    from pipeline.archive.local import processes
    from pipeline.archive.runs import Engine, Totals, Work
except ModuleNotFoundError as error:
    if error.name != "pyarrow":
        raise
    raise CommandError("results are kept as Parquet: pip install 'hiprep[parquet]'") from error

_STOPPED = 1
_GO_ON = "what is done stays: the same command goes on with the rest"


def run(args: argparse.Namespace) -> int:
    """Process what is not done. 1 where the work stopped on its way, 130 for ^C."""
    try:
        recordings = found(args.recordings)
        total = recordings.count()
        if not total:
            raise CommandError("no recordings there: they end in .hiprec or .csv, plain or .gz")
        claim(args.out, Run(str(recordings.base), args.exercise))
        with _engine(args) as engine:
            return _work(recordings, total, engine, args)
    except StoppedError as error:
        print(f"hiprep: {error}; {_GO_ON}", file=sys.stderr)
        return _STOPPED
    except ArchiveError as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt:
        print(f"hiprep: stopped; {_GO_ON}", file=sys.stderr)
        return INTERRUPTED


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


def _work(recordings: Found, total: int, engine: Engine, args: argparse.Namespace) -> int:
    """Do it, and say what came of it."""
    begin_s = time.monotonic()
    with Bar("processing") as bar:
        work = Work(
            args.out,
            engine,
            partial(process, exercise=args.exercise),
            again=args.again,
            told=lambda over: bar.told(over, total),
        )
        work.go(recordings.jobs())
    _conclude(work.totals, args.out, time.monotonic() - begin_s)
    return 0


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

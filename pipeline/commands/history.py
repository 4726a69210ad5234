"""``hiprep history``: what was lifted, from the file of a store or from InfluxDB."""

import argparse
import csv
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from rich.console import Console

from pipeline.commands import CommandError
from pipeline.commands.common import usable_settings
from pipeline.delivery import history
from pipeline.delivery.history import Best, HistoryError, HistorySource, Row, Wanted
from pipeline.delivery.history_sources import BookHistory, InfluxHistory
from pipeline.history_view import view
from pipeline.settings import Settings, SettingsError, StoreSettings

SHOWN_ROWS = 20
"""So many are shown as a table, unless it is said how many."""

_READERS: dict[str, Callable[[HistorySource, Wanted], Sequence[Row | Best]]] = {
    "sessions": history.sessions,
    "sets": history.sets,
    "reps": history.reps,
    "bests": history.bests,
}
_DAYS = re.compile(r"(\d{1,5})d")


def run(args: argparse.Namespace) -> int:
    """Print the rows that were asked for: as a table, CSV, or one JSON object a line."""
    wanted = Wanted(
        athlete=args.athlete,
        exercise=args.exercise,
        since_us=_since_us(args.since, datetime.now(UTC)) if args.since else 0,
        limit=args.limit or (None if args.csv or args.json else SHOWN_ROWS),
    )
    try:
        with _source(usable_settings()) as source:
            rows = _READERS[args.what](source, wanted)
    except (HistoryError, SettingsError) as error:
        raise CommandError(str(error)) from error
    if args.csv:
        _write_csv(rows)
    elif args.json:
        for row in rows:
            print(json.dumps({"type": args.what.removesuffix("s"), **_plain(row)}))
    elif rows:
        Console(highlight=False, markup=False, emoji=False).print(view(rows))
        if args.what != "bests" and len(rows) == wanted.limit:
            print(f"\nThe newest {len(rows)}: --limit shows more.")
    else:
        print(f"No {args.what} were found.")
    return 0


@contextmanager
def _source(settings: Settings) -> Iterator[HistorySource]:
    """The store's own file if it is on this computer, else InfluxDB."""
    path = (settings.store or StoreSettings()).file
    if path.exists():
        yield BookHistory(path)
    elif settings.influx:
        # It takes a while to import.
        from pipeline.delivery.influx import Influx  # noqa: PLC0415
        from pipeline.delivery.influx_select import select  # noqa: PLC0415

        influx = Influx(settings.influx)
        try:
            yield InfluxHistory(lambda text: select(influx, text))
        finally:
            influx.close()
    else:
        raise CommandError(
            f"no history yet: {path} is not there, and no [influx] in the settings; "
            "hiprep store keeps what is lifted"
        )


def _since_us(text: str, now: datetime) -> int:
    """A day, a day and time of the local clock, or so many days back -> us since 1970 UTC."""
    try:
        days = _DAYS.fullmatch(text)
        then = now - timedelta(days=int(days[1])) if days else datetime.fromisoformat(text)
        return max(0, round(then.astimezone().timestamp() * 1e6))
    except (ValueError, OverflowError, OSError):
        raise CommandError(
            f"--since: {text!r} is not like 2026-05-01, 2026-05-01T18:30 or 30d"
        ) from None


def _plain(row: Row | Best) -> dict[str, Any]:
    """Flat values; the time as of the local clock, with its zone."""
    fields = asdict(row)
    time_us = fields.pop("time_us")
    when = datetime.fromtimestamp(time_us // 1_000_000, UTC).astimezone()
    when = when.replace(microsecond=time_us % 1_000_000)
    return {"time": when.isoformat(timespec="microseconds"), **fields}


def _write_csv(rows: Sequence[Row | Best]) -> None:
    """With a line of names; faults as ``over_arch:2 sag:1``."""
    if not rows:
        return
    out = csv.writer(sys.stdout, lineterminator="\n")
    out.writerow(_plain(rows[0]))
    for row in rows:
        out.writerow(map(_cell, _plain(row).values()))


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping):
        return " ".join(f"{name}:{count}" for name, count in value.items())
    if isinstance(value, bool):
        return str(value).lower()
    return value

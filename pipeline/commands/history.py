"""``hiprep history``: what was lifted, from the file of a store or from InfluxDB."""

import argparse
import json
import sys
from datetime import UTC, datetime

from rich.console import Console

from pipeline.commands import CommandError
from pipeline.commands.common import usable_settings
from pipeline.commands.history_source import history_source
from pipeline.delivery.history import HistoryError, Wanted
from pipeline.delivery.history_rows import READERS, csv_text, plain, since_us
from pipeline.history_view import view
from pipeline.settings import SettingsError

SHOWN_ROWS = 20
"""So many are shown as a table, unless it is said how many."""


def run(args: argparse.Namespace) -> int:
    """Print the rows that were asked for: as a table, CSV, or one JSON object a line."""
    wanted = Wanted(
        athlete=args.athlete,
        exercise=args.exercise,
        since_us=_since_us(args.since) if args.since else 0,
        limit=args.limit or (None if args.csv or args.json else SHOWN_ROWS),
    )
    try:
        with history_source(usable_settings()) as source:
            rows = READERS[args.what](source, wanted)
    except (HistoryError, SettingsError) as error:
        raise CommandError(str(error)) from error
    if args.csv:
        sys.stdout.write(csv_text(rows))
    elif args.json:
        for row in rows:
            print(json.dumps({"type": args.what.removesuffix("s"), **plain(row)}))
    elif rows:
        Console(highlight=False, markup=False, emoji=False).print(view(rows))
        if args.what != "bests" and len(rows) == wanted.limit:
            print(f"\nThe newest {len(rows)}: --limit shows more.")
    else:
        print(f"No {args.what} {'was' if args.what == 'advice' else 'were'} found.")
    return 0


def _since_us(text: str) -> int:
    try:
        return since_us(text, datetime.now(UTC))
    except ValueError as error:
        raise CommandError(f"--since: {error}") from None

"""``hiprep restore``: put back what a backup has."""

import argparse

from pipeline.commands import CommandError
from pipeline.commands.backup import use_config
from pipeline.commands.common import usable_settings
from pipeline.commands.db import refilled
from pipeline.commands.progress import Bar
from pipeline.settings import StoreSettings
from pipeline.stack import StackError
from pipeline.stack.restore import restore

_AGAIN = "InfluxDB is not filled yet: hiprep db refill, when that is put right"


def run(args: argparse.Namespace) -> int:
    """Put it back, then fill InfluxDB from it. 1 if only that failed."""
    use_config(args.config)
    settings = usable_settings()
    try:
        with Bar("reading") as bar:
            lines = restore(settings, args.file, replace=args.yes, told=bar.told)
    except StackError as error:
        raise CommandError(str(error)) from error
    for line in lines:
        print(line, flush=True)
    try:
        settings = usable_settings()  # they may have come back just now
        if settings.influx and (settings.store or StoreSettings()).file.exists():
            print(refilled(settings))
    except CommandError as error:
        print(f"{error}\n{_AGAIN}")
        return 1
    return 0

"""``hiprep db``: make the database ready for the store, or fill it from what the store has."""

import argparse
from contextlib import ExitStack

from pipeline.commands import CommandError
from pipeline.commands.common import usable_settings
from pipeline.commands.logged import logged
from pipeline.commands.progress import Bar
from pipeline.commands.store import sinks_of
from pipeline.delivery.book import Book, BookError
from pipeline.delivery.influx_setup import init_database
from pipeline.delivery.sinks import SinkUnavailableError
from pipeline.settings import InfluxSettings, Settings, SettingsError, StoreSettings, default_path
from pipeline.stack import StackError
from pipeline.stack.refill import refill
from pipeline.stack.snapshot import events_in, in_use


def run(args: argparse.Namespace) -> int:
    """Make what is missing, and say what there is; or fill it."""
    settings = usable_settings()
    influx = _influx(settings)
    if args.what == "refill":
        print(refilled(settings))
        return 0
    try:
        lines = init_database(influx)
    except (SettingsError, SinkUnavailableError) as error:
        raise CommandError(str(error)) from error
    for line in lines:
        print(line)
    return 0


def refilled(settings: Settings) -> str:
    """Write all events of the store into its databases once more -> a line about it.

    Raises CommandError, also where a store runs.
    """
    file = (settings.store or StoreSettings()).file
    if not file.exists():
        raise CommandError(f"{file}: is not there: nothing to fill a database from")
    if in_use(file):
        raise CommandError(f"{file}: is in use: stop the store first, what it writes is newer")
    try:
        total = sum(events_in(file).values())
        with logged(), ExitStack() as stack:
            book = stack.enter_context(Book(file))
            sinks = sinks_of(settings)
            for sink in sinks:
                stack.callback(sink.close)
            bar = stack.enter_context(Bar("filling"))
            taken = refill(book, sinks, lambda done: bar.told(done, total))
    except (BookError, SettingsError, SinkUnavailableError, StackError) as error:
        raise CommandError(str(error)) from error
    return f"InfluxDB: {taken} of {total} events of {file} are there"


def _influx(settings: Settings) -> InfluxSettings:
    if settings.influx is None:
        raise CommandError(
            f"{default_path()} has no table [influx]: which database? (without one, hiprep store "
            "keeps all in a file of its own, which needs no init)"
        )
    return settings.influx

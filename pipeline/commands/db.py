"""``hiprep db``: make the database ready for the store, fill it from what the store has, or show
another version of the algorithm.
"""

import argparse
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from pipeline.commands import CommandError
from pipeline.commands.common import usable_settings
from pipeline.commands.logged import logged
from pipeline.commands.progress import Bar
from pipeline.commands.store import sinks_of
from pipeline.delivery.book import Book, BookError
from pipeline.delivery.influx_setup import init_database
from pipeline.delivery.messages import many
from pipeline.delivery.sinks import Sink, SinkUnavailableError
from pipeline.settings import InfluxSettings, Settings, SettingsError, StoreSettings, default_path
from pipeline.stack.refill import refill
from pipeline.stack.snapshot import in_use
from pipeline.stack.switch import switch


def run(args: argparse.Namespace) -> int:
    """Make what is missing, and say what there is; or fill it, or switch it."""
    settings = usable_settings()
    if args.what == "use" and args.algorithm:
        print(_used(settings, args.algorithm, args.session))
        return 0
    if args.algorithm or args.session:
        raise CommandError("a version, and of which session, is for hiprep db use VERSION")
    if args.what == "use":
        print("\n".join(_versions(settings)))
        return 0
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
    with _opened(settings) as (book, sinks), Bar("filling") as bar:
        total = book.count()
        taken = refill(book, sinks, lambda done: bar.told(done, total))
    return f"InfluxDB: {taken} of {total} events of {book.path} are there"


def _used(settings: Settings, algorithm: str, session: str | None) -> str:
    """Show a version where it is there -> a line about it."""
    with _opened(settings) as (book, sinks):
        there = [one.algorithm for one in book.versions()]
        if algorithm not in there:
            only = f", only by {', '.join(there)}" if there else ""
            raise CommandError(
                f"{book.path} has nothing by algorithm {algorithm}{only}: "
                "hiprep process --publish brings it"
            )
        with Bar("switching") as bar:
            try:
                count = switch(book, sinks, algorithm, session, bar.told)
            except SinkUnavailableError as error:
                raise CommandError(f"{error} (then the same command does all of it)") from error
        if not count:
            raise CommandError(f"{book.path} has no session {session} by algorithm {algorithm}")
        others = sum(one.shown for one in book.versions() if one.algorithm != algorithm)
    left = f"; {many(others, 'session')} of other versions as before" if others else ""
    return f"algorithm {algorithm} is shown of {many(count, 'session')}{left}"


def _versions(settings: Settings) -> list[str]:
    """What versions there are, a line for each."""
    try:
        with Book(_file(settings)) as book:
            lines = [
                f"algorithm {one.algorithm}: {many(one.sessions, 'session')}, shown of {one.shown}"
                for one in book.versions()
            ]
            return lines or [f"{book.path} has no sessions yet"]
    except BookError as error:
        raise CommandError(str(error)) from error


def _file(settings: Settings) -> Path:
    file = (settings.store or StoreSettings()).file
    if not file.exists():
        raise CommandError(f"{file}: is not there: a store has kept nothing yet")
    return file


@contextmanager
def _opened(settings: Settings) -> Iterator[tuple[Book, list[Sink]]]:
    """The store's file and its databases, while no store runs. Raises CommandError."""
    file = _file(settings)
    if in_use(file):
        raise CommandError(f"{file}: is in use: stop the store first, what it writes is newer")
    try:
        with logged(), ExitStack() as stack:
            book = stack.enter_context(Book(file))
            sinks = sinks_of(settings)
            for sink in sinks:
                stack.callback(sink.close)
            yield book, sinks
    except (BookError, SettingsError, SinkUnavailableError) as error:
        raise CommandError(str(error)) from error


def _influx(settings: Settings) -> InfluxSettings:
    if settings.influx is None:
        raise CommandError(
            f"{default_path()} has no table [influx]: which database? (without one, hiprep store "
            "keeps all in a file of its own, which needs no init)"
        )
    return settings.influx

"""``hiprep forget``: all data of a person is deleted, wherever it was put."""

import argparse
import sys
from collections.abc import Callable

from pipeline.commands import CommandError
from pipeline.commands.common import athlete_key, usable_settings
from pipeline.delivery.forget import (
    Outcome,
    Place,
    Recordings,
    SentPlan,
    SettingsEntry,
    deleted_from,
    found_in,
)
from pipeline.settings import Settings, StoreSettings, default_path, outbox_file
from pipeline.toml_table import meant

_NOT_HERE = (
    "Not within reach from here: other computers that record or store, what is still on its way "
    "through the broker, copies and files that you made yourself (share, export, report, backups)."
)


def run(args: argparse.Namespace) -> int:
    """Show what there is, ask, delete it. 1 if something may be left."""
    if not args.yes and not sys.stdin.isatty():
        raise CommandError("forget asks first and needs a terminal: --yes deletes without asking")
    settings = usable_settings()
    athlete = athlete_key(settings, args.athlete)
    return forget(settings, athlete, places_of(settings, athlete), None if args.yes else input)


def forget(
    settings: Settings,
    athlete: str,
    places: list[Place],
    ask: Callable[[str], str] | None,
) -> int:
    """The same in any places. ask: shows a question, returns the answer; None: nobody is asked."""
    found = found_in(places)
    if not found.there:
        told = "" if athlete in settings.athletes else meant(athlete, settings.athletes)
        print(f"There is nothing of {athlete}{told}.")
        return _left(found)
    if ask:
        print(f"This deletes all data of {athlete}, for ever:")
        _print(found.there)
        try:
            answer = ask("Delete it? There is no way back. [y/N] ")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in ("y", "yes"):
            print("Nothing was deleted.")
            return 0
    deleted = deleted_from(places)
    print("Deleted:" if deleted.there else "Nothing could be deleted.")
    _print(deleted.there)
    unreached = dict.fromkeys([*found.unreached, *deleted.unreached])
    code = _left(Outcome(unreached=[*unreached]))
    print(_NOT_HERE)
    return code


def places_of(settings: Settings, athlete: str) -> list[Place]:
    """Everywhere that hiprep puts data, as the settings say. The settings themselves come last."""
    # The libraries of databases and brokers take a while to import.
    from pipeline.delivery import forget_stores as stores  # noqa: PLC0415
    from pipeline.delivery.forget_broker import RetainedStates  # noqa: PLC0415
    from pipeline.delivery.keeper import refused_file  # noqa: PLC0415

    book = (settings.store or StoreSettings()).file
    refused = refused_file(book)
    places: list[Place] = [
        Recordings(settings.recordings, _names(settings, athlete)),
        stores.WaitingEvents(outbox_file(), athlete),
        stores.StoredEvents(book, athlete),
        stores.RefusedPoints(refused, athlete),
        stores.RefusedPoints(refused.with_name(f"{refused.name}.resending"), athlete),
        SentPlan(athlete),
    ]
    if settings.mqtt:
        places.append(RetainedStates(settings.mqtt, settings.site, athlete))
    if settings.influx:
        places.append(stores.InfluxPoints(settings.influx, athlete))
    return [*places, SettingsEntry(default_path(), settings, athlete)]


def _names(settings: Settings, athlete: str) -> list[str]:
    """What a recording may call them: the key, and the name if nobody else has it."""
    entry = settings.athletes.get(athlete)
    same = [key for key, one in settings.athletes.items() if entry and one.name == entry.name]
    return [athlete, entry.name] if entry and same == [athlete] else [athlete]


def _left(outcome: Outcome) -> int:
    """Say what may be left -> the exit code."""
    if outcome.unreached:
        print("May be left, look for yourself or try again:", file=sys.stderr)
        for line in outcome.unreached:
            print(f"  {line}", file=sys.stderr)
    return 1 if outcome.unreached else 0


def _print(lines: list[str]) -> None:
    for line in lines:
        print(f"  {line}")

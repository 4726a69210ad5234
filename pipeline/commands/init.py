"""``hiprep init``: a few questions, and the settings file is written."""

import argparse
import asyncio
import getpass
import re
import sys
import textwrap
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import replace
from itertools import count
from pathlib import Path

from pipeline import exercises
from pipeline.commands import CommandError
from pipeline.commands.common import radio_of
from pipeline.commands.scan import signal_text
from pipeline.settings import (
    DEFAULT_EXERCISE,
    Athlete,
    SensorEntry,
    Settings,
    SettingsError,
    default_path,
    dumps,
    load,
    loads,
)
from pipeline.toml_table import literal
from pipeline.whole_file import write_whole
from sensor.link import Radio, SensorError
from sensor.scan import Found, Scan, listen_for, printable

_SCAN_S = 8.0
_YES = ("", "y", "yes")

Ask = Callable[[str], str]


def run(args: argparse.Namespace) -> int:
    """Ask, show what will be written, write it."""
    if not args.yes and not sys.stdin.isatty():
        raise CommandError("init asks questions and needs a terminal: --yes takes the defaults")
    path = default_path()
    settings = _present(path)
    return init(path, settings, radio_of(settings), None if args.yes else input)


def init(path: Path, settings: Settings, radio: Radio, ask: Ask | None) -> int:
    """The same with any radio. ask: shows a question, returns the answer; None for defaults."""
    try:
        settings = interview(settings, _scanned(radio), ask)
        text = dumps(settings)
        print(f"\nThis goes to {path}:\n\n{textwrap.indent(text, '    ')}")
        if ask and ask("Write it? [Y/n] ").strip().lower() not in _YES:
            print("Nothing was written.")
            return 0
    except EOFError:
        raise CommandError("the questions were not answered: nothing was written") from None
    try:
        kept = write(path, text)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error
    print(f"Wrote {path}")
    if kept:
        print(f'What was there is kept. To undo: mv "{kept}" "{path}"')
    print("Next: " + ("hiprep live" if settings.sensors else "switch a sensor on; hiprep scan"))
    return 0


def interview(settings: Settings, found: list[Found], ask: Ask | None) -> Settings:
    """The settings with an athlete, and a sensor if one is chosen, added. Raises EOFError."""
    name = _asked(ask, "Athlete's name", _default_name(settings), lambda text: text)
    athletes = {**settings.athletes}
    athlete = next((key for key, one in athletes.items() if one.name == name), None)
    if athlete is None:
        athlete = _new_key(name, "athlete", athletes)
        athletes[athlete] = Athlete(name)
    chosen = _chosen(found, ask)
    sensors = dict(settings.sensors)
    if chosen:
        exercise = _asked(ask, "Exercise", DEFAULT_EXERCISE, _exercise)
        key, entry = _entry(settings, chosen)
        sensors[key] = replace(entry, athlete=athlete, exercise=exercise)
    recordings = _asked(ask, "Recordings folder", str(settings.recordings), _folder)
    return replace(settings, athletes=athletes, sensors=sensors, recordings=Path(recordings))


def write(path: Path, text: str) -> Path | None:
    """Write the file whole or not at all; where the one that was there is kept, if there was."""
    # Where settings are a link into somebody's dotfiles, the link stays.
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    kept = None
    if path.exists():
        if path.read_bytes() == text.encode():
            return None
        kept = _free(path.with_name(f"{path.name}.bak"))
        write_whole(kept, path.read_bytes())
    write_whole(path, text.encode())
    return kept


def _present(path: Path) -> Settings:
    """The settings that are there, to add to. A file that cannot be read is written anew."""
    try:
        return load(path)
    except SettingsError as error:
        print(f"{error}\nA new file is made; the old one will be kept.", file=sys.stderr)
        return Settings()


def _scanned(radio: Radio) -> list[Found]:
    """The supported sensors on the air, shown with their numbers."""
    print(f"Looking for sensors for {_SCAN_S:.0f} s. Move or press yours, so that it is awake.")
    seen = Scan()
    try:
        asyncio.run(listen_for(seen, radio, _SCAN_S))
    except SensorError as error:
        print(f"No sensors: {error}")
        return []
    found = seen.supported()
    if not found:
        print("None found. You can add one later: run hiprep init again.")
    return found


def _asked(ask: Ask | None, question: str, default: str, valid: Callable[[str], str]) -> str:
    """The answer, asked for until it is valid; the default for none. valid raises ValueError."""
    while ask:
        answer = ask(f"{question} [{default}]: ").strip()
        if not answer:
            break
        try:
            return valid(answer)
        except ValueError as error:
            print(f"  {error}")
    return default


def _chosen(found: list[Found], ask: Ask | None) -> Found | None:
    """One of the sensors by its number. By default the only one; of several none: one may be
    somebody else's.
    """
    for number, one in enumerate(found, 1):
        name = printable(one.seen.name)
        print(f"  {number}  {name}  {one.seen.address}  {one.model}  {signal_text(one)}")

    def valid(answer: str) -> str:
        if answer != "none" and answer not in [str(i + 1) for i in range(len(found))]:
            raise ValueError(f"1 to {len(found)}, or none")
        return answer

    if not found:
        return None
    answer = _asked(ask, "Which is yours", "1" if len(found) == 1 else "none", valid)
    return None if answer == "none" else found[int(answer) - 1]


def _entry(settings: Settings, chosen: Found) -> tuple[str, SensorEntry]:
    """The sensor's table: the one that it has already, or a new one with its key."""
    seen = chosen.seen
    for key, entry in settings.sensors.items():
        if entry.wanted.casefold() in (seen.address.casefold(), seen.name.casefold()):
            return key, entry
    assert chosen.driver
    key = _new_key(seen.name, chosen.driver.name, settings.sensors)
    return key, SensorEntry(address=seen.address, name=seen.name or None)


def _exercise(answer: str) -> str:
    if answer not in exercises.names():
        raise ValueError(f"one of {', '.join(exercises.names())}")
    return answer


def _folder(answer: str) -> str:
    """A whole path, as the settings will take it."""
    try:
        return str(loads(f"recordings = {literal(answer)}").recordings)
    except SettingsError as error:
        raise ValueError(str(error)) from None


def _default_name(settings: Settings) -> str:
    """Who is in the settings already, else who has logged in."""
    for athlete in settings.athletes.values():
        return athlete.name
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "athlete"


def _new_key(name: str, otherwise: str, taken: Collection[str]) -> str:
    """A key made of a name: letters that an id may have, and not one that is taken."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    key = re.sub(r"[^a-z0-9]+", "-", plain.lower()).strip("-") or otherwise
    keys = (key if number == 1 else f"{key}-{number}" for number in count(1))
    return next(one for one in keys if one not in taken)


def _free(path: Path) -> Path:
    """The path, or with a number if it is taken: an older copy is kept as well."""
    paths = (path if i == 1 else path.with_name(f"{path.name}{i}") for i in count(1))
    return next(one for one in paths if not one.exists())

"""A backup put back in place: looked through first, and nothing that is there is lost."""

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pipeline.delivery.book import Book, BookError
from pipeline.delivery.outbox import Outbox, OutboxError
from pipeline.settings import (
    Settings,
    SettingsError,
    StoreSettings,
    default_path,
    loads,
    outbox_file,
)
from pipeline.settings_tables import HIDDEN
from pipeline.stack import StackError
from pipeline.stack.archive import (
    BOOK,
    OUTBOX,
    RECORDINGS,
    SETTINGS,
    Manifest,
    Told,
    chunks,
    parts,
    reading,
    text_of,
    verified,
)
from pipeline.stack.files import is_root
from pipeline.stack.snapshot import BESIDE, counted, events_in, in_use, waiting_in


@dataclass(slots=True)
class _Plan:
    """Where parts go. aside: what is moved away first. there: recordings that stay as they are."""

    places: dict[str, Path] = field(default_factory=dict)
    aside: list[Path] = field(default_factory=list)
    there: int = 0


def restore(
    settings: Settings,
    archive: Path,
    *,
    replace: bool = False,
    told: Told = lambda *_: None,
) -> list[str]:
    """Put back what a backup has -> a line for each thing.

    settings: they say where to; if there is no settings file here, those of the backup do, and are
    put back too. replace: a book and an outbox with something in them are moved aside; else this is
    refused. Recordings and settings that are here stay. Raises StackError; then all is as it was.
    """
    manifest = verified(archive, told)
    if SETTINGS in manifest.digests and not default_path().exists():
        settings = _settings_in(archive)
    plan = _plan(settings, manifest, replace=replace)
    with _written(archive, manifest, plan, told) as written:
        lines = _told(settings, manifest, plan, written)
        return [*lines, *_put(plan, written)]


def _settings_in(archive: Path) -> Settings:
    try:
        return loads(text_of(archive, SETTINGS))
    except SettingsError as error:
        raise StackError(f"{archive}: its settings cannot be used here: {error}") from error


def _plan(settings: Settings, manifest: Manifest, *, replace: bool) -> _Plan:
    """Where all of it goes. Raises StackError where something is in the way."""
    plan = _Plan()
    for name, path in ((BOOK, _book(settings)), (OUTBOX, outbox_file())):
        if name in manifest.digests:
            plan.places[name] = path
            held = _held(name, path) if path.exists() else ""
            if held and not replace:
                raise StackError(f"{path}: has {held}: --yes moves it aside")
            if held:
                plan.aside.append(path)
    if SETTINGS in manifest.digests and not default_path().exists():
        plan.places[SETTINGS] = default_path()
    for name in manifest.digests:
        if name.startswith(RECORDINGS):
            path = settings.recordings / name.removeprefix(RECORDINGS)
            if path.exists():
                plan.there += 1
            else:
                plan.places[name] = path
    return plan


def _held(name: str, path: Path) -> str:
    """What is in a file that would be replaced; "" for nothing. Raises StackError."""
    _refuse_in_use(path)
    try:
        if name == OUTBOX:
            waiting = waiting_in(path)
            return f"{waiting} events that wait" if waiting else ""
        events = events_in(path)
        return counted(events) if any(events.values()) else ""
    except StackError:
        return "something in it that cannot be read"


def _refuse_in_use(path: Path) -> None:
    if in_use(path):
        raise StackError(f"{path}: is in use: stop hiprep, which has it open, and try again")


@contextmanager
def _written(
    archive: Path, manifest: Manifest, plan: _Plan, told: Told
) -> Iterator[dict[str, Path]]:
    """The parts in files beside their places, whole and usable; what is left of them is removed."""
    written: dict[str, Path] = {}
    try:
        with reading(archive):
            for name, content in parts(archive, told):
                if name in plan.places:
                    place = plan.places[name]
                    written[name] = place.with_name(f".part-{os.getpid()}-{place.name}")
                    digest = _write(chunks(archive, content), written[name], place)
                    if digest != manifest.digests[name]:
                        raise StackError(f"{archive}: has changed meanwhile: try again")
        _look_at(archive, written)
        yield written
    finally:
        for part in written.values():
            _remove(part)


def _write(content: Iterator[bytes], part: Path, place: Path) -> str:
    """Put it on the disk -> its digest. Written by root, it belongs to the folder's owner."""
    digest = hashlib.sha256()
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            for data in content:
                digest.update(data)
                file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if is_root():
            owner = part.parent.stat()
            os.chown(part, owner.st_uid, owner.st_gid)
    except OSError as error:
        raise StackError(f"{place}: cannot be written: {error.strerror or error}") from error
    return digest.hexdigest()


def _look_at(archive: Path, written: dict[str, Path]) -> None:
    """Whether this version can use them. Raises StackError."""
    for name, kind in ((BOOK, Book), (OUTBOX, Outbox)):
        if name in written:
            try:
                kind(written[name]).close()
            except (BookError, OutboxError) as error:
                told = str(error).replace(str(written[name]), f"{archive}: {name}")
                raise StackError(told) from error


def _put(plan: _Plan, written: dict[str, Path]) -> list[str]:
    """Move all of it into place -> a line for each file that had to give way."""
    lines = []
    stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
    for name, place in plan.places.items():
        if name in (BOOK, OUTBOX) and place.exists():
            _refuse_in_use(place)
    for name, place in plan.places.items():
        try:
            if place in plan.aside:
                aside = place.with_name(f"{place.name}.before-{stamp}")
                _move(place, aside)
                lines.append(f"{aside}: what was there before: to undo, stop hiprep, move it back")
            elif name in (BOOK, OUTBOX):
                _remove(place)
            written[name].replace(place)
        except OSError as error:
            raise StackError(f"{place}: cannot be written: {error.strerror or error}") from error
    return lines


def _move(path: Path, target: Path) -> None:
    """A file of SQLite, with what stands beside it."""
    for end in (*BESIDE, ""):
        with suppress(FileNotFoundError):
            path.with_name(path.name + end).replace(target.with_name(target.name + end))


def _remove(path: Path) -> None:
    for end in ("", *BESIDE):
        with suppress(OSError):
            path.with_name(path.name + end).unlink()


def _told(
    settings: Settings, manifest: Manifest, plan: _Plan, written: dict[str, Path]
) -> list[str]:
    """What is put where, for people."""
    lines = []
    if BOOK in written:
        lines.append(f"{plan.places[BOOK]}: {counted(manifest.events)}, as of {manifest.made}")
    if OUTBOX in written:
        lines.append(f"{plan.places[OUTBOX]}: {waiting_in(written[OUTBOX])} events that wait")
    if SETTINGS in written:
        lines.append(f"{default_path()}: put back")
        if f'"{HIDDEN}"' in written[SETTINGS].read_text(encoding="utf-8"):
            lines.append(f'{default_path()}: put in what stands as "{HIDDEN}" there, your secrets')
    elif SETTINGS in manifest.digests:
        lines.append(f"{default_path()}: stays as it is")
    count = sum(name.startswith(RECORDINGS) for name in written)
    if count or plan.there:
        lines.append(f"{settings.recordings}: {count} recordings, {plan.there} were there already")
    return lines


def _book(settings: Settings) -> Path:
    return (settings.store or StoreSettings()).file

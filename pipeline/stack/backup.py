"""All that cannot be made again in one file: the store's book, what waits, settings, recordings."""

import os
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import IO

from pipeline.settings import Settings, StoreSettings, default_path, dumps, outbox_file
from pipeline.stack import StackError
from pipeline.stack.archive import BOOK, OUTBOX, RECORDINGS, SETTINGS, Told, Writer, may_be_named
from pipeline.stack.snapshot import copy, counted, events_in, in_use, waiting_in

ENDINGS = (".tar.gz", ".tgz")
NOT_IN_IT = (
    "not in it: passwords, tokens, certificates and keys; live samples; what was changed in "
    "Grafana by hand"
)


@dataclass(frozen=True, slots=True)
class _Source:
    """A part to be. content: the text itself, or the file that holds it."""

    name: str
    content: bytes | Path

    def open(self) -> IO[bytes]:
        return BytesIO(self.content) if isinstance(self.content, bytes) else self.content.open("rb")


def backup(
    settings: Settings,
    out: Path,
    *,
    recordings: bool = False,
    told: Told = lambda *_: None,
) -> list[str]:
    """Write a new file with all of it, whole or not at all -> a line for each thing in it.

    The store may run meanwhile. recordings: these too. No secret is in it. Raises StackError.
    """
    if not out.name.endswith(ENDINGS):
        raise StackError(f"{out}: end its name with .tar.gz")
    if out.exists():
        raise StackError(f"{out}: is there already: name another file")
    part = out.with_name(f".part-{os.getpid()}-{out.name}")
    try:
        with ExitStack() as stack:
            stack.callback(part.unlink, missing_ok=True)
            folder = Path(
                stack.enter_context(tempfile.TemporaryDirectory(dir=out.parent, prefix=".backup-"))
            )
            sources, events, lines = _sources(settings, folder, recordings=recordings)
            if not sources:
                raise StackError(f"{_book(settings)}: is not there, nor is anything else to keep")
            lines += _pack(part, sources, events, told)
            part.replace(out)
            size = out.stat().st_size
    except OSError as error:
        raise StackError(
            f"{out}: cannot be written: {error.strerror or error}: free that disk, "
            "or name a file on another one"
        ) from error
    return [*lines, NOT_IN_IT, f"{out}: {shown(size)}"]


def shown(size: int) -> str:
    """A number of bytes for people."""
    return f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size / 1e3:.1f} kB"


def _sources(
    settings: Settings, folder: Path, *, recordings: bool
) -> tuple[list[_Source], dict[str, int], list[str]]:
    """What is there to keep; how many events the book has; a line about each."""
    sources, lines, events = [], [], {}
    if default_path().exists():
        sources.append(_Source(SETTINGS, dumps(settings, secrets=False).encode()))
        lines.append(f"{default_path()}: without passwords and tokens, and without comments")
    book, outbox = _book(settings), outbox_file()
    if book.exists():
        copy(book, folder / BOOK)
        events = events_in(folder / BOOK)
        sources.append(_Source(BOOK, folder / BOOK))
        lines.append(f"{book}: {counted(events)}")
    if outbox.exists() and in_use(outbox):
        lines.append(f"{outbox}: left out, hiprep uses it; what waits there goes out by itself")
    elif outbox.exists():
        copy(outbox, folder / OUTBOX)
        sources.append(_Source(OUTBOX, folder / OUTBOX))
        lines.append(f"{outbox}: {waiting_in(folder / OUTBOX)} events that wait")
    if recordings:
        found = _recordings(settings.recordings, lines)
        sources += found
        size = shown(_size(found))
        lines.append(f"{settings.recordings}: {len(found)} recordings, {size}")
    return sources, events, lines


def _recordings(folder: Path, lines: list[str]) -> list[_Source]:
    """All files there but hidden ones: nobody else may be writing these."""
    found = []
    for path in sorted(folder.rglob("*")):
        below = path.relative_to(folder)
        if path.is_symlink() or not path.is_file() or any(p.startswith(".") for p in below.parts):
            continue
        name = RECORDINGS + below.as_posix()
        if may_be_named(name):
            found.append(_Source(name, path))
        else:
            lines.append(f"{path}: left out, not every system can have such a name")
    return found


def _size(sources: list[_Source]) -> int:
    size = 0
    for source in sources:
        if isinstance(source.content, bytes):
            size += len(source.content)
        else:
            with suppress(FileNotFoundError):
                size += source.content.stat().st_size
    return size


def _pack(part: Path, sources: list[_Source], events: Mapping[str, int], told: Told) -> list[str]:
    """Write it -> a line about each source that is there no more."""
    lines = []
    total = _size(sources)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        writer = Writer(file, total, told)
        for source in sources:
            try:
                content = source.open()
            except FileNotFoundError:  # such as a recording that is compressed just now
                lines.append(f"{source.content!s}: left out, it went away meanwhile")
                continue
            with content:
                size = content.seek(0, os.SEEK_END)
                content.seek(0)
                writer.add(source.name, content, size)
        writer.finish(version("hiprep"), datetime.now(UTC).isoformat(timespec="seconds"), events)
        file.flush()
        os.fsync(file.fileno())
    return lines


def _book(settings: Settings) -> Path:
    return (settings.store or StoreSettings()).file

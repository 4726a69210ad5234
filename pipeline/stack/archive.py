"""A backup is one .tar.gz: parts with names of our own, and last a list of them with digests."""

import gzip
import hashlib
import io
import json
import tarfile
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from pipeline.stack import StackError

FORMAT = "hiprep-backup/1"
BOOK, OUTBOX, SETTINGS = "store.db", "outbox.db", "settings.toml"
RECORDINGS = "recordings/"

Told = Callable[[int, int], None]
"""What is called as the work goes on: bytes done, bytes in all."""

_CHUNK = 1 << 20
_MANIFEST = "manifest.json"
_MOST_TEXT = 1 << 26
_SHORT = {BOOK, OUTBOX, SETTINGS, _MANIFEST}


@dataclass(frozen=True, slots=True)
class Manifest:
    """hiprep: the version that made it. made: when, ISO 8601. events: of each kind, in the book.

    digests: SHA-256 of each part.
    """

    hiprep: str
    made: str
    events: Mapping[str, int]
    digests: Mapping[str, str]


def may_be_named(name: str) -> bool:
    """Whether a part can have this name: below one folder on any system, whatever the name says."""
    if name in _SHORT:
        return True
    parts = name.removeprefix(RECORDINGS).split("/")
    return (
        name.startswith(RECORDINGS)
        and name.isprintable()
        and not {"\\", ":"} & set(name)
        and all(part.strip(". ") for part in parts)
    )


class Writer:
    """Writes parts into an open file; `finish` ends it. OSError where it cannot be written."""

    def __init__(self, file: IO[bytes], total: int, told: Told) -> None:
        self._tar = tarfile.open(fileobj=file, mode="w:gz", compresslevel=6)  # noqa: SIM115
        self._digests: dict[str, str] = {}
        self._total, self._told, self._done = total, told, 0

    def add(self, name: str, content: IO[bytes], size: int) -> None:
        """A part of that many bytes; what has grown since is not taken."""
        digest = hashlib.sha256()
        info = tarfile.TarInfo(name)
        info.size, info.mtime, info.mode = size, time.time(), 0o600
        self._tar.addfile(info, _Watched(content, digest.update, self._count))
        self._digests[name] = digest.hexdigest()

    def finish(self, hiprep: str, made: str, events: Mapping[str, int]) -> None:
        """Write the list, and what ends such a file."""
        manifest = {
            "format": FORMAT,
            "hiprep": hiprep,
            "made": made,
            "events": dict(events),
            "sha256": self._digests,
        }
        text = json.dumps(manifest, indent=1).encode()
        self.add(_MANIFEST, io.BytesIO(text), len(text))
        self._tar.close()

    def _count(self, data: bytes) -> None:
        self._done += len(data)
        self._told(min(self._done, self._total), self._total)


def verified(path: Path, told: Told) -> Manifest:
    """Read all of it -> its list. Raises StackError where a byte is not what it was."""
    found: dict[str, str] = {}
    text = None
    with reading(path):
        for name, content in parts(path, told):
            if name in found or (name == _MANIFEST and text is not None):
                raise StackError(f"{path}: has {name} twice: it is no backup of hiprep")
            if name == _MANIFEST:
                text = content.read(_MOST_TEXT)
            else:
                digest = hashlib.sha256()
                for data in chunks(path, content):
                    digest.update(data)
                found[name] = digest.hexdigest()
    if text is None:
        raise StackError(f"{path}: is cut off, or no backup of hiprep: take another one")
    manifest = _manifest(path, text)
    for name in sorted(manifest.digests.keys() | found.keys()):
        if manifest.digests.get(name) != found.get(name):
            raise StackError(f"{path}: is damaged ({name}): take another one")
    return manifest


def text_of(path: Path, wanted: str) -> str:
    """A short part. Raises StackError."""
    with reading(path):
        for name, content in parts(path, lambda *_: None):
            if name == wanted:
                return content.read(_MOST_TEXT).decode("utf-8", "replace")
    raise StackError(f"{path}: has no {wanted}")


def parts(path: Path, told: Told) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of each part, in order; a content is to be read before the next.

    Raises StackError for a part that is none of ours; for the rest there is `reading`.
    """
    with path.open("rb") as file:
        total = path.stat().st_size
        watched = _Watched(file, lambda _: told(file.tell(), total))
        with tarfile.open(fileobj=watched, mode="r:gz") as tar:
            for member in tar:
                plain = member.type in (tarfile.REGTYPE, tarfile.AREGTYPE)
                content = tar.extractfile(member) if plain else None
                if content is None or not may_be_named(member.name):
                    raise StackError(
                        f"{path}: has {member.name[:80]!r} in it: it is no backup of hiprep"
                    )
                yield member.name, content


def chunks(path: Path, content: IO[bytes]) -> Iterator[bytes]:
    """A content piece by piece. Raises StackError."""
    with reading(path):
        while data := content.read(_CHUNK):
            yield data


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Around all that reads parts: its errors become StackErrors."""
    try:
        yield
    except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise StackError(
            f"{path}: is cut off, damaged, or no backup of hiprep ({error})"
        ) from error
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {error.strerror or error}") from error


class _Watched(io.RawIOBase):
    """A file, and who looks at each piece that is read."""

    def __init__(self, file: IO[bytes], *looks: Callable[[bytes], None]) -> None:
        self._file = file
        self._looks = looks

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        for look in self._looks:
            look(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


def _manifest(path: Path, text: bytes) -> Manifest:
    try:
        found: dict[str, Any] = json.loads(text)
        if found["format"] != FORMAT:
            other = str(found["format"])[:80]
            raise StackError(f"{path}: is of the format {other!r}, not {FORMAT}: update hiprep")
        manifest = Manifest(found["hiprep"], found["made"], found["events"], found["sha256"])
        usable = all(type(count) is int for count in manifest.events.values())
        usable = usable and isinstance(manifest.digests, dict) and isinstance(manifest.made, str)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        usable = False
    if not usable:
        raise StackError(f"{path}: its manifest.json is damaged: take another one")
    return manifest

"""The recordings that were named: which files, in which order, and what each is called."""

import hashlib
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.archive import ArchiveError
from pipeline.archive.results import Job

_RECORDING = re.compile(r"\.(hiprec|csv)(\.gz)?$")
_FOREIGN = re.compile(r"[^A-Za-z0-9_.-]+")
_HASH_CHARS = 12
_MOST_CHARS = 150  # of a file's 255, with what stands around it


@dataclass(frozen=True, slots=True)
class Found:
    """What was named. base: the folder that all of it lies in; ids are relative to it."""

    base: Path
    named: tuple[Path, ...]

    def count(self) -> int:
        """How many recordings there are. Raises ArchiveError, as `jobs`."""
        return sum(1 for _ in self._files())

    def jobs(self) -> Iterator[Job]:
        """All recordings, as they are found: what is held is one folder's names.

        Folders are searched through and through for `.hiprec` and `.csv`, plain or `.gz`; what is
        hidden is left out, and a link to a folder is not followed. Raises ArchiveError for a
        folder that cannot be read.
        """
        return (_job(file, self.base) for file in self._files())

    def _files(self) -> Iterator[Path]:
        for path in self.named:
            yield from _files(path) if path.is_dir() else (path,)


def found(named: Sequence[str]) -> Found:
    """What files and folders of these names hold. Raises ArchiveError for one that is not there.

    What is named twice, or lies in a folder that is named too, is taken once.
    """
    paths = sorted({Path(os.path.abspath(name)) for name in named})  # noqa: PTH100 -- links stay
    for path in paths:
        if not path.is_dir() and not path.is_file():
            raise ArchiveError(f"{path}: there is no such file or folder")
    outer = tuple(path for path in paths if not any(parent in paths for parent in path.parents))
    folders = [path if path.is_dir() else path.parent for path in outer]
    return Found(Path(os.path.commonpath(folders)), outer)


def id_of(path: Path, base: Path) -> str:
    """What a recording is called: its path below base, in letters that a file's name may have.

    No two have the same: one that loses letters on the way, or is long, gets a digest of its path.
    """
    relative = path.relative_to(base).as_posix()
    plain = _FOREIGN.sub("-", relative.replace("/", "--"))
    ambiguous = "--" in relative or "---" in plain or _FOREIGN.search(relative.replace("/", ""))
    if not ambiguous and not plain.startswith(".") and len(plain) <= _MOST_CHARS:
        return plain
    digest = hashlib.sha256(os.fsencode(relative)).hexdigest()[:_HASH_CHARS]
    return f"{digest}-{plain[-_MOST_CHARS:]}"


def _files(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            names = sorted(
                (entry.name, entry.is_dir(follow_symlinks=False))
                for entry in entries
                if not entry.name.startswith(".")
                and (entry.is_dir(follow_symlinks=False) or _is_recording(entry))
            )
    except OSError as error:
        raise ArchiveError(f"{folder}: cannot be read: {error.strerror or error}") from error
    for name, inner in names:
        if inner:
            yield from _files(folder / name)
        else:
            yield folder / name


def _is_recording(entry: os.DirEntry[str]) -> bool:
    return bool(_RECORDING.search(entry.name)) and entry.is_file()


def _job(path: Path, base: Path) -> Job:
    try:
        status = path.stat()
        size_bytes, modified_ns = status.st_size, status.st_mtime_ns
    except OSError:  # gone since it was listed; whoever opens it says so
        size_bytes, modified_ns = 0, 0
    return Job(id_of(path, base), str(path), size_bytes, modified_ns)

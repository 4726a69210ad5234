"""The folder of a run: what it is of, and files that appear in it whole or not at all."""

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pipeline.archive import ArchiveError

SCHEMA = "hiprep/archive/1"
RUN_FILE = "run.json"


@dataclass(frozen=True, slots=True)
class Run:
    """base: the folder that the ids of the recordings are relative to. exercise: None: as recorded.

    Whoever goes on with a run must ask for the same.
    """

    base: str
    exercise: str | None


def claim(folder: Path, run: Run) -> None:
    """Make it the folder of this run, or find that it is.

    Raises ArchiveError for one of another run, for one that is not empty and of no run, and where
    nothing can be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / RUN_FILE).exists():
            if any(not path.name.startswith(".") for path in folder.iterdir()):
                raise ArchiveError(f"{folder} is not empty and of no run: choose another --out")
            text = json.dumps({"schema": SCHEMA, **asdict(run)}, indent=2) + "\n"
            write_whole(folder / RUN_FILE, lambda part: part.write_text(text, encoding="utf-8"))
    except OSError as error:
        raise ArchiveError(f"cannot write to {folder}: {error.strerror or error}") from error
    there = run_of(folder)
    if there.base != run.base:
        raise ArchiveError(f"{folder} is of recordings in {there.base}: choose another --out")
    if there.exercise != run.exercise:
        was = f"with --exercise {there.exercise}" if there.exercise else "without --exercise"
        raise ArchiveError(f"{folder} was begun {was}: do the same, or choose another --out")


def run_of(folder: Path) -> Run:
    """What the folder is of. Raises ArchiveError for one that is none of ours."""
    path = folder / RUN_FILE
    try:
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        if found["schema"] != SCHEMA:
            raise ArchiveError(f"{path} is of another version of hiprep: {found['schema']}")
        return Run(found["base"], found["exercise"])
    except OSError as error:
        raise ArchiveError(f"{folder} holds no results: hiprep process writes them") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ArchiveError(f"{path} is damaged: choose another --out") from error


def write_whole(target: Path, write: Callable[[Path], object]) -> None:
    """Write a file under another name beside its own, and rename it once it is on the disk.

    Raises OSError; then there is what was there before.
    """
    part = target.with_name(f".part-{os.getpid()}-{target.name}")
    try:
        write(part)
        with part.open("rb+") as file:
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink()

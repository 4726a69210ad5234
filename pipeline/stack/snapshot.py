"""Files of SQLite as a whole: copied while others write, counted, and found in use."""

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from pipeline.delivery.messages import EVENT_KINDS, many
from pipeline.stack import StackError

BESIDE = ("-wal", "-shm")  # files of SQLite's own that may stand beside

_PATIENCE_S = 1.0


def copy(source: Path, target: Path) -> None:
    """All of a file as it is at one moment; who writes in it is not kept waiting.

    Raises StackError.
    """
    try:
        with closing(_open(source)) as base, closing(sqlite3.connect(target)) as made:
            base.backup(made)
            # A file of its own, without a log beside it.
            made.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.Error as error:
        raise StackError(f"{source}: cannot be copied to {target.parent}: {error}") from error


def events_in(book: Path) -> dict[str, int]:
    """How many events of each kind a store's file has, also such as were withdrawn.

    Raises StackError.
    """
    first, *others = EVENT_KINDS
    # A file of an earlier hiprep lacks the kinds that came since; one without the first is none.
    there = [first, *(kind for kind in others if _has(book, kind))]
    return {kind: _count(book, kind) for kind in there}


def counted(events: Mapping[str, int]) -> str:
    """How many of each kind, for people."""
    return ", ".join(many(count, kind) for kind, count in events.items())


def waiting_in(outbox: Path) -> int:
    """How many events wait in an outbox. Raises StackError."""
    return _count(outbox, "waiting")


def in_use(path: Path) -> bool:
    """Whether somebody has the file open: this asks for all of it. A damaged one is in no use."""
    try:
        with closing(_open(path)) as base:
            base.execute("PRAGMA locking_mode = EXCLUSIVE")
            base.execute("BEGIN IMMEDIATE")
            base.execute("ROLLBACK")
    except sqlite3.Error as error:
        return getattr(error, "sqlite_errorcode", 0) & 0xFF in (
            sqlite3.SQLITE_BUSY,
            sqlite3.SQLITE_LOCKED,
        )
    return False


def _has(path: Path, table: str) -> bool:
    query = f"SELECT count(*) FROM sqlite_schema WHERE name = '{table}'"  # noqa: S608
    return _number(path, query) > 0


def _count(path: Path, table: str) -> int:
    return _number(path, f'SELECT count(*) FROM "{table}"')  # noqa: S608  # names of our own


def _number(path: Path, query: str) -> int:
    try:
        with closing(_open(path)) as base:
            found: int = base.execute(query).fetchone()[0]
    except sqlite3.Error as error:
        raise StackError(f"{path}: {error}") from error
    return found


def _open(path: Path) -> sqlite3.Connection:
    """One that is there; none is made."""
    uri = f"{path.absolute().as_uri()}?mode=rw"
    return sqlite3.connect(uri, uri=True, timeout=_PATIENCE_S, isolation_level=None)

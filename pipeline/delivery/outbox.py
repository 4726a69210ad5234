"""Events on their way out, in a file, until somebody else has them.

SQLite in WAL mode with synchronous=FULL: what `Outbox.put` has taken outlives a power cut. Every
revision is kept and goes out in its turn; nothing is left out because a newer one waits too.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from pipeline.delivery.messages import (
    Message,
    PayloadError,
    event_topic,
    from_payload,
    to_payload,
)
from sensor.closing import Closing

_FORMAT = 1
_APPLICATION = 0x48495052  # "HIPR": no other program's file is taken for an outbox
_PATIENCE_S = 1.0

# AUTOINCREMENT: a number that was given is never given again, also when its row is long gone.
_TABLE = f"""
BEGIN;
CREATE TABLE waiting (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL,
    revision INTEGER NOT NULL,
    athlete TEXT NOT NULL,
    topic TEXT NOT NULL,
    payload BLOB NOT NULL
) STRICT;
CREATE INDEX waiting_by_id ON waiting (id, revision);
PRAGMA application_id = {_APPLICATION};
PRAGMA user_version = {_FORMAT};
COMMIT;
"""


class OutboxError(Exception):
    """The file cannot be used, or not now; one line that names it and says the cure."""


class Outbox(Closing):
    """Messages that wait, in the order in which they came. One process may have the file open.

    For one thread at a time; `size` for any. OutboxError where the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(
                path, timeout=_PATIENCE_S, isolation_level=None, check_same_thread=False
            )
        try:
            with self._errors():
                self._open()
                self._size: int = self._base.execute("SELECT count(*) FROM waiting").fetchone()[0]
        except BaseException:
            self._base.close()
            raise

    def close(self) -> None:
        """Close the file; what waits is in it."""
        with self._errors():
            self._base.close()

    def put(self, messages: Sequence[Message]) -> list[Message]:
        """Take messages, all or none, and number them -> the same with their ``seq``.

        They are on the disk when this returns. OutboxError: none was taken. PayloadError: one of
        them is none that anybody could read.
        """
        rows = [_row(message) for message in messages]
        with self._transaction("FULL"):
            numbers = [self._base.execute(_INSERT, row).lastrowid or 0 for row in rows]
        self._size += len(rows)
        return [replace(message, seq=seq) for message, seq in zip(messages, numbers, strict=True)]

    def waiting(self, after_seq: int, limit: int) -> list[Message]:
        """The first messages with a higher ``seq``, in order, at most ``limit``."""
        with self._errors():
            rows = self._base.execute(_PAGE, [after_seq, limit]).fetchall()
            return [replace(from_payload(topic, payload), seq=seq) for seq, topic, payload in rows]

    def done(self, pairs: Iterable[tuple[str, int]]) -> None:
        """Let go of these (id, revision) and of older revisions of the same id; unknown ones too.

        A power cut may bring them back: they are then sent once more, which changes nothing.
        """
        with self._transaction("NORMAL"):
            gone = self._base.executemany(_DELETE, pairs).rowcount
        self._size -= max(gone, 0)

    def size(self) -> int:
        """How many messages wait."""
        return self._size

    def count(self, athlete: str) -> int:
        """How many messages of an athlete wait."""
        with self._errors():
            found = self._base.execute("SELECT count(*) FROM waiting WHERE athlete = ?", [athlete])
            count: int = found.fetchone()[0]
        return count

    def forget(self, athlete: str) -> int:
        """Delete all that is of an athlete, also from the bytes of the file -> how many."""
        with self._errors():
            self._base.execute("PRAGMA secure_delete = ON")
        with self._transaction("FULL"):
            gone = self._base.execute("DELETE FROM waiting WHERE athlete = ?", [athlete]).rowcount
        self._size -= gone
        with self._errors():
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return gone

    def _open(self) -> None:
        # Before the first look at the file: with the lock comes the proof that nobody else has it.
        self._base.execute("PRAGMA locking_mode = EXCLUSIVE")
        found, owner = (
            self._base.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("user_version", "application_id")
        )
        tables = self._base.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if tables and (owner != _APPLICATION or not 0 < found <= _FORMAT):
            newer = owner == _APPLICATION and found > _FORMAT
            raise OutboxError(
                f"{self.path}: "
                + ("a newer hiprep wrote this outbox: update" if newer else "is no outbox: move it")
            )
        self._base.execute("PRAGMA journal_mode = WAL")
        if not tables:
            self._base.executescript(_TABLE)
        self._base.execute("BEGIN IMMEDIATE")
        self._base.execute("COMMIT")

    @contextmanager
    def _transaction(self, synchronous: str) -> Iterator[None]:
        with self._errors():
            self._base.execute(f"PRAGMA synchronous = {synchronous}")
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._base.execute("COMMIT")
            except BaseException:
                self._give_up()
                raise

    def _give_up(self) -> None:
        """Undo, and make room: what the log holds goes where there is room for it already."""
        with suppress(sqlite3.Error):
            self._base.execute("ROLLBACK")
        with suppress(sqlite3.Error):
            self._base.execute("PRAGMA wal_checkpoint(RESTART)")

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise OutboxError(f"{self.path}: {_told(error)}") from error
        except OSError as error:
            raise OutboxError(f"{self.path}: {error.strerror}: name another folder") from error
        except PayloadError as error:
            raise OutboxError(f"{self.path}: a message in it {error}: move the file") from error


_INSERT = "INSERT INTO waiting (id, revision, athlete, topic, payload) VALUES (?, ?, ?, ?, ?)"
_PAGE = "SELECT seq, topic, payload FROM waiting WHERE seq > ? ORDER BY seq LIMIT ?"
_DELETE = "DELETE FROM waiting WHERE id = ? AND revision <= ?"


def _row(message: Message) -> tuple[str, int, str, str, bytes]:
    topic = event_topic(message)
    try:
        payload = to_payload(message)
    except ValueError as error:
        raise PayloadError(f"cannot be said in JSON: {error}") from None
    from_payload(topic, payload)  # what no store could read must not wait in front of the rest
    return message.id, message.revision, message.athlete, topic, payload


def _told(error: sqlite3.Error) -> str:
    """The cure for what SQLite says."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "another hiprep uses this outbox: stop it first"
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return f"cannot be written ({error}): free the disk or mend it"
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return "is damaged or no outbox: move it away, and a new one is made"
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return "cannot be opened for writing: give this user the right to, or name another folder"
    return f"{error}: move it away if this goes on"

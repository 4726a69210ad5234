"""What a store has: the newest state of each event, in SQLite. It is the history on this computer.

Readers are never blocked (WAL); what was kept is on the disk (synchronous=FULL).
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from operator import attrgetter
from pathlib import Path
from typing import Any

from pipeline.delivery.messages import EVENT_KINDS, Kind, Message
from sensor.closing import Closing

_FORMAT = 1
_PATIENCE_S = 10.0

# A table for each kind. content: what the event itself holds, as JSON.
_COLUMNS = (
    "id",
    "revision",
    "valid",
    "site",
    "device",
    "athlete",
    "session",
    "exercise",
    "variant",
    "time_us",
    "known_us",
    "at_s",
    "seq",
)
_TABLE = """
CREATE TABLE IF NOT EXISTS "{kind}" (
    id TEXT PRIMARY KEY,
    revision INTEGER NOT NULL,
    valid INTEGER NOT NULL,
    site TEXT NOT NULL,
    device TEXT NOT NULL,
    athlete TEXT NOT NULL,
    session TEXT NOT NULL,
    exercise TEXT NOT NULL,
    variant TEXT NOT NULL,
    time_us INTEGER NOT NULL,
    known_us INTEGER NOT NULL,
    at_s REAL NOT NULL,
    seq INTEGER NOT NULL,
    content TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS "{kind}_of_athlete" ON "{kind}" (athlete, time_us);
CREATE INDEX IF NOT EXISTS "{kind}_in_session" ON "{kind}" (session, time_us);
CREATE INDEX IF NOT EXISTS "{kind}_in_time" ON "{kind}" (time_us);
"""


class BookError(Exception):
    """The file cannot be used, or not now; one line that names it and says the cure."""


@dataclass(frozen=True, slots=True)
class Change:
    """What messages change in one event.

    before: its state until now, None where it is new. passed: states that were replaced at once by
    later ones. new: the newest.
    """

    before: Message | None
    passed: tuple[Message, ...]
    new: Message


class Book(Closing):
    """The events that a store has. One writer at a time; any number of readers.

    BookError where the file is none of ours or cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path, timeout=_PATIENCE_S, check_same_thread=False)
        try:
            with self._errors():
                self._open()
        except BaseException:
            self._base.close()
            raise

    def close(self) -> None:
        """Close the file."""
        with self._errors():
            self._base.close()

    def plan(self, messages: Sequence[Message]) -> list[Change]:
        """What these messages would change, in their order; nothing for what is known already.

        The first state of an event fixes its time for good.
        """
        came: dict[tuple[Kind, str], list[Message]] = {}
        for message in messages:
            came.setdefault((message.kind, message.id), []).append(message)
        changes = []
        for kind in {message.kind: None for message in messages}:
            known = self._known(kind, [id_ for which, id_ in came if which == kind])
            for (which, id_), states in came.items():
                if which == kind:
                    changes += _change(known.get(id_), states)
        order = {key: place for place, key in enumerate(came)}
        return sorted(changes, key=lambda change: order[change.new.kind, change.new.id])

    def keep(self, changes: Sequence[Change]) -> None:
        """Keep the newest states, all or none. BookError: none were."""
        with self._errors(), self._base:
            for kind in EVENT_KINDS:
                new = [change.new for change in changes if change.new.kind == kind]
                self._base.executemany(_UPSERT[kind], map(_row, new))

    def get(self, kind: Kind, id_: str) -> Message | None:
        """The newest state of one event."""
        return self._known(kind, [id_]).get(id_)

    def messages(
        self,
        kind: Kind,
        *,
        athlete: str | None = None,
        session: str | None = None,
        since_us: int = 0,
        until_us: int = 2**62,
        withdrawn: bool = False,
    ) -> Iterator[Message]:
        """The newest states, in order of time; withdrawn: also those that are valid no more."""
        wanted = {"athlete": athlete, "session": session}
        conditions = [f"{name} = :{name}" for name, text in wanted.items() if text is not None]
        conditions += ["time_us >= :since_us", "time_us < :until_us"]
        conditions += [] if withdrawn else ["valid"]
        query = f"{_SELECT[kind]} WHERE {' AND '.join(conditions)} ORDER BY time_us, id"
        limits = {**wanted, "since_us": since_us, "until_us": until_us}
        with self._errors():
            for row in self._base.execute(query, limits):
                yield _message(kind, row)

    def forget(self, athlete: str) -> dict[Kind, int]:
        """Delete all that is of an athlete, also from the bytes of the file -> how many of each."""
        with self._errors():
            self._base.execute("PRAGMA secure_delete = ON")
            with self._base:
                counts: dict[Kind, int] = {
                    kind: self._base.execute(_FORGET[kind], [athlete]).rowcount
                    for kind in EVENT_KINDS
                }
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return counts

    def _open(self) -> None:
        found = self._base.execute("PRAGMA user_version").fetchone()[0]
        tables = self._base.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
        if found != _FORMAT and (found or tables):
            raise BookError(
                f"{self.path}: is no store of this version of hiprep: update hiprep, "
                "or name another file (store.file)"
            )
        self._base.execute("PRAGMA journal_mode = WAL")
        self._base.execute("PRAGMA synchronous = FULL")
        if found != _FORMAT or set(EVENT_KINDS) - self._tables():
            # A file of an earlier hiprep lacks the kinds that came since.
            made = "".join(_TABLE.format(kind=kind) for kind in EVENT_KINDS)
            self._base.executescript(
                f"BEGIN IMMEDIATE; {made} PRAGMA user_version = {_FORMAT}; COMMIT;"
            )

    def _tables(self) -> set[str]:
        rows = self._base.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return {row[0] for row in rows}

    def _known(self, kind: Kind, ids: Sequence[str]) -> dict[str, Message]:
        with self._errors():
            rows = self._base.execute(_KNOWN[kind], [json.dumps(ids)])
            return {row[0]: _message(kind, row) for row in rows}

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise BookError(
                f"{self.path}: {error}: free the disk or mend it, or name another file (store.file)"
            ) from error


def _change(before: Message | None, states: Sequence[Message]) -> list[Change]:
    """The change that the states make; none if they are no newer."""
    newest, passed = before, []
    for state in states:
        if newest is None:
            newest = state
        elif state.revision > newest.revision:
            if newest is not before:
                passed.append(newest)
            newest = replace(state, time_us=newest.time_us)
    if newest is None or newest is before:
        return []
    return [Change(before, tuple(passed), newest)]


def _row(message: Message) -> tuple[Any, ...]:
    return (*_columns(message), _encode(message.values))


def _message(kind: Kind, row: Sequence[Any]) -> Message:
    fields = dict(zip(_COLUMNS, row, strict=False))
    return Message(kind=kind, values=json.loads(row[-1]), **{**fields, "valid": bool(row[2])})


def _upsert(kind: Kind) -> str:
    columns = [*_COLUMNS, "content"]
    places = ", ".join("?" * len(columns))
    newer = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    insert = f'INSERT INTO "{kind}" ({", ".join(columns)}) VALUES ({places})'  # noqa: S608
    return f"{insert} ON CONFLICT (id) DO UPDATE SET {newer} WHERE excluded.revision > revision"


_columns = attrgetter(*_COLUMNS)
_encode = json.JSONEncoder(separators=(",", ":")).encode
_UPSERT = {kind: _upsert(kind) for kind in EVENT_KINDS}
_SELECT = {
    kind: f'SELECT {", ".join(_COLUMNS)}, content FROM "{kind}"'  # noqa: S608
    for kind in EVENT_KINDS
}
# One statement for any number of ids: what SQLite has compiled of each is kept.
_KNOWN = {
    kind: f"{query} WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608
    for kind, query in _SELECT.items()
}
_FORGET = {
    kind: f'DELETE FROM "{kind}" WHERE athlete = ?'  # noqa: S608
    for kind in EVENT_KINDS
}

"""What a store has: the newest state of each event, in SQLite. It is the history on this computer.

A session may be there by several versions of the algorithm. One of them is shown: the first that
came, until another is switched on. What was said to a lifter was said, whichever is shown; what
another version would have said is not kept.

Readers are never blocked (WAL); what was kept is on the disk (synchronous=FULL).
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path
from typing import Any

from pipeline.delivery import versions
from pipeline.delivery.changes import Change, changed
from pipeline.delivery.messages import EVENT_KINDS, FIRST_ALGORITHM, Kind, Message
from pipeline.delivery.versions import MEASURED, SessionKey, Version, key_of
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
    "algorithm",
)
_ALGORITHM = f"algorithm TEXT NOT NULL DEFAULT '{FIRST_ALGORITHM}'"
_HAS_VERSIONS = "SELECT 1 FROM pragma_table_info(?) WHERE name = 'algorithm'"
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
    content TEXT NOT NULL,
    {algorithm}
) STRICT;
CREATE INDEX IF NOT EXISTS "{kind}_of_athlete" ON "{kind}" (athlete, time_us);
CREATE INDEX IF NOT EXISTS "{kind}_in_session" ON "{kind}" (session, time_us);
CREATE INDEX IF NOT EXISTS "{kind}_in_time" ON "{kind}" (time_us);
"""


class BookError(Exception):
    """The file cannot be used, or not now; one line that names it and says the cure."""


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
        with self._errors():
            messages = versions.unsaid(self._base, messages)
        shown = self._shown(messages)
        came: dict[tuple[Kind, str], list[Message]] = {}
        for message in messages:
            came.setdefault((message.kind, message.id), []).append(message)
        changes = []
        for kind in {message.kind: None for message in messages}:
            known = self._known(kind, [id_ for which, id_ in came if which == kind])
            for (which, id_), states in came.items():
                if which == kind:
                    is_shown = _is_shown(states[0], shown)
                    changes += changed(known.get(id_), states, shown=is_shown)
        order = {key: place for place, key in enumerate(came)}
        return sorted(changes, key=lambda change: order[change.new.kind, change.new.id])

    def keep(self, changes: Sequence[Change]) -> None:
        """Keep the newest states, all or none. BookError: none were."""
        with self._errors(), self._base:
            for kind in EVENT_KINDS:
                new = [change.new for change in changes if change.new.kind == kind]
                self._base.executemany(_UPSERT[kind], map(_row, new))
            versions.keep(self._base, (change.new for change in changes))

    def get(self, kind: Kind, id_: str) -> Message | None:
        """The newest state of one event."""
        return self._known(kind, [id_]).get(id_)

    def shows(self, message: Message) -> bool:
        """Whether its version of its session is the one that is shown."""
        return _is_shown(message, self._shown([message]))

    def messages(
        self,
        kind: Kind,
        *,
        athlete: str | None = None,
        session: str | None = None,
        since_us: int = 0,
        until_us: int = 2**62,
        withdrawn: bool = False,
        every_version: bool = False,
    ) -> Iterator[Message]:
        """The newest states, in order of time; withdrawn: also those that are valid no more.

        every_version: also those that are not shown.
        """
        wanted = {"athlete": athlete, "session": session}
        conditions = [f"{name} = :{name}" for name, text in wanted.items() if text is not None]
        conditions += ["time_us >= :since_us", "time_us < :until_us"]
        conditions += [] if withdrawn else ["valid"]
        conditions += [] if every_version else [_IS_SHOWN[kind]]
        query = f"{_SELECT[kind]} WHERE {' AND '.join(conditions)} ORDER BY time_us, id"
        limits = {**wanted, "since_us": since_us, "until_us": until_us}
        with self._errors():
            for row in self._base.execute(query, limits):
                yield _message(kind, row)

    def count(self) -> int:
        """How many events are shown, also those that are valid no more."""
        with self._errors():
            return sum(self._base.execute(query).fetchone()[0] for query in _COUNT.values())

    def forget(self, athlete: str) -> dict[Kind, int]:
        """Delete all that is of an athlete, also from the bytes of the file -> how many of each."""
        with self._errors():
            self._base.execute("PRAGMA secure_delete = ON")
            with self._base:
                counts: dict[Kind, int] = {
                    kind: self._base.execute(_FORGET[kind], [athlete]).rowcount
                    for kind in EVENT_KINDS
                }
                versions.forget(self._base)
            self._base.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return counts

    def use(self, algorithm: str, session: str | None = None) -> int:
        """Show this version of the sessions (of one name) that have it -> how many have."""
        with self._errors(), self._base:
            return versions.use(self._base, algorithm, session)

    def showing(self, algorithm: str, session: str | None = None) -> list[SessionKey]:
        """The sessions of which this version is shown, all or those of one name."""
        with self._errors():
            return versions.showing(self._base, algorithm, session)

    def versions(self) -> list[Version]:
        """What versions there are of sessions."""
        with self._errors():
            return versions.versions(self._base)

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
        if found != _FORMAT or {*EVENT_KINDS, "shown"} - self._tables():
            self._make()

    def _make(self) -> None:
        """All tables; a file of an earlier hiprep lacks what came since."""
        made = "".join(_TABLE.format(kind=kind, algorithm=_ALGORITHM) for kind in EVENT_KINDS)
        self._base.executescript(
            f"BEGIN IMMEDIATE; {made} PRAGMA user_version = {_FORMAT}; COMMIT;"
        )
        with self._base:
            self._base.execute("BEGIN IMMEDIATE")
            for kind in EVENT_KINDS:
                if not self._base.execute(_HAS_VERSIONS, [kind]).fetchone():
                    self._base.execute(f'ALTER TABLE "{kind}" ADD COLUMN {_ALGORITHM}')
            versions.make(self._base)

    def _tables(self) -> set[str]:
        rows = self._base.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")
        return {row[0] for row in rows}

    def _shown(self, messages: Sequence[Message]) -> dict[SessionKey, str]:
        """Which version of their sessions is shown, once they are kept."""
        first = {key_of(one): one.algorithm for one in reversed(messages) if one.kind in MEASURED}
        with self._errors():
            return first | versions.shown(self._base, first)

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


def _is_shown(message: Message, shown: Mapping[SessionKey, str]) -> bool:
    return message.kind not in MEASURED or shown[key_of(message)] == message.algorithm


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
_IS_SHOWN = {kind: versions.IS_SHOWN if kind in MEASURED else "TRUE" for kind in EVENT_KINDS}
_COUNT = {
    kind: f'SELECT count(*) FROM "{kind}" AS it WHERE {shown}'  # noqa: S608
    for kind, shown in _IS_SHOWN.items()
}
_SELECT = {
    kind: f'SELECT {", ".join(_COLUMNS)}, content FROM "{kind}" AS it'  # noqa: S608
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

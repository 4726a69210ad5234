"""Which version of each session a store shows: in the tables of its file.

A session may be there by several versions of the algorithm: live, and from the archive once more.
The first that came is shown, until another is switched on. What was said to a lifter was said,
whichever is shown: of advice on a session, only that of the version that spoke first is kept.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.delivery.messages import Kind, Message

SessionKey = tuple[str, str, str]
"""Site, device and session."""

MEASURED: tuple[Kind, ...] = ("rep", "set", "session")
IS_SHOWN = (
    "algorithm = (SELECT shown.algorithm FROM shown WHERE shown.site = it.site"
    " AND shown.device = it.device AND shown.session = it.session)"
)
"""Of a row of a table that is called ``it``."""

_TABLE = """
CREATE TABLE IF NOT EXISTS shown (
    site TEXT NOT NULL,
    device TEXT NOT NULL,
    session TEXT NOT NULL,
    algorithm TEXT NOT NULL,
    PRIMARY KEY (site, device, session)
) STRICT;
"""
_THERE = " UNION ".join(
    f'SELECT site, device, session, algorithm FROM "{kind}"'  # noqa: S608  # names of our own
    for kind in MEASURED
)
_SPOKE = "SELECT algorithm FROM advice WHERE (site, device, session) = (?, ?, ?) LIMIT 1"
_FIRST = f"INSERT OR IGNORE INTO shown {_THERE}"


@dataclass(frozen=True, slots=True)
class Version:
    """How many sessions there are of a version, and of how many it is the one that is shown."""

    algorithm: str
    sessions: int
    shown: int


def make(base: sqlite3.Connection) -> None:
    """The table, where it is not there: with one version of each session, the only one so far."""
    base.execute(_TABLE)
    base.execute(_FIRST)


def keep(base: sqlite3.Connection, messages: Iterable[Message]) -> None:
    """The first version of a session shows itself."""
    rows = {(*key_of(one), one.algorithm): None for one in messages if one.kind in MEASURED}
    base.executemany("INSERT OR IGNORE INTO shown VALUES (?, ?, ?, ?)", rows)


def shown(base: sqlite3.Connection, keys: Iterable[SessionKey]) -> dict[SessionKey, str]:
    """The version that is shown of each of these sessions, where there is one."""
    query = "SELECT algorithm FROM shown WHERE (site, device, session) = (?, ?, ?)"
    found = {key: base.execute(query, key).fetchone() for key in set(keys)}
    return {key: row[0] for key, row in found.items() if row}


def unsaid(base: sqlite3.Connection, messages: Iterable[Message]) -> list[Message]:
    """These messages without advice on a session of which another version spoke before."""
    spoke: dict[SessionKey, str] = {}
    kept = []
    for one in messages:
        if one.kind == "advice":
            key = key_of(one)
            if key not in spoke:
                row = base.execute(_SPOKE, key).fetchone()
                spoke[key] = row[0] if row else one.algorithm
            if spoke[key] != one.algorithm:
                continue
        kept.append(one)
    return kept


def use(base: sqlite3.Connection, algorithm: str, session: str | None) -> int:
    """Show this version of all sessions that have it, or of those of one name -> how many do."""
    rows = base.execute(
        f"SELECT * FROM ({_THERE}) "  # noqa: S608
        "WHERE algorithm = :algorithm AND (:session IS NULL OR session = :session)",
        {"algorithm": algorithm, "session": session},
    ).fetchall()
    base.executemany("INSERT OR REPLACE INTO shown VALUES (?, ?, ?, ?)", rows)
    return len(rows)


def showing(base: sqlite3.Connection, algorithm: str, session: str | None) -> list[SessionKey]:
    """The sessions of which this version is shown, all or those of one name."""
    rows = base.execute(
        "SELECT site, device, session FROM shown WHERE algorithm = :algorithm "
        "AND (:session IS NULL OR session = :session) ORDER BY session, site, device",
        {"algorithm": algorithm, "session": session},
    )
    return list(map(tuple, rows))


def versions(base: sqlite3.Connection) -> list[Version]:
    """What there is, in order of their names."""
    rows = base.execute(
        f"SELECT algorithm, count(*), sum({IS_SHOWN}) FROM ({_THERE}) AS it "  # noqa: S608
        "GROUP BY algorithm ORDER BY algorithm"
    )
    return [Version(*row) for row in rows]


def forget(base: sqlite3.Connection) -> None:
    """Of sessions of which nothing is left. For others than who is forgotten, nothing changes."""
    left = f"SELECT site, device, session FROM ({_THERE})"  # noqa: S608
    base.execute(f"DELETE FROM shown WHERE (site, device, session) NOT IN ({left})")  # noqa: S608


def key_of(message: Message) -> SessionKey:
    """Which session it is of."""
    return message.site, message.device, message.session

"""Another version of what was lifted, switched on: a store's file and a real InfluxDB agree."""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import CommandError
from pipeline.commands import db as db_command
from pipeline.delivery.book import Book
from pipeline.delivery.forget_stores import InfluxPoints, StoredEvents
from pipeline.delivery.history import Row, Wanted, advice, reps, sessions, sets
from pipeline.delivery.history_sources import BookHistory, InfluxHistory
from pipeline.delivery.influx import InfluxSink
from pipeline.delivery.influx_setup import init_database
from pipeline.delivery.keeper import Keeper
from pipeline.delivery.messages import Message
from pipeline.delivery.refused import RefusedFile
from pipeline.delivery.sinks import Refused, SinkUnavailableError, point_of
from pipeline.settings import Settings
from pipeline.stack.switch import switch
from tests.integration.influx import InfluxServer, influx_server, used_by_a_store
from tests.pipeline.delivery.made import message

Capture = pytest.CaptureFixture[str]
Rows = list[list[Row]]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InfluxServer]:
    with influx_server(tmp_path_factory.mktemp("influx")) as one:
        yield one


@pytest.fixture
def settings(
    server: InfluxServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    with used_by_a_store(server, tmp_path, monkeypatch) as one:
        yield one


def same_row(session: str) -> tuple[str, str]:
    """Ids of a session by two versions whose points are one row of a database."""
    first = message(0, kind="session", id=f"belt-{session}-1-session-anna")
    for number in count():
        other = replace(first, id=f"belt-{session}-2-session-anna-{number}")
        if point_of(other).time_ns == point_of(first).time_ns:
            return first.id, other.id
    raise AssertionError


def lifted(session: str, algorithm: str, reps: int) -> list[Message]:
    """A session by one version: a set of so many reps, the last one withdrawn."""
    prefix = f"belt-{session}-{algorithm}-"
    own: dict[str, Any] = {"session": session, "algorithm": algorithm}
    made = [message(n, id=f"{prefix}{n}", **own) for n in range(1, reps + 2)]
    made.append(replace(made.pop(), valid=False))
    made.append(message(1, kind="set", id=f"{prefix}set-1", values={"set": 1, "reps": reps}, **own))
    whole = same_row(session)[int(algorithm) - 1]
    # What only the first version knows may not shine through.
    values = {"reps": reps} | ({"rom_deg": 55.0} if algorithm == "1" else {})
    return [*made, message(0, kind="session", id=whole, values=values, **own)]


def said(session: str) -> Message:
    values = {"set": 1, "rule": "hold", "when": "set", "level": "info", "text": "Hold it."}
    return message(5, kind="advice", id=f"belt-{session}-1-advice", session=session, values=values)


def keep(settings: Settings, messages: list[Message]) -> None:
    """As a store does it."""
    assert settings.influx
    assert settings.store
    sink = InfluxSink(settings.influx)
    try:
        with Book(settings.store.file) as book:
            Keeper(book, [sink]).keep(messages)
    finally:
        sink.close()


def shown(settings: Settings, server: InfluxServer) -> Rows:
    """All that is history; the same in both places."""
    assert settings.store
    places = BookHistory(settings.store.file), InfluxHistory(server.query)
    book, influx = (
        [[*read(place, Wanted())] for read in (reps, sets, sessions, advice)] for place in places
    )
    assert book == influx
    return book


def use(algorithm: str | None = None, session: str | None = None) -> None:
    asked = argparse.Namespace(what="use", algorithm=algorithm, session=session)
    assert db_command.run(asked) == 0


@pytest.fixture
def both(settings: Settings) -> Settings:
    """Three sessions that were live, two of them from the archive too, and one that was not."""
    for session in ("s1", "s2", "s3"):
        keep(settings, [*lifted(session, "1", 3), said(session)])
    for session in ("s1", "s2", "s4"):
        keep(settings, lifted(session, "2", 4))
    return settings


def of(rows: Rows) -> dict[str, int]:
    """Session -> how many reps."""
    names = [row.session for row in rows[0]]
    return {name: names.count(name) for name in names}


def test_what_came_first_is_shown_and_nothing_twice(both: Settings, server: InfluxServer) -> None:
    rows = shown(both, server)
    assert of(rows) == {"s1": 3, "s2": 3, "s3": 3, "s4": 4}
    assert [len(kind) for kind in rows] == [13, 4, 4, 3]


def test_what_is_switched_on_is_shown_and_the_first_again_is_as_before(
    both: Settings, server: InfluxServer, capsys: Capture
) -> None:
    before = shown(both, server)
    use("2")
    assert "algorithm 2 is shown of 3 sessions; 1 session of other versions" in _told(capsys)
    after = shown(both, server)
    assert of(after) == {"s1": 4, "s2": 4, "s3": 3, "s4": 4}
    assert after[3] == before[3], "what was said was said"
    use("2")
    assert shown(both, server) == after
    use("1")
    assert shown(both, server) == before


def test_one_session_alone_can_be_switched(
    both: Settings, server: InfluxServer, capsys: Capture
) -> None:
    use("2", "s2")
    assert of(shown(both, server)) == {"s1": 3, "s2": 4, "s3": 3, "s4": 4}
    capsys.readouterr()
    use()
    assert _told(capsys).splitlines() == [
        "algorithm 1: 3 sessions, shown of 2",
        "algorithm 2: 3 sessions, shown of 2",
    ]


def test_what_comes_later_is_of_the_version_that_is_shown(
    both: Settings, server: InfluxServer
) -> None:
    use("2")
    before = shown(both, server)
    keep(both, [replace(one, revision=7) for one in lifted("s1", "1", 3)])
    assert shown(both, server) == before
    deleted = replace(lifted("s1", "2", 4)[0], revision=7, valid=False)
    keep(both, [deleted])
    assert of(shown(both, server))["s1"] == 3


class Dying(InfluxSink):
    """Is away after so many calls."""

    calls = 3

    def write(self, points: Any) -> list[Refused]:
        self.calls -= 1
        if self.calls < 0:
            raise SinkUnavailableError("influx.url: does not answer")
        return super().write(points)


def test_what_was_interrupted_is_done_by_the_same_again(
    both: Settings, server: InfluxServer
) -> None:
    assert both.influx
    assert both.store
    sink = Dying(both.influx)
    with Book(both.store.file) as book, pytest.raises(SinkUnavailableError):
        switch(book, [sink], "2")
    sink.close()
    use("2")
    assert of(shown(both, server)) == {"s1": 4, "s2": 4, "s3": 3, "s4": 4}


def test_a_database_that_was_lost_gets_what_is_shown(both: Settings, server: InfluxServer) -> None:
    use("2")
    before = shown(both, server)
    server.query("DROP DATABASE gym")
    init_database(server.settings())
    assert db_command.run(argparse.Namespace(what="refill", algorithm=None, session=None)) == 0
    assert shown(both, server) == before


def test_who_is_forgotten_takes_nothing_of_others_along(
    settings: Settings, server: InfluxServer
) -> None:
    assert settings.influx
    assert settings.store
    keep(settings, lifted("s1", "1", 3))
    keep(settings, [replace(one, athlete="bob") for one in lifted("s1", "2", 4)])
    assert StoredEvents(settings.store.file, "anna").delete().there
    points = InfluxPoints(settings.influx, "anna")
    assert not points.find().unreached
    assert not points.delete().unreached
    assert of(shown(settings, server)) == {}, "what was not shown of Bob is not shown now"
    use("2")
    assert of(shown(settings, server)) == {"s1": 4}


def test_a_point_that_was_refused_is_not_valid_where_its_version_is_hidden(
    both: Settings, server: InfluxServer, tmp_path: Path
) -> None:
    assert both.influx
    assert both.store
    refused = RefusedFile(tmp_path / "again.jsonl")
    refused.add("InfluxDB", [Refused(point_of(lifted("s1", "1", 3)[0]), "no reason")])
    use("2")
    before = shown(both, server)
    sink = InfluxSink(both.influx)
    with Book(both.store.file) as book:
        assert refused.resend(book, [sink]).sent == 1
    sink.close()
    assert shown(both, server) == before


@pytest.mark.parametrize(
    ("algorithm", "session", "why"),
    [
        ("3", None, "has nothing by algorithm 3, only by 1, 2: "),
        ("2", "s3", "has no session s3 by algorithm 2"),
        (None, "s3", "is for hiprep db use VERSION"),
    ],
)
def test_what_is_not_there_is_refused_and_nothing_changes(
    both: Settings, server: InfluxServer, algorithm: str | None, session: str | None, why: str
) -> None:
    before = shown(both, server)
    with pytest.raises(CommandError, match=why):
        use(algorithm, session)
    assert shown(both, server) == before


def test_an_empty_store_has_no_versions(settings: Settings, capsys: Capture) -> None:
    keep(settings, [])
    use()
    assert "has no sessions yet" in _told(capsys)
    with pytest.raises(CommandError, match="nothing by algorithm 1: "):
        use("1")


def test_while_a_store_runs_nothing_is_switched_but_the_versions_are_told(
    both: Settings, capsys: Capture
) -> None:
    assert both.store
    with Book(both.store.file):
        with pytest.raises(CommandError, match="is in use: stop the store first"):
            use("2")
        use()
    assert "algorithm 2: 3 sessions, shown of 1" in _told(capsys)


def _told(capsys: Capture) -> str:
    return capsys.readouterr().out

"""A backup and what it makes of an empty database: on a real one."""

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import CommandError
from pipeline.commands import db as db_command
from pipeline.commands import restore as restore_command
from pipeline.delivery.book import Book
from pipeline.delivery.influx import InfluxSink
from pipeline.delivery.influx_setup import init_database
from pipeline.delivery.keeper import Keeper
from pipeline.delivery.messages import EVENT_KINDS, Message
from pipeline.settings import Settings, dumps
from pipeline.stack import refill as code
from pipeline.stack.backup import backup
from pipeline.stack.refill import refill
from tests.integration.influx import InfluxServer, influx_server, used_by_a_store
from tests.pipeline.delivery.made import message

Capture = pytest.CaptureFixture[str]


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


def lifted() -> list[Message]:
    """Sets with reps that were refined, withdrawn, and some of somebody else."""
    events = []
    for number in range(1, 151):
        whole: dict[str, Any] = {
            "athlete": ("anna", "bob")[number % 2],
            "variant": ("", "paused")[number % 3 // 2],
        }
        first = message(number, **whole)
        events += [first, replace(first, revision=1, valid=number % 7 > 0)]
        if number % 10 == 0:
            events.append(message(number, kind="set", id=f"belt-s1-set-{number}", **whole))
    return [*events, message(1, kind="session", id="belt-s1")]


def keep(settings: Settings, messages: list[Message]) -> None:
    """As a store does it."""
    assert settings.influx
    assert settings.store
    sink = InfluxSink(settings.influx)
    try:
        with Book(settings.store.file) as book:
            keeper = Keeper(book, [sink])
            for begin in range(0, len(messages), 40):
                keeper.keep(messages[begin : begin + 40])
    finally:
        sink.close()


def points(server: InfluxServer) -> dict[str, list[dict[str, Any]]]:
    return {kind: server.query(f'SELECT * FROM "{kind}"') for kind in EVENT_KINDS}  # noqa: S608


def asked(file: Path, *, yes: bool = False) -> argparse.Namespace:
    return argparse.Namespace(file=file, config=None, yes=yes)


def test_after_a_restore_every_point_is_there_again(
    server: InfluxServer, settings: Settings, tmp_path: Path, capsys: Capture
) -> None:
    keep(settings, lifted())
    before = points(server)
    assert [len(before[kind]) for kind in EVENT_KINDS] == [150, 15, 1, 0]
    backup(settings, tmp_path / "saved.tar.gz")
    assert settings.store
    settings.store.file.unlink()
    server.query("DROP DATABASE gym")

    # Nothing to write to: the book is back all the same, and it is told what to do.
    assert restore_command.run(asked(tmp_path / "saved.tar.gz")) == 1
    text = capsys.readouterr().out
    assert "hiprep db init" in text
    assert "hiprep db refill" in text

    init_database(server.settings())
    assert db_command.run(argparse.Namespace(what="refill", algorithm=None, session=None)) == 0
    assert "166 of 166 events" in capsys.readouterr().out
    assert points(server) == before


def test_a_restore_fills_the_database_itself_and_again_changes_nothing(
    server: InfluxServer, settings: Settings, tmp_path: Path, capsys: Capture
) -> None:
    keep(settings, lifted())
    before = points(server)
    backup(settings, tmp_path / "saved.tar.gz")
    assert settings.store
    settings.store.file.unlink()
    server.query("DROP DATABASE gym")
    init_database(server.settings())
    assert restore_command.run(asked(tmp_path / "saved.tar.gz")) == 0
    assert points(server) == before
    assert restore_command.run(asked(tmp_path / "saved.tar.gz", yes=True)) == 0
    assert points(server) == before
    assert capsys.readouterr().out.count("166 of 166 events") == 2


def test_it_goes_in_batches_and_says_how_far_it_is(
    server: InfluxServer, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(settings, lifted())
    before = points(server)
    server.query("DROP DATABASE gym")
    init_database(server.settings())
    monkeypatch.setattr(code, "BATCH", 60)
    said: list[int] = []
    sink = InfluxSink(server.settings())
    assert settings.store
    with Book(settings.store.file) as book:
        assert refill(book, [sink], said.append) == 166
    sink.close()
    assert said == [60, 120, 166]
    assert points(server) == before


def test_who_was_moved_to_somebody_else_is_there_where_it_is_valid(
    server: InfluxServer, settings: Settings
) -> None:
    first = message(1)
    keep(settings, [first])
    keep(settings, [replace(first, revision=1, athlete="bob")])
    valid = [row for row in points(server)["rep"] if row["valid"]]
    server.query("DROP DATABASE gym")
    init_database(server.settings())
    assert db_command.run(argparse.Namespace(what="refill", algorithm=None, session=None)) == 0
    assert points(server)["rep"] == valid


def test_a_point_that_is_refused_is_told_and_the_others_are_written(
    server: InfluxServer, settings: Settings, capsys: Capture
) -> None:
    keep(settings, [message(1, values={"rom_deg": "no number"})])
    server.query("DROP DATABASE gym")
    init_database(server.settings())
    keep(settings, [message(2)])
    assert db_command.run(argparse.Namespace(what="refill", algorithm=None, session=None)) == 0
    told = capsys.readouterr()
    assert "InfluxDB: 1 of 2 events" in told.out
    assert "InfluxDB refused belt-s1-1 " in told.err


def test_without_a_database_nothing_is_begun(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keep(settings, lifted())
    assert settings.influx
    away = replace(settings, influx=replace(settings.influx, url="http://127.0.0.1:1"))
    (tmp_path / "away.toml").write_text(dumps(away), encoding="utf-8")
    monkeypatch.setenv("HIPREP_SETTINGS", str(tmp_path / "away.toml"))
    with pytest.raises(CommandError, match="does not answer"):
        db_command.run(argparse.Namespace(what="refill", algorithm=None, session=None))

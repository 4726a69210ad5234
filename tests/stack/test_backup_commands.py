"""`hiprep backup`, `hiprep restore` and `hiprep db refill`, as they are called."""

import argparse
from pathlib import Path
from typing import Any

import pytest

from pipeline import cli_backup
from pipeline.commands import CommandError
from pipeline.commands import backup as backup_command
from pipeline.commands import db as db_command
from pipeline.commands import restore as restore_command
from pipeline.delivery.book import Book
from pipeline.settings import Settings, default_path, outbox_file
from tests.stack.computers import (
    EVENTS,
    GoTo,
    book_of,
    computers,
    filled,
    kept,
    saved,
)

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def go_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GoTo:
    return computers(tmp_path, monkeypatch)


@pytest.fixture
def full(go_to: GoTo) -> Settings:
    """A computer where there is something of everything."""
    return filled(go_to)


def asked(file: Path, **more: Any) -> argparse.Namespace:
    return argparse.Namespace(**{
        "file": file, "config": None, "recordings": False, "yes": False, **more
    })  # fmt: skip


def test_the_commands_do_it(full: Settings, go_to: GoTo, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "saved.tar.gz"
    assert backup_command.run(asked(out)) == 0
    assert f"{out}: " in capsys.readouterr().out
    elsewhere = go_to("empty")
    assert restore_command.run(asked(out)) == 0
    assert "20 reps, 20 sets, 20 sessions, 20 advice, as of " in capsys.readouterr().out
    with pytest.raises(CommandError, match="--yes moves it aside"):
        restore_command.run(asked(out))
    assert restore_command.run(asked(out, yes=True)) == 0
    with pytest.raises(CommandError, match="is there already"):
        backup_command.run(asked(out))
    assert kept(book_of(elsewhere)) == kept(book_of(full))


def test_without_its_database_a_book_still_comes_back(
    full: Settings, tmp_path: Path, capsys: Capture
) -> None:
    out = saved(full, tmp_path)
    book_of(full).unlink()
    outbox_file().unlink()
    assert restore_command.run(asked(out)) == 1
    text = capsys.readouterr().out
    assert "does not answer" in text
    assert "hiprep db refill" in text
    assert len(kept(book_of(full))) == len(EVENTS)


def test_other_settings_are_used_where_they_are_named(
    full: Settings, go_to: GoTo, tmp_path: Path
) -> None:
    config = default_path()
    go_to("empty")
    out = tmp_path / "saved.tar.gz"
    assert backup_command.run(asked(out, config=config)) == 0
    with pytest.raises(CommandError, match="there is no such file"):
        backup_command.run(asked(tmp_path / "2.tar.gz", config=tmp_path / "none.toml"))
    assert len(kept(book_of(full))) == len(EVENTS)


def test_a_database_is_not_filled_from_a_book_in_use(full: Settings) -> None:
    with Book(book_of(full)), pytest.raises(CommandError, match="is in use: stop the store first"):
        db_command.run(argparse.Namespace(what="refill", algorithm=None, session=None))


def test_a_database_is_not_filled_from_nothing(full: Settings) -> None:
    book_of(full).unlink()
    with pytest.raises(CommandError, match=r"store\.db: is not there"):
        db_command.run(argparse.Namespace(what="refill", algorithm=None, session=None))
    assert not book_of(full).exists()


def test_without_a_database_in_the_settings_none_is_filled(go_to: GoTo) -> None:
    go_to("empty")
    with pytest.raises(CommandError, match=r"no table \[influx\]"):
        db_command.run(argparse.Namespace(what="refill", algorithm=None, session=None))


def test_the_commands_can_be_asked_for() -> None:
    parser = argparse.ArgumentParser()
    cli_backup.add(parser.add_subparsers(dest="command"))
    args = parser.parse_args(["backup", "x.tar.gz", "--recordings", "--config", "s.toml"])
    assert (args.file, args.recordings, args.config) == (Path("x.tar.gz"), True, Path("s.toml"))
    args = parser.parse_args(["restore", "x.tar.gz", "--yes"])
    assert (args.file, args.yes, args.config) == (Path("x.tar.gz"), True, None)

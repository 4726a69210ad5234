"""What is backed up comes back as it was; what is there is not lost."""

import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.delivery.book import Book
from pipeline.delivery.outbox import Outbox
from pipeline.settings import Settings, default_path, load, outbox_file
from pipeline.stack import StackError
from pipeline.stack.restore import _move, restore
from tests.pipeline.delivery.made import message
from tests.stack.computers import (
    EVENTS,
    INFLUX,
    MQTT,
    WAITING,
    GoTo,
    book_of,
    computers,
    files,
    fill,
    filled,
    kept,
    no_file_longer_than,
    noise,
    saved,
    waiting,
)


@pytest.fixture
def go_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GoTo:
    return computers(tmp_path, monkeypatch)


@pytest.fixture
def full(go_to: GoTo) -> Settings:
    """A computer where there is something of everything."""
    return filled(go_to)


def test_all_comes_back_as_it_was(full: Settings, go_to: GoTo, tmp_path: Path) -> None:
    before = kept(book_of(full)), waiting(outbox_file())
    assert len(before[0]) == len(EVENTS)
    out = saved(full, tmp_path, recordings=True)
    elsewhere = go_to("empty")
    restore(elsewhere, out)
    assert (kept(book_of(elsewhere)), waiting(outbox_file())) == before
    expected = files(full.recordings)
    del expected[".part-three"]
    assert files(elsewhere.recordings) == expected
    assert load(default_path()) == elsewhere  # what is there says where, and stays


def test_without_settings_those_of_the_backup_hold(full: Settings, tmp_path: Path) -> None:
    before = kept(book_of(full))
    out = saved(full, tmp_path)
    for path in (book_of(full), outbox_file(), default_path()):
        path.unlink()
    lines = restore(Settings(), out)
    assert kept(book_of(full)) == before
    blank = "..."
    assert load(default_path()) == replace(
        full, mqtt=replace(MQTT, password=blank), influx=replace(INFLUX, token=blank)
    )
    assert any('put in what stands as "..." there' in line for line in lines)


@pytest.mark.parametrize("size", [40_000, 100_000])
def test_a_full_disk_leaves_what_was_there(
    full: Settings, go_to: GoTo, tmp_path: Path, size: int
) -> None:
    (full.recordings / "noise.hiprec").write_bytes(noise(1_000_000))
    out = saved(full, tmp_path, recordings=True)
    elsewhere = go_to("other")
    fill(elsewhere, [message(1, id="theirs")])
    before = files(tmp_path)
    with no_file_longer_than(size), pytest.raises(StackError, match="cannot be written"):
        restore(elsewhere, out, replace=True)
    assert files(tmp_path) == before
    assert [one.id for one in kept(book_of(elsewhere))] == ["theirs"]


def test_what_is_there_is_not_replaced_unasked(full: Settings, go_to: GoTo, tmp_path: Path) -> None:
    out = saved(full, tmp_path)
    elsewhere = go_to("other")
    fill(elsewhere, [message(1, id="theirs")])
    before = files(tmp_path)
    with pytest.raises(
        StackError, match=r"store\.db: has 1 rep, 0 sets, 0 sessions, 0 advice: --yes"
    ):
        restore(elsewhere, out)
    assert files(tmp_path) == before


def test_what_was_there_can_be_put_back(full: Settings, go_to: GoTo, tmp_path: Path) -> None:
    out = saved(full, tmp_path)
    elsewhere = go_to("other")
    fill(elsewhere, [message(1, id="theirs")])
    lines = restore(elsewhere, out, replace=True)
    assert len(kept(book_of(elsewhere))) == len(EVENTS)
    aside = [Path(line.split(": what was there before")[0]) for line in lines[-2:]]
    assert aside[0].name.startswith("store.db.before-")
    assert [one.id for one in kept(aside[0])] == ["theirs"]
    assert len(waiting(aside[1])) == len(WAITING)
    aside[0].replace(book_of(elsewhere))
    assert [one.id for one in kept(book_of(elsewhere))] == ["theirs"]


def test_an_empty_book_may_be_replaced(full: Settings, go_to: GoTo, tmp_path: Path) -> None:
    out = saved(full, tmp_path)
    elsewhere = go_to("other")
    fill(elsewhere, [])
    with Outbox(outbox_file()) as outbox:
        outbox.done((one.id, one.revision) for one in WAITING)
    restore(elsewhere, out)
    assert len(kept(book_of(elsewhere))) == len(EVENTS)
    assert not list(book_of(elsewhere).parent.glob("*.before-*"))


def test_a_damaged_book_is_moved_aside_when_asked(
    full: Settings, go_to: GoTo, tmp_path: Path
) -> None:
    out = saved(full, tmp_path)
    elsewhere = go_to("other")
    book_of(elsewhere).write_bytes(b"no database" * 1000)
    with pytest.raises(StackError, match="something in it that cannot be read: --yes"):
        restore(elsewhere, out)
    lines = restore(elsewhere, out, replace=True)
    assert len(kept(book_of(elsewhere))) == len(EVENTS)
    aside = Path(lines[-1].split(": what was")[0])
    assert aside.read_bytes() == b"no database" * 1000


def test_what_is_left_of_an_older_book_does_no_harm(
    full: Settings, go_to: GoTo, tmp_path: Path
) -> None:
    out = saved(full, tmp_path)
    elsewhere = go_to("other")
    log = book_of(elsewhere).with_name("store.db-wal")
    log.write_bytes(b"of a book that is gone")
    restore(elsewhere, out)
    assert not log.exists()
    assert len(kept(book_of(elsewhere))) == len(EVENTS)


@pytest.mark.parametrize("replace_it", [False, True])
def test_a_book_or_outbox_in_use_is_left_alone(
    full: Settings,
    tmp_path: Path,
    replace_it: bool,
) -> None:
    out = saved(full, tmp_path)
    with Book(book_of(full)), pytest.raises(StackError, match=r"store\.db: is in use: stop"):
        restore(full, out, replace=replace_it)
    outbox_in_use = pytest.raises(StackError, match=r"outbox\.db: is in use: stop")
    book_of(full).unlink()
    with Outbox(outbox_file()), outbox_in_use:
        restore(full, out, replace=replace_it)
    assert not book_of(full).exists()


def test_recordings_that_are_there_stay(full: Settings, go_to: GoTo, tmp_path: Path) -> None:
    out = saved(full, tmp_path, recordings=True)
    elsewhere = go_to("other")
    elsewhere.recordings.mkdir()
    (elsewhere.recordings / "one.hiprec").write_bytes(b"mine")
    lines = restore(elsewhere, out)
    assert (elsewhere.recordings / "one.hiprec").read_bytes() == b"mine"
    assert f"{elsewhere.recordings}: 1 recordings, 1 were there already" in lines


def test_a_book_of_a_newer_version_is_refused(full: Settings, go_to: GoTo, tmp_path: Path) -> None:
    with sqlite3.connect(book_of(full)) as base:
        base.execute("PRAGMA user_version = 99")
    base.close()
    out = saved(full, tmp_path)
    elsewhere = go_to("empty")
    with pytest.raises(StackError, match=r"saved\.tar\.gz: store\.db: is no store of this version"):
        restore(elsewhere, out)
    assert files(tmp_path / "empty").keys() == {"settings.toml"}


def test_a_store_that_begins_meanwhile_is_left_alone(
    full: Settings, go_to: GoTo, tmp_path: Path
) -> None:
    out = saved(full, tmp_path)
    elsewhere = go_to("other")
    fill(elsewhere, [message(1, id="theirs")])
    begun: list[Book] = []

    def told(*_: int) -> None:
        if not begun and list(book_of(elsewhere).parent.glob(".part-*")):
            begun.append(Book(book_of(elsewhere)))

    with pytest.raises(StackError, match=r"store\.db: is in use"):
        restore(elsewhere, out, replace=True, told=told)
    assert [one.id for one in begun[0].messages("rep")] == ["theirs"]
    begun[0].close()
    assert [one.id for one in kept(book_of(elsewhere))] == ["theirs"]


def test_what_is_moved_aside_takes_its_log_along(tmp_path: Path) -> None:
    for name in ("store.db", "store.db-wal", "other.db"):
        (tmp_path / name).write_text(name)
    _move(tmp_path / "store.db", tmp_path / "aside")
    assert files(tmp_path) == {
        "aside": b"store.db",
        "aside-wal": b"store.db-wal",
        "other.db": b"other.db",
    }

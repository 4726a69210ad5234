"""What is put into a backup, and that it is whole or not there."""

import json
import sys
import tarfile
import threading
from pathlib import Path

import pytest

from pipeline.delivery.book import Book
from pipeline.delivery.outbox import Outbox
from pipeline.settings import Settings, default_path, outbox_file
from pipeline.stack import StackError
from pipeline.stack.archive import FORMAT
from pipeline.stack.backup import backup
from pipeline.stack.restore import restore
from tests.pipeline.delivery.made import message
from tests.stack.computers import (
    EVENTS,
    SECRETS,
    GoTo,
    book_of,
    computers,
    files,
    filled,
    kept,
    no_file_longer_than,
    noise,
    saved,
)


@pytest.fixture
def go_to(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GoTo:
    return computers(tmp_path, monkeypatch)


@pytest.fixture
def full(go_to: GoTo) -> Settings:
    """A computer where there is something of everything."""
    return filled(go_to)


def test_no_secret_is_in_it_and_it_says_so(full: Settings, tmp_path: Path) -> None:
    out = tmp_path / "saved.tar.gz"
    lines = backup(full, out, recordings=True)
    with tarfile.open(out) as tar:
        assert set(tar.getnames()) == {
            "settings.toml",
            "store.db",
            "outbox.db",
            "recordings/older/two Å.csv",
            "recordings/one.hiprec",
            "manifest.json",
        }
        for member in tar:
            content = tar.extractfile(member)
            assert content is not None
            data = content.read()
            assert not [secret for secret in SECRETS if secret.encode() in data]
    assert any(line.startswith("not in it: passwords, tokens") for line in lines)


def test_it_tells_what_is_in_it(full: Settings, tmp_path: Path) -> None:
    out = tmp_path / "saved.tar.gz"
    lines = backup(full, out)
    assert f"{book_of(full)}: 20 reps, 20 sets, 20 sessions, 20 advice" in lines
    assert f"{outbox_file()}: 7 events that wait" in lines
    with tarfile.open(out) as tar:
        content = tar.extractfile("manifest.json")
        assert content is not None
        manifest = json.load(content)
    assert manifest["format"] == FORMAT
    assert manifest["events"] == {"rep": 20, "set": 20, "session": 20, "advice": 20}
    assert manifest["sha256"].keys() == {"settings.toml", "store.db", "outbox.db"}


@pytest.mark.skipif(sys.platform == "win32", reason="modes of files are those of POSIX")
def test_only_who_made_it_may_read_it(full: Settings, tmp_path: Path) -> None:
    assert saved(full, tmp_path).stat().st_mode & 0o777 == 0o600


def test_a_store_may_write_meanwhile(full: Settings, go_to: GoTo, tmp_path: Path) -> None:
    """Of what it keeps at once, all is in the backup or nothing."""
    stop, begun = threading.Event(), threading.Event()
    at_once = 10

    def store() -> None:
        with Book(book_of(full)) as book:
            number = 1000
            while not stop.is_set():
                some = [message(number + i, id=f"more-{number + i}") for i in range(at_once)]
                book.keep(book.plan(some))
                number += at_once
                begun.set()

    thread = threading.Thread(target=store)
    thread.start()
    try:
        assert begun.wait(60)
        for number in range(5):
            backup(full, tmp_path / f"{number}.tar.gz")
    finally:
        stop.set()
        thread.join()
    for number in range(5):
        elsewhere = go_to(f"empty-{number}")
        restore(elsewhere, tmp_path / f"{number}.tar.gz")
        found = {one.id for one in kept(book_of(elsewhere))} - {one.id for one in EVENTS}
        assert len(found) % at_once == 0
        assert found == {f"more-{1000 + i}" for i in range(len(found))}
        assert len(found) >= at_once


def test_an_outbox_in_use_is_left_out(full: Settings, go_to: GoTo, tmp_path: Path) -> None:
    out = tmp_path / "saved.tar.gz"
    with Outbox(outbox_file()):
        lines = backup(full, out)
    assert any("left out, hiprep uses it" in line for line in lines)
    restore(go_to("empty"), out)
    assert not outbox_file().exists()


def test_a_book_alone_is_enough(go_to: GoTo, tmp_path: Path) -> None:
    settings = go_to("full")
    with Book(book_of(settings)) as book:
        book.keep(book.plan(EVENTS))
    out = saved(settings, tmp_path)
    elsewhere = go_to("empty")
    lines = restore(elsewhere, out)
    assert len(kept(book_of(elsewhere))) == len(EVENTS)
    assert [line.split(":")[0] for line in lines] == [str(book_of(elsewhere)), str(default_path())]


def test_where_there_is_nothing_that_is_said(go_to: GoTo, tmp_path: Path) -> None:
    settings = go_to("empty")
    default_path().unlink()
    with pytest.raises(StackError, match=r"store\.db: is not there"):
        saved(settings, tmp_path)
    assert list(tmp_path.rglob("*")) == [tmp_path / "empty"]


def test_a_file_that_is_there_is_never_overwritten(full: Settings, tmp_path: Path) -> None:
    out = tmp_path / "saved.tar.gz"
    out.write_text("precious")
    with pytest.raises(StackError, match="is there already"):
        backup(full, out)
    assert out.read_text() == "precious"


@pytest.mark.parametrize(
    ("name", "words"),
    [("saved.zip", "end its name with .tar.gz"), ("no/saved.tar.gz", "No such file")],
)
def test_a_name_that_cannot_be(full: Settings, tmp_path: Path, name: str, words: str) -> None:
    with pytest.raises(StackError, match=words):
        backup(full, tmp_path / name)


@pytest.mark.parametrize("size", [40_000, 100_000])
def test_a_full_disk_leaves_no_half_of_a_backup(full: Settings, tmp_path: Path, size: int) -> None:
    (full.recordings / "noise.hiprec").write_bytes(noise(1_000_000))
    before = files(tmp_path)
    with no_file_longer_than(size), pytest.raises(StackError, match=r"cannot be (written|copied)"):
        saved(full, tmp_path, recordings=True)
    assert files(tmp_path) == before

"""The outbox on a disk: kills, two owners, a full disk, damage."""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery.messages import Message, PayloadError
from pipeline.delivery.outbox import Outbox, OutboxError
from tests.pipeline.delivery.made import message

# Puts messages without end; says the number of each that it has put.
_PUTTING = """
import sys
from pathlib import Path
from pipeline.delivery.outbox import Outbox
from tests.pipeline.delivery.made import message
outbox = Outbox(Path(sys.argv[1]))
number = 0
while True:
    number += 1
    outbox.put([message(number)])
    print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "new" / "outbox.db"


@pytest.fixture
def outbox(path: Path) -> Iterator[Outbox]:
    with Outbox(path) as outbox:
        yield outbox


def _full(outbox: Outbox) -> None:
    """From now on the file may not grow, as on a disk that is full."""
    (pages,) = outbox._base.execute("PRAGMA page_count").fetchone()
    outbox._base.execute(f"PRAGMA max_page_count = {pages}")


def _roomy(outbox: Outbox) -> None:
    outbox._base.execute("PRAGMA max_page_count = 1000000")


def _same(messages: list[Message]) -> list[Message]:
    return [replace(one, seq=0) for one in messages]


def test_messages_come_back_whole_in_their_order(outbox: Outbox) -> None:
    given_ = [message(1), message(2, athlete="ben"), message(1, 1, valid=False), message(3)]
    put = outbox.put(given_[:2]) + outbox.put(given_[2:])
    assert outbox.waiting(0, 10) == put
    assert _same(put) == _same(given_)
    assert [one.seq for one in put] == sorted({one.seq for one in put})
    assert outbox.size() == len(put)


def test_it_is_read_in_pages(outbox: Outbox) -> None:
    put = outbox.put([message(number) for number in range(10)])
    assert outbox.waiting(0, 3) == put[:3]
    assert outbox.waiting(put[2].seq, 3) == put[3:6]
    assert outbox.waiting(put[-1].seq, 3) == []


def test_done_lets_go_of_a_revision_and_older_ones_of_the_same_event(outbox: Outbox) -> None:
    put = outbox.put([message(1), message(1, 1), message(1, 2), message(2)])
    outbox.done([(put[1].id, 1), ("nobody-knows-this", 7)])
    assert outbox.waiting(0, 10) == put[2:]
    assert outbox.size() == 2


def test_what_was_put_is_there_after_a_restart(path: Path) -> None:
    with Outbox(path) as first:
        put = first.put([message(1), message(2)])
    with Outbox(path) as again:
        assert again.waiting(0, 10) == put
        assert again.size() == len(put)


def test_numbers_rise_over_restarts_also_when_nothing_waits(path: Path) -> None:
    seen = []
    for number in range(3):
        with Outbox(path) as outbox:
            (put,) = outbox.put([message(number)])
            seen.append(put.seq)
            outbox.done([(put.id, put.revision)])
            assert outbox.size() == 0
    assert seen == sorted(set(seen))


def test_a_kill_loses_nothing_that_was_taken(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PUTTING, path], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        said = [int(writer.stdout.readline()) for _ in range(50)]
        writer.kill()
        said += [int(line) for line in writer.stdout if line.endswith("\n")]
    with Outbox(path) as outbox:
        there = [one.id for one in outbox.waiting(0, 100_000)]
    taken = [message(number).id for number in said]
    assert there[: len(taken)] == taken
    assert len(there) <= len(taken) + 1  # the last one was taken, and not said yet


def test_two_processes_cannot_have_the_same_outbox(path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _PUTTING, path], stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        with pytest.raises(OutboxError, match="another hiprep uses this outbox: stop it") as told:
            Outbox(path)
        assert str(path) in str(told.value)
        writer.kill()
    Outbox(path).close()


def test_a_full_disk_takes_nothing_and_loses_nothing(outbox: Outbox) -> None:
    put = outbox.put([message(1)])
    _full(outbox)
    many = [message(number) for number in range(2, 2000)]
    with pytest.raises(OutboxError, match=r"cannot be written .*full.*: free the disk") as told:
        outbox.put(many)
    assert str(outbox.path) in str(told.value)
    assert outbox.waiting(0, 10) == put
    assert outbox.size() == 1
    _roomy(outbox)
    put += outbox.put(many)
    assert outbox.waiting(0, 10_000) == put


def test_a_full_disk_still_lets_go(outbox: Outbox) -> None:
    put = outbox.put([message(number) for number in range(1000)])
    _full(outbox)
    with pytest.raises(OutboxError):
        outbox.put(put)
    outbox.done((one.id, one.revision) for one in put)
    assert outbox.size() == 0
    assert len(outbox.put([message(1)])) == 1


@pytest.mark.parametrize(
    "bad",
    [message(1, id="no/slash"), message(1, values={"rom_deg": float("nan")}), message(1, -1)],
)
def test_what_nobody_could_read_is_not_taken_nor_what_came_with_it(
    outbox: Outbox, bad: Message
) -> None:
    with pytest.raises(PayloadError):
        outbox.put([message(2), bad])
    assert outbox.waiting(0, 10) == []
    assert outbox.size() == 0


def test_a_file_of_another_kind_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"My diary. " * 1000)
    with pytest.raises(OutboxError, match="damaged or no outbox: move it away"):
        Outbox(path)
    assert path.read_bytes() == b"My diary. " * 1000


def test_a_database_of_somebody_else_is_left_alone(path: Path) -> None:
    path.parent.mkdir()
    base = sqlite3.connect(path)
    base.execute("CREATE TABLE diary (day TEXT)")
    base.execute("PRAGMA user_version = 1")
    base.close()
    before = path.read_bytes()
    with pytest.raises(OutboxError, match="is no outbox: move it"):
        Outbox(path)
    assert path.read_bytes() == before


def test_an_outbox_of_a_newer_version_says_so(path: Path) -> None:
    Outbox(path).close()
    base = sqlite3.connect(path)
    base.execute("PRAGMA user_version = 99")
    base.close()
    with pytest.raises(OutboxError, match="a newer hiprep wrote this outbox: update"):
        Outbox(path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutboxError, match=r"file/outbox\.db: .*name another folder"):
        Outbox(tmp_path / "file" / "outbox.db")


def test_an_athlete_is_forgotten_also_in_the_bytes_of_the_file(path: Path) -> None:
    with Outbox(path) as outbox:
        outbox.put([message(1), message(2, athlete="somebody-else"), message(3)])
        assert outbox.count("anna") == 2
        assert outbox.forget("anna") == 2
        assert outbox.count("anna") == 0
        assert [one.athlete for one in outbox.waiting(0, 10)] == ["somebody-else"]
        assert outbox.size() == 1
        everything = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"anna" not in everything
    assert b"somebody-else" in everything


_DOINGS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.integers(0, 5), st.integers(0, 3)),
        st.tuples(st.just("done"), st.integers(0, 5), st.integers(0, 3)),
        st.tuples(st.just("open again"), st.just(0), st.just(0)),
    ),
    max_size=30,
)


@given(doings=_DOINGS)
def test_it_holds_what_was_put_and_is_not_done_whatever_the_order(
    tmp_path_factory: pytest.TempPathFactory, doings: list[tuple[str, int, int]]
) -> None:
    path = tmp_path_factory.mktemp("outbox") / "outbox.db"
    outbox = Outbox(path)
    wanted: list[Message] = []
    for doing, number, revision in doings:
        if doing == "put":
            wanted += outbox.put([message(number, revision)])
        elif doing == "done":
            id_ = message(number).id
            outbox.done([(id_, revision)])
            wanted = [one for one in wanted if one.id != id_ or one.revision > revision]
        else:
            outbox.close()
            outbox = Outbox(path)
        assert outbox.waiting(0, 100) == wanted
        assert outbox.size() == len(wanted)
    outbox.close()

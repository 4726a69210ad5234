import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery.book import Book, BookError
from pipeline.delivery.changes import Change
from pipeline.delivery.messages import Message
from tests.pipeline.delivery.made import START_US, message


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path / "store.db") as one:
        yield one


def _keep(book: Book, *messages: Message) -> list[Change]:
    changes = book.plan(messages)
    book.keep(changes)
    return changes


def test_what_was_kept_is_read_again_field_by_field(tmp_path: Path) -> None:
    first = message(values={"rep": 1, "rom_deg": 57.25, "top_pause_s": None, "tempo": "3-1-1-ü"})
    whole = message(1, kind="set", valid=False, variant="banded", values={"reps": 8})
    with Book(tmp_path / "store.db") as book:
        _keep(book, first, whole)
    with Book(tmp_path / "store.db") as book:
        assert book.get("rep", first.id) == first
        assert book.get("set", whole.id) == whole
        assert book.get("session", first.id) is None


def test_a_file_from_before_there_was_advice_takes_it(tmp_path: Path) -> None:
    with Book(tmp_path / "store.db") as book:
        _keep(book, message())
    with closing(sqlite3.connect(tmp_path / "store.db")) as base:
        base.execute('DROP TABLE "advice"')
    said = message(kind="advice", values={"rule": "hold", "text": "Hold it."})
    with Book(tmp_path / "store.db") as book:
        assert list(book.messages("advice")) == []
        _keep(book, said)
        assert book.get("advice", said.id) == said
        assert book.get("rep", message().id) == message()


def test_the_same_message_changes_nothing_the_second_time(book: Book) -> None:
    assert [change.new for change in _keep(book, message())] == [message()]
    assert _keep(book, message()) == []


def test_an_equal_revision_with_other_values_is_no_news(book: Book) -> None:
    _keep(book, message(revision=2))
    assert book.plan([message(revision=2, values={"rep": 99})]) == []


def test_an_older_state_never_replaces_a_newer_one(book: Book) -> None:
    _keep(book, message(revision=2))
    assert _keep(book, message(revision=1)) == []
    assert book.get("rep", message().id) == message(revision=2)


def test_a_newer_state_replaces_the_older_one_and_knows_it(book: Book) -> None:
    _keep(book, message())
    (change,) = _keep(book, message(revision=1))
    assert change == Change(message(), (), message(revision=1))
    assert list(book.messages("rep")) == [message(revision=1)]


def test_states_that_come_together_are_one_change(book: Book) -> None:
    _keep(book, message())
    (change,) = _keep(book, message(revision=3), message(revision=1), message(revision=4))
    assert change == Change(message(), (message(revision=3),), message(revision=4))


def test_the_first_state_fixes_the_time(book: Book) -> None:
    _keep(book, message())
    _keep(book, message(revision=1, time_us=START_US), message(revision=2, time_us=START_US + 1))
    kept = book.get("rep", message().id)
    assert kept == message(revision=2)


def test_changes_come_in_the_order_of_the_messages(book: Book) -> None:
    came = [message(2), message(1, kind="set"), message(1), message(1, kind="session")]
    assert [change.new for change in book.plan(came)] == came


def test_the_same_id_in_two_kinds_is_two_events(book: Book) -> None:
    _keep(book, message(1), message(1, kind="set"))
    assert [len(list(book.messages(kind))) for kind in ("rep", "set", "session")] == [1, 1, 0]


@given(
    st.lists(st.tuples(st.integers(1, 3), st.integers(0, 4)), max_size=30),
    st.integers(1, 7),
    st.randoms(use_true_random=False),
)
def test_any_order_cut_and_repetition_ends_with_the_newest(
    came: list[tuple[int, int]], size: int, random: object
) -> None:
    shuffled = came * 2
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    newest: dict[int, int] = {}
    for number, revision in came:
        newest[number] = max(newest.get(number, 0), revision)
    with Book(Path(":memory:")) as book:
        for start in range(0, len(shuffled), size):
            _keep(book, *(message(*one) for one in shuffled[start : start + size]))
        assert list(book.messages("rep")) == [message(*one) for one in sorted(newest.items())]


def test_history_is_filtered_by_athlete_session_and_time(book: Book) -> None:
    anna, ben = message(1), message(2, athlete="ben", session="s2")
    gone = message(3, revision=5, valid=False)
    _keep(book, gone, ben, anna)
    assert list(book.messages("rep")) == [anna, ben]
    assert list(book.messages("rep", withdrawn=True)) == [anna, ben, gone]
    assert list(book.messages("rep", athlete="ben")) == [ben]
    assert list(book.messages("rep", session="s1")) == [anna]
    assert list(book.messages("rep", since_us=ben.time_us)) == [ben]
    assert list(book.messages("rep", until_us=ben.time_us)) == [anna]


def test_what_is_forgotten_is_not_even_in_the_bytes_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with Book(path) as book:
        _keep(book, *(message(number, athlete="carla") for number in range(200)), message(1000))
        assert book.forget("carla") == {"rep": 200, "set": 0, "session": 0, "advice": 0}
        files = list(tmp_path.iterdir())
        assert not [file for file in files if b"carla" in file.read_bytes()]
        assert list(book.messages("rep")) == [message(1000)]


def test_nothing_of_a_batch_is_kept_that_cannot_be_kept_whole(book: Book) -> None:
    changes = book.plan([message(1), message(2)])
    broken = replace(changes[1], new=replace(changes[1].new, seq="x" * 3))  # type: ignore[arg-type]
    with pytest.raises(BookError):
        book.keep([changes[0], broken])
    assert list(book.messages("rep")) == []


def test_a_book_is_read_while_it_is_written(tmp_path: Path) -> None:
    with Book(tmp_path / "store.db") as book, Book(tmp_path / "store.db") as reader:
        _keep(book, message(1))
        reading = reader.messages("rep")
        assert next(reading) == message(1)
        _keep(book, message(1, revision=1))
        assert list(reading) == []
        assert list(reader.messages("rep")) == [message(1, revision=1)]


def test_what_is_kept_survives_a_kill(tmp_path: Path) -> None:
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from pipeline.delivery.book import Book\n"
        "from tests.pipeline.delivery.made import message\n"
        "book = Book(Path(sys.argv[1]))\n"
        "for number in range(20): book.keep(book.plan([message(number)]))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[3]
    path = tmp_path / "store.db"
    done = subprocess.run([sys.executable, "-c", script, path], cwd=root, check=False)
    assert done.returncode < 0
    with Book(path) as book:
        assert list(book.messages("rep")) == [message(number) for number in range(20)]


def test_commits_go_to_the_disk_and_readers_are_not_blocked(book: Book) -> None:
    assert book._base.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert book._base.execute("PRAGMA journal_mode").fetchone()[0] == "wal"


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_text("this is a letter to my aunt" * 100)
    with pytest.raises(BookError, match=r"store\.db: .*store\.file"):
        Book(path)


def test_another_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    with sqlite3.connect(path) as other:
        other.execute("CREATE TABLE letters (text)")
    other.close()
    before = path.read_bytes()
    with pytest.raises(BookError, match="no store of this version"):
        Book(path)
    assert path.read_bytes() == before


def test_a_place_that_cannot_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BookError, match=r"store\.db"):
        Book(tmp_path / "file" / "store.db")

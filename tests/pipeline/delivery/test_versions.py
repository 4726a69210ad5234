"""Which version of a session a store's file shows."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery.book import Book
from pipeline.delivery.messages import Message, event_topic, from_payload, to_payload
from pipeline.delivery.versions import Version
from tests.pipeline.delivery.made import message


@pytest.fixture
def book(tmp_path: Path) -> Iterator[Book]:
    with Book(tmp_path / "store.db") as one:
        yield one


def by(algorithm: str, number: int = 1, **changes: Any) -> Message:
    """A rep that a version found."""
    return message(number, id=f"belt-s1-{algorithm}-{number}", algorithm=algorithm, **changes)


def said(algorithm: str, number: int = 1, session: str = "s1") -> Message:
    """Advice of a version."""
    event_id = f"belt-{session}-{algorithm}-advice-{number}"
    return message(number, kind="advice", id=event_id, algorithm=algorithm, session=session)


def keep(book: Book, *messages: Message) -> None:
    book.keep(book.plan(messages))


def shown(book: Book) -> list[str]:
    return [one.id for one in book.messages("rep")]


def test_the_first_version_of_a_session_is_shown(book: Book) -> None:
    keep(book, by("2"), by("1"))
    keep(book, by("1", 2), by("2", 3))
    assert shown(book) == ["belt-s1-2-1", "belt-s1-2-3"]
    everything = book.messages("rep", every_version=True)
    assert {one.id for one in everything} == {
        *shown(book), "belt-s1-1-1", "belt-s1-1-2"
    }  # fmt: skip


def test_a_change_knows_whether_it_is_shown(book: Book) -> None:
    both = book.plan([by("2"), by("1")])
    assert [change.shown for change in both] == [True, False]
    book.keep(both)
    assert [change.shown for change in book.plan([by("1", 2), by("2", 2)])] == [False, True]
    book.use("1")
    assert [change.shown for change in book.plan([by("1", 2), by("2", 2)])] == [True, False]


def test_what_was_said_is_shown_whatever_version_is(book: Book) -> None:
    keep(book, by("1"), by("2"), said("2"))
    assert list(book.messages("advice")) == [said("2")]
    assert [change.shown for change in book.plan([said("2", 2)])] == [True]


def test_what_another_version_would_have_said_is_not_kept(book: Book) -> None:
    keep(book, said("1"), said("2"))
    keep(book, said("2", 2), said("1", 3), said("2", session="s2"))
    assert list(book.messages("advice")) == [said("1"), said("2", session="s2"), said("1", 3)]
    book.forget("anna")
    keep(book, said("2"))
    assert list(book.messages("advice")) == [said("2")]


def test_the_same_session_of_another_sensor_is_another_session(book: Book) -> None:
    other = message(1, id="cuff-s1-1-1", device="cuff")
    keep(book, by("1"), by("2"), other)
    assert book.use("2") == 1
    assert shown(book) == [by("2").id, other.id]
    assert book.showing("2") == [("home", "belt", "s1")]
    assert book.versions() == [Version("1", 2, 1), Version("2", 1, 1)]


def test_a_version_that_is_not_there_changes_nothing(book: Book) -> None:
    keep(book, by("1"))
    assert book.use("2") == 0
    assert book.use("1", "s2") == 0
    assert shown(book) == [by("1").id]


def test_of_a_person_that_is_forgotten_no_version_is_left(book: Book) -> None:
    keep(book, by("1"), by("2"), by("2", 2, athlete="bob"))
    book.forget("anna")
    assert book.versions() == [Version("2", 1, 0)]
    assert shown(book) == [], "what Bob is shown is as before"
    assert book.use("2") == 1
    assert shown(book) == [by("2", 2).id]
    book.forget("bob")
    assert book.versions() == []
    assert book._base.execute("SELECT count(*) FROM shown").fetchone() == (0,)


def test_a_file_from_before_there_were_versions_has_the_first(tmp_path: Path) -> None:
    with Book(tmp_path / "store.db") as book:
        keep(book, by("1"))
    with closing(sqlite3.connect(tmp_path / "store.db")) as base:
        base.execute("DROP TABLE shown")
        for kind in ("rep", "set", "session", "advice"):
            base.execute(f'ALTER TABLE "{kind}" DROP COLUMN algorithm')
    for _ in range(2):
        with Book(tmp_path / "store.db") as book:
            keep(book, by("2"))
            assert list(book.messages("rep")) == [by("1")]
            assert book.versions() == [Version("1", 1, 1), Version("2", 1, 0)]


@given(st.lists(st.tuples(st.sampled_from("123"), st.integers(1, 4)), max_size=12), st.data())
def test_however_it_comes_each_session_is_shown_by_one_version(
    tmp_path_factory: pytest.TempPathFactory, came: list[tuple[str, int]], data: st.DataObject
) -> None:
    messages = [by(algorithm, number) for algorithm, number in came]
    cut = data.draw(st.integers(0, len(messages)))
    with Book(tmp_path_factory.mktemp("book") / "store.db") as book:
        keep(book, *messages[:cut])
        keep(book, *messages[cut:])
        first = came[0][0] if came else ""
        assert shown(book) == sorted({one.id for one in messages if one.algorithm == first})


def test_a_payload_of_a_gateway_that_says_no_version_is_of_the_first() -> None:
    whole = json.loads(to_payload(by("2")))
    assert whole["algorithm"] == "2"
    assert from_payload(event_topic(by("2")), json.dumps(whole).encode()) == by("2")
    del whole["algorithm"]
    assert from_payload(event_topic(by("2")), json.dumps(whole).encode()).algorithm == "1"

"""Rows of a store as the history that advice is given on."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.coaching.advice import Case, advice
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.rules import every
from pipeline.delivery.book import Book
from pipeline.delivery.history import Flat, RepRow, SetRow, Wanted, reps, sets
from pipeline.delivery.history_sources import BookHistory, InfluxHistory
from pipeline.delivery.lifted_rows import history_of, lifted
from pipeline.delivery.messages import Message
from pipeline.delivery.sinks import point_of
from tests.pipeline.coaching.athletes import ATHLETES, DAY_US
from tests.pipeline.coaching.histories import WHENS
from tests.pipeline.delivery.made import message
from tests.pipeline.lifted_messages import as_stored, kept, messages

ANNA = ATHLETES["progresses"].history()[:12]
BOB = ATHLETES["variants"].history()[:9]

# What a database may answer, in no good order: what is missing, foreign or impossible too.
numbers = st.none() | st.integers(-3, 2**62) | st.floats() | st.booleans() | st.text(max_size=2)
few = st.sampled_from([None, 1, 2, 3])
names = st.sampled_from(["anna", "bob", ""])


def flats(kind: type[SetRow] | type[RepRow]) -> st.SearchStrategy[Flat]:
    known = {"site", "device", "session", "athlete", "set", "variant"}
    free = [name for name in kind.__dataclass_fields__ if name not in known]
    placed = st.fixed_dictionaries(
        {"athlete": names, "session": names, "set": few, "device": st.just("belt")}
    )
    others = st.dictionaries(st.sampled_from(free), numbers)
    values = st.tuples(others, placed).map(lambda two: {**two[0], **two[1]})
    return st.builds(Flat, st.integers(0, 2**62), values)


def influx(found: Sequence[Message]) -> InfluxHistory:
    """A database that has these, and answers a query with all of a measurement."""

    def answer(text: str) -> list[Mapping[str, Any]]:
        kind = text.split('"."')[1].split('"', maxsplit=1)[0]
        points = [point_of(one) for one in found if one.kind == kind]
        return [{"time": one.time_ns, **one.fields, **one.tags} for one in points]

    return InfluxHistory(answer)


def test_what_was_lifted_is_what_a_store_gives_back(tmp_path: Path) -> None:
    kept(tmp_path / "store.db", ANNA, "anna")
    kept(tmp_path / "store.db", BOB, "bob")
    found = history_of(BookHistory(tmp_path / "store.db"))
    assert found == {"anna": as_stored(ANNA), "bob": as_stored(BOB)}


@pytest.mark.parametrize("name", ATHLETES)
def test_influxdb_gives_the_same_history_as_the_file(tmp_path: Path, name: str) -> None:
    history = ATHLETES[name].history()[:30]
    kept(tmp_path / "store.db", history)
    found = history_of(BookHistory(tmp_path / "store.db"))
    assert found == {"anna": as_stored(history)}
    assert history_of(influx(list(messages(history)))) == found


def test_one_athlete_and_a_time_can_be_asked_for(tmp_path: Path) -> None:
    kept(tmp_path / "store.db", ANNA, "anna")
    kept(tmp_path / "store.db", BOB, "bob")
    source = BookHistory(tmp_path / "store.db")
    assert set(history_of(source, "bob")) == {"bob"}
    since_us, until_us = ANNA[2].time_us, ANNA[5].time_us
    some = history_of(source, "anna", since_us, until_us)
    assert some == {"anna": as_stored(ANNA[2:5])}
    # The last one is whole, though it ended later.
    whole = history_of(source, "anna", until_us=ANNA[0].time_us + 1)
    assert whole == {"anna": as_stored(ANNA[:1])}
    assert history_of(source, "nobody") == {}


def test_a_deleted_set_and_a_deleted_rep_are_no_history(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    kept(path, ANNA[:2])
    found = list(messages(ANNA[:2]))
    first = next(one for one in found if one.kind == "set")
    rep = [one for one in found if one.kind == "rep"][-1]
    with Book(path) as book:
        gone = [replace(one, revision=9, valid=False) for one in (first, rep)]
        book.keep(book.plan(gone))
    (left,) = history_of(BookHistory(path))["anna"]
    assert left.time_us == ANNA[1].time_us
    assert len(left.reps) == len(ANNA[1].reps) - 1


def test_of_a_set_without_its_reps_their_number_is_known() -> None:
    values = {"set": 1, "reps": 8, "load_kg": 60.0}
    only_set = message(kind="set", id="s", values=values)
    (one,) = history_of(influx([only_set]))["anna"]
    assert [rep.number for rep in one.counted] == list(range(1, 9))
    assert all(rep.added and rep.rom_deg is None for rep in one.reps)


def test_reps_of_no_set_are_left_out() -> None:
    only_reps = [one for one in messages(ANNA[:1]) if one.kind == "rep"]
    assert history_of(influx(only_reps)) == {}


def test_a_mark_is_part_of_what_was_lifted() -> None:
    marked = replace(ANNA[0], mark="to_failure")
    (one,) = history_of(influx(list(messages((marked,)))))["anna"]
    assert one.mark == "to_failure"


@given(st.lists(flats(SetRow), max_size=6), st.lists(flats(RepRow), max_size=8))
def test_any_rows_are_some_history(set_rows: list[Flat], rep_rows: list[Flat]) -> None:
    rows = [one.row(SetRow) for one in set_rows]
    found = lifted(rows, [one.row(RepRow) for one in rep_rows])
    assert sum(map(len, found.values())) == len(rows)
    for history in found.values():
        times = [one.time_us for one in history]
        assert times == sorted(times)
        assert all(len(one.reps) <= max(500, len(rep_rows)) for one in history)


@given(st.permutations(list(messages(ANNA[:3]))))
def test_the_order_of_rows_does_not_matter(shuffled: list[Message]) -> None:
    source = influx(shuffled)
    found = lifted(sets(source, Wanted())[::-1], reps(source, Wanted())[::-1])
    assert found == {"anna": as_stored(ANNA[:3])}


def test_advice_can_be_given_on_it(tmp_path: Path) -> None:
    kept(tmp_path / "store.db", ANNA)
    history: tuple[LiftedSet, ...] = history_of(BookHistory(tmp_path / "store.db"))["anna"]
    case = Case(history, history[-1].time_us + DAY_US)
    expected = Case(as_stored(ANNA), case.now_us)
    for when in WHENS:
        assert advice(every(), case, when) == advice(every(), expected, when)

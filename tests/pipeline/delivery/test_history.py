"""History: the same rows from the store's file and from InfluxDB, and the bests among them."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.delivery.book import Book
from pipeline.delivery.history import (
    BEST_UNITS,
    Best,
    Flat,
    HistoryError,
    HistorySource,
    RepRow,
    SetRow,
    Wanted,
    advice,
    bests,
    bests_of,
    reps,
    sessions,
    sets,
)
from pipeline.delivery.history_sources import BookHistory, InfluxHistory, influxql
from pipeline.delivery.influx import Influx, to_line
from pipeline.delivery.influx_select import select
from pipeline.delivery.messages import EVENT_KINDS, Kind, Message
from pipeline.delivery.sinks import SinkUnavailableError, point_of, points_of
from pipeline.settings import InfluxSettings
from tests.integration.influx import influx_server
from tests.pipeline.delivery.made import START_US, message

MINUTE_US = 60_000_000

REP = {
    "set": 1,
    "rep": 1,
    "partial": False,
    "final": True,
    "added": False,
    "load_kg": 100.0,
    "concentric_s": 0.83,
    "top_pause_s": 1.06,
    "eccentric_s": None,
    "rom_deg": 57.0,
    "mean_velocity_mps": 0.4,
    "faults": 1,
    "fault_sag": 1,
    "fault_over_arch": 0,
}
SESSION = {"sets": 2, "reps": 20, "duration_s": 420.5, "volume_kg": 800.0, "ended": True}
SET = {"set": 1, "reps": 8, "partials": 1, "load_kg": 100, "volume_kg": 800.0, "fault_sag": 2}

ADVICE = {
    "set": 1,
    "rep": None,
    "when": "set",
    "rule": "hold",
    "level": "attention",
    "text": "Hold: 5 of 8 reps were held for 2 s or more.",
    "load_kg": None,
    "target_reps": None,
}


def event(kind: Kind, number: int, values: dict[str, Any] | None = None, **changes: Any) -> Message:
    """The event of that number, as many minutes after START_US."""
    time_us = START_US + number * MINUTE_US
    name = f"belt-{kind}-{number}"
    return message(kind=kind, id=name, time_us=time_us, values=values or {}, **changes)


EVENTS = [
    event("rep", 1, REP),
    event("rep", 2, REP | {"rep": 2, "mean_velocity_mps": 0.5}),
    event("rep", 3, REP | {"rep": None, "partial": True, "mean_velocity_mps": 0.9}),
    event("rep", 4, REP, valid=False),
    event("rep", 5, REP, athlete="bob", exercise="squat"),
    event("set", 6, SET),
    event("set", 7, SET | {"reps": 12, "load_kg": None, "volume_kg": None}, variant="banded"),
    event("set", 8, SET, athlete="bob", exercise="squat"),
    event("session", 0, SESSION),
    event("advice", 10, ADVICE),
    event("advice", 11, ADVICE | {"load_kg": 62.5, "target_reps": 8}, athlete="bob"),
    event("advice", 12, ADVICE, valid=False),
    # What was moved to another athlete, and came in two revisions.
    event("rep", 9, REP, athlete="bob", revision=2),
    event("rep", 9, REP, athlete="anna", revision=3),
]

WANTED = [
    Wanted(),
    Wanted(athlete="anna"),
    Wanted(athlete="nobody-of-that-name"),
    Wanted(exercise="squat"),
    Wanted(athlete="bob", exercise="squat"),
    Wanted(since_us=START_US + 2 * MINUTE_US),
    Wanted(limit=2),
    Wanted(athlete="anna", limit=1),
    Wanted(athlete="it's \\"),
]


@pytest.fixture(scope="module")
def book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("store") / "store.db"
    keep(path, EVENTS)
    return path


@pytest.fixture(scope="module")
def influx(tmp_path_factory: pytest.TempPathFactory, book: Path) -> Iterator[Influx]:
    with influx_server(tmp_path_factory.mktemp("influx")) as server:
        server.query('CREATE DATABASE "gym" WITH DURATION INF NAME "events"')
        written = Influx(server.settings())
        with Book(book.with_name("again.db")) as again:
            for one in EVENTS:
                changes = again.plan([one])
                again.keep(changes)
                points = [point for change in changes for point in points_of(change)]
                written.write("gym/events", "\n".join(map(to_line, points)))
        written.close()
        # What is asked is asked of the server itself.
        url = f"http://127.0.0.1:{server._port}"
        database = Influx(replace(server.settings(), url=url))
        yield database
        database.close()


def keep(path: Path, messages: Iterable[Message]) -> None:
    with Book(path) as book:
        for one in messages:
            book.keep(book.plan([one]))


def history(influx: Influx) -> InfluxHistory:
    return InfluxHistory(lambda text: select(influx, text))


@pytest.mark.parametrize("wanted", WANTED)
@pytest.mark.parametrize("read", [reps, sets, sessions, bests, advice])
def test_influxdb_has_the_same_rows_as_the_book(
    book: Path, influx: Influx, read: object, wanted: Wanted
) -> None:
    assert callable(read)
    assert read(history(influx), wanted) == read(BookHistory(book), wanted)


def test_a_rep_is_as_it_was_published(book: Path) -> None:
    first = reps(BookHistory(book), Wanted(athlete="anna"))[0]
    assert first == RepRow(
        id="belt-rep-1",
        time_us=START_US + MINUTE_US,
        site="home",
        device="belt",
        athlete="anna",
        session="s1",
        exercise="hip_thrust",
        variant="",
        set=1,
        rep=1,
        partial=False,
        final=True,
        added=False,
        load_kg=100.0,
        concentric_s=0.83,
        top_pause_s=1.06,
        eccentric_s=None,
        bottom_pause_s=None,
        rom_deg=57.0,
        displacement_m=None,
        mean_velocity_mps=0.4,
        peak_velocity_mps=None,
        velocity_loss_pct=None,
        confidence=None,
        faults={"sag": 1},
    )


def test_rows_are_in_order_of_time_and_only_the_valid_ones(book: Path) -> None:
    found = reps(BookHistory(book), Wanted())
    assert [row.id[-1] for row in found] == ["1", "2", "3", "5", "9"]
    assert found[-1].athlete == "anna"


def test_the_newest_are_what_a_limit_leaves(book: Path) -> None:
    found = reps(BookHistory(book), Wanted(limit=2))
    assert [row.id[-1] for row in found] == ["5", "9"]


def test_since_is_the_first_instant_that_counts(book: Path) -> None:
    source = BookHistory(book)
    at_us = sets(source, Wanted())[1].time_us
    assert sets(source, Wanted(since_us=at_us))[0].time_us == at_us
    assert sets(source, Wanted(since_us=at_us + 1))[0].time_us > at_us


def test_sessions_and_sets_say_what_was_done(book: Path) -> None:
    (session,) = sessions(BookHistory(book), Wanted(athlete="anna"))
    assert (session.sets, session.reps, session.duration_s) == (2, 20, 420.5)
    first, second = sets(BookHistory(book), Wanted(athlete="anna"))
    assert (first.reps, first.load_kg, first.faults) == (8, 100.0, {"sag": 2})
    assert (second.variant, second.load_kg) == ("banded", None)


def test_advice_is_as_it_was_said(book: Path) -> None:
    one, other = advice(BookHistory(book), Wanted())
    assert (one.athlete, one.set, one.rep, one.when) == ("anna", 1, None, "set")
    assert (one.rule, one.level, one.text) == ("hold", "attention", ADVICE["text"])
    assert (one.load_kg, one.target_reps) == (None, None)
    assert (other.athlete, other.load_kg, other.target_reps) == ("bob", 62.5, 8)


def test_bests_are_of_each_athlete_exercise_and_variant(book: Path) -> None:
    found = bests(BookHistory(book), Wanted(athlete="anna", limit=1))
    values = {(best.variant, best.kind): best.value for best in found}
    assert values == {
        ("", "reps"): 8.0,
        ("", "velocity"): 0.5,
        ("", "load"): 100.0,
        ("", "volume"): 800.0,
        ("", "hold"): 1.06,
        ("banded", "reps"): 12.0,
    }


def test_of_equal_bests_the_first_is_the_best(book: Path) -> None:
    rows = sets(BookHistory(book), Wanted(athlete="anna", exercise="hip_thrust"))[:1]
    later = replace(rows[0], id="later", time_us=rows[0].time_us + 1)
    for order in ([rows[0], later], [later, rows[0]]):
        assert {best.id for best in bests_of(order, [])} == {rows[0].id}


def set_row(number: int, reps_: int | None, volume_kg: float | None) -> SetRow:
    point = point_of(event("set", number, {"reps": reps_, "volume_kg": volume_kg}))
    return Flat(point.time_ns, {**point.fields, **point.tags}).row(SetRow)


@given(st.lists(st.tuples(st.none() | st.integers(0, 50), st.none() | st.floats(0, 1e5))))
def test_a_best_is_reached_and_never_exceeded(done: list[tuple[int | None, float | None]]) -> None:
    rows = [set_row(number, *one) for number, one in enumerate(done)]
    found: dict[str, Best] = {best.kind: best for best in bests_of(rows, [])}
    for kind, values in (
        ("reps", [row.reps for row in rows]),
        ("volume", [row.volume_kg for row in rows]),
    ):
        most = max(filter(None, values), default=None)
        assert (found[kind].value if kind in found else None) == most
        if most:
            same = [row.id for row, value in zip(rows, values, strict=True) if value == most]
            assert found[kind].id == same[0]


@given(
    st.dictionaries(
        st.sampled_from([*RepRow.__dataclass_fields__, "fault_sag"]),
        st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(),
    )
)
def test_foreign_values_are_no_crash(values: dict[str, object]) -> None:
    row = Flat(1, values).row(RepRow)
    assert isinstance(row.id, str)
    assert row.set is None or isinstance(row.set, int)
    assert bests_of([], [row]) == [] or row.rep is not None


def test_every_kind_of_best_has_a_unit() -> None:
    assert set(BEST_UNITS) == {"reps", "velocity", "load", "volume", "hold"}


def test_a_file_that_is_no_store_is_said(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"a letter to a friend, and no database at all" * 50)
    with pytest.raises(HistoryError, match=str(path)):
        reps(BookHistory(path), Wanted())


def test_a_database_that_does_not_answer_is_said() -> None:
    influx = Influx(InfluxSettings("http://127.0.0.1:9", database="gym"))
    with pytest.raises(HistoryError, match=r"influx\.url"):
        reps(history(influx), Wanted())
    influx.close()


def test_a_database_that_is_not_there_is_said(influx: Influx) -> None:
    other = Influx(replace(influx.settings, database="other"))
    with pytest.raises(SinkUnavailableError, match="hiprep db init"):
        select(other, influxql("rep", Wanted()))
    other.close()


def test_no_text_gets_out_of_its_quotation_marks() -> None:
    text = influxql("rep", Wanted(athlete="a' OR 'x' = 'x", exercise="\\' OR valid = false --"))
    assert r"athlete = 'a\' OR \'x\' = \'x'" in text
    assert r"exercise = '\\\' OR valid = false --'" in text


def test_all_kinds_can_be_read(book: Path) -> None:
    source: HistorySource = BookHistory(book)
    assert all(source.rows(kind, Wanted()) for kind in EVENT_KINDS)

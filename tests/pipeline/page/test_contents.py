import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest

from pipeline.coaching.advice import Case
from pipeline.delivery.history import Flat, HistoryError, HistorySource, Wanted
from pipeline.delivery.messages import Kind
from pipeline.page.contents import MOST_ROWS, coaching, config, history_rows
from pipeline.settings import Athlete, SensorEntry, Settings

SETTINGS = Settings(
    athletes={"anna": Athlete("Anna <b>Å</b>")},
    sensors={"belt-7": SensorEntry(name="DOT", athlete="anna")},
)


class Asked:
    """History of one set, that remembers what was asked for."""

    def __init__(self) -> None:
        self.wanted: list[Wanted] = []

    def rows(self, kind: Kind, wanted: Wanted) -> Sequence[Flat]:
        self.wanted.append(wanted)
        values = {"id": "a", "athlete": "anna", "exercise": "squat", "reps": 8.0, "site": kind}
        return [Flat(1_700_000_000_000_000_000, values)]

    @contextmanager
    def source(self) -> Iterator[HistorySource]:
        yield self  # type: ignore[misc]


def test_the_page_is_told_who_and_what_there_is() -> None:
    told = config(SETTINGS, history=True, login=False)
    assert told["athletes"] == [{"key": "anna", "name": "Anna <b>Å</b>"}]
    assert told["devices"] == [{"key": "belt-7", "athlete": "anna"}]
    assert {"key": "hip_thrust", "name": "hip thrust"} in told["exercises"]
    json.dumps(told)


def test_what_is_asked_for_is_looked_up() -> None:
    asked = Asked()
    rows = history_rows(asked.source)
    query = {
        "athlete": "anna",
        "exercise": "squat",
        "since": "2026-05-01T00:00:00+00:00",
        "until": "2026-06-01T00:00:00+00:00",
        "limit": "7",
    }
    kind, text = rows("sets", query)
    (wanted,) = asked.wanted
    assert wanted == Wanted("anna", "squat", 1_777_593_600_000_000, 1_780_272_000_000_000, 7)
    assert kind == "application/json"
    (row,) = json.loads(text)["rows"]
    assert (row["athlete"], row["reps"]) == ("anna", 8)


def test_a_table_is_whole_and_a_page_is_bounded() -> None:
    asked = Asked()
    rows = history_rows(asked.source)
    kind, text = rows("sets", {"format": "csv"})
    assert (kind, text.splitlines()[0].split(",")[0], len(text.splitlines())) == (
        "text/csv",
        "time",
        2,
    )
    rows("sets", {})
    assert [one.limit for one in asked.wanted] == [None, MOST_ROWS]


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("secrets", {}),
        ("sets", {"since": "yesterday"}),
        ("sets", {"until": "x" * 500}),
        ("sets", {"limit": "0"}),
        ("sets", {"limit": "-1"}),
        ("sets", {"limit": str(MOST_ROWS + 1)}),
        ("sets", {"limit": "9" * 5000}),
        ("sets", {"limit": "７"}),
    ],
)
def test_what_cannot_be_asked_for_is_said(what: str, query: dict[str, str]) -> None:
    asked = Asked()
    with pytest.raises(ValueError, match=r"\w"):
        history_rows(asked.source)(what, query)
    assert asked.wanted == []


def test_the_day_of_an_athlete_is_told_as_json() -> None:
    asked: list[tuple[str, str]] = []

    def case_of(athlete: str, session: str) -> Case:
        asked.append((athlete, session))
        return Case((), 1_767_571_200_000_000)

    text = coaching(case_of)({"athlete": "anna", "session": "s1"})
    told = json.loads(text)
    assert asked == [("anna", "s1")]
    assert set(told) == {"today", "advice", "week"}
    assert told["today"]["lifts"][0]["reps"] == [8, 12]
    assert told["week"]["aim"] == [2, 3]


def test_a_day_is_somebodys_and_history_that_cannot_be_read_is_said() -> None:
    def broken(_athlete: str, _session: str) -> Case:
        raise HistoryError("damaged")

    with pytest.raises(ValueError, match="athlete"):
        coaching(broken)({})
    with pytest.raises(ValueError, match="damaged"):
        coaching(broken)({"athlete": "anna"})


def test_history_that_cannot_be_read_is_said() -> None:
    class Broken(Asked):
        def rows(self, kind: Kind, wanted: Wanted) -> Sequence[Flat]:
            raise HistoryError(f"{kind}: damaged since {wanted.since_us}")

    with pytest.raises(ValueError, match="set: damaged since 0"):
        history_rows(Broken().source)("sets", {})

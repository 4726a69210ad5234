"""That what stands for Grafana in these tests does as Grafana does."""

import re
from typing import Any

import pytest

from tests.dashboards.frames import Frame, Json, frames, transformed
from tests.dashboards.grafana import ALL, QueryError, Source, Viewer
from tests.dashboards.parts import boards, panels
from tests.dashboards.times import duration_ms, interval_text, round_interval_ms, since_ms

NOW_MS = 1_767_634_245_678  # Monday 5 January 2026, 17:30:45 UTC
DAY_MS = 86_400_000


class Told(Source):
    """A database that answers what a test says. asked: what came."""

    def __init__(self, **answers: list[str | None]) -> None:
        super().__init__("", "")
        object.__setattr__(self, "answers", answers)
        object.__setattr__(self, "asked", [])

    def ask(self, text: str) -> list[Json]:
        self.asked.append(text)  # type: ignore[attr-defined]
        for name, values in self.answers.items():  # type: ignore[attr-defined]
            if f'"{name}"' in text:
                first = "key" if text.startswith("SHOW") else "time"
                return [{"columns": [first, "value"], "values": [[name, one] for one in values]}]
        return []


def query(name: str, **more: Any) -> Json:
    text = f'SHOW TAG VALUES FROM "events"."set" WITH KEY = "{name}"'
    return {"type": "query", "name": name, "query": text, "sort": 1, **more}


def viewer(*variables: Json, chosen: Any = None, **answers: list[str | None]) -> Viewer:
    board = {"time": {"from": "now-1h", "to": "now"}, "templating": {"list": list(variables)}}
    return Viewer(Told(**answers), board, NOW_MS, chosen or {})


@pytest.mark.parametrize(
    ("text", "at_ms"),
    [
        ("now", NOW_MS),
        ("now-15m", NOW_MS - 900_000),
        ("now-12w", NOW_MS - 84 * DAY_MS),
        ("now/d", NOW_MS - NOW_MS % DAY_MS),
        ("now-1d/d", NOW_MS - NOW_MS % DAY_MS - DAY_MS),
        ("now/w", NOW_MS - NOW_MS % DAY_MS),
    ],
)
def test_times_are_reckoned_from_now(text: str, at_ms: int) -> None:
    assert since_ms(text, NOW_MS) == at_ms


def test_the_end_of_a_day_is_the_next_one() -> None:
    assert since_ms("now/d", NOW_MS, end=True) == since_ms("now/d", NOW_MS) + DAY_MS


@pytest.mark.parametrize(
    ("wanted_ms", "text"), [(3, "1ms"), (620, "500ms"), (1200, "1s"), (50_000, "1m"), (4e6, "1h")]
)
def test_intervals_are_round(wanted_ms: float, text: str) -> None:
    assert interval_text(round_interval_ms(wanted_ms)) == text
    assert duration_ms(text) == round_interval_ms(wanted_ms)


def test_what_people_chose_is_put_in() -> None:
    text = '"athlete" =~ /^${athlete:regex}$/'
    many = {"multi": True, "includeAll": True, "allValue": ".*"}
    names: list[str | None] = ["ben", "anna"]
    assert viewer(query("athlete"), athlete=names).sent(text) == '"athlete" =~ /^anna$/'
    assert viewer(query("athlete", **many), athlete=names).sent(text) == '"athlete" =~ /^.*$/'
    two = viewer(query("athlete", **many), athlete=names, chosen={"athlete": ["a.b", "c"]})
    assert two.sent(text) == r'"athlete" =~ /^(a\.b|c)$/'
    del many["allValue"]
    every = viewer(query("athlete", **many), athlete=names, chosen={"athlete": ALL})
    assert every.sent(text) == '"athlete" =~ /^(anna|ben)$/'
    assert viewer(query("athlete")).sent(text) == '"athlete" =~ /^$/'


def test_a_variable_may_need_another_that_stands_behind_it() -> None:
    first = query("set_key", query='SELECT last("set_key") FROM x WHERE "d" = \'$device\'')
    who = viewer(first, query("device"), device=["belt"], set_key=["s1-4"])
    assert who.sent("'$set_key'") == "'s1-4'"
    assert who.source.asked[-1].endswith("\"d\" = 'belt'")  # type: ignore[attr-defined]


def test_times_and_intervals_are_put_in() -> None:
    who = viewer()
    from_ms = NOW_MS - 3_600_000
    assert who.sent("$timeFilter") == f"time >= {from_ms}ms and time <= {NOW_MS}ms"
    assert who.sent("$__interval $__interval_ms", 60_000) == "1m 60000"
    assert who.sent("$__from ${__to}") == f"{from_ms} {NOW_MS}"


@pytest.mark.parametrize("left", ["$__timeFilter", "${athlete:regex}", "[[athlete]]", "$set"])
def test_what_is_not_put_in_is_an_error(left: str) -> None:
    with pytest.raises(QueryError, match=re.escape(left[:6])):
        viewer().sent(f"SELECT {left}")


def test_a_null_in_a_variable_is_an_error() -> None:
    with pytest.raises(QueryError, match="null"):
        viewer(query("athlete"), athlete=["anna", None])


SERIES: list[Json] = [
    {"name": "set", "tags": {"athlete": "anna"}, "columns": ["time", "reps", "text"],
     "values": [[1, 8, "a"], [3, None, "b"]]},
    {"name": "set", "tags": {"athlete": "ben"}, "columns": ["time", "reps", "text"],
     "values": [[2, 5, None]]},
]  # fmt: skip


def test_a_table_is_one_frame_with_the_tags_after_the_time() -> None:
    (frame,) = frames(SERIES, {"resultFormat": "table"})
    assert [(one.title, one.kind) for one in frame.columns] == [
        ("Time", "time"),
        ("athlete", "string"),
        ("reps", "number"),
        ("text", "string"),
    ]
    assert [row["reps"] for row in frame.rows()] == [8, None, 5]


@pytest.mark.parametrize(
    ("alias", "name"),
    [("", "set.reps { athlete: anna }"), ("$col", "reps"), ("$tag_athlete: $col", "anna: reps")],
)
def test_time_series_have_their_own_names(alias: str, name: str) -> None:
    found = frames(SERIES, {"resultFormat": "time_series", "query": "SELECT", "alias": alias})
    assert len(found) == 4
    assert found[0].columns[1].title == name
    assert found[0].columns[1].values == [8, None]


def test_columns_are_put_in_order_left_out_and_renamed() -> None:
    (frame,) = _organized(
        {
            "excludeByName": {"Time": True},
            "indexByName": {"reps": 0, "athlete": 1},
            "renameByName": {"reps": "Reps"},
        }
    )
    assert [one.title for one in frame.columns] == ["Reps", "athlete", "text"]


def test_time_is_not_called_time_in_small_letters() -> None:
    (frame,) = _organized({"excludeByName": {"time": True}})
    assert frame.columns[0].title == "Time"


def _organized(options: Json) -> list[Frame]:
    found = frames(SERIES, {"resultFormat": "table"})
    return transformed(found, [{"id": "organize", "options": options}])


def test_the_end_of_an_annotation_has_the_name_of_its_measurement() -> None:
    target = {"fromAnnotations": True, "query": "SELECT", "textColumn": "text"}
    for name, until_ms in (("end_ms", 10), ("rep.end_ms", 25)):
        who = viewer()
        series = [{"name": "rep", "columns": ["time", "text", "end_ms"],
                   "values": [[10, "rep 1", 25], [11, "rep 2", None]]}]  # fmt: skip
        object.__setattr__(who.source, "ask", lambda _, series=series: series)
        (event,) = who.events({"name": "reps", "target": {**target, "timeEndColumn": name}})
        assert (event.at_ms, event.until_ms, event.text) == (10, until_ms, "rep 1")


_CUES: list[Json] = [
    {"name": "advice", "columns": ["time", "text", "level"], "values": [[9, "Slower.", "stop"]]},
    {"name": "advice", "columns": ["time", "text", "level"], "values": [[9, "Hold.", "attention"]]},
]


def _one_cue(*series: Json) -> list[tuple[str, list[Any]]]:
    """What is left of the answers to the queries of the panel of cues."""
    found = [one for part in series for one in frames([part], {"resultFormat": "table"})]
    cue = next(one for one in panels(boards()["set-live.json"]) if one["title"] == "Cue")
    shown = transformed(found, cue["transformations"])
    return [(column.title, column.values) for frame in shown for column in frame.columns]


def test_of_two_cues_of_a_moment_stop_is_shown_and_its_sentence_is_its_name() -> None:
    stop, other = _CUES
    assert _one_cue(stop, other) == [("Slower.", ["stop"])]
    assert _one_cue(stop, stop) == [("Slower.", ["stop"])]
    assert _one_cue(other) == [("Hold.", ["attention"])]


def test_a_column_that_would_become_a_label_is_an_error() -> None:
    found = frames(_CUES[:1], {"resultFormat": "table"})
    how = {"mappings": [{"fieldName": "text", "handlerKey": "field.name"},
                        {"fieldName": "level", "handlerKey": "field.value"}]}  # fmt: skip
    with pytest.raises(ValueError, match="Time"):
        transformed(found, [{"id": "rowsToFields", "options": how}])

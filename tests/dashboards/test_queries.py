"""Every query of every panel, variable, annotation and alert rule, asked of a real InfluxDB."""

import re

import pytest

from tests.dashboards.alerts import fires, queries, rules, sent
from tests.dashboards.frames import Frame, Json, transformed
from tests.dashboards.grafana import ALL, Source, Value, Viewer
from tests.dashboards.lifted import SHORT
from tests.dashboards.parts import (
    OF_NUMBERS,
    annotations,
    boards,
    drawn,
    missing,
    names_shown,
    panels,
    query_of,
    settings,
    title_of,
    variables,
)
from tests.dashboards.played import EMPTY, FULL, KINDS, ONE, Played
from tests.dashboards.shown import words
from tests.dashboards.written import written

# Of these an athlete alone makes rows; the others tell of services, or compare athletes.
OWN = ("set-live.json", "session.json", "progress.json")
NAMES = sorted(boards())
PANELS = [(name, panel["id"]) for name in NAMES for panel in panels(boards()[name])]


OWN_COLOURS = ("fixed", "thresholds", "shades")
# What nobody should have to read; "reps" and the like are words.
FIELDS = {name for fields in written().values() for name in fields if "_" in name}


def viewer(gym: Played, kind: str, name: str, **chosen: Value) -> Viewer:
    return Viewer(gym.sources[kind], boards()[name], gym.now_ms, chosen)


def panel_of(name: str, number: int) -> Json:
    return next(one for one in panels(boards()[name]) if one["id"] == number)


def raw(who: Viewer, panel: Json) -> list[Frame]:
    return [frame for target in panel["targets"] for frame in who.asked(panel, target)]


def test_there_are_boards() -> None:
    assert {"set-live", "session", "progress", "coach-wall", "health"} <= {
        name.removesuffix(".json") for name in NAMES
    }


@pytest.mark.parametrize(("name", "number"), PANELS)
def test_a_panel_has_all_that_it_is_set_up_for(gym: Played, name: str, number: int) -> None:
    panel, who = panel_of(name, number), viewer(gym, FULL, name)
    for target in panel["targets"]:
        answer = who.asked(panel, target)
        assert any(len(frame) for frame in answer), f"no rows: {who.replaced(target['query'])}"
        empty = [
            column.title
            for column in {one.title: one for frame in answer for one in frame.columns}.values()
            if not any(
                other.known
                for frame in answer
                for other in frame.columns
                if other.title == column.title
            )
        ]
        assert not empty, f"asked for and never there: {empty}"
    found = raw(who, panel)
    shown = transformed(found, panel.get("transformations") or [])
    assert list(missing(panel, found, shown)) == []
    assert any(column.known for column, _ in drawn(panel, shown)), "there is nothing to draw"
    if panel["type"] == "timeseries":
        assert any(frame.time for frame in shown), "nothing has a time"


@pytest.mark.parametrize(("name", "number"), PANELS)
def test_people_read_no_names_of_fields_and_no_odd_units(
    gym: Played, name: str, number: int
) -> None:
    panel, who = panel_of(name, number), viewer(gym, FULL, name)
    shown = drawn(panel, who.shown(panel))
    for column, frame in shown:
        how = settings(panel, column, frame)
        if how["custom"].get("hidden"):
            continue
        if names_shown(panel, len(shown)):
            title = title_of(panel, column, frame)
            assert not FIELDS & set(re.findall(r"\w+", title)), f"{title}: is no name for people"
        texts = {words(value, how, column) for value in column.known}
        odd = sorted(text for text in texts if text.endswith((" ms", " µs", " Mg", " g", " mm")))
        assert not odd, f"{column.title}: {odd[:3]}: choose a unit that does not change"


@pytest.mark.parametrize(("name", "number"), PANELS)
def test_what_is_drawn_has_a_colour_that_means_something(
    gym: Played, name: str, number: int
) -> None:
    panel, who = panel_of(name, number), viewer(gym, FULL, name)
    if panel["type"] in ("timeseries", "barchart", "xychart"):
        for column, frame in drawn(panel, who.shown(panel)):
            how = settings(panel, column, frame)
            of_x = column.called((panel.get("options") or {}).get("xField") or "")
            unseen = of_x or (how["custom"].get("hideFrom") or {}).get("viz")
            mode = (how.get("color") or {}).get("mode")
            # Of series that come from the data nobody knows the names before.
            mixed = column.labels or "partitionByValues" in str(panel.get("transformations"))
            known = (*OWN_COLOURS, "palette-classic-by-name") if mixed else OWN_COLOURS
            assert unseen or mode in known, f"{column.title}: {mode}"


@pytest.mark.parametrize(("name", "number"), PANELS)
def test_a_panel_reads_the_same_for_each_choice(gym: Played, name: str, number: int) -> None:
    panel = panel_of(name, number)
    for chosen in choices(gym, name):
        who = viewer(gym, FULL, name, **chosen)
        transformed(raw(who, panel), panel.get("transformations") or [])


def choices(gym: Played, name: str) -> list[dict[str, Value]]:
    """Everything, one thing, two things: of each variable that people see."""
    who = viewer(gym, FULL, name)
    seen = {
        key: one
        for key, one in variables(boards()[name]).items()
        if one["type"] == "query" and one.get("hide") != 2
    }
    last: dict[str, Value] = {key: who.options(key)[-1] for key in seen}
    many = {key: one for key, one in seen.items() if one.get("multi")}
    return [
        last,
        {key: [text] for key, text in last.items() if key in many and isinstance(text, str)},
        {key: who.options(key)[:2] for key in many},
        {key: ALL for key, one in seen.items() if one.get("includeAll")},
    ]


@pytest.mark.parametrize(("name", "number"), PANELS)
def test_on_the_first_day_a_panel_is_empty_and_no_error(
    gym: Played, name: str, number: int
) -> None:
    panel, who = panel_of(name, number), viewer(gym, EMPTY, name)
    assert not any(len(frame) for frame in raw(who, panel))
    who.shown(panel)


@pytest.mark.parametrize(("name", "number"), PANELS)
def test_one_athlete_with_one_session_sees_no_error(gym: Played, name: str, number: int) -> None:
    viewer(gym, ONE, name).shown(panel_of(name, number))


@pytest.mark.parametrize("name", [name for name in NAMES if name in OWN])
def test_one_athlete_with_one_session_sees_most_of_it(gym: Played, name: str) -> None:
    who = viewer(gym, ONE, name)
    every = list(panels(boards()[name]))
    some = [one for one in every if any(len(frame) for frame in raw(who, one))]
    assert len(some) > len(every) / 2, [one["title"] for one in every if one not in some]


def test_fifty_athletes_have_a_row_each_on_the_wall(gym: Played) -> None:
    board = {**boards()["coach-wall.json"], "time": {"from": "now-30d", "to": "now"}}
    who = Viewer(gym.sources[FULL], board, gym.now_ms)
    rows = [
        len(frame)
        for panel in panels(board)
        if panel["type"] == "table"
        for frame in who.shown(panel)
        if frame.column("athlete") and len(set(frame.column("athlete").values)) == len(frame)  # type: ignore[union-attr]
    ]
    assert max(rows) == SHORT + 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NAMES)
def test_variables_are_there_when_there_is_something(gym: Played, name: str, kind: str) -> None:
    who = viewer(gym, kind, name)
    for key, model in variables(boards()[name]).items():
        if model["type"] == "query":
            there = bool(who.options(key))
            assert there == (kind != EMPTY), f"{key}: {who.sent(query_of(model))}"


@pytest.mark.parametrize("name", NAMES)
def test_annotations_have_a_text_and_an_end(gym: Played, name: str) -> None:
    for one in annotations(boards()[name]):
        events = viewer(gym, FULL, name).events(one)
        assert events, one["name"]
        assert all(isinstance(event.text, str) and event.text for event in events), one["name"]
        if one["target"].get("timeEndColumn"):
            assert any(event.until_ms > event.at_ms for event in events), one["name"]
        assert viewer(gym, EMPTY, name).events(one) == []
        viewer(gym, ONE, name).events(one)


def test_only_kinds_that_are_looked_at_here_are_used() -> None:
    kinds = {panel_of(name, number)["type"] for name, number in PANELS}
    assert kinds <= OF_NUMBERS | {"table", "state-timeline"}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["title"]))
def test_an_alert_rule_can_be_asked_and_has_data(gym: Played, rule: Json) -> None:
    for kind in KINDS:
        fires(rule, gym.sources[kind], gym.now_ms)
    for query in queries(rule):
        assert "$" not in sent(query, gym.now_ms)
    assert fires(rule, gym.sources[FULL], gym.now_ms) is not None


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["title"]))
def test_an_alert_rule_says_what_it_is_and_what_to_do(rule: Json) -> None:
    assert {"summary", "description", "runbook"} <= rule["annotations"].keys()
    uid = rule["annotations"].get("__dashboardUid__")
    assert uid is None or uid in {board["uid"] for board in boards().values()}
    # What stands there after a $ would be taken for a variable of the environment.
    assert "$" not in str(rule.get("labels", {})).replace("$$", "")


def test_what_goes_wrong_is_said_by_its_rule_and_by_no_other(gym: Played) -> None:
    # A sensor is silent in a set, and one has an empty battery; data reach the database, though.
    full, empty = (gym.sources[kind] for kind in (FULL, EMPTY))
    fired = {rule["uid"] for rule in rules() if fires(rule, full, gym.now_ms)}
    assert fired == {"hiprep-sensor-silent", "hiprep-battery-low"}
    assert [rule["uid"] for rule in rules() if _says_so(rule, empty, gym.now_ms)] == [
        "hiprep-no-data"
    ]


def _says_so(rule: Json, source: Source, now_ms: int) -> bool:
    found = fires(rule, source, now_ms)
    return rule["noDataState"] == "Alerting" if found is None else found

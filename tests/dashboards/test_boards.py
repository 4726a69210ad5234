"""Our own linter over all boards; and that it finds what it is there for."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models.dashboard import Dashboard

from dashboards.grafana.board import Line, board, laid_out, marks
from dashboards.grafana.build import FOLDER, texts
from dashboards.grafana.influxql import CHOSEN, IN_TIME, SESSIONS, SETS, VALID, InfluxQL, Marks
from dashboards.grafana.look import BLUE, KG, PLAIN, coloured, fixed
from dashboards.grafana.panels import number, rows, told
from dashboards.grafana.variables import athlete, device, exercise, variant
from tests.dashboards.frames import Json
from tests.dashboards.lint import RULES, Rule, colours_of_fields, complaints
from tests.dashboards.parts import boards

EVERY = {name.removesuffix(".json"): one for name, one in boards().items()}


def test_the_files_are_what_the_code_makes() -> None:
    there = {file.name: file.read_text(encoding="utf-8") for file in FOLDER.glob("*.json")}
    assert there == texts(), "run: make boards"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.__name__))
@pytest.mark.parametrize("name", EVERY)
def test_a_board_keeps_the_rule(name: str, rule: Rule) -> None:
    assert complaints(rule, name, EVERY[name], EVERY) == []


def test_the_same_field_has_the_same_colour_everywhere() -> None:
    found = colours_of_fields(EVERY)
    assert {name: colours for name, colours in found.items() if len(colours) > 1} == {}


def test_no_two_boards_have_one_uid_or_title() -> None:
    for part in ("uid", "title"):
        assert len({one[part] for one in EVERY.values()}) == len(EVERY)


@pytest.mark.parametrize("name", EVERY)
def test_the_library_reads_a_board_and_finds_the_same_in_it(name: str) -> None:
    register_default_plugins()
    again = json.loads(json.dumps(Dashboard.from_json(EVERY[name]), cls=JSONEncoder))
    assert _without_places(again) == EVERY[name]


def _without_places(whole: Json) -> Json:
    for part in (*whole["links"], *whole.get("annotations", {}).get("list", ())):
        part.pop("placement", None)
    return whole


# -- the linter itself --------------------------------------------------------------------


def sound() -> dict[str, Json]:
    """A small board that keeps all rules."""
    where = f"WHERE {IN_TIME} AND {VALID} AND {CHOSEN}"
    query = f'SELECT "load_kg", "text" FROM {SETS} {where}'  # noqa: S608
    shown = told(
        number("load_kg").color_scheme(fixed(PLAIN)), "Load", "How heavy it was.", InfluxQL(query),
        unit=KG, empty="Lift a set",
    )  # fmt: skip
    listed = told(
        rows().override_by_name("load_kg", [coloured(BLUE)]), "Sets", "All of them.",
        InfluxQL(query), unit=KG, empty="Lift a set",
    )  # fmt: skip
    began = f'SELECT "text" FROM {SESSIONS} {where}'  # noqa: S608
    choose = [athlete(), exercise(), variant(), device()]
    made = board(
        "hiprep-small", "Small", "For a test.", refresh="30s", since="now-7d", choose=choose
    ).annotation(marks("Sessions", BLUE, Marks(began)))
    built = laid_out(made, [Line(6, (12, shown), (12, listed))]).build()
    whole: Json = json.loads(json.dumps(built, cls=JSONEncoder))
    return {"small": _without_places(whole)}


def _panel(whole: Json) -> Json:
    found: Json = whole["panels"][0]
    return found


def _target(whole: Json) -> Json:
    found: Json = whole["panels"][0]["targets"][0]
    return found


def _asks(text: str) -> Callable[[Json], None]:
    return lambda whole: _target(whole).update(query=text)


def _loses(*path: str) -> Callable[[Json], None]:
    def change(whole: Json) -> None:
        part = _panel(whole)
        for name in path[:-1]:
            part = part[name]
        del part[path[-1]]

    return change


def _variable(whole: Json, name: str) -> Json:
    return next(one for one in whole["templating"]["list"] if one["name"] == name)


def _two_queries(whole: Json) -> None:
    whole["panels"][1]["targets"] *= 2
    whole["panels"][1]["targets"][1] = {**whole["panels"][1]["targets"][0], "refId": "B"}


def _links_to(url: str) -> Callable[[Json], None]:
    link = {"title": "Session", "url": url}
    return lambda whole: _panel(whole)["fieldConfig"]["defaults"].update(links=[link])


_SELECT = 'SELECT "load_kg" FROM "events"."set" WHERE $timeFilter'
BROKEN: list[tuple[str, Callable[[Json], object]]] = [
    ("has_uid", lambda whole: whole.update(uid="x7f3")),
    ("has_uid", lambda whole: whole.update(tags=[])),
    ("has_uid", lambda whole: whole.update(description="")),
    ("of_known_kinds", lambda whole: _panel(whole).update(type="graph")),
    ("has_ids", lambda whole: _panel(whole).update(id=2)),
    ("has_ids", lambda whole: _panel(whole).update(targets=2 * _panel(whole)["targets"])),
    ("has_ids", lambda whole: _panel(whole).update(targets=[])),
    ("on_grid", lambda whole: _panel(whole)["gridPos"].update(w=13)),
    ("on_grid", lambda whole: whole["panels"][1]["gridPos"].update(x=13)),
    ("is_told", _loses("title")),
    ("is_told", _loses("description")),
    ("is_told", _loses("fieldConfig", "defaults", "noValue")),
    ("is_told", _loses("fieldConfig", "defaults", "unit")),
    ("asks_the_source", lambda whole: _panel(whole)["datasource"].update(uid="hiprep")),
    ("asks_the_source", lambda whole: _target(whole)["datasource"].update(uid="${DS_INFLUX}")),
    ("asks_the_source", lambda whole: whole["annotations"]["list"][-1].pop("datasource")),
    ("asks_the_source", lambda whole: whole["templating"]["list"].pop(0)),
    ("is_influxql", _asks('from(bucket: "hiprep")')),
    ("is_influxql", lambda whole: _target(whole).pop("rawQuery")),
    ("is_influxql", lambda whole: _target(whole).pop("resultFormat")),
    ("is_influxql", _asks(f'{_SELECT} AND "valid" = true SLIMIT 1')),
    ("is_influxql", _asks(f'{_SELECT} GROUP BY "athlete", "exercise"')),
    ("is_influxql", _asks('SELECT "reps" FROM "live"."live" GROUP BY time($__interval)')),
    ("counts_what_is_valid", _asks(_SELECT)),
    (
        "shows_tags_of_one",
        lambda whole: _variable(whole, "athlete").update(query='SHOW TAG VALUES WITH KEY = "a"'),
    ),
    ("shows_tags_of_one", lambda whole: _variable(whole, "athlete").update(regex="/a/")),
    ("uses_its_variables", _asks(f"{_SELECT} AND \"set_key\" = '$set_key'")),
    ("uses_its_variables", _asks(f'{_SELECT} AND "device" =~ /^${{sensor:regex}}$/')),
    (
        "uses_its_variables",
        lambda whole: whole["templating"]["list"].append({"name": "odd", "type": "textbox"}),
    ),
    ("leads_somewhere", lambda whole: whole.update(links=[])),
    ("leads_somewhere", lambda whole: whole["links"][0].update(tags=["other"])),
    ("leads_somewhere", _links_to("/d/hiprep-none")),
    ("leads_somewhere", _links_to("/d/hiprep-small?var-set=1")),
    ("is_asked_again", lambda whole: whole.update(refresh="1s")),
    ("is_asked_again", lambda whole: whole.pop("refresh")),
    (
        "has_our_colours",
        lambda whole: _panel(whole)["fieldConfig"]["defaults"]["color"].update(fixedColor="green"),
    ),
    ("has_our_colours", lambda whole: whole["annotations"]["list"][-1].update(iconColor="#123456")),
    ("judges_on_purpose", _loses("fieldConfig", "defaults", "color")),
    ("shows_one_table", _two_queries),
    (
        "has_a_dash_for_nothing",
        lambda whole: whole["panels"][1]["fieldConfig"].update(overrides=[]),
    ),
]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule.__name__))
def test_a_sound_board_keeps_the_rule(rule: Rule) -> None:
    whole = sound()
    assert complaints(rule, "small", whole["small"], whole) == []


@pytest.mark.parametrize(("name", "change"), BROKEN)
def test_a_broken_board_is_found_out(name: str, change: Callable[[Json], object]) -> None:
    (rule,) = [one for one in RULES if one.__name__ == name]
    whole = deepcopy(sound())
    change(whole["small"])
    assert complaints(rule, "small", whole["small"], whole)


def test_each_rule_is_broken_at_least_once() -> None:
    assert {name for name, _ in BROKEN} == {rule.__name__ for rule in RULES}


def test_two_colours_of_one_field_are_found_out() -> None:
    whole, other = sound()["small"], sound()["small"]
    other["panels"][1]["fieldConfig"]["overrides"][-1]["properties"] = [
        {"id": "color", "value": {"mode": "fixed", "fixedColor": "#D55E00"}}
    ]
    found = colours_of_fields({"one": whole, "other": other})
    assert found == {"load_kg": {BLUE, "#D55E00"}}


def test_only_boards_are_in_the_folder() -> None:
    assert all(Path(file).suffix == ".json" for file in FOLDER.iterdir())

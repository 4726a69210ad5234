"""Lifts have words and colours, the same on every board; a loss is judged by its stop."""

import json
from dataclasses import replace

import pytest
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.grafana import look
from dashboards.grafana.lifts import by_lift, dashed
from dashboards.grafana.panels import greatest, trace
from tests.dashboards.frames import Column, Frame, Json, transformed
from tests.dashboards.grafana import Viewer
from tests.dashboards.parts import boards, drawn, panels, settings, title_of
from tests.dashboards.played import FULL, Played
from tests.dashboards.shown import colour

OVER_TIME = ("timeseries", "xychart", "stat")


def of_lift(name: str) -> tuple[str, Json]:
    """What a series of that name is called at last, and how it is drawn."""
    built = by_lift(trace(), dashed()).build()
    panel: Json = json.loads(json.dumps(built, cls=JSONEncoder))
    value = Column("Value", "number", [1.0], name)
    (frame,) = transformed([Frame(name, [value])], panel["transformations"])
    return frame.columns[0].title, settings(panel, frame.columns[0], frame)


@pytest.mark.parametrize("exercise", look.EXERCISE_WORDS)
def test_a_lift_has_its_words_its_colour_and_a_whole_line(exercise: str) -> None:
    name, how = of_lift(f"{exercise} standard")
    assert name == look.EXERCISE_WORDS[exercise]
    assert how["color"]["fixedColor"] == look.EXERCISES[exercise]
    assert "lineStyle" not in how["custom"]


@pytest.mark.parametrize("exercise", look.EXERCISE_WORDS)
def test_a_variant_has_the_colour_of_its_lift_and_a_line_of_its_own(exercise: str) -> None:
    name, how = of_lift(f"{exercise} banded")
    assert name == f"{look.EXERCISE_WORDS[exercise]} banded"
    assert how["color"]["fixedColor"] == look.EXERCISES[exercise]
    assert how["custom"]["lineStyle"]["fill"] == "dash"


def test_no_two_lifts_have_one_colour_and_none_says_stop() -> None:
    assert set(look.EXERCISES) == set(look.EXERCISE_WORDS)
    assert len(set(look.EXERCISES.values())) == len(look.EXERCISES)
    assert look.STOP not in look.EXERCISES.values()


def test_a_lift_is_called_and_coloured_alike_on_every_board(gym: Played) -> None:
    found: dict[str, set[str]] = {}
    for board in boards().values():
        who = Viewer(gym.sources[FULL], board, gym.now_ms)
        for panel in panels(board):
            if panel["type"] not in OVER_TIME or "renameByRegex" not in str(panel):
                continue
            for column, frame in drawn(panel, who.shown(panel)):
                name, how = title_of(panel, column, frame), settings(panel, column, frame)
                assert "_" not in name
                assert "standard" not in name
                if panel["type"] != "stat" and (how["custom"].get("hideFrom") or {}) == {}:
                    found.setdefault(name, set()).add(how["color"]["fixedColor"])
    assert found["hip thrust"] == found["hip thrust banded"] == {look.EXERCISES["hip_thrust"]}
    assert found["glute bridge"] == {look.EXERCISES["glute_bridge"]}


@pytest.mark.parametrize(
    ("loss", "stop", "wanted"),
    [
        (14.0, 20.0, look.PLAIN),
        (15.0, 20.0, look.WATCH),
        (20.0, 20.0, look.STOP),
        (20.0, 40.0, look.PLAIN),
        (60.0, None, look.PLAIN),
    ],
)
def test_a_loss_has_the_colour_of_its_share_of_the_stop(
    loss: float, stop: float | None, wanted: str
) -> None:
    board = boards()["set-live.json"]
    panel = next(one for one in panels(board) if one["title"] == "Velocity loss")
    assert panel["transformations"] == [greatest("stop").to_json()]
    answer = Frame("rep", [Column("loss", "number", [loss]), Column("stop", "number", [stop])])
    (frame,) = transformed([answer], panel["transformations"])
    assert colour(loss, settings(panel, frame.columns[0], frame)) == wanted


def test_settings_that_come_with_the_data_stand_above_defaults_and_below_overrides() -> None:
    column = Column("loss", "number", [1.0], config={"max": 20.0, "min": 1.0})
    override = {
        "matcher": {"id": "byName", "options": "loss"},
        "properties": [{"id": "min", "value": 5.0}],
    }
    panel = {"fieldConfig": {"defaults": {"max": 100.0}, "overrides": [override]}}
    found = settings(panel, column, Frame("rep", [replace(column)]))
    assert (found["min"], found["max"]) == (5.0, 20.0)

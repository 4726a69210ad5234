"""What the boards say of coaching is what the rules say, and of all of them."""

from typing import Any, get_args

from dashboards.grafana import look
from dashboards.grafana.advice_panels import NEXT_LOAD, OF_WEEK
from dashboards.grafana.progress_weeks import HEAVY_REPS, LIGHT_REPS
from pipeline.coaching import week
from pipeline.coaching.advice import Level
from pipeline.coaching.rules import every
from tests.dashboards.frames import Json
from tests.dashboards.grafana import Viewer
from tests.dashboards.parts import boards, drawn, panels, settings, title_of
from tests.dashboards.played import FULL, ONE, Played
from tests.dashboards.shown import colour, words


def _panel(name: str, title: str) -> Json:
    return next(one for one in panels(boards()[name]) if one["title"] == title)


def _rows(gym: Played, name: str, title: str, **chosen: str) -> list[Json]:
    """Of a table."""
    who = Viewer(gym.sources[FULL], boards()[name], gym.now_ms, dict(chosen))
    (frame,) = who.shown(_panel(name, title))
    return list(frame.rows())


def _said(gym: Played, where: str, database: str = FULL) -> list[dict[str, Any]]:
    text = f'SELECT * FROM "events"."advice" WHERE "valid" = true AND {where}'  # noqa: S608
    return gym.influx.query(text, database)


def test_the_panel_of_the_week_has_each_rule_of_the_week() -> None:
    assert set(OF_WEEK) == {rule.name for rule in every() if rule.when == "week"}


def test_the_rule_of_the_next_load_is_one_of_the_session() -> None:
    assert [rule.when for rule in every() if rule.name == NEXT_LOAD] == ["session"]


def test_each_level_has_a_word_and_a_colour_and_stop_is_last_in_the_alphabet() -> None:
    levels = set(get_args(Level))
    assert set(look.LEVELS) == set(look.LEVEL_WORDS) == levels
    # By that it is found before the others of the same moment.
    assert max(levels) == "stop"


def test_heavy_and_light_are_what_they_are_in_the_rules() -> None:
    assert (HEAVY_REPS, LIGHT_REPS) == (week.HEAVY_REPS, week.LIGHT_REPS)


def test_the_set_that_runs_is_to_be_stopped_and_the_cue_says_so_in_red(gym: Played) -> None:
    panel = _panel("set-live.json", "Cue")
    for database in (FULL, ONE):
        who = Viewer(gym.sources[database], boards()["set-live.json"], gym.now_ms)
        ((column, frame),) = drawn(panel, who.shown(panel))
        (value,) = column.values
        how = settings(panel, column, frame)
        assert (words(value, how, column), colour(value, how)) == ("stop", look.STOP)
        assert title_of(panel, column, frame).startswith("Stop here: reps 7 and 8 were ")


def test_the_recording_that_was_replayed_has_its_advice_on_the_board_of_the_session(
    gym: Played,
) -> None:
    told = {row["text"] for row in _said(gym, "\"session\" = 'replayed' AND \"when\" = 'set'")}
    assert told
    shown = _rows(gym, "session.json", "What it meant", athlete="anna")
    assert told <= {row["text"] for row in shown}


def test_what_is_said_after_reps_is_no_row_of_what_it_meant(gym: Played) -> None:
    of_reps = {row["text"] for row in _said(gym, "\"when\" = 'rep'")}
    assert of_reps
    assert of_reps.isdisjoint(row["text"] for row in _rows(gym, "session.json", "What it meant"))


def test_each_lift_has_its_newest_next_load(gym: Played) -> None:
    newest = {}
    for row in _said(gym, f"\"athlete\" = 'anna' AND \"rule\" = '{NEXT_LOAD}'"):
        newest[row["exercise"], row["variant"]] = row["text"]
    shown = _rows(gym, "progress.json", "Next load", athlete="anna")
    assert {(row["exercise"], row["variant"]): row["text"] for row in shown} == newest
    assert len(newest) == len(shown) > 1


def test_each_athlete_has_one_row_with_the_newest_of_what_to_mind(gym: Played) -> None:
    since_ms = Viewer(gym.sources[FULL], boards()["coach-wall.json"], gym.now_ms).from_ms
    newest = {}
    for row in _said(gym, f"time >= {since_ms}ms"):
        after_set = row["level"] == "attention" and row["when"] != "rep"
        if after_set or row["level"] == "stop":
            newest[row["athlete"]] = row["text"]
    shown = _rows(gym, "coach-wall.json", "Who needs a look")
    assert {row["athlete"]: row["text"] for row in shown} == newest
    assert len(shown) == len(newest) > 1
    assert newest["anna"].startswith("Stop here: ")

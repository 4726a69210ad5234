"""``hiprep coach``: what an athlete is told, from the file of a store and the settings."""

import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, ClassVar

import pytest

from pipeline import coach_view
from pipeline.cli import main
from pipeline.coaching import plan_text
from pipeline.coaching.advice import Case, advice
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.rules import every
from pipeline.coaching.templates import STRENGTH, TEMPLATES
from pipeline.commands import coach
from pipeline.plan_files import keep
from tests.pipeline.coaching.athletes import ATHLETES, DAY_US, MONDAY_US
from tests.pipeline.coaching.made import session
from tests.pipeline.lifted_messages import as_stored, kept

Capture = pytest.CaptureFixture[str]

WEEK_US = 7 * DAY_US
LATER_US = int(1.6 * DAY_US)


class Clock(datetime):
    """The present, as a test wants it."""

    now_us: ClassVar[int] = MONDAY_US

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """It."""
        return datetime.fromtimestamp(cls.now_us / 1e6, tz or UTC)


@pytest.fixture(autouse=True)
def gym(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where all is in a folder of the test's own, an hour east of Greenwich, 80 columns wide."""
    monkeypatch.setenv("HIPREP_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TZ", "CET-1")
    monkeypatch.setattr(coach, "datetime", Clock)
    time.tzset()
    (tmp_path / "hiprep").mkdir()
    yield tmp_path
    monkeypatch.undo()
    time.tzset()


def lifted(gym: Path, name: str, weeks: int, athlete: str = "anna") -> tuple[LiftedSet, ...]:
    """A model athlete's first weeks in the store; now is a day and a half after the last set."""
    whole = ATHLETES[name].history()
    history = tuple(one for one in whole if one.time_us < MONDAY_US + weeks * WEEK_US)
    put(gym, history, athlete)
    return history


def put(gym: Path, history: tuple[LiftedSet, ...], athlete: str = "anna") -> None:
    kept(gym / "hiprep" / "store.db", history, athlete)
    Clock.now_us = history[-1].time_us + LATER_US


def settings(gym: Path, text: str) -> None:
    (gym / "settings.toml").write_text(text)


def told(capsys: Capture, *options: str) -> str:
    assert main(["coach", *options]) == 0
    out = capsys.readouterr().out
    assert all(len(line) <= 80 for line in out.splitlines())
    return out


def plain(capsys: Capture, *options: str) -> dict[str, Any]:
    assert main(["coach", *options, "--json"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def refused(capsys: Capture, *options: str) -> str:
    assert main(["coach", *options]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.splitlines()) == 1
    return said.err


@pytest.mark.parametrize("weeks", [1, 9])
@pytest.mark.parametrize("name", ATHLETES)
def test_every_model_athlete_is_told_something_fit_to_print(
    gym: Path, capsys: Capture, name: str, weeks: int
) -> None:
    lifted(gym, name, weeks)
    for what in ("today", "set", "week", "plan"):
        assert told(capsys, what).startswith("anna · ")


def test_after_a_set_it_says_what_the_rules_say(gym: Path, capsys: Capture) -> None:
    history = as_stored(lifted(gym, "beginner", 3))
    found = plain(capsys, "set")
    case = Case(history, history[-1].time_us + 60_000_000, 3600)
    expected = [one.text for when in ("set", "session") for one in advice(every(), case, when)]
    assert [one["text"] for one in found["advice"]] == expected
    assert found["set"]["reps"] == len(history[-1].counted)
    assert found["set"]["set"] == sum(one.session == history[-1].session for one in history)


def test_the_most_pressing_comes_first_and_the_rest_on_demand(
    gym: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    lifted(gym, "beginner", 3)
    monkeypatch.setattr(coach_view, "SHOWN", 1)
    said = plain(capsys, "set")["advice"]
    assert len({one["level"] for one in said}) > 1
    short, whole = told(capsys, "set"), told(capsys, "set", "--all")
    signs = [line[:2] for line in whole.splitlines() if line[:2] in ("!!", "! ", "+ ", "- ")]
    assert len(signs) == len(said)
    assert signs == sorted(signs, key=["!!", "! ", "+ ", "- "].index)
    assert f"{len(said) - 1} sentence" in short
    assert "--all" not in whole
    for one in said:
        assert f"{one['text']} [{one['rule']}]" in " ".join(whole.split())


def test_a_rule_that_is_off_is_silent(gym: Path, capsys: Capture) -> None:
    lifted(gym, "beginner", 3)
    rule = plain(capsys, "set")["advice"][0]["rule"]
    assert f"[{rule}]" in told(capsys, "set", "--all")
    settings(gym, f"[coaching]\noff = ['{rule}']")
    assert f"[{rule}]" not in told(capsys, "set", "--all")


def test_today_names_the_sets_the_reps_and_the_load(gym: Path, capsys: Capture) -> None:
    lifted(gym, "progresses", 5)
    (lift,) = plain(capsys)["today"]["lifts"]
    out = told(capsys)
    assert f"{lift['sets']} x {lift['reps'][0]}-{lift['reps'][1]}" in out
    assert f"{lift['load_kg']:g} kg" in out
    assert "2 days ago" in out


def test_pounds_where_they_are_wanted(gym: Path, capsys: Capture) -> None:
    lifted(gym, "progresses", 5)
    load_kg = plain(capsys)["today"]["lifts"][0]["load_kg"]
    settings(gym, "[athletes.anna]\nname = 'Anna Å.'\n[athletes.anna.coaching]\nunit = 'lb'")
    out = told(capsys)
    assert out.startswith("Anna Å. · ")
    in_lb = plain(capsys)["today"]["lifts"][0]["load_kg"] / 0.45359237
    assert f"{in_lb:.0f}" in out
    assert f"{load_kg:g} kg" not in out.split("\n\n")[2]


def test_the_day_is_that_of_the_local_clock(gym: Path, capsys: Capture) -> None:
    put(gym, session(0, [6, 6, 6]))
    Clock.now_us = MONDAY_US + DAY_US - 1_800_000_000  # Tuesday, half an hour past midnight
    assert "Tuesday 2026-01-06" in told(capsys)
    assert plain(capsys)["today"]["rested_days"] == 1


def test_the_week_has_its_sessions_sets_and_what_comes_next(gym: Path, capsys: Capture) -> None:
    put(gym, (*session(0, [6, 6, 6]), *session(2, [15, 15]), *session(3, [8], exercise="squat")))
    out = told(capsys, "week")
    assert "2 of 2 to 3 hip thrust sessions" in out
    assert "6 working sets, 5 of them hip thrusts" in out
    for day, kind in (("Mon", "heavy"), ("Wed", "light"), ("Thu", "heavy")):
        (line,) = [one for one in out.splitlines() if one.strip().startswith(day)]
        assert kind in line
    week = plain(capsys, "week")["week"]
    assert (week["done"], week["aim"]) == (2, [2, 3])
    assert "Next: " in out


def test_before_there_is_any_history_there_is_a_first_session(capsys: Capture) -> None:
    out = told(capsys)
    assert "First session" in out
    assert "8 to 12 good reps" in out
    assert "hiprep run" in out
    assert "No set yet" in told(capsys, "set")
    assert plain(capsys, "set") == {"athlete": "nobody", "set": None, "advice": []}


def test_who_is_in_the_settings_and_did_not_lift_is_begun_with(gym: Path, capsys: Capture) -> None:
    settings(gym, "[athletes.anna]\nname = 'Anna'\n[coaching]\nplan = 'hypertrophy'")
    assert told(capsys).startswith("Anna · ")
    assert plain(capsys)["today"]["lifts"][1]["exercise"] == "deadlift"
    lifted(gym, "stalls", 1, "bob")
    assert told(capsys, "--athlete", "Anna").startswith("Anna · ")


def test_where_several_lift_somebody_has_to_be_named(gym: Path, capsys: Capture) -> None:
    lifted(gym, "progresses", 1, "anna")
    lifted(gym, "stalls", 1, "bob")
    said = refused(capsys)
    assert "--athlete" in said
    assert "anna, bob" in said
    assert plain(capsys, "--athlete", "bob")["athlete"] == "bob"
    assert "probably anna" in refused(capsys, "--athlete", "ana")
    assert "there are anna, bob" in refused(capsys, "--athlete", "xyzzy")


def test_a_sensor_of_nobody_does_not_make_two(gym: Path, capsys: Capture) -> None:
    lifted(gym, "stalls", 1, "nobody")
    assert plain(capsys)["athlete"] == "nobody"
    assert "nobody" not in told(capsys), "who lifts alone was not asked for a name"
    lifted(gym, "progresses", 1, "anna")
    assert plain(capsys)["athlete"] == "anna"


# The plan


def test_a_plan_is_shown_with_its_loads_and_where_it_is_from(gym: Path, capsys: Capture) -> None:
    lifted(gym, "progresses", 5)
    assert plain(capsys, "plan")["plan"] is None
    assert "--template" in told(capsys, "plan")
    settings(gym, "[coaching]\nplan = 'strength'")
    found = plain(capsys, "plan")["plan"]
    assert found["from"] == "template strength"
    light = found["sessions"][1]["lifts"][0]
    assert light["load_kg"]
    out = told(capsys, "plan")
    assert "template strength" in out
    assert f"{light['load_kg']:g} kg" in out
    keep("anna", plan_text.dumps(TEMPLATES["return"]))
    assert plain(capsys, "plan")["plan"]["name"] == "return"
    assert "MQTT" in told(capsys, "plan")
    assert plain(capsys)["today"]["lifts"][0]["sets"] == 2


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_a_plan_to_begin_with(gym: Path, capsys: Capture, name: str) -> None:
    assert main(["coach", "plan", "--template", name]) == 0
    text = capsys.readouterr().out
    assert plan_text.loads(text) == TEMPLATES[name]
    file = gym / "plan.toml"
    file.write_text(text)
    assert main(["coach", "plan", "--check", str(file)]) == 0
    assert capsys.readouterr().out == f"{file}: can be followed\n"


def test_all_that_is_wrong_with_a_plan_is_said_line_by_line(gym: Path, capsys: Capture) -> None:
    file = gym / "plan.toml"
    bad = plan_text.dumps(STRENGTH).replace("reps = [5, 8]", "reps = [8, 5]").replace("lunge", "l")
    file.write_text(bad)
    assert main(["coach", "plan", "--check", str(file)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{file}: sessions[") for line in lines)
    assert main(["coach", "plan", "--check", str(gym / "none.toml")]) == 1
    assert "cannot be read" in capsys.readouterr().out
    settings(gym, f"[coaching]\nplan = '{file}'")
    assert "wrong way round" in refused(capsys)


def test_a_plan_is_held_against_what_was_lifted(gym: Path, capsys: Capture) -> None:
    lifted(gym, "progresses", 5)
    file = gym / "plan.toml"
    text = plan_text.dumps(STRENGTH).replace("sets = 4", "sets = 4\nload_kg = 187", 1)
    file.write_text(text)
    assert main(["coach", "plan", "--check", str(file)]) == 0
    assert "187 kg, where" in capsys.readouterr().out
    lifted(gym, "stalls", 1, "bob")
    # Of two, nobody knows by whom it is to be followed.
    assert main(["coach", "plan", "--check", str(file)]) == 0
    assert "can be followed" in capsys.readouterr().out
    assert main(["coach", "plan", "--check", str(file), "--athlete", "anna"]) == 0
    assert "187 kg, where" in capsys.readouterr().out
    settings(gym, f"[coaching]\nplan = '{file}'")
    assert "187 kg, where" in " ".join(told(capsys, "plan", "--athlete", "anna").split())


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["month"], "invalid choice: 'month'"),
        (["--template", "strength"], "about a plan"),
        (["week", "--check", "plan.toml"], "about a plan"),
        (["plan", "--template", "strenth"], "strength"),
        (["plan", "--template", "strength", "--check", "a"], "not allowed with"),
        (["--athlete", "anna"], "nothing is known of anna"),
    ],
)
def test_what_cannot_be_asked_is_refused(options: list[str], said: str, capsys: Capture) -> None:
    assert said in refused(capsys, *options)


def test_a_store_that_is_none_and_settings_that_are_wrong_are_said(
    gym: Path, capsys: Capture
) -> None:
    (gym / "hiprep" / "store.db").write_bytes(b"no database at all" * 100)
    assert "store.db" in refused(capsys)
    settings(gym, "[coaching]\noff = ['recods']")
    assert "probably records" in refused(capsys)

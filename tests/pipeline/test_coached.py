"""What the coach of a session knows: from the store's file, the settings, and what was sent."""

import time
from pathlib import Path

import pytest

from pipeline.coaching.plan_text import dumps
from pipeline.coaching.templates import TEMPLATES
from pipeline.commands.coached import coach_of, keep_plan, zone_s
from pipeline.delivery.book import Book
from pipeline.plan_files import kept
from pipeline.settings import Athlete, CoachingSettings, Settings, StoreSettings
from tests.pipeline.delivery.made import START_US, message

DAY_US = 24 * 3600 * 1_000_000
SET = {"set": 1, "reps": 8, "load_kg": 60.0}


@pytest.fixture(autouse=True)
def gym(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where all is in a folder of the test's own."""
    monkeypatch.setenv("HIPREP_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))


def book(folder: Path) -> Settings:
    """A store in which anna has lifted on three days, and bob on one."""
    path = folder / "store.db"
    with Book(path) as one:
        events = [
            message(
                kind="set",
                id=f"{athlete}-{day}",
                athlete=athlete,
                session=f"day-{day}",
                time_us=START_US + day * DAY_US,
                values=SET,
            )
            for athlete, day in (("anna", 0), ("anna", 400), ("anna", 402), ("bob", 401))
        ]
        one.keep(one.plan(events))
    return Settings(store=StoreSettings(path))


def days(settings: Settings, athlete: str, day: int) -> list[str]:
    """Which sessions are known at the beginning of one."""
    told: list[str] = []
    coach = coach_of(settings, START_US + day * DAY_US, [athlete], told.append)
    assert told == []
    return [one.session for one in coach.pupil(athlete).history]


def test_what_was_lifted_in_the_year_before_the_session_is_known(tmp_path: Path) -> None:
    settings = book(tmp_path)
    assert days(settings, "anna", 403) == ["day-400", "day-402"]
    assert days(settings, "anna", 402) == ["day-400"]
    assert days(settings, "anna", 1) == ["day-0"]
    assert days(settings, "bob", 403) == ["day-401"]
    assert days(settings, "carla", 403) == []


def test_without_a_store_the_coach_knows_nothing_and_says_nothing(tmp_path: Path) -> None:
    assert days(Settings(store=StoreSettings(tmp_path / "none.db")), "anna", 0) == []
    assert not (tmp_path / "none.db").exists()


def test_a_store_that_cannot_be_read_is_told_once_and_done_without(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_bytes(b"a letter to a friend, and no database at all" * 50)
    told: list[str] = []
    coach = coach_of(Settings(store=StoreSettings(path)), START_US, ["anna"], told.append)
    assert coach.pupil("anna").history == ()
    coach.pupil("anna")
    assert len(told) == 1
    assert str(path) in told[0]


def test_everybody_has_preferences_and_a_plan_of_their_own() -> None:
    settings = Settings(
        coaching=CoachingSettings(unit="lb", plan="strength"),
        athletes={"anna": Athlete("Anna", coaching=CoachingSettings(reps=(3, 5)))},
    )
    coach = coach_of(settings, START_US, [], print)
    anna, other = coach.pupil("anna"), coach.pupil("somebody")
    assert (anna.preferences.reps, anna.preferences.unit) == ((3, 5), "lb")
    assert other.preferences.unit == "lb"
    assert anna.plan == other.plan == TEMPLATES["strength"]


def test_a_plan_file_that_is_not_there_is_told_and_done_without(tmp_path: Path) -> None:
    settings = Settings(coaching=CoachingSettings(plan=tmp_path / "none.toml"))
    told: list[str] = []
    assert coach_of(settings, START_US, ["anna"], told.append).pupil("anna").plan is None
    assert len(told) == 1
    assert "none.toml" in told[0]


def test_a_plan_that_was_sent_is_there_in_the_next_session() -> None:
    assert keep_plan("anna", dumps(TEMPLATES["hypertrophy"])) is None
    coach = coach_of(Settings(), START_US, ["anna"], print)
    assert coach.pupil("anna").sent == TEMPLATES["hypertrophy"]
    assert coach.pupil("bob").sent is None
    assert keep_plan("anna", "") is None
    assert kept("anna") is None


def test_a_plan_that_cannot_be_kept_is_said() -> None:
    assert "no athlete" in str(keep_plan("an na", "x"))


def test_a_day_begins_where_the_clock_on_the_wall_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "EST5")
    time.tzset()
    assert zone_s(START_US) == -5 * 3600
    monkeypatch.undo()
    time.tzset()

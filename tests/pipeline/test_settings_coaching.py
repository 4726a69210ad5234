"""What the coach does for whom, by the settings and by plans that were pushed."""

import sys
from pathlib import Path

import pytest

from pipeline import plan_files
from pipeline.coaching import plan_text
from pipeline.coaching.advice import Preferences
from pipeline.coaching.plates import KG_PER_LB
from pipeline.coaching.templates import HYPERTROPHY, STRENGTH
from pipeline.plan_files import PlanFileError, followed
from pipeline.settings import Settings, SettingsError, loads
from pipeline.settings_coaching import plan_of, preferences_of

GOOD_PLAN = plan_text.dumps(HYPERTROPHY)
BAD_PLAN = GOOD_PLAN.replace("reps = [6, 8]", "reps = [8, 6]").replace("squat", "sqat")


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    return tmp_path


def anna(text: str, for_all: str = "") -> Preferences:
    settings = loads(f"[coaching]\n{for_all}\n[athletes.anna.coaching]\n{text}\n")
    return preferences_of(settings, "anna")


def test_without_settings_the_defaults_hold() -> None:
    assert preferences_of(Settings(), "anna") == Preferences()
    assert anna("") == Preferences()
    assert plan_of(Settings(), "anna") is None


def test_what_is_said_of_an_athlete_wins_over_what_is_said_for_all() -> None:
    for_all = "off = ['records']\nreps = [6, 10]\nlockout_deg = { squat = 90, hip_thrust = 50 }"
    wanted = anna("reps = 5\noff = []\nlockout_deg = { hip_thrust = 60 }", for_all)
    assert wanted.reps == (5, 5)
    assert wanted.off == frozenset()
    assert wanted.lockout_deg == {"squat": 90.0, "hip_thrust": 60.0}
    everybody = preferences_of(loads(f"[coaching]\n{for_all}"), "who-is-not-in-the-settings")
    assert (everybody.reps, everybody.off) == ((6, 10), frozenset({"records"}))


def test_plates_take_the_place_of_steps_and_steps_that_of_plates() -> None:
    plates = "plates_kg = { '20' = 1 }"
    assert anna(plates, "step_kg = 1").plates_kg == {20.0: 1}
    steps = anna("step_kg = 1", plates)
    assert (steps.plates_kg, steps.step_kg) == (None, 1.0)


def test_pounds_are_kilograms_inside() -> None:
    wanted = anna("unit = 'lb'\nplates_lb = { '45' = 2 }")
    assert wanted.unit == "lb"
    assert wanted.bar_kg == pytest.approx(45 * KG_PER_LB)
    assert dict(wanted.plates_kg or {}) == {45 * KG_PER_LB: 2}
    assert anna("unit = 'lb'").step_kg == pytest.approx(5 * KG_PER_LB)
    # A bar in kg, however the plates are weighed.
    mixed = anna("bar_kg = 15\nplates_lb = { '10' = 1 }")
    assert mixed.bar_kg == 15.0
    assert anna("plates_kg = { '10' = 1 }\nunit = 'lb'").bar_kg == 20.0


def test_a_plan_is_a_template_a_file_or_none(tmp_path: Path) -> None:
    file = tmp_path / "my plan.toml"
    file.write_text(f"\ufeff{GOOD_PLAN}", encoding="utf-8")
    text = f"[coaching]\nplan = 'strength'\n[athletes.anna.coaching]\nplan = '{file}'\n"
    settings = loads(f"{text}[athletes.bob.coaching]\nplan = 'none'\n")
    assert plan_of(settings, "anna") == HYPERTROPHY
    assert plan_of(settings, "bob") is None
    assert plan_of(settings, "carla") == STRENGTH


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (None, "No such file"),
        (b"\xff\xfe", "not UTF-8"),
        (b"name = ", "is not TOML"),
        (b"#" * 200_000, "no plan"),
    ],
)
def test_a_plan_that_cannot_be_read_is_named(
    tmp_path: Path, data: bytes | None, reason: str
) -> None:
    file = tmp_path / "plan.toml"
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(SettingsError, match=reason) as caught:
        plan_of(loads(f"[coaching]\nplan = '{file}'"), "anna")
    assert str(file) in str(caught.value)


def test_everything_wrong_with_a_plan_is_named(tmp_path: Path) -> None:
    file = tmp_path / "plan.toml"
    file.write_text(BAD_PLAN)
    with pytest.raises(SettingsError) as caught:
        plan_of(loads(f"[coaching]\nplan = '{file}'"), "anna")
    wrong = " ".join(caught.value.problems)
    assert len(caught.value.problems) >= 2
    assert "wrong way round" in wrong
    assert "probably squat" in wrong


# Plans that were pushed


def test_a_pushed_plan_is_followed_until_it_is_removed(home: Path) -> None:
    settings = loads("[coaching]\nplan = 'strength'")
    assert followed(settings, "anna") == plan_files.Followed(STRENGTH, "template strength")
    plan_files.keep("anna", GOOD_PLAN)
    pushed = followed(settings, "anna")
    assert pushed
    assert pushed.plan == HYPERTROPHY
    assert "MQTT" in pushed.source
    assert plan_files.kept("anna") == GOOD_PLAN
    other = followed(settings, "bob")
    assert other
    assert other.plan == STRENGTH
    plan_files.keep("anna", "")
    plan_files.keep("anna", "")
    assert plan_files.kept("anna") is None
    assert followed(Settings(), "anna") is None
    assert not [path for path in home.rglob("*") if path.is_file()]


def test_a_plan_replaces_the_one_before_whole(home: Path) -> None:
    plan_files.keep("anna", GOOD_PLAN)
    plan_files.keep("anna", "name = 'Å'")
    assert plan_files.kept("anna") == "name = 'Å'"
    assert len([path for path in home.rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("name", ["../anna", "", "an/na", "a" * 200, "anna\0"])
def test_a_name_never_leads_out_of_the_folder(home: Path, name: str) -> None:
    with pytest.raises(PlanFileError, match="is no athlete"):
        plan_files.keep(name, GOOD_PLAN)
    assert plan_files.kept(name) is None
    assert followed(Settings(), name) is None
    assert list(home.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="the reasons are those of POSIX")
def test_a_folder_that_cannot_be_written_is_said(home: Path) -> None:
    (home / "hiprep").write_text("a file in the place of the folder")
    with pytest.raises(PlanFileError, match=r"anna\.toml: cannot be written"):
        plan_files.keep("anna", GOOD_PLAN)


def test_a_kept_plan_that_is_none_any_more_is_said() -> None:
    plan_files.keep("anna", "name = 3")
    with pytest.raises(SettingsError, match=r"anna\.toml"):
        followed(Settings(), "anna")

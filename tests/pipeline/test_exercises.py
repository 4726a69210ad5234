from dataclasses import FrozenInstanceError, fields
from importlib import import_module
from pathlib import Path

import pytest

import pipeline.exercises
from pipeline.exercises import Exercise, load, names

FOLDER = Path(pipeline.exercises.__file__).parent
FILES = sorted(path.stem for path in FOLDER.glob("*.py") if path.stem[0] != "_")
ROOT = FOLDER.parents[1]


def test_the_folder_is_the_registry() -> None:
    assert list(names()) == [name for name in FILES if name != "exercise"]
    known = {"hip_thrust", "single_leg_hip_thrust", "glute_bridge", "squat", "deadlift", "lunge"}
    assert known <= set(names())


@pytest.mark.parametrize("name", names())
def test_an_exercise_is_what_its_file_is_called(name: str) -> None:
    exercise = load(name)
    assert exercise.name == name
    assert exercise.title.lower().replace("-", "_").replace(" ", "_") == name
    assert load(name) == exercise
    assert isinstance(exercise, Exercise)


@pytest.mark.parametrize("name", names())
def test_limits_are_ordered_and_possible(name: str) -> None:
    exercise = load(name)
    for low, high in (exercise.rom_deg, exercise.rise_m, exercise.rise_per_deg_m):
        assert 0.0 <= low < high
    assert exercise.rom_deg[1] <= 180.0
    assert exercise.rise_m[0] > 0.0
    assert exercise.rise_m[1] <= 1.2
    assert exercise.posture in ("lying", "standing")
    assert exercise.starts_at in ("bottom", "top")
    assert exercise.posture == "standing" or exercise.starts_at == "bottom"
    assert exercise.posture == "standing" or exercise.rom_deg[0] > 0.0


def test_what_no_recording_was_there_for_is_experimental() -> None:
    assert {name for name in names() if load(name).experimental} == {"deadlift", "lunge"}


@pytest.mark.parametrize("name", names())
def test_an_exercise_cannot_be_changed(name: str) -> None:
    for field in fields(Exercise):
        with pytest.raises(FrozenInstanceError):
            setattr(load(name), field.name, None)
        hash(getattr(load(name), field.name))


@pytest.mark.parametrize("name", names())
def test_every_exercise_is_documented(name: str) -> None:
    doc = import_module(f"pipeline.exercises.{name}").__doc__
    assert doc is not None
    assert doc.strip()
    assert f"`{name}`" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["exercise", "__init__", "", "Hip_Thrust", "../squat", "os"])
def test_an_unknown_name_is_told_the_known_ones(name: str) -> None:
    with pytest.raises(ValueError, match="hip_thrust") as refused:
        load(name)
    message = str(refused.value)
    assert repr(name) in message
    assert all(known in message for known in names())
    assert "\n" not in message

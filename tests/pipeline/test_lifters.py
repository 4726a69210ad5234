"""Which sensors are meant, and who wears them."""

import pytest

from pipeline.lifters import NoLifterError, asked_for, hints
from pipeline.live import Lifter
from pipeline.settings import Athlete, SensorEntry, Settings

ADDRESS = "C0:FF:EE:00:00:01"
SETTINGS = Settings(
    athletes={"anna": Athlete("Anna Åberg"), "berta": Athlete("berta")},
    sensors={
        "belt-7": SensorEntry(
            ADDRESS, "Movella DOT", "dot", 30.0, athlete="anna", exercise="glute_bridge"
        ),
        "belt-8": SensorEntry(name="Movesense 8"),
    },
)


def asked(*wanted: str, exercise: str | None = None, athlete: str | None = None) -> list[Lifter]:
    return asked_for(SETTINGS, wanted, exercise, athlete)


def test_all_sensors_of_the_settings_are_meant_if_none_is_named() -> None:
    assert asked() == [
        Lifter("belt-7", ADDRESS, "dot", 30.0, "anna", "glute_bridge", "Anna Åberg"),
        Lifter("belt-8", "Movesense 8"),
    ]
    assert asked_for(Settings(), [], None, None) == []


@pytest.mark.parametrize("name", ["belt-7", ADDRESS, ADDRESS.lower(), "movella dot"])
def test_a_sensor_of_the_settings_goes_by_key_address_or_name(name: str) -> None:
    assert asked(name) == asked()[:1]


def test_what_is_not_in_the_settings_is_looked_for_as_it_is_called() -> None:
    assert asked("WT901 8", "C0:FF:EE:00:00:02") == [
        Lifter("WT901-8", "WT901 8"),
        Lifter("C0-FF-EE-00-00-02", "C0:FF:EE:00:00:02"),
    ]


def test_options_come_before_the_settings() -> None:
    (lifter,) = asked("belt-7", exercise="squat", athlete="berta")
    assert (lifter.exercise, lifter.athlete, lifter.shown) == ("squat", "berta", "berta")
    (stranger,) = asked("belt-7", athlete="carla")
    assert (stranger.athlete, stranger.shown) == ("carla", "")


@pytest.mark.parametrize("athlete", ["Anna Åberg", "a/b", "../x", "", "a\n"])
def test_an_athlete_has_the_letters_of_an_id(athlete: str) -> None:
    with pytest.raises(NoLifterError, match="letters a to z, digits, _ and -"):
        asked("belt-7", athlete=athlete)


def test_one_athlete_wears_one_sensor() -> None:
    with pytest.raises(NoLifterError, match="--athlete is for one sensor"):
        asked(athlete="anna")


@pytest.mark.parametrize("twice", [("belt-7", ADDRESS), ("x y", "x-y")])
def test_a_sensor_is_named_once(twice: tuple[str, str]) -> None:
    with pytest.raises(NoLifterError, match="named twice"):
        asked(*twice)


@pytest.mark.parametrize("name", ["", "  "])
def test_a_sensor_has_a_name(name: str) -> None:
    with pytest.raises(NoLifterError, match="--sensor needs"):
        asked(name)


def test_a_name_that_two_have_is_told_apart_by_key() -> None:
    same = {
        key: SensorEntry(f"C0:FF:EE:00:00:0{key[-1]}", "Movella DOT")
        for key in ("belt-1", "belt-2")
    }
    with pytest.raises(NoLifterError, match="Movella DOT: belt-1, belt-2"):
        asked_for(Settings(sensors=same), ["Movella DOT"], None, None)


def test_a_misspelt_key_is_hinted_at() -> None:
    (hint,) = hints(SETTINGS, ["belt_7", "belt-8", "movella dot", ADDRESS, "WT901"])
    assert hint.startswith("belt_7 is no key of the settings, probably belt-7")

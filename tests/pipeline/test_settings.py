"""The settings file: what it may say, and how it says what is wrong."""

import string
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import exercises
from pipeline.settings import (
    Athlete,
    SensorEntry,
    Settings,
    SettingsError,
    default_path,
    dumps,
    load,
    loads,
)
from sensor import drivers

GOOD = """\
recordings = "/srv/hiprep"
min_reps = 1

[athletes.anna]
name = "Anna Å."

[sensors.belt-7]
address = "C0:FF:EE:00:00:01"
rate_hz = 100
athlete = "anna"
exercise = "glute_bridge"

[sensors.spare]
name = "Movella DOT"
driver = "dot"
"""

keys = st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=12)
# What no file can hold, and no name has: half a surrogate pair.
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20).filter(str.strip)


@st.composite
def addresses(draw: st.DrawFn) -> str:
    return ":".join(f"{byte:02X}" for byte in draw(st.binary(min_size=6, max_size=6)))


@st.composite
def settings(draw: st.DrawFn) -> Settings:
    athletes = draw(st.dictionaries(keys, texts.map(Athlete), max_size=3))
    found = draw(st.lists(addresses(), unique=True, max_size=3))
    sensors = {
        draw(keys.filter(lambda key: key not in found)) + str(index): SensorEntry(
            address=address,
            name=draw(st.none() | texts),
            driver=draw(st.none() | st.sampled_from(drivers.names())),
            rate_hz=draw(st.none() | st.floats(25, 400)),
            athlete=draw(st.none() | st.sampled_from(sorted(athletes))) if athletes else None,
            exercise=draw(st.sampled_from(exercises.names())),
        )
        for index, address in enumerate(found)
    }
    folder = draw(texts.filter(lambda text: "\0" not in text))
    return Settings(
        recordings=Path("/") / folder.strip("/"),
        set_timeout_s=draw(st.floats(1, 3600)),
        min_reps=draw(st.integers(1, 100)),
        adapter=draw(st.none() | texts),
        athletes=athletes,
        sensors=sensors,
    )


def problems(text: str) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as caught:
        loads(text)
    return caught.value.problems


def test_a_file_says_who_lifts_with_what() -> None:
    read = loads(GOOD)
    assert read.recordings == Path("/srv/hiprep")
    assert (read.min_reps, read.set_timeout_s) == (1, Settings().set_timeout_s)
    assert read.athletes == {"anna": Athlete("Anna Å.")}
    assert read.sensors["belt-7"] == SensorEntry(
        address="C0:FF:EE:00:00:01", rate_hz=100.0, athlete="anna", exercise="glute_bridge"
    )
    assert read.sensors["spare"].exercise == "hip_thrust"


def test_a_sensor_is_looked_for_by_address_before_name() -> None:
    assert loads(GOOD).sensors["belt-7"].wanted == "C0:FF:EE:00:00:01"
    assert loads(GOOD).sensors["spare"].wanted == "Movella DOT"
    assert SensorEntry(address="a", name="b").wanted == "a"


@given(settings())
def test_what_is_written_is_read_again(written: Settings) -> None:
    assert loads(dumps(written)) == written


@given(st.text())
def test_any_text_is_settings_or_a_settings_error(text: str) -> None:
    with suppress(SettingsError):
        loads(text)


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        ("min_rep = 3", "min_rep", "unknown, probably min_reps"),
        ("colour = 3", "colour", "unknown"),
        ("min_reps = 0", "min_reps", "0 is not a whole number from 1"),
        ("min_reps = true", "min_reps", "true is not"),
        ("min_reps = 2.5", "min_reps", "2.5 is not a whole number"),
        ("set_timeout_s = nan", "set_timeout_s", "nan is not a number"),
        ("set_timeout_s = '15'", "set_timeout_s", "'15' is not a number"),
        (f"set_timeout_s = 0x{'f' * 5000}", "set_timeout_s", "so large a number"),
        ("recordings = 'here'", "recordings", "not a whole path"),
        ("recordings = '~nobody-of-that-name/a'", "recordings", "no such home"),
        ("adapter = ''", "adapter", "not a text"),
        ("athletes = 3", "athletes", "[athletes.NAME]"),
        ("[athletes]\nanna = 'Anna'", "athletes.anna", "[athletes.anna]"),
        ("[athletes.'an na']", "athletes.'an na'", "A-Z a-z 0-9"),
        ("[athletes.anna]\nnam = 'A'", "athletes.anna.nam", "probably name"),
        ("[sensors.a]", "sensors.a.address", "missing"),
        ("[sensors.a]\naddress = 'C0:FF'", "sensors.a.address", "'C0:FF' is not like"),
        ("[sensors.a]\nname = 'x'\nrate_hz = 1000", "sensors.a.rate_hz", "25 to 400"),
        ("[sensors.a]\nname = 'x'\ndriver = 'dott'", "sensors.a.driver", "probably dot"),
        ("[sensors.a]\nname = 'x'\nexercise = 'curl'", "sensors.a.exercise", "squat"),
        ("[sensors.a]\nname = 'x'\nathlete = 'bob'", "sensors.a.athlete", "no 'bob'"),
        (
            "[sensors.a]\nname = 'x'\nathlete = 'ana'\n[athletes.anna]",
            "sensors.a.athlete",
            "probably anna",
        ),
        (
            "[sensors.a]\naddress='C0:FF:EE:00:00:0A'\n[sensors.b]\naddress='c0:ff:ee:00:00:0a'",
            "sensors.b.address",
            "sensors.a has the same",
        ),
        ("[sensors.a]\nname = 'X'\n[sensors.b]\nname = 'x'", "sensors.b.name", "sensors.a"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(text: str, place: str, reason: str) -> None:
    (problem,) = problems(text)
    assert problem.startswith(f"{place}: ")
    assert reason in problem


def test_everything_wrong_is_named_at_once() -> None:
    text = "min_rep = 3\nset_timeout_s = -1\n[sensors.a]\nname = 'x'\nrate_hz = 1\ndrivr = 'dot'"
    places = {problem.partition(":")[0] for problem in problems(text)}
    assert places == {"min_rep", "set_timeout_s", "sensors.a.rate_hz", "sensors.a.drivr"}


def test_a_fault_of_syntax_is_named_with_its_line() -> None:
    (problem,) = problems("min_reps = 3\nset_timeout_s =\n")
    assert "line 2" in problem
    assert "column" in problem


def test_nesting_without_end_is_no_crash() -> None:
    (problem,) = problems("a = " + "[" * 100_000)
    assert "not TOML" in problem


def test_a_file_that_is_not_there_is_the_default(tmp_path: Path) -> None:
    assert load(tmp_path / "settings.toml") == Settings()


@pytest.mark.parametrize("data", [b"min_reps = 0", b"min_reps = 'a", b"\xff\xfe"])
def test_an_unusable_file_is_named(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(data)
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_a_folder_in_its_place_is_said(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    path.write_bytes(b"\xef\xbb\xbfmin_reps = 5\r\n")
    assert load(path).min_reps == 5


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert loads("recordings = '~/lifts'").recordings == tmp_path / "lifts"


def test_where_the_file_is_can_be_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HIPREP_SETTINGS", str(tmp_path / "mine.toml"))
    assert default_path() == tmp_path / "mine.toml"
    monkeypatch.delenv("HIPREP_SETTINGS")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert default_path() == tmp_path / "hiprep" / "settings.toml"
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert Settings().recordings == tmp_path / "hiprep" / "recordings"


def test_a_relative_folder_of_the_system_is_void(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("HIPREP_SETTINGS", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", "here")
    assert default_path().is_relative_to(tmp_path)

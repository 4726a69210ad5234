"""Questions, answers, and a file that nothing is lost in."""

import argparse
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.commands import CommandError, init
from pipeline.settings import Athlete, SensorEntry, Settings, load
from sensor.link import Advertisement, SensorError
from sensor.simulator import peripherals
from tests.pipeline.fake_radio import FakeRadio

DOT = "D4:22:CD:00:00:07"
OTHER_DOT = Advertisement("D4:22:CD:00:00:08", "Movella DOT", -80)

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / "settings.toml"
    monkeypatch.setenv("HIPREP_SETTINGS", str(path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setattr(init, "_SCAN_S", 0.01)
    return path


def answers(*given: str) -> Callable[[str], str]:
    """As typed one after the other; then the end of the input."""
    left = list(given)

    def ask(_: str) -> str:
        if not left:
            raise EOFError
        return left.pop(0)

    return ask


def one_dot(*others: Advertisement) -> FakeRadio:
    return FakeRadio([peripherals.make("dot", address=DOT)], others)


def test_the_answers_are_what_is_written(path: Path, tmp_path: Path) -> None:
    ask = answers("Zoë Müller", "1", "squat", str(tmp_path / "lifts"), "y")
    assert init.init(path, Settings(), one_dot(OTHER_DOT), ask) == 0
    written = load(path)
    assert written.athletes == {"zoe-muller": Athlete("Zoë Müller")}
    (entry,) = written.sensors.values()
    assert entry == SensorEntry(DOT, "Movella DOT", athlete="zoe-muller", exercise="squat")
    assert written.recordings == tmp_path / "lifts"


def test_no_answer_takes_the_default_as_does_yes(path: Path) -> None:
    assert init.init(path, Settings(), one_dot(), answers("Anna", "", "", "", "")) == 0
    asked = load(path)
    path.unlink()
    assert init.init(path, Settings(), one_dot(), None) == 0
    (by_answer,), (by_yes,) = (asked.sensors.values(), load(path).sensors.values())
    assert by_answer.address == by_yes.address == DOT
    assert by_yes.exercise == "hip_thrust"
    assert by_yes.athlete in load(path).athletes
    assert asked.recordings == load(path).recordings == Settings().recordings


def test_of_several_sensors_none_is_taken_unasked(path: Path) -> None:
    init.init(path, Settings(), one_dot(OTHER_DOT), None)
    assert load(path).sensors == {}


def test_a_wrong_answer_is_asked_again(path: Path, capsys: Capture) -> None:
    ask = answers("Anna", "7", "none", "lifts", "/lifts", "")
    assert init.init(path, Settings(), one_dot(), ask) == 0
    assert load(path).sensors == {}
    text = capsys.readouterr().out
    assert "1 to 1, or none" in text
    assert "not a whole path" in text


def test_it_adds_to_what_is_there(path: Path) -> None:
    there = Settings(
        min_reps=4,
        athletes={"anna": Athlete("Anna")},
        sensors={"belt": SensorEntry(address=DOT.lower(), rate_hz=30.0)},
    )
    init.init(path, there, one_dot(), answers("Bob", "1", "deadlift", "", ""))
    written = load(path)
    assert written.min_reps == 4
    assert set(written.athletes) == {"anna", "bob"}
    entry = SensorEntry(address=DOT.lower(), rate_hz=30.0, athlete="bob", exercise="deadlift")
    assert written.sensors == {"belt": entry}


def test_a_second_sensor_of_the_same_name_gets_another_key(path: Path) -> None:
    there = Settings(sensors={"movella-dot": SensorEntry(address="D4:22:CD:00:00:01")})
    init.init(path, there, one_dot(), answers("Anna", "1", "", "", ""))
    assert [entry.address for entry in load(path).sensors.values()] == ["D4:22:CD:00:00:01", DOT]


def test_every_old_file_is_kept_and_the_undo_is_said(path: Path, capsys: Capture) -> None:
    path.parent.mkdir()
    path.write_text("# mine\n")
    init.init(path, Settings(), FakeRadio(), None)
    kept = path.with_name("settings.toml.bak")
    assert kept.read_text() == "# mine\n"
    undo = next(line for line in capsys.readouterr().out.splitlines() if "To undo" in line)
    assert str(kept) in undo
    path.write_text("# mine again\n")
    init.init(path, Settings(), FakeRadio(), None)
    assert kept.read_text() == "# mine\n"
    assert path.with_name("settings.toml.bak2").read_text() == "# mine again\n"


def test_the_same_again_makes_no_copy(path: Path) -> None:
    init.init(path, Settings(), FakeRadio(), None)
    init.init(path, load(path), FakeRadio(), None)
    assert list(path.parent.iterdir()) == [path]


def test_no_to_the_last_question_writes_nothing(path: Path) -> None:
    assert init.init(path, Settings(), FakeRadio(), answers("Anna", "", "n")) == 0
    assert not path.parent.exists()


def test_the_end_of_the_input_writes_nothing(path: Path) -> None:
    with pytest.raises(CommandError, match="nothing was written"):
        init.init(path, Settings(), FakeRadio(), answers("Anna"))
    assert not path.parent.exists()


def test_an_interruption_while_writing_leaves_the_old_file_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.parent.mkdir()
    path.write_text("# mine\n")

    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        init.init(path, Settings(), FakeRadio(), None)
    assert path.read_text() == "# mine\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir()
    true_path = tmp_path / "dotfiles.toml"
    true_path.write_text("")
    path.symlink_to(true_path)
    init.init(path, Settings(), FakeRadio(), None)
    assert path.is_symlink()
    assert load(true_path).athletes


def test_without_bluetooth_the_rest_is_written(path: Path, capsys: Capture) -> None:
    init.init(path, Settings(), FakeRadio(fault=SensorError("Bluetooth is off")), None)
    assert load(path).athletes
    assert "Bluetooth is off" in capsys.readouterr().out


def test_without_a_terminal_it_says_yes(path: Path, capsys: Capture) -> None:
    # The standard input of tests is none.
    assert main(["init"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert not path.exists()


def test_a_broken_file_is_named_and_kept(path: Path, capsys: Capture) -> None:
    path.parent.mkdir()
    path.write_text("min_reps = 'x'")
    assert init._present(path) == Settings()
    assert "min_reps" in capsys.readouterr().err


def test_what_cannot_be_written_is_one_line(path: Path) -> None:
    path.parent.write_text("a file, not a folder")
    with pytest.raises(CommandError, match="cannot write"):
        init.init(path, Settings(), FakeRadio(), None)


def test_yes_is_an_option(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(init, "radio_of", lambda _: one_dot())
    assert init.run(argparse.Namespace(yes=True)) == 0
    assert len(load(path).sensors) == 1

"""``hiprep history``: tables for people, CSV and JSON for programs."""

import argparse
import csv
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands import CommandError, history
from pipeline.delivery.book import Book
from tests.pipeline.delivery.made import START_US, message

DAY_US = 24 * 3600 * 1_000_000

REP = {
    "set": 1,
    "rep": 1,
    "partial": False,
    "load_kg": 102.5,
    "eccentric_s": 1.25,
    "bottom_pause_s": 0.4,
    "concentric_s": 0.83,
    "top_pause_s": 1.06,
    "rom_deg": 57.1,
    "mean_velocity_mps": 0.41,
    "peak_velocity_mps": 0.75,
    "velocity_loss_pct": 6.0,
    "faults": 2,
    "fault_over_arch": 1,
    "fault_short_lockout": 1,
}
SET = {
    "set": 1,
    "reps": 12,
    "partials": 1,
    "load_kg": 102.5,
    "volume_kg": 1230.0,
    "duration_s": 41.0,
    "eccentric_s": 1.2,
    "bottom_pause_s": 0.4,
    "concentric_s": 0.8,
    "top_pause_s": 1.0,
    "rom_deg": 57.0,
    "best_velocity_mps": 0.5,
    "mean_velocity_mps": 0.4,
    "velocity_loss_pct": 21.0,
    "fault_over_arch": 3,
    "fault_short_lockout": 2,
}
ADVICE = {
    "set": 1,
    "rep": None,
    "when": "set",
    "rule": "hold",
    "level": "attention",
    "text": "Hold: 5 of 8 reps were held for 2 s or more; one for 0.9 s. [bold]Hold[/bold]",
    "load_kg": None,
    "target_reps": None,
}
SESSION = {"sets": 3, "reps": 30, "duration_s": 930.0, "volume_kg": 3075.0, "ended": True}

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def gym(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where all is in a folder of the test's own, five hours west of Greenwich, 80 columns wide."""
    monkeypatch.setenv("HIPREP_SETTINGS", str(tmp_path / "settings.toml"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TZ", "EST5")
    time.tzset()
    yield tmp_path / "hiprep"
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def kept(gym: Path) -> None:
    """A store with a session, a set and a rep of each of two athletes."""
    with Book(gym / "store.db") as book:
        for day, (athlete, exercise) in enumerate(
            [("anna", "single_leg_hip_thrust"), ("an-athlete-with-a-long-name", "squat")]
        ):
            who = {"athlete": athlete, "exercise": exercise, "variant": "banded"}
            at: dict[str, Any] = {"time_us": START_US + day * DAY_US, **who}
            book.keep(
                book.plan(
                    [
                        message(kind="session", id=f"session-{day}", values=SESSION, **at),
                        message(kind="set", id=f"set-{day}", values=SET, **at),
                        message(kind="rep", id=f"rep-{day}", values=REP, **at),
                        message(kind="advice", id=f"advice-{day}", values=ADVICE, **at),
                    ]
                )
            )


def asked(what: str, **options: object) -> argparse.Namespace:
    nothing = dict.fromkeys(("athlete", "exercise", "since", "limit"))
    return argparse.Namespace(**{"what": what, "csv": False, "json": False, **nothing, **options})


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("what", ["sessions", "sets", "reps", "bests", "advice"])
def test_tables_fit_into_80_columns_and_lose_nothing(what: str, capsys: Capture) -> None:
    assert history.run(asked(what)) == 0
    text = capsys.readouterr().out
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    assert "anna" in text


@pytest.mark.usefixtures("kept")
def test_a_table_of_sets_says_day_load_and_tempo(capsys: Capture) -> None:
    history.run(asked("sets", athlete="anna"))
    text = capsys.readouterr().out
    assert text.startswith("anna · single leg hip thrust · banded · Tue 2023-11-14\n")
    for shown in ("17:13:20", "102.5", "12+1", "1.2-0.4-0.8-1.0", "57", "0.50", "0.40", "21"):
        assert shown in text.split()


@pytest.mark.usefixtures("kept")
def test_a_table_of_advice_has_sentences_and_whose_they_are(capsys: Capture) -> None:
    history.run(asked("advice", athlete="anna"))
    text = " ".join(capsys.readouterr().out.split())
    assert "17:13:20 set 1 attention Hold: 5 of 8 reps" in text
    assert "0.9 s. [bold]Hold[/bold] hold" in text


@pytest.mark.usefixtures("kept")
def test_times_are_those_of_the_local_clock(capsys: Capture) -> None:
    history.run(asked("sessions", athlete="anna"))
    assert "2023-11-14 17:13" in capsys.readouterr().out
    history.run(asked("sessions", athlete="anna", json=True))
    assert json.loads(capsys.readouterr().out)["time"] == "2023-11-14T17:13:20.000000-05:00"


@pytest.mark.usefixtures("kept")
def test_bests_are_said_in_words(capsys: Capture) -> None:
    history.run(asked("bests", athlete="anna"))
    text = " ".join(capsys.readouterr().out.split())
    assert "most reps in a set 12 2023-11-14 17:13" in text
    assert "fastest rep 0.41 m/s" in text
    assert "longest hold at the top 1.06 s" in text
    assert "most volume in a set 1230.0 kg" in text


@pytest.mark.usefixtures("kept")
def test_json_is_one_object_a_line(capsys: Capture) -> None:
    history.run(asked("reps", json=True))
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["type"] == "rep"
    assert (first["athlete"], first["id"]) == ("anna", "rep-0")
    assert first["mean_velocity_mps"] == 0.41
    assert first["faults"] == {"over_arch": 1, "short_lockout": 1}
    assert first["displacement_m"] is None
    assert second["exercise"] == "squat"


@pytest.mark.usefixtures("kept")
def test_csv_has_a_line_of_names(capsys: Capture) -> None:
    history.run(asked("sets", csv=True))
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert len(rows) == 2
    assert rows[0]["time"] == "2023-11-14T17:13:20.000000-05:00"
    assert (rows[0]["reps"], rows[0]["load_kg"]) == ("12", "102.5")
    assert rows[0]["faults"] == "over_arch:3 short_lockout:2"
    assert rows[0]["confidence"] == ""


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("options", "ids"),
    [
        ({}, ["set-0", "set-1"]),
        ({"athlete": "anna"}, ["set-0"]),
        ({"exercise": "squat"}, ["set-1"]),
        ({"limit": 1}, ["set-1"]),
        ({"since": "2023-11-15"}, ["set-1"]),
        ({"since": "2023-11-14"}, ["set-0", "set-1"]),
        ({"since": "2023-11-14T17:13:20"}, ["set-0", "set-1"]),
        ({"since": "2023-11-14T17:13:21"}, ["set-1"]),
        ({"since": "2023-11-14T22:13:21+00:00"}, ["set-1"]),
        ({"since": "1d"}, []),
        ({"athlete": "anna", "exercise": "squat"}, []),
    ],
)
def test_only_what_was_asked_for_is_shown(
    options: dict[str, object], ids: list[str], capsys: Capture
) -> None:
    history.run(asked("sets", json=True, **options))
    assert [json.loads(line)["id"] for line in capsys.readouterr().out.splitlines()] == ids


def test_a_table_is_not_endless_but_a_file_is_whole(gym: Path, capsys: Capture) -> None:
    count = history.SHOWN_ROWS + 5
    with Book(gym / "store.db") as book:
        book.keep(book.plan([message(number, 2) for number in range(count)]))
    history.run(asked("reps"))
    assert capsys.readouterr().out.rstrip().endswith("The newest 20: --limit shows more.")
    history.run(asked("reps", csv=True))
    assert len(capsys.readouterr().out.splitlines()) == count + 1


@pytest.mark.usefixtures("kept")
def test_nothing_found_is_no_failure(capsys: Capture) -> None:
    assert history.run(asked("sets", athlete="bob")) == 0
    assert capsys.readouterr().out == "No sets were found.\n"
    assert history.run(asked("sets", athlete="bob", csv=True)) == 0
    assert capsys.readouterr().out == ""


def test_without_any_store_the_cure_is_said(gym: Path) -> None:
    with pytest.raises(CommandError, match="hiprep store"):
        history.run(asked("sets"))
    assert not (gym / "store.db").exists()


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("text", ["soon", "2023-13-01", "1e5d", "0000-00-00"])
def test_a_since_that_is_none_is_said(text: str) -> None:
    with pytest.raises(CommandError, match=f"--since: '{text}' is not like 2026-05-01"):
        history.run(asked("sets", since=text))


def test_influxdb_is_asked_where_there_is_no_file(gym: Path) -> None:
    text = "[influx]\nurl = 'http://127.0.0.1:9'\ndatabase = 'gym'\n"
    (gym.parent / "settings.toml").write_text(text)
    with pytest.raises(CommandError, match=r"influx\.url: http://127\.0\.0\.1:9 does not answer"):
        history.run(asked("sets"))

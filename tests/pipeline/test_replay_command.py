"""Recordings of packets, replayed: as they were lived, or as they would be on a bad radio."""

import json
import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from sensor.raw_writer import RawWriter
from sensor.records import Record
from sensor.simulator import SessionSpec, SetPlan
from sensor.simulator.packets import model_session
from tests.recordings.make import FOLDER

RAW = FOLDER / "movesense.hiprec.gz"
COMMAND = [
    sys.executable, "-c", "import sys; from pipeline.cli import main; sys.exit(main(sys.argv[1:]))"
]  # fmt: skip

Capture = pytest.CaptureFixture[str]
Json = dict[str, Any]


def events(capsys: Capture, path: Path, *options: str) -> list[Json]:
    assert main(["replay", str(path), "--json", *options]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def reps(found: list[Json]) -> list[int]:
    return [one["reps"] for one in found if one["type"] == "set"]


@cache
def records(exercise: str = "hip_thrust") -> tuple[Record, ...]:
    """Three reps, and three more after a rest of 17 s."""
    sets = (SetPlan(reps=3), SetPlan(reps=3))
    spec = SessionSpec(sets=sets, exercise=exercise, around=False, rest_s=17.0, seed=2)
    return tuple(model_session("witmotion", spec)[1])


def recorded(folder: Path, records: Sequence[Record], **meta: str) -> Path:
    writer = RawWriter(folder / "a.hiprec", {"sensor": "belt", "session": "s", **meta})
    for record in records:
        writer.append(record)
    return writer.close()


def test_it_is_replayed_as_it_was_live(tmp_path: Path, capsys: Capture) -> None:
    path = recorded(
        tmp_path, records("glute_bridge"), exercise="glute_bridge", set_timeout_s="15", min_reps="3"
    )
    found = events(capsys, path)
    assert reps(found) == [3, 3]
    assert {one["exercise"] for one in found} == {"glute_bridge"}
    assert found[0]["id"].startswith("belt-s-")


def test_options_come_before_the_header(tmp_path: Path, capsys: Capture) -> None:
    path = recorded(
        tmp_path, records("glute_bridge"), exercise="squat", set_timeout_s="15", min_reps="9"
    )
    assert reps(events(capsys, path)) == []
    lying = ("--exercise", "glute_bridge")
    assert reps(events(capsys, path, *lying)) == []
    assert reps(events(capsys, path, *lying, "--min-reps", "2")) == [3, 3]
    assert reps(events(capsys, path, *lying, "--min-reps", "2", "--set-timeout", "60")) == [6]


def test_a_header_that_says_nothing_means_the_defaults(tmp_path: Path, capsys: Capture) -> None:
    found = events(capsys, recorded(tmp_path, records()))
    assert reps(found) == [3, 3]
    assert {one["exercise"] for one in found} == {"hip_thrust"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("exercise", "../curl"),
        ("set_timeout_s", "soon"),
        ("set_timeout_s", "nan"),
        ("set_timeout_s", "inf"),
        ("set_timeout_s", "-1"),
        ("min_reps", "2.5"),
        ("min_reps", "-1"),
    ],
)
def test_a_header_that_cannot_be_is_refused_unless_an_option_is_given(
    key: str, value: str, tmp_path: Path, capsys: Capture
) -> None:
    path = recorded(tmp_path, records(), **{key: value})
    assert main(["replay", str(path), "--json"]) == 2
    error = capsys.readouterr().err
    assert "its header cannot be used" in error
    assert error.count("\n") == 1
    option = {"exercise": "hip_thrust", "set_timeout_s": "15", "min_reps": "2"}[key]
    name = "--" + key.removesuffix("_s").replace("_", "-")
    assert reps(events(capsys, path, name, option)) == [3, 3]


def test_from_standard_input_it_is_the_same(capsys: Capture) -> None:
    wanted = events(capsys, RAW)
    command = [*COMMAND, "replay", "-", "--json"]
    done = subprocess.run(command, input=RAW.read_bytes(), capture_output=True, check=True)
    assert [json.loads(line) for line in done.stdout.splitlines()] == wanted


# Faults on purpose


@pytest.mark.parametrize(
    "faults",
    [
        ["--drop", "2%", "--burst", "3"],
        ["--duplicate"],
        ["--reorder"],
        ["--corrupt"],
        ["--drop", "1", "--duplicate", "--reorder", "--corrupt", "--seed", "7"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("name", ["movesense", "dot"])
def test_a_bad_radio_costs_at_most_a_rep_and_is_the_same_each_time(
    name: str, faults: list[str], capsys: Capture
) -> None:
    path = FOLDER / f"{name}.hiprec.gz"
    found = events(capsys, path, *faults)
    (count,) = reps(found)
    assert 4 <= count <= 5
    assert events(capsys, path, *faults) == found


def test_a_disconnection_is_a_gap(capsys: Capture) -> None:
    gaps = [one for one in events(capsys, RAW, "--disconnect", "4s") if one["type"] == "gap"]
    (gap,) = gaps
    assert gap["end_s"] - gap["start_s"] == pytest.approx(4.0, abs=0.5)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--disconnect", "1000"], "shorter"),
        (["--drop", "101"], "between 0% and 100%"),
        (["--burst", "0"], "1 or more"),
        (["--drop", "100%"], "holds no samples"),
        (["--start", "1000"], "ends before"),
        (["--start", "-1"], "0 or more"),
        (["--speed", "0"], "above 0"),
        (["--loop", "--plot", "x.png"], "--loop"),
    ],
)
def test_what_cannot_be_is_one_line(options: list[str], reason: str, capsys: Capture) -> None:
    assert main(["replay", str(RAW), "--json", *options]) == 2
    error = capsys.readouterr().err
    assert error.startswith("hiprep: ")
    assert error.count("\n") == 1
    assert reason in error


# Pace


def test_at_any_speed_the_events_are_the_same(capsys: Capture) -> None:
    live = events(capsys, RAW, "--live")
    assert events(capsys, RAW, "--live", "--speed", "200") == live
    final = events(capsys, RAW)
    assert events(capsys, RAW, "--speed", "200") == final


def test_it_takes_the_time_that_it_took() -> None:
    (closed,) = [
        json.loads(line)
        for line in (FOLDER / "movesense.events.jsonl").read_text().splitlines()
        if '"type": "set"' in line
    ]
    begin_s = time.monotonic()
    assert main(["replay", str(RAW), "--json", "--speed", "20"]) == 0
    assert time.monotonic() - begin_s >= closed["end_s"] / 20


def test_it_begins_where_it_is_told_to(capsys: Capture) -> None:
    whole = [one for one in events(capsys, RAW) if one["type"] == "rep"]
    third_s = whole[2]["start_s"]
    later = events(capsys, RAW, "--start", f"{third_s - 1:.2f}")
    starts = [one["start_s"] for one in later if one["type"] == "rep"]
    assert starts == pytest.approx([one["start_s"] for one in whole[2:]], abs=0.1)


def first_ids(process: subprocess.Popen[str], count: int) -> list[str]:
    """The sessions of the first reps of so many sets."""
    assert process.stdout is not None
    sessions: list[str] = []
    for line in process.stdout:
        event = json.loads(line)
        if event["type"] == "set":
            sessions.append(event["id"])
        if len(sessions) == count:
            return sessions
    raise AssertionError(process.returncode)


def test_a_loop_goes_on_until_it_is_interrupted_and_each_lap_has_its_own_ids() -> None:
    with subprocess.Popen(
        [*COMMAND, "replay", str(RAW), "--json", "--loop", "--speed", "1000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        ids = first_ids(process, 3)
        process.send_signal(2)
        _, error = process.communicate(timeout=30)
    assert process.returncode == 130
    assert error == ""
    assert len(set(ids)) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="a terminal of its own")
def test_on_a_terminal_it_looks_like_the_demo() -> None:
    ours, theirs = pty.openpty()
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "80", "LINES": "40"}
    with subprocess.Popen(
        [*COMMAND, "replay", str(RAW), "--speed", "30"],
        stdout=theirs,
        stderr=theirs,
        env=environment,
    ) as process:
        os.close(theirs)
        shown = b""
        # Where the other end is closed, Linux says so with an error.
        try:
            while part := os.read(ours, 65536):
                shown += part
        except OSError:
            pass
        process.wait()
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", shown.decode())
    assert process.returncode == 0
    for label in ("REPS", "HOLD s", "LAST REP", "over-arch 1x"):
        assert label in text
    assert "No reps found" not in text

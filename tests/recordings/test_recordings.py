"""Recorded sensor files that come with the project: each gives the events that lie beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from sensor import drivers
from tests.recordings.make import FOLDER

Json = dict[str, Any]

# Builds of numpy and of the orientation filter differ in the last bits.
TIME_S, OTHER = 0.003, 0.02


def lines(text: str) -> list[Json]:
    return [json.loads(line) for line in text.splitlines()]


def assert_alike(found: Any, expected: Any, name: str = "") -> None:
    """The same, but for a little in numbers that are measured."""
    if isinstance(expected, float):
        assert found == pytest.approx(expected, abs=TIME_S if name.endswith("_s") else OTHER), name
    elif isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            assert_alike(found[key], expected[key], key)
    elif isinstance(expected, list):
        assert len(found) == len(expected), name
        for one, other in zip(found, expected, strict=True):
            assert_alike(one, other, name)
    else:
        assert found == expected, name


def replay(name: str, capsys: pytest.CaptureFixture[str], *more: str) -> list[Json]:
    assert main(["replay", str(FOLDER / f"{name}.hiprec.gz"), "--json", *more]) == 0
    return lines(capsys.readouterr().out)


@pytest.mark.parametrize("name", drivers.names())
def test_every_driver_has_a_recording_that_gives_its_events(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    expected = lines((FOLDER / f"{name}.events.jsonl").read_text(encoding="utf-8"))
    assert_alike(replay(name, capsys), expected)


@pytest.mark.parametrize("name", drivers.names())
def test_the_events_are_what_truly_happened(name: str) -> None:
    events = lines((FOLDER / f"{name}.events.jsonl").read_text(encoding="utf-8"))
    truth = json.loads((FOLDER / f"{name}.truth.json").read_text(encoding="utf-8"))
    reps = [event for event in events if event["type"] == "rep"]
    true_reps = [rep for one in truth["sets"] for rep in one["reps"]]
    assert len(reps) == len(true_reps)
    for rep, true in zip(reps, true_reps, strict=True):
        assert rep["partial"] == true["partial"]
        assert rep["faults"] == [fault for fault in true["faults"] if not fault.endswith("?")]
        for field in ("concentric_s", "eccentric_s", "top_pause_s"):
            assert rep[field] == pytest.approx(true[field], abs=0.1), field
        assert rep["rom_deg"] == pytest.approx(true["rom_deg"], abs=3.0)


def test_the_folder_holds_nothing_else() -> None:
    found = {path.name for path in FOLDER.iterdir() if path.suffix not in (".py", "")}
    kinds = ("hiprec.gz", "events.jsonl", "truth.json")
    assert found == {f"{name}.{kind}" for name in drivers.names() for kind in kinds}


def test_they_are_small() -> None:
    sizes = [path.stat().st_size for path in Path(FOLDER).glob("*.gz")]
    assert max(sizes) < 100_000

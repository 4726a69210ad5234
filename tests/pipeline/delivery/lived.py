"""A live session in which much is corrected, and another version of the algorithm."""

import sys
from pathlib import Path

import pytest

from sensor.records import Record
from tests.pipeline.delivery.test_gateway import RECORDS, SETS, Course, after, until

STARTED = "2026-01-05T17:30:00+00:00"


def corrected(folder: Path, **more: str) -> Course:
    """Two sets, and every kind of correction; its recording is closed. more: for its header."""
    course = Course(folder, None, started=STARTED, **more)
    first, second = ([rep["end_s"] for rep in one["reps"]] for one in SETS)
    asked(course, 1.0, "choose", load_kg=60.0, variant="banded")
    asked(course, 1.2, "set_targets", reps=5, tempo="2-0-X-2")
    course.play(until(first[2] + 0.2))
    asked(course, first[2] + 0.3, "delete_rep", rep=reps(course)[1])
    asked(course, first[2] + 0.4, "note", text="belt slipped")
    course.play(between(first[2] + 0.2, first[4] + 17.0))
    rest_s = first[4] + 17.0
    ids = reps(course)
    for k, (command, values) in enumerate(
        (
            ("add_rep", {"after": ids[0]}),
            ("add_rep", {}),
            ("add_rep", {"after": ids[2]}),
            ("merge_rep", {"rep": ids[3]}),
            ("undo", {}),
            ("mark", {"mark": "to_failure"}),
            ("undo", {}),
            ("mark", {"mark": "full_lockout"}),
            ("swap_athlete", {"athlete": "ben"}),
        )
    ):
        asked(course, rest_s + 0.01 * k, command, **values)
    added = [one.id for one in course.said.final("rep") if "added" in one.id]
    assert len(added) == 3
    asked(course, rest_s + 0.2, "delete_rep", rep=added[1])
    course.play(between(rest_s, second[1] + 0.2))
    asked(course, second[1] + 0.3, "restart_set")
    course.play(between(second[1] + 0.2, second[3] + 0.1))
    asked(course, second[3] + 0.2, "end_set")
    asked(course, second[3] + 0.3, "choose", set="latest", athlete="cleo", load_kg=70.0)
    course.play(after(second[3] + 0.1))
    course.close()
    return course


def other_version(monkeypatch: pytest.MonkeyPatch, algorithm: str) -> None:
    """From now on, wherever it is asked for."""
    for name, module in [*sys.modules.items()]:
        if name.startswith("pipeline.") and hasattr(module, "ALGORITHM"):
            monkeypatch.setattr(module, "ALGORITHM", algorithm)


def asked(course: Course, at_s: float, command: str, **values: object) -> None:
    """Ask for what is done."""
    answer = course.ask(at_s, command, **values)
    assert answer["ok"] is True, answer


def reps(course: Course) -> list[str]:
    """The ids of the tracker's reps, in the order in which they were said."""
    said = [one.id for one in course.said.messages if one.kind == "rep"]
    return list(dict.fromkeys(one for one in said if "added" not in one))


def between(from_s: float, to_s: float) -> list[Record]:
    return [record for record in RECORDS if from_s * 1e6 <= record.at_us < to_s * 1e6]

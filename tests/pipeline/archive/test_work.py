"""One recording processed: as its replay would have it, and never an exception."""

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.archive.found import found
from pipeline.archive.results import Job
from pipeline.archive.work import Gym, process
from pipeline.cli import main
from pipeline.events import to_json
from tests.pipeline.delivery.lived import corrected
from tests.pipeline.made import write_recording

HEADER = "# sensor: belt 7\n# athlete: anna\n# session: s-1\n# started: 2025-10-09T08:53:20+00:00\n"
GYM = Gym("home", {"anna": "Anna", "b-1": "Ben"})


def job_of(path: Path) -> Job:
    (job,) = found([str(path)]).jobs()
    return job


def test_it_finds_what_a_replay_finds(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_recording(tmp_path / "a.csv", reps=4, header=HEADER)
    result = process(job_of(path))
    assert main(["replay", str(path), "--json"]) == 0
    replayed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    events = [to_json(rep) for rep in result.reps] + [to_json(one) for one in result.sets]
    assert json.loads(json.dumps(events)) == replayed
    assert len(result.reps) == 4
    assert result.error is None


def test_it_knows_whose_and_when_it_was(tmp_path: Path) -> None:
    result = process(job_of(write_recording(tmp_path / "a.csv", header=HEADER)))
    assert (result.recording, result.exercise) == ("a.csv", "hip_thrust")
    assert (result.sensor, result.athlete, result.session) == ("belt-7", "anna", "s-1")
    assert result.started_us == 1_760_000_000_000_000
    assert result.samples == 1900
    assert result.seconds == pytest.approx(18.99)
    assert result.cpu_s > 0


def test_a_recording_without_a_name_is_called_by_its_content(tmp_path: Path) -> None:
    one, same, other = (
        process(job_of(write_recording(tmp_path / name, reps=reps)))
        for name, reps in (("a.csv", 3), ("b.csv", 3), ("c.csv", 2))
    )
    assert one.session is not None
    assert one.session.startswith("content-")
    assert [rep.id for rep in one.reps] == [rep.id for rep in same.reps]
    assert other.session != one.session
    assert one.started_us is None


def test_another_exercise_may_be_asked_for(tmp_path: Path) -> None:
    result = process(job_of(write_recording(tmp_path / "a.csv")), "glute_bridge")
    assert result.exercise == "glute_bridge"
    assert {rep.exercise for rep in result.reps} == {"glute_bridge"}


@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_file_that_breaks_off_is_an_error_with_what_was_before(
    tmp_path: Path, part: float
) -> None:
    whole = write_recording(tmp_path / "a.csv", reps=12)
    packed = gzip.compress(whole.read_bytes(), mtime=0)
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(packed[: int(part * len(packed))])
    result = process(job_of(cut))
    assert "cut off" in str(result.error)
    assert not result.again
    assert 0 < len(result.reps) < 12
    start_s = process(job_of(whole)).reps[0].start_s
    assert result.reps[0].start_s == pytest.approx(start_s, abs=0.01)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.sampled_from([b"", b"hiprep-raw/1\n", b"# format: imu-csv/1\n"]))
def test_whatever_the_bytes_there_is_a_result(tmp_path: Path, junk: bytes, start: bytes) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(start + junk)
    result = process(job_of(path))
    assert result.reps == ()
    assert result.error
    assert "\n" not in result.error
    assert str(tmp_path) not in result.error


def test_a_file_that_cannot_be_reached_is_tried_again(tmp_path: Path) -> None:
    result = process(Job("a.csv", str(tmp_path / "a.csv"), 1, 1))
    assert "cannot be read on" in str(result.error)
    assert "No such file" in str(result.error)
    assert result.again


def test_for_the_stores_a_session_tells_what_it_said_last_live(tmp_path: Path) -> None:
    course = corrected(tmp_path)
    assert course.one.file
    result = process(job_of(course.one.file), gym=GYM)
    assert result.retold is not None
    assert result.retold.lost == 0
    said = {one.id: one for one in course.said.messages if one.kind != "advice"}
    told = {one.id: one for one in result.retold.messages}
    assert [*told] == [*said]
    for event_id, one in told.items():
        # When it became known is as many samples later as were looked at in one go.
        live = replace(said[event_id], at_s=one.at_s, known_us=one.known_us)
        assert one == live
    assert {one.kind for one in told.values()} == {"rep", "set", "session"}
    assert not all(one.valid for one in told.values())


def test_what_it_tells_changes_nothing_else(tmp_path: Path) -> None:
    course = corrected(tmp_path)
    assert course.one.file
    job = job_of(course.one.file)
    told, plain = process(job, gym=GYM), process(job)
    assert plain.retold is None
    assert replace(told, retold=None, cpu_s=0.0) == replace(plain, cpu_s=0.0)


@pytest.mark.parametrize(
    ("named", "key"),
    [("anna", "anna"), ("BEN", "b-1"), ("Dan Dee", "Dan-Dee"), ("", "nobody")],
)
def test_the_settings_say_who_is_meant(tmp_path: Path, named: str, key: str) -> None:
    header = HEADER.replace("athlete: anna", f"athlete: {named}")
    result = process(job_of(write_recording(tmp_path / "a.csv", header=header)), gym=GYM)
    assert result.retold is not None
    assert {(one.athlete, one.device, one.site) for one in result.retold.messages} == {
        (key, "belt-7", "home")
    }
    assert [one.id for one in result.retold.messages if one.kind == "rep"] == [
        rep.id for rep in result.reps
    ]


def test_names_that_no_id_may_have_are_told_in_its_letters(tmp_path: Path) -> None:
    header = HEADER.replace("session: s-1", "session: monday, 8 h")
    result = process(job_of(write_recording(tmp_path / "a.csv", header=header)), gym=GYM)
    assert result.error is None
    assert result.retold is not None
    assert {one.session for one in result.retold.messages} == {"monday-8-h"}


def test_without_a_time_there_is_nothing_to_tell(tmp_path: Path) -> None:
    result = process(job_of(write_recording(tmp_path / "a.csv")), gym=GYM)
    assert result.retold is None
    assert len(result.reps) == 3

"""A live session as it is told, what is asked of it, and the same of its recording."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.coaching import templates
from pipeline.coaching.plan_text import dumps
from pipeline.delivery.carried import Carried
from pipeline.delivery.coach import Coach, Pupil
from pipeline.delivery.gateway import Gateway, set_timeout_s
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import Message
from pipeline.delivery.placing import PlacingError, placed, placed_now
from pipeline.delivery.publisher import Publisher
from pipeline.delivery.rerun import rerun
from pipeline.exercises import load
from pipeline.live import Lifter, Watched
from pipeline.session import Session
from pipeline.tracker import Tracker
from sensor.recorder import Recorder
from sensor.recording import open_recording
from sensor.records import End, Record
from sensor.simulator import SessionSpec, SetPlan
from sensor.simulator.packets import model_session
from sensor.supervisor import State
from tests.pipeline.delivery.test_advising import before

STARTED_US = 1_767_634_200_000_000
SPEC = SessionSpec(sets=(SetPlan(reps=5), SetPlan(reps=4)), around=False, rest_s=20.0, seed=11)
SIMULATION, RECORDS = model_session("dot", SPEC)
SETS = SIMULATION.truth["sets"]


class Said:
    """What a publisher would send."""

    def __init__(self) -> None:
        self.messages: list[Message] = []
        self.retained: dict[str, Mapping[str, Any]] = {}
        self.live: list[Mapping[str, Any]] = []
        self.answers: list[Mapping[str, Any]] = []

    def post(self, messages: Sequence[Message]) -> None:
        self.messages += messages

    def retain(self, topic: str, content: Mapping[str, Any]) -> None:
        self.retained[topic] = content

    def send_live(self, topic: str, content: Mapping[str, Any]) -> None:
        assert topic.endswith("/belt/live")
        self.live.append(content)

    def answer(self, device: str, content: Mapping[str, Any]) -> None:
        assert device == "belt"
        self.answers.append(content)

    def final(self, kind: str) -> list[Message]:
        """The newest state of each event that counts."""
        newest = {message.id: message for message in self.messages if message.kind == kind}
        return [message for message in newest.values() if message.valid]


class Course:
    """A session of one sensor, recorded and told."""

    def __init__(self, folder: Path, coach: Coach | None = None, **more: str) -> None:
        self.said = Said()
        lifter = Lifter("belt", "AA", athlete="anna")
        tracker = Tracker(load("hip_thrust"), sensor="belt", session="s")
        meta = {"sensor": "belt", "session": "s", "athlete": "anna", **more}
        recorder = Recorder(folder / "a.hiprec", meta)
        self.one = Watched(lifter, Session(tracker), recorder, self._tell)
        self.one.note(State("streaming", "well", 0))
        self.gateway = Gateway(
            cast(Publisher, self.said),
            "home",
            "s",
            STARTED_US,
            [self.one],
            coach=coach,
            keep_plan=self._keep,
        )
        self.plans: list[tuple[str, str]] = []
        self.disk_problem: str | None = None

    def _tell(self, one: Watched, at_s: float, event: Any) -> None:
        self.gateway.take(one, at_s, event)

    def _keep(self, athlete: str, text: str) -> str | None:
        self.plans.append((athlete, text))
        return self.disk_problem

    def play(self, records: Sequence[Record]) -> None:
        for record in records:
            self.one.take(record)
            if record.at_us % 7 == 0:
                self.gateway.step(record.at_us)

    def ask(self, at_s: float, command: str, **values: object) -> Mapping[str, Any]:
        content = {
            "schema": "hiprep/command/1",
            "id": f"c{round(at_s * 1000)}",
            "command": command,
            **values,
        }
        self.gateway.command("belt", json.dumps(content).encode(), round(at_s * 1e6))
        return self.said.answers[-1]

    def close(self) -> Path:
        self.gateway.end(RECORDS[-1].at_us)
        self.one.close()
        assert self.one.file
        return self.one.file


def until(at_s: float) -> list[Record]:
    return [record for record in RECORDS if record.at_us < at_s * 1e6]


def after(at_s: float) -> list[Record]:
    return [record for record in RECORDS if record.at_us >= at_s * 1e6]


def reran(path: Path, coach: Coach | None = None) -> list[Message]:
    ledger = Ledger("home", "belt", "anna", "s", "hip_thrust", STARTED_US, coach=coach)
    tracker = Tracker(load("hip_thrust"), sensor="belt", session="s")
    with open_recording(path) as recording:
        return list(rerun(recording.moments(1), tracker, Carried(ledger)))


def test_a_session_is_told_and_its_recording_tells_the_same(tmp_path: Path) -> None:
    course = Course(tmp_path)
    course.play(RECORDS)
    path = course.close()
    assert len(course.said.final("rep")) == 9
    assert [one.values["reps"] for one in course.said.final("set")] == [5, 4]
    assert [one.values["reps"] for one in course.said.final("session")] == [9]
    assert reran(path) == course.said.messages


def test_the_coach_says_the_same_of_a_recording_as_live(tmp_path: Path) -> None:
    coach = Coach(lambda _: Pupil(before(3, [8, 8])))
    course = Course(tmp_path, coach)
    course.ask(1.0, "choose", load_kg=60.0)
    course.ask(1.1, "set_targets", reps=5, tempo="2-0-X-2", velocity_loss_pct=5)
    course.play(RECORDS)
    path = course.close()
    said = course.said.final("advice")
    assert {one.values["when"] for one in said} == {"rep", "set", "session", "week"}
    assert reran(path, coach) == course.said.messages


def test_a_plan_that_was_sent_is_kept_and_comes_again_of_the_recording(tmp_path: Path) -> None:
    text = dumps(templates.TEMPLATES["hypertrophy"]).replace('name = "', 'name = "漢 ', 1)
    coach = Coach(lambda _: Pupil())
    course = Course(tmp_path, coach)
    rest_s = SETS[0]["reps"][-1]["end_s"] + 17.0
    course.play(until(rest_s))
    assert course.ask(rest_s, "plan", athlete="anna", text=text)["ok"] is True
    assert course.plans == [("anna", text)]
    assert course.ask(rest_s + 0.1, "plan", athlete="anna", text="sets = 3")["ok"] is False
    assert len(course.plans) == 1
    course.disk_problem = "the disk is full"
    answer = course.ask(rest_s + 0.2, "plan", athlete="anna", text="")
    assert (answer["ok"], answer["text"]) == (True, "the disk is full: it holds for this session")
    course.play(after(rest_s))
    path = course.close()
    assert reran(path, coach) == course.said.messages


def orders(path: Path) -> list[str]:
    """What the tracker was told, in order."""
    with open_recording(path) as recording:
        return [moment.order for moment in recording.moments(1) if moment.order]


def test_a_set_with_rests_in_it_ends_later_and_the_next_one_as_before(tmp_path: Path) -> None:
    course = Course(tmp_path)
    course.ask(1.0, "choose", variant="banded-cluster")
    course.play(RECORDS)
    path = course.close()
    # The rest between the two sets is no longer than such a set allows.
    assert [one.values["reps"] for one in course.said.final("set")] == [9]
    assert orders(path) == ["timeout 45"]
    assert reran(path) == course.said.messages


def test_the_usual_rest_ends_a_set_again_with_another_variant(tmp_path: Path) -> None:
    course = Course(tmp_path)
    third = SETS[0]["reps"][2]["end_s"] + 0.1
    course.ask(1.0, "choose", variant="rest_pause")
    course.play(until(third))
    course.ask(third, "choose", variant="")
    assert course.ask(third + 0.1, "end_set")["ok"] is True
    course.play(after(third))
    path = course.close()
    assert [one.variant for one in course.said.final("set")] == ["rest_pause", "", ""]
    assert orders(path) == ["timeout 45", "end_set", "timeout 15"]
    assert reran(path) == course.said.messages


def test_a_set_that_proves_to_be_a_cluster_is_given_time_at_once(tmp_path: Path) -> None:
    course = Course(tmp_path)
    third = SETS[0]["reps"][2]["end_s"] + 0.1
    course.play(until(third))
    course.ask(third, "choose", variant="cluster", set="latest")
    course.play(after(third))
    path = course.close()
    assert [one.values["reps"] for one in course.said.final("set")] == [9]
    assert reran(path) == course.said.messages


@pytest.mark.parametrize(
    ("variant", "usual_s", "timeout_s"),
    [
        ("", 15.0, 15.0),
        ("cluster", 15.0, 45.0),
        ("cluster-left", 60.0, 60.0),
        ("banded-rest_pause", 20.0, 45.0),
        ("clustered", 15.0, 15.0),
        ("rest-pause", 15.0, 15.0),
    ],
)
def test_only_variants_with_rests_have_a_longer_timeout(
    variant: str, usual_s: float, timeout_s: float
) -> None:
    assert set_timeout_s(variant, usual_s) == timeout_s


def test_the_state_shows_the_whole_session_and_live_values_where_the_lifter_is(
    tmp_path: Path,
) -> None:
    course = Course(tmp_path)
    course.play(RECORDS)
    course.close()
    state = course.said.retained["hiprep/v1/home/belt/state"]
    assert [one["values"]["reps"] for one in state["sets"]] == [5, 4]
    assert {live["phase"] for live in course.said.live} >= {"concentric", "top", "eccentric"}
    health = course.said.retained["hiprep/v1/home/belt/sensor"]
    assert health["available"] is True
    assert health["lost"] == 0


def test_what_was_asked_is_answered_recorded_and_comes_again_of_the_recording(
    tmp_path: Path,
) -> None:
    course = Course(tmp_path)
    rest_s = SETS[0]["reps"][-1]["end_s"] + 17.0
    course.play(until(rest_s))
    first = course.said.final("rep")[0]
    answer = course.ask(rest_s, "delete_rep", rep=first.id)
    assert answer["ok"] is True, answer
    assert [one.values["reps"] for one in course.said.final("set")] == [4]
    assert course.ask(rest_s + 0.1, "undo")["ok"] is True
    assert course.ask(rest_s + 0.2, "choose", load_kg=80.0)["ok"] is True
    assert course.ask(rest_s + 0.3, "delete_rep", rep="none")["ok"] is False
    course.play(after(rest_s))
    path = course.close()
    sets = course.said.final("set")
    assert [one.values["reps"] for one in sets] == [5, 4]
    assert [one.values["load_kg"] for one in sets] == [None, 80.0]
    assert reran(path) == course.said.messages


def test_another_exercise_waits_for_the_end_of_the_set(tmp_path: Path) -> None:
    course = Course(tmp_path)
    third = SETS[0]["reps"][2]["end_s"] + 0.1
    course.play(until(third))
    answer = course.ask(third, "choose", exercise="single_leg_hip_thrust")
    assert answer["ok"] is True
    course.play(after(third))
    path = course.close()
    sets = course.said.final("set")
    assert [(one.exercise, one.values["reps"]) for one in sets] == [
        ("hip_thrust", 5),
        ("single_leg_hip_thrust", 4),
    ]
    assert reran(path) == course.said.messages


def test_a_set_is_ended_where_it_is_asked_for(tmp_path: Path) -> None:
    course = Course(tmp_path)
    third = SETS[0]["reps"][2]["end_s"] + 0.1
    course.play(until(third))
    assert course.ask(third, "end_set")["ok"] is True
    course.play(after(third))
    path = course.close()
    assert [one.values["reps"] for one in course.said.final("set")] == [3, 2, 4]
    assert reran(path) == course.said.messages


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"[]", b'{"schema":"hiprep/command/1"}', b"\xff" * 9, b"x" * 100_000]
)
def test_what_is_no_command_is_refused_and_does_nothing(payload: bytes, tmp_path: Path) -> None:
    course = Course(tmp_path)
    course.play(until(5.0))
    before = list(course.said.messages)
    course.gateway.command("belt", payload, 5_000_000)
    assert course.said.answers[-1]["ok"] is False
    assert course.said.messages == before
    course.gateway.command("another", b"{}", 5_000_000)
    assert len(course.said.answers) == 1
    course.one.take(End(5_000_000))
    course.close()


def test_a_recording_stands_where_its_header_says(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"content")
    place = placed(path, {"start": "2026-11-22T18:00:00+01:00"}, None)
    assert place.started_us == 1_795_366_800_000_000
    assert place == placed(path, {"started": "2026-11-22T17:00:00Z"}, None)
    assert placed(path, {"session": "s"}, "2026-11-22T17:00:00Z").session == "s"
    path.write_bytes(b"other content")
    assert placed(path, {"start": "2026-11-22T18:00:00+01:00"}, None).session != place.session
    now = datetime(2026, 11, 22, 17, tzinfo=UTC)
    assert placed_now(path, now).started_us == 1_795_366_800_000_000


@pytest.mark.parametrize(
    ("told", "why"), [(None, "--start-time"), ("yesterday", "no time"), ("1970-01-01", "1970")]
)
def test_a_time_that_is_none_is_refused(told: str | None, why: str, tmp_path: Path) -> None:
    with pytest.raises(PlacingError, match=why):
        placed(tmp_path / "a.csv", {"session": "s"}, told)

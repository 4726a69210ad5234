"""What somebody asks of the tracker while a session runs."""

from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.events import Event, RepWithdrawn, SetSummary
from pipeline.exercises import load
from pipeline.replay import published
from pipeline.session import Session
from pipeline.tracker import Tracker
from sensor.raw_writer import RawWriter
from sensor.recording import open_recording
from sensor.records import Note, Record
from sensor.samples import Moment
from sensor.simulator import SessionSpec, SetPlan
from sensor.simulator.packets import model_session
from tests.pipeline.recorded import counted, set_sizes

SPEC = SessionSpec(sets=(SetPlan(reps=6),), around=False, seed=21)
SIMULATION, RECORDS = model_session("dot", SPEC)
REPS = SIMULATION.truth["sets"][0]["reps"]

Known = list[tuple[float, Event]]


def tracker() -> Tracker:
    return Tracker(load("hip_thrust"), sensor="belt", session="s")


def asked(order: str, at_s: float) -> list[Record]:
    """The session, with an order at that time."""
    note = Note(round(at_s * 1e6), order, "{}")
    before = [record for record in RECORDS if record.at_us < note.at_us]
    return [*before, note, *RECORDS[len(before) :]]


def said(records: list[Record]) -> Known:
    session = Session(tracker())
    return [known for record in records for known in session.take(record)]


def events(records: list[Record]) -> list[Event]:
    return [event for _, event in said(records)]


def between(first: int, second: int) -> float:
    """A time in the pause between two true reps."""
    return float(REPS[first]["end_s"] + REPS[second]["start_s"]) / 2


def test_a_set_can_be_ended_and_the_next_begins_at_once() -> None:
    assert set_sizes(events(asked("end_set", between(2, 3) + 0.1))) == [3, 3]


def test_a_set_can_be_started_anew() -> None:
    found = events(asked("restart_set", between(2, 3) + 0.1))
    assert set_sizes(found) == [3]
    assert sum(isinstance(event, RepWithdrawn) for event in found) >= 3
    assert len(counted(found)) == 3


def test_another_exercise_for_the_next_set() -> None:
    simulation, records = model_session(
        "dot", replace(SPEC, sets=(SetPlan(6), SetPlan(5)), rest_s=10.0)
    )
    end_s = simulation.truth["sets"][0]["reps"][-1]["end_s"]
    note = Note(round((end_s + 4.0) * 1e6), "exercise single_leg_hip_thrust", "{}")
    later = [record for record in records if record.at_us >= note.at_us]
    found = events([*records[: len(records) - len(later)], note, *later])
    sets = [event for event in found if isinstance(event, SetSummary)]
    assert [one.exercise for one in sets] == ["hip_thrust", "single_leg_hip_thrust"]
    assert [one.reps for one in sets] == [6, 5]
    assert len({rep.id for rep in counted(found)}) == 11


@pytest.mark.parametrize(
    "order",
    ["", "exercise curl", "dance", "exercise", "timeout", "timeout -5", "timeout 1e9", "timeout x"],
)
def test_what_is_not_known_does_nothing(order: str) -> None:
    assert events(asked(order, between(2, 3))) == events(RECORDS)


@pytest.mark.parametrize(
    "order", ["end_set", "restart_set", "exercise glute_bridge", "timeout 1.5"]
)
def test_orders_are_recorded_and_a_replay_obeys_them(order: str, tmp_path: Path) -> None:
    records = asked(order, between(2, 3) + 0.1)
    writer = RawWriter(tmp_path / "a.hiprec", {})
    for record in records:
        writer.append(record)
    for samples in (1, 1000):
        with open_recording(writer.close()) as recording:
            found = list(published(recording.moments(samples), tracker()))
        if samples == 1:
            assert found == said(records)
        assert [event for _, event in found] == events(records)


def test_a_longer_timeout_lets_a_set_go_on_after_a_rest() -> None:
    """Which timeout holds when it ends is what counts."""
    simulation, records = model_session(
        "dot", replace(SPEC, sets=(SetPlan(6), SetPlan(5)), rest_s=22.0)
    )
    first, second = (one["reps"] for one in simulation.truth["sets"])
    longer = Note(round((first[3]["end_s"] + 0.1) * 1e6), "timeout 45", "")
    usual = Note(round((second[1]["end_s"] + 0.1) * 1e6), "timeout 15", "")

    def sizes(*orders: Note) -> list[int]:
        return set_sizes(events(sorted([*records, *orders], key=lambda record: record.at_us)))

    assert sizes() == sizes(longer, usual) == [6, 5]
    assert sizes(longer) == [11]


def test_a_timeout_is_part_of_the_state() -> None:
    one = tracker()
    one.obey("timeout 45")
    assert Tracker.from_state(one.state()).settings.set_timeout_s == 45.0


def test_between_sets_there_is_nothing_to_end() -> None:
    idle = tracker()
    assert idle.obey("end_set") == []
    assert idle.obey("restart_set") == []
    assert idle.follow(Moment(0.0, SIMULATION_BLOCK, order="end_set")) == []


SIMULATION_BLOCK = next(SIMULATION.blocks(10))

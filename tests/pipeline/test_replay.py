from dataclasses import replace
from pathlib import Path

from pipeline.events import Event, Gap, Rep, RepWithdrawn
from pipeline.exercises import load
from pipeline.replay import FinalOrder, published
from pipeline.tracker import Tracker
from sensor.recording import open_recording
from sensor.samples import as_they_come
from tests.pipeline.made import rep, summary, write_recording


def settled(order: FinalOrder, *events: Event) -> list[Event]:
    return [final for event in events for final in order.add(event)]


def test_reps_wait_for_their_set_and_come_in_order_of_time() -> None:
    order = FinalOrder()
    assert settled(order, rep(2), rep(1), rep(3)) == []
    assert order.add(summary()) == [rep(1), rep(2), rep(3), summary()]
    assert order.rest() == []


def test_the_newest_revision_of_a_rep_stands() -> None:
    order = FinalOrder()
    better = replace(rep(1, revision=3), rom_deg=58.0)
    finals = settled(order, rep(1, revision=0), better, rep(1, revision=1), summary(1))
    assert finals == [better, summary(1)]


def test_what_was_taken_back_is_not_final() -> None:
    order = FinalOrder()
    finals = settled(order, rep(1), rep(2), RepWithdrawn(rep(1).id), summary(1))
    assert finals == [rep(2), summary(1)]


def test_a_set_leaves_the_reps_of_the_next_one() -> None:
    order = FinalOrder()
    finals = settled(order, rep(1), rep(1, in_set=2, revision=0), summary(1))
    assert finals == [rep(1), summary(1)]
    assert order.rest() == [rep(1, in_set=2, revision=0)]


def test_gaps_come_where_they_lie() -> None:
    order = FinalOrder()
    before, inside, after = Gap(1.0, 2.0), Gap(12.0, 12.2), Gap(60.0, 61.0)
    finals = settled(order, before, rep(1), rep(2), inside, after, summary(2))
    assert finals == [before, rep(1), inside, rep(2), summary(2)]
    assert order.rest() == [after]


def test_events_are_known_with_the_last_sample_of_their_block(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.csv")
    with open_recording(path) as recording:
        blocks = list(recording.blocks(10))
    ends_s = {float(block.t_s[-1]) for block in blocks}
    events = list(published(as_they_come(blocks), Tracker(load("hip_thrust"))))
    times_s = [at_s for at_s, _ in events]
    assert set(times_s) <= ends_s
    assert times_s == sorted(times_s)
    assert times_s[-1] == max(ends_s), "what the end brings is known with the last sample"
    first = events[0][1]
    assert isinstance(first, Rep)
    assert first.revision == 0, "the lockout is published first"
    assert times_s[0] < 6.0


def test_empty_blocks_and_an_empty_recording_bring_nothing(tmp_path: Path) -> None:
    path = write_recording(tmp_path / "a.csv")
    with open_recording(path) as recording:
        block = next(recording.blocks(10))
    empty = replace(block, t_s=block.t_s[:0], acc=block.acc[:0], gyr=None)
    assert list(published(as_they_come([empty]), Tracker(load("hip_thrust")))) == []
    assert list(published([], Tracker(load("hip_thrust")))) == []

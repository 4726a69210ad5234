"""What was corrected in a session, once more: by the same version of the algorithm, and another."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import tracker
from pipeline.delivery.carried import Carried
from pipeline.delivery.commands import AddNote, AddRep, Command, DeleteRep, MergeRep, Undo
from pipeline.delivery.ledger import Ledger
from pipeline.delivery.messages import Message
from pipeline.delivery.rerun import rerun
from pipeline.events import RepWithdrawn
from pipeline.recorded import tracker_of
from sensor.recording import open_recording
from tests.pipeline.delivery.lived import corrected, other_version
from tests.pipeline.delivery.test_gateway import STARTED_US
from tests.pipeline.made import rep, summary

FRAMES = (100, 300, 500)


def ledger() -> Ledger:
    return Ledger(
        "home", "belt", "anna", "s", "hip_thrust", STARTED_US, algorithm=tracker.ALGORITHM
    )


def reran(path: Path, samples: int) -> tuple[list[Message], int]:
    """What its recording tells, and how many corrections were lost."""
    with open_recording(path) as recording:
        carried = Carried(ledger())
        moments = recording.moments(samples)
        return list(rerun(moments, tracker_of(recording, "s"), carried)), carried.lost


@pytest.mark.parametrize("samples", [1, 10, 1000])
def test_the_same_version_says_the_same_again(tmp_path: Path, samples: int) -> None:
    course = corrected(tmp_path)
    assert course.one.file
    messages, lost = reran(course.one.file, samples)
    assert [unplaced(one) for one in messages] == [unplaced(one) for one in course.said.messages]
    assert lost == 0


def test_another_version_that_finds_the_same_corrects_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    course = corrected(tmp_path)
    assert course.one.file
    other_version(monkeypatch, "2b")
    messages, lost = reran(course.one.file, 1)
    assert lost == 0
    assert {one.id.split("-")[2] for one in messages} == {"2b"}
    as_before = [replace(one, id=one.id.replace("-2b-", "-1-"), algorithm="1") for one in messages]
    assert as_before == course.said.messages


def unplaced(one: Message) -> Message:
    """However many samples were looked at in one go."""
    return replace(one, at_s=0.0, known_us=0)


class Session:
    """Three reps that version 2 finds, each so many frames later than version 1 did."""

    def __init__(self, later: int = 0) -> None:
        self.carried = Carried(ledger())
        self._said: dict[str, Message] = {}
        self.ids = [f"belt-s-2-{frame + later}" for frame in FRAMES]
        for number, rep_id in enumerate(self.ids, 1):
            self._note(self.carried.take(4.0 * number, replace(rep(number), id=rep_id)))
        self._commands = 0

    def ask(self, *commands: Command) -> None:
        for command in commands:
            self._commands += 1
            one = replace(command, id=f"c-{self._commands}")
            self._note(self.carried.command(30.0, one))

    def close(self) -> None:
        whole = replace(summary(len(FRAMES)), id=f"belt-s-2-set-{FRAMES[0]}")
        self._note(self.carried.take(31.0, whole))

    def withdraw(self, rep_id: str) -> None:
        self._note(self.carried.take(30.0, RepWithdrawn(rep_id)))

    def valid(self) -> list[str]:
        return [one.id for one in self._said.values() if one.kind == "rep" and one.valid]

    def _note(self, messages: list[Message]) -> None:
        self._said |= {one.id: one for one in messages}


@pytest.fixture(autouse=True)
def _version(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is made by hand is of version 2."""
    if "tmp_path" not in request.fixturenames:
        other_version(monkeypatch, "2")


@pytest.mark.parametrize("later", [-50, -7, 0, 50])
def test_a_rep_is_the_one_that_begins_within_a_second(later: int) -> None:
    session = Session(later)
    session.ask(DeleteRep("c", "belt-s-1-300"))
    assert session.valid() == [session.ids[0], session.ids[2]]
    assert session.carried.lost == 0


@pytest.mark.parametrize("later", [-51, 51])
def test_a_rep_that_is_farther_away_is_another_one(later: int) -> None:
    session = Session(later)
    session.ask(DeleteRep("c", "belt-s-1-300"))
    assert session.valid() == session.ids
    assert session.carried.lost == 1


@given(
    st.lists(st.integers(0, 10_000), min_size=1, max_size=20, unique=True),
    st.integers(0, 10_000),
)
def test_of_several_the_nearest_is_meant(frames: list[int], meant: int) -> None:
    carried = Carried(ledger())
    for number, frame in enumerate(sorted(frames), 1):
        carried.take(4.0 * number, replace(rep(number), id=f"belt-s-2-{frame}"))
    told = carried.command(99.0, DeleteRep("c", f"belt-s-1-{meant}"))
    nearest = min(abs(frame - meant) for frame in frames)
    gone = [int(one.id.split("-")[3]) for one in told if one.kind == "rep" and not one.valid]
    assert [abs(frame - meant) for frame in gone] == [nearest][: nearest <= 50]
    assert carried.lost == (nearest > 50)


def test_a_rep_of_this_version_is_itself_or_none() -> None:
    session = Session()
    session.ask(DeleteRep("c", "belt-s-2-301"))
    assert session.valid() == session.ids
    assert session.carried.lost == 1


@pytest.mark.parametrize("rep_id", ["", "belt-s-1", "belt-s-1-x", "other-s-1-300", "belt-s-1-3-0"])
def test_what_is_no_rep_of_the_session_is_none(rep_id: str) -> None:
    session = Session()
    session.ask(DeleteRep("c", rep_id), MergeRep("c", rep_id), AddRep("c", rep_id))
    assert session.valid() == session.ids
    assert session.carried.lost == 3


def test_what_was_taken_back_by_the_tracker_is_not_meant() -> None:
    session = Session()
    session.withdraw(session.ids[1])
    session.ask(DeleteRep("c", "belt-s-1-300"))
    assert session.valid() == [session.ids[0], session.ids[2]]
    assert session.carried.lost == 1


def test_reps_that_were_added_keep_their_number_also_where_one_cannot_be() -> None:
    session = Session()
    session.ask(AddRep("c", "belt-s-1-100"), AddRep("c", "belt-s-1-900"), AddRep("c"))
    assert session.valid() == [*session.ids, "belt-s-2-added-1", "belt-s-2-added-2"]
    session.ask(DeleteRep("c", "belt-s-1-added-3"), DeleteRep("c", "belt-s-1-added-2"))
    assert session.valid() == [*session.ids, "belt-s-2-added-1"]
    assert session.carried.lost == 2
    session.ask(DeleteRep("c", "belt-s-1-added-4"), DeleteRep("c", "belt-s-1-added-0"))
    assert session.valid() == [*session.ids, "belt-s-2-added-1"]


def test_the_undo_of_what_is_lost_takes_nothing_else_back() -> None:
    session = Session()
    session.ask(DeleteRep("c", "belt-s-1-300"), DeleteRep("c", "belt-s-1-900"), Undo("c"))
    assert session.valid() == [session.ids[0], session.ids[2]]
    session.ask(Undo("c"))
    assert session.valid() == session.ids


def test_a_command_that_came_twice_is_done_once() -> None:
    session = Session()
    first = DeleteRep("c-9", "belt-s-1-900")
    for _ in range(2):
        assert session.carried.command(30.0, first) == []
    assert session.carried.lost == 1
    session.ask(AddNote("c", "slow"), Undo("c"))
    session.close()
    assert session.valid() == session.ids

"""What is on its way to the stores, and when it counts as published."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.archive import StoppedError, posting
from pipeline.archive.posting import Posting
from pipeline.archive.results import Job, Result, Retold
from tests.pipeline.archive.tasks import Outbox, job, quick
from tests.pipeline.delivery.made import message

JOB = job("a.csv")


def result(one: Job = JOB, *, events: int = 3, lost: int = 0) -> Result:
    told = Retold(tuple(message(revision=k) for k in range(events)), lost)
    return replace(quick(one), session="s", started_us=1, retold=told)


def over(folder: Path, one: Job, site: str = "home") -> bool:
    """Whether another run finds it published."""
    return Posting(folder, Outbox(), site).over(one, result(one))


def test_what_is_on_the_disk_is_published(tmp_path: Path) -> None:
    outbox = Outbox()
    posting = Posting(tmp_path, outbox, "home")
    posting.take(result())
    assert not over(tmp_path, JOB)
    posting.settle()
    assert outbox.posted == list(result().retold.messages)  # type: ignore[union-attr]
    assert over(tmp_path, JOB)
    assert (posting.posted.recordings, posting.posted.events) == (1, 3)


@pytest.mark.parametrize("changed", [{"size_bytes": 11}, {"modified_ns": 2}])
def test_another_file_or_another_site_is_not(tmp_path: Path, changed: dict[str, int]) -> None:
    posting = Posting(tmp_path, Outbox(), "home")
    posting.take(result())
    posting.settle()
    assert not over(tmp_path, replace(JOB, **changed))  # type: ignore[arg-type]
    assert not over(tmp_path, job("b.csv"))
    assert not over(tmp_path, JOB, "gym")


@pytest.mark.parametrize("junk", ["", "{", "[]", "{}", "7", '{"site": "home"}'])
def test_a_damaged_mark_is_none(tmp_path: Path, junk: str) -> None:
    posting = Posting(tmp_path, Outbox(), "home")
    posting.take(result())
    posting.settle()
    (mark,) = (tmp_path / "published").iterdir()
    mark.write_text(junk)
    assert not over(tmp_path, JOB)


def test_memory_holds_some_events_only_and_all_get_there(tmp_path: Path) -> None:
    outbox = Outbox()
    posting = Posting(tmp_path, outbox, "home")
    jobs = [job(f"{number}.csv") for number in range(30)]
    for one in jobs:
        posting.take(result(one, events=700))
    posting.take(result(job("long.csv"), events=5_500))
    posting.settle()
    assert outbox.most <= 3_000
    assert len(outbox.posted) == 30 * 700 + 5_500
    assert all(over(tmp_path, one) for one in jobs)


def test_a_mark_is_not_put_off_for_ever(tmp_path: Path) -> None:
    posting = Posting(tmp_path, Outbox(), "home")
    for number in range(250):
        posting.take(result(job(f"{number}.csv"), events=1))
    assert len([*(tmp_path / "published").iterdir()]) == 200


@pytest.mark.parametrize(
    ("outbox", "why"),
    [(Outbox("the outbox: free the disk"), "free the disk"), (Outbox(working=False), "report")],
)
def test_an_outbox_that_takes_nothing_stops_the_run_and_nothing_is_marked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outbox: Outbox, why: str
) -> None:
    monkeypatch.setattr(posting, "_PATIENCE_S", 0.0)
    one = Posting(tmp_path, outbox, "home")
    one.take(result())
    with pytest.raises(StoppedError, match=why):
        one.settle()
    assert not over(tmp_path, JOB)


def test_a_folder_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "published").write_text("")
    one = Posting(tmp_path, Outbox(), "home")
    one.take(result())
    with pytest.raises(StoppedError, match=f"cannot write to {tmp_path}"):
        one.settle()


def test_what_does_not_say_when_it_was_is_named_and_never_marked(tmp_path: Path) -> None:
    undated = replace(quick(JOB), session="content-1")
    one = Posting(tmp_path, Outbox(), "home")
    one.take(undated)
    one.settle()
    # The next run need not track it again to know.
    again = Posting(tmp_path, Outbox(), "home")
    assert again.over(JOB, undated)
    for said in (one.posted, again.posted):
        assert (said.undated, said.first_undated) == (1, [JOB.path])
    assert not (tmp_path / "published").exists()


def test_what_failed_is_over_and_what_was_out_of_reach_is_not(tmp_path: Path) -> None:
    failed = replace(quick(JOB), error="holds no samples")
    away = replace(quick(job("b.csv")), error="cannot be read", again=True)
    one = Posting(tmp_path, Outbox(), "home")
    one.take(failed)
    one.take(away)
    one.settle()
    assert Posting(tmp_path, Outbox(), "home").over(JOB, failed)
    assert not Posting(tmp_path, Outbox(), "home").over(job("b.csv"), away)
    assert (one.posted.recordings, one.posted.undated) == (0, 0)


def test_corrections_that_were_lost_are_counted_and_stand_in_the_mark(tmp_path: Path) -> None:
    one = Posting(tmp_path, Outbox(), "home")
    for number in range(7):
        one.take(result(job(f"{number}.csv"), lost=number))
    one.settle()
    assert one.posted.lost == 6
    assert one.posted.first_lost == [(f"{number}.csv", number) for number in range(1, 6)]
    mark = json.loads((tmp_path / "published" / "6.csv.1.json").read_text())
    assert (mark["events"], mark["lost"]) == (3, 6)

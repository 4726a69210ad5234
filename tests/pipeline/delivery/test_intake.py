"""Between the tracker and an outbox whose disk has no room."""

from pathlib import Path

from pipeline.delivery.intake import RETRY_S, Intake
from pipeline.delivery.outbox import Outbox
from tests.pipeline.delivery.made import message


def test_where_there_is_room_for_a_few_they_go_first_and_in_order(tmp_path: Path) -> None:
    posted = [message(number) for number in range(300)]
    with Outbox(tmp_path / "outbox.db") as outbox:
        (pages,) = outbox._base.execute("PRAGMA page_count").fetchone()
        outbox._base.execute(f"PRAGMA max_page_count = {pages + 10}")
        intake = Intake(outbox)
        intake.add(posted)
        came: list[str] = []
        now_s = 0.0
        intake.work(now_s)
        assert intake.trouble
        while waiting := outbox.waiting(0, len(posted)):
            came += [one.id for one in waiting]
            intake.arrived([(one.id, one.revision) for one in waiting])
            now_s += RETRY_S
            intake.work(now_s)
    assert came == [one.id for one in posted]
    assert len(intake) == 0
    assert intake.trouble is None

"""Recording in a thread of its own."""

import threading
from pathlib import Path

import pytest

from sensor.checks import RecordingError
from sensor.raw_writer import RawWriter
from sensor.recorder import Recorder
from sensor.records import End, Packet, Record
from tests.sensor.raw_recordings import META, RECORDS, many, read
from tests.sensor.test_raw_writer import files_no_longer_than


def test_all_that_was_appended_is_in_the_file_in_order(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.hiprec", META)
    records = many(5000)
    for record in records:
        recorder.append(record)
    path = recorder.close()
    assert path == recorder.path == tmp_path / "a.hiprec.gz"
    assert recorder.failure is None
    assert read(path) == (META, [*records, End(records[-1].at_us)], {})


def test_a_disk_that_takes_its_time_holds_nobody_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = threading.Event()
    append = RawWriter.append

    def slow(self: RawWriter, record: Record) -> None:
        free.wait()
        append(self, record)

    monkeypatch.setattr(RawWriter, "append", slow)
    recorder = Recorder(tmp_path / "a.hiprec", META)
    for record in RECORDS:
        recorder.append(record)  # returns, though nothing is written
    assert read(tmp_path / "a.hiprec")[1] == []
    free.set()
    assert read(recorder.close())[1] == RECORDS


def test_closing_twice_is_closing_once(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.hiprec", META)
    assert recorder.close() == recorder.close()
    recorder.append(RECORDS[0])  # too late, and no harm
    assert read(recorder.path)[1] == [End(0)]


def test_a_recording_that_cannot_begin_leaves_no_thread(tmp_path: Path) -> None:
    before = threading.active_count()
    with pytest.raises(RecordingError):
        Recorder(tmp_path / "none" / "a.hiprec", META)
    assert threading.active_count() == before


def test_a_full_disk_is_told_and_the_plain_file_stays(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.hiprec", META)
    with files_no_longer_than(1000):
        for record in many(200):
            recorder.append(record)
        path = recorder.close()
    assert path == tmp_path / "a.hiprec"
    assert recorder.failure is not None
    assert "recording stopped" in recorder.failure
    assert read(path)[1] == many(200)[: len(read(path)[1])]


def test_a_record_that_the_format_cannot_hold_is_told(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path / "a.hiprec", META)
    for record in (RECORDS[0], Packet(0, 0, bytes(1 << 15)), *RECORDS[1:]):
        recorder.append(record)
    path = recorder.close()
    assert recorder.failure is not None
    assert recorder.failure.startswith(f"{tmp_path / 'a.hiprec'}: recording stopped")
    assert read(path)[1][0] == RECORDS[0]

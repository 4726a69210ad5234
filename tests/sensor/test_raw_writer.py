"""Recordings of packets as they are written: nothing is lost, and nothing stops the session."""

import gzip
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sensor.checks import RecordingError
from sensor.raw_format import MAGIC, encode, encode_header
from sensor.raw_writer import RawWriter, compress
from sensor.records import End, Packet
from tests.sensor.raw_recordings import CONTENT, META, RECORDS, many, read, written


def test_every_record_is_in_the_file_at_once(tmp_path: Path) -> None:
    path = tmp_path / "a.hiprec"
    writer = RawWriter(path, META)
    for number, record in enumerate(RECORDS):
        writer.append(record)
        assert read(path) == (META, RECORDS[: number + 1], {})
    writer.close()


def test_a_killed_process_leaves_all_that_it_appended(tmp_path: Path) -> None:
    path = tmp_path / "killed.hiprec"
    program = (
        "import os, signal, sys\n"
        "from sensor.raw_writer import RawWriter\n"
        "from sensor.records import Packet\n"
        "writer = RawWriter(sys.argv[1], {'sensor': 'belt'})\n"
        "for number in range(1000):\n"
        "    writer.append(Packet(number, 0, b'x' * 20))\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).parents[2]
    ended = subprocess.run([sys.executable, "-c", program, path], cwd=root, check=False)
    assert ended.returncode == -signal.SIGKILL
    expected = [Packet(number, 0, b"x" * 20) for number in range(1000)]
    assert read(path) == ({"sensor": "belt"}, expected, {})
    assert read(compress(path)) == ({"sensor": "belt"}, expected, {})
    assert not path.exists()


def test_the_end_is_written_once(tmp_path: Path) -> None:
    without = written(tmp_path / "without.hiprec", RECORDS[:-1]).close()
    assert read(without)[1] == [*RECORDS[:-1], End(2_700_000)]
    writer = written(tmp_path / "with.hiprec", RECORDS)
    assert writer.close() == writer.close()
    assert read(writer.path)[1] == RECORDS


def test_it_is_put_on_the_disk_every_two_seconds_of_the_session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = RawWriter(tmp_path / "a.hiprec", META)
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    put = []
    for at_s in range(11):
        before = len(synced)
        writer.append(Packet(at_s * 1_000_000, 0, b""))
        put += [at_s] if len(synced) > before else []
    assert put == [2, 4, 6, 8, 10]
    writer.close()
    assert len(synced) > len(put)


def test_nothing_is_written_over(tmp_path: Path) -> None:
    path = tmp_path / "a.hiprec"
    path.write_bytes(b"precious")
    with pytest.raises(RecordingError, match="exists already: choose another name"):
        RawWriter(path, META)
    assert path.read_bytes() == b"precious"
    path.rename(tmp_path / "a.hiprec.gz")
    with pytest.raises(RecordingError, match=r"a.hiprec.gz: exists already"):
        RawWriter(path, META)
    assert not path.exists()


def test_a_file_that_cannot_be_begun_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be written, choose another place: No such"):
        RawWriter(tmp_path / "none" / "a.hiprec", META)


@contextmanager
def files_no_longer_than(limit_bytes: int) -> Iterator[None]:
    """The system refuses to let any file grow beyond that, as a full disk does."""
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("limit_bytes", range(1000, 1033))
def test_a_full_disk_stops_the_recording_and_nothing_else(tmp_path: Path, limit_bytes: int) -> None:
    path = tmp_path / "full.hiprec"
    records = many(200)
    with files_no_longer_than(limit_bytes):
        writer = written(path, records)
        assert writer.failure is not None
        assert writer.failure.startswith(f"{path}: recording stopped")
        assert writer.failure.isprintable()
        assert writer.close() == path
    assert [one.name for one in tmp_path.iterdir()] == ["full.hiprec"]
    head = len(MAGIC) + len(encode_header(META))
    whole = (limit_bytes - head) // len(encode(records[0]))
    assert read(path) == (META, records[:whole], {})


def test_after_a_failure_nothing_more_is_written(tmp_path: Path) -> None:
    path = tmp_path / "full.hiprec"
    records = many(100)
    with files_no_longer_than(1000):
        writer = written(path, records)
    size = path.stat().st_size
    writer.append(records[0])
    assert writer.close() == path
    assert path.stat().st_size == size


def test_a_disk_that_fills_up_at_the_end_leaves_the_plain_file(tmp_path: Path) -> None:
    path = tmp_path / "full.hiprec"
    records = many(500)
    writer = written(path, [*records, End(0)])
    with files_no_longer_than(1000):
        assert writer.close() == path
    assert writer.failure is not None
    assert "cannot be compressed, it stays as it is" in writer.failure
    assert [one.name for one in tmp_path.iterdir()] == ["full.hiprec"]
    assert read(path)[1] == [*records, End(0)]


def test_a_drive_that_is_gone_stops_the_recording_and_nothing_else(tmp_path: Path) -> None:
    writer = written(tmp_path / "gone.hiprec", RECORDS[:3])
    # What the system then says to every write, it says of a closed file too.
    os.close(writer._file.fileno())
    writer.append(RECORDS[3])
    assert writer.failure is not None
    assert "Bad file descriptor" in writer.failure
    assert writer.close() == writer.path


def test_only_a_plain_recording_is_compressed(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    for content in (b"precious", b"", gzip.compress(CONTENT)):
        path.write_bytes(content)
        with pytest.raises(RecordingError, match="is no plain hiprep-raw/1 recording"):
            compress(path)
        assert path.read_bytes() == content
    with pytest.raises(RecordingError, match="cannot be compressed"):
        compress(tmp_path / "none")


def test_compressing_writes_over_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.hiprec"
    path.write_bytes(CONTENT)
    (tmp_path / "a.hiprec.gz").write_bytes(b"precious")
    with pytest.raises(RecordingError, match="exists already: move it away"):
        compress(path)
    assert path.read_bytes() == CONTENT
    assert (tmp_path / "a.hiprec.gz").read_bytes() == b"precious"


def test_a_compressed_file_tells_neither_its_name_nor_its_date(tmp_path: Path) -> None:
    left = written(tmp_path / "berta.hiprec", RECORDS).close()
    packed = left.read_bytes()
    assert b"berta" not in packed
    assert packed[4:8] == bytes(4)
    assert gzip.decompress(packed) == CONTENT

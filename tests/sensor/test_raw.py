"""Recordings of packets: what is written is what is read, whatever happens to the file."""

import gzip
import io
import json
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.checks import RecordingError
from sensor.drivers import Setup
from sensor.raw import open_raw
from sensor.raw_format import MAGIC, encode, encode_header
from sensor.records import Battery, Connected, Disconnected, End, Packet, Record, Tick
from tests.sensor.raw_recordings import CONTENT, META, RECORDS, SETUP, many, read, written

texts = st.text(st.characters(codec="utf-8"), max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
times = st.integers(0, (1 << 48) - 1)
setups = st.builds(
    Setup,
    texts,
    texts,
    st.floats(0.1, 1e4),
    st.none() | numbers,
    st.none() | numbers,
    texts,
    st.dictionaries(texts, texts | numbers, max_size=4),
)
any_record: st.SearchStrategy[Record] = st.one_of(
    st.builds(Packet, times, st.integers(0, 255), st.binary(max_size=512)),
    st.builds(Connected, times, setups),
    st.builds(Disconnected, times, texts),
    st.builds(Tick, times),
    st.builds(Battery, times, numbers),
    st.builds(End, times),
)


def read_bytes(folder: Path, content: bytes) -> tuple[list[Record], dict[str, int]]:
    path = folder / "some.hiprec"
    path.write_bytes(content)
    return read(path)[1:]


def with_crc(body: bytes) -> bytes:
    """A record as docs/recordings.md has it: the low 16 bits of CRC-32, low byte first."""
    return body + (zlib.crc32(body) & 0xFFFF).to_bytes(2, "little")


# What is written is read


def test_a_session_comes_back_as_it_was(tmp_path: Path) -> None:
    left = written(tmp_path / "a.hiprec", RECORDS).close()
    assert left == tmp_path / "a.hiprec.gz"
    assert read(left) == (META, RECORDS, {})
    assert [path.name for path in tmp_path.iterdir()] == ["a.hiprec.gz"]


@given(records=st.lists(any_record, max_size=8), meta=st.dictionaries(texts, texts, max_size=4))
def test_any_records_come_back_as_they_were(
    tmp_path_factory: pytest.TempPathFactory, records: list[Record], meta: dict[str, str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.hiprec"
    path.write_bytes(MAGIC + encode_header(meta) + b"".join(map(encode, records)))
    assert read(path) == (meta, records, {})


def test_the_bytes_are_those_of_the_documentation() -> None:
    page = (Path(__file__).parents[2] / "docs" / "recordings.md").read_text(encoding="utf-8")
    example = page.partition("packet `AA BB` of channel 3 at 1 second:")[2].split("\n")[2]
    assert encode(Packet(1_000_000, 3, b"\xaa\xbb")) == bytes.fromhex(example)
    at = (0x123456789ABC).to_bytes(6, "little")
    assert encode(Packet(0x123456789ABC, 3, b"\xaa\xbb")) == with_crc(
        b"P" + b"\x03\x00" + at + b"\x03\xaa\xbb"
    )
    assert encode(Tick(1)) == with_crc(b"T\0\0" + b"\x01\0\0\0\0\0")
    assert encode(End(256)) == with_crc(b"E\0\0" + b"\0\x01\0\0\0\0")
    assert encode(Battery(0, 50.0)) == with_crc(
        b"B\x08\0" + bytes(6) + bytes.fromhex("0000000000004940")
    )
    assert encode(Disconnected(0, "ü")) == with_crc(b"D\x02\0" + bytes(6) + b"\xc3\xbc")
    header = b'{"sensor":"belt"}'
    assert encode_header({"sensor": "belt"}) == with_crc(b"H\x11\0" + bytes(6) + header)
    connected = encode(Connected(0, SETUP))
    assert connected[:1] == b"C"
    assert json.loads(connected[9:-2]) == {
        "driver": "dot",
        "model": "Movella DOT",
        "rate_hz": 120.0,
        "acc_range_g": 16.0,
        "gyr_range_dps": 2000.0,
        "firmware": "2.0.0",
        "details": {"factor": 0.25, "chip": "a"},
    }


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(gzip.compress(CONTENT))))
    with open_raw("-") as reader:
        assert list(reader.records()) == RECORDS


def test_progress_goes_from_nothing_to_the_whole(tmp_path: Path) -> None:
    path = tmp_path / "long.hiprec"
    path.write_bytes(CONTENT + encode(Packet(0, 0, bytes(500))) * 2000)
    with open_raw(path) as reader:
        begin = reader.progress
        list(reader.records())
        assert begin is not None
        assert 0.0 < begin < 1.0
        assert reader.progress == 1.0


@pytest.mark.parametrize(
    "record", [Packet(-1, 0, b""), Packet(1 << 48, 0, b""), Packet(0, 256, b""), Tick(-1)]
)
def test_what_no_session_has_cannot_be_written(record: Record) -> None:
    with pytest.raises(ValueError, match=r"no time|bytes must be"):
        encode(record)


def test_a_packet_that_is_too_long_cannot_be_written() -> None:
    with pytest.raises(ValueError, match="too many"):
        encode(Packet(0, 0, bytes(20_000)))


# Cut off and damaged


def ends_of(records: list[Record]) -> list[int]:
    """Where in CONTENT each of its records ends."""
    ends = [len(MAGIC) + len(encode_header(META))]
    for record in records:
        ends.append(ends[-1] + len(encode(record)))
    return ends


def test_a_file_cut_anywhere_is_read_to_its_last_whole_record(tmp_path: Path) -> None:
    ends = ends_of(RECORDS)
    assert ends[-1] == len(CONTENT)
    for cut in range(len(MAGIC), len(CONTENT) + 1):
        records, skipped = read_bytes(tmp_path, CONTENT[:cut])
        assert records == RECORDS[: max(0, sum(end <= cut for end in ends) - 1)]
        whole = cut in (len(MAGIC), *ends)
        assert skipped == ({} if whole else {"cut off within a record": 1})


def test_any_damaged_byte_costs_only_its_record(tmp_path: Path) -> None:
    ends = ends_of(RECORDS)
    for place in range(ends[0], len(CONTENT)):
        spoilt = bytearray(CONTENT)
        spoilt[place] ^= 0x55
        records, skipped = read_bytes(tmp_path, bytes(spoilt))
        hit = sum(end <= place for end in ends) - 1
        assert records == RECORDS[:hit] + RECORDS[hit + 1 :]
        assert sum(skipped.values()) == 1


@pytest.mark.parametrize("length", [0, 1, 19, 20, 255, 0x3FFF, 0x4001, 0xFFFF])
def test_a_wrong_length_costs_only_its_record(tmp_path: Path, length: int) -> None:
    start = ends_of(RECORDS)[2]
    spoilt = CONTENT[: start + 1] + length.to_bytes(2, "little") + CONTENT[start + 3 :]
    records, skipped = read_bytes(tmp_path, spoilt)
    assert records == RECORDS[:2] + RECORDS[3:]
    assert skipped == {"damaged, up to the next whole record": 1}


@pytest.mark.parametrize("noise", [bytes(5), bytes(300_000), b"P" * 1000, b"\xff" * 70_000])
def test_what_was_put_between_records_is_passed_over(tmp_path: Path, noise: bytes) -> None:
    place = ends_of(RECORDS)[3]
    records, skipped = read_bytes(tmp_path, CONTENT[:place] + noise + CONTENT[place:])
    assert records == RECORDS
    assert skipped == {"damaged, up to the next whole record": 1}


def test_what_cannot_be_meant_is_not_found_in_a_damage(tmp_path: Path) -> None:
    malformed = with_crc(b"T\x01\0" + bytes(6) + b"x")
    place = ends_of(RECORDS)[3]
    spoilt = CONTENT[:place] + bytes(10) + malformed + bytes(10) + CONTENT[place:]
    records, skipped = read_bytes(tmp_path, spoilt)
    assert records == RECORDS
    assert skipped == {"damaged, up to the next whole record": 1}


def test_zeros_at_the_end_are_no_records(tmp_path: Path) -> None:
    records, skipped = read_bytes(tmp_path, CONTENT + bytes(4096))
    assert records == RECORDS
    assert skipped == {"damaged, up to the next whole record": 1}


def test_without_its_header_a_recording_still_has_its_packets(tmp_path: Path) -> None:
    spoilt = bytearray(CONTENT)
    spoilt[len(MAGIC) + 12] ^= 1
    path = tmp_path / "headless.hiprec"
    for content in (bytes(spoilt), MAGIC + b"".join(map(encode, RECORDS))):
        path.write_bytes(content)
        meta, records, _ = read(path)
        assert meta == {}
        assert records == RECORDS


def test_records_of_a_newer_writer_are_passed_over(tmp_path: Path) -> None:
    newer = with_crc(b"Z\x04\0" + bytes(6) + b"data")
    place = ends_of(RECORDS)[1]
    records, skipped = read_bytes(tmp_path, CONTENT[:place] + newer * 2 + CONTENT[place:] + newer)
    assert records == RECORDS
    assert skipped == {"record of an unknown kind": 3}


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (b"P", b""),
        (b"T", b"x"),
        (b"E", b"x"),
        (b"B", b"1234567"),
        (b"B", b"\0\0\0\0\0\0\xf8\x7f"),
        (b"D", b"\xff"),
        (b"C", b""),
        (b"C", b"[]"),
        (b"C", b"{}"),
        (b"C", b"[" * 16_000),
        (b"C", b'{"driver":"dot","model":"","rate_hz":NaN}'),
        (b"C", b'{"driver":"dot","model":"","rate_hz":1e999}'),
        (b"C", b'{"driver":"dot","model":"","rate_hz":0}'),
        (b"C", b'{"driver":"dot","model":"","rate_hz":true}'),
        (b"C", b'{"driver":"dot","model":null,"rate_hz":1}'),
        (b"C", b'{"driver":"dot","model":"","rate_hz":1,"details":[]}'),
        (b"C", b'{"driver":"dot","model":"","rate_hz":1,"details":{"a":[]}}'),
    ],
)
def test_what_cannot_be_meant_is_passed_over(tmp_path: Path, kind: bytes, payload: bytes) -> None:
    bad = with_crc(kind + len(payload).to_bytes(2, "little") + bytes(6) + payload)
    place = ends_of(RECORDS)[1]
    records, skipped = read_bytes(tmp_path, CONTENT[:place] + bad + CONTENT[place:])
    assert records == RECORDS
    assert skipped == {"malformed record": 1}


def test_what_came_before_a_gzip_breaks_off_is_read(tmp_path: Path) -> None:
    records = many(20_000)
    packed = written(tmp_path / "long.hiprec", records).close().read_bytes()
    for end in (len(packed) // 2, len(packed) - 3):
        found, skipped = read_bytes(tmp_path, packed[:end])
        assert skipped == {"gzip cut off, the rest is missing": 1}
        assert len(found) > 19_000 * end / len(packed)
        assert found == [*records, End(records[-1].at_us)][: len(found)]


def test_what_came_before_a_damage_of_a_gzip_is_read(tmp_path: Path) -> None:
    records = many(20_000)
    packed = written(tmp_path / "long.hiprec", records).close().read_bytes()
    place = int(0.8 * len(packed))
    found, skipped = read_bytes(tmp_path, packed[:place] + b"\xff" * 100 + packed[place + 100 :])
    assert skipped["gzip damaged, the rest is unreadable"] == 1
    assert found[:15_000] == records[:15_000]


# Files refused


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty"),
        (gzip.compress(b""), "is empty"),
        (MAGIC[:5], "breaks off in its first line"),
        (MAGIC[:-1], "breaks off in its first line"),
        (b"hiprep-raw/2\n" + CONTENT[13:], "format 'hiprep-raw/2': only hiprep-raw/1 can be read"),
        (b"hiprep-raw/10\n", "format 'hiprep-raw/10'"),
        (b"hiprep-raw/\xff\x1b" * 1000, "only hiprep-raw/1 can be read, update hiprep"),
        (b"# format: imu-csv/1\n", "is no recording of packets"),
        (bytes(1000), "its first line must be 'hiprep-raw/1'"),
        (gzip.compress(gzip.compress(CONTENT)), "is no recording of packets"),
        (gzip.compress(CONTENT)[:12], "gzip cut off, the rest is missing: get an undamaged copy"),
        (b"\x1f\x8b" + bytes(1000), "gzip damaged"),
    ],
)
def test_refuses_what_is_no_recording(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "bad.hiprec"
    path.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        open_raw(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert reason in str(caught.value)
    assert str(caught.value).isprintable()


def test_refuses_what_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read: No such file"):
        open_raw(tmp_path / "none.hiprec")
    with pytest.raises(RecordingError, match="cannot be read: Is a directory"):
        open_raw(tmp_path)

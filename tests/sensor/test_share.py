"""A recording to give away: the motion is whole, and nothing tells whose it is."""

import gzip
from pathlib import Path

import pytest

from sensor.checks import RecordingError
from sensor.drivers import Setup
from sensor.raw import open_raw
from sensor.raw_writer import RawWriter
from sensor.recording import open_recording
from sensor.records import Battery, Connected, Disconnected, End, Packet, Record, Tick
from sensor.share import share
from tests.sensor.recordings import GOOD, ROWS, assert_same, whole

META = {
    "sensor": "Berta's DOT D422CD001234",
    "session": "2025-11-22-berta",
    "started": "2025-11-22T18:31:07+01:00",
    "athlete": "Berta Quellenhof",
    "exercise": "hip_thrust",
    "notes": "Berta's hip thrust hurts; Dr. Fröhlich, +49 171 5550123",
    "address": "D4:22:CD:00:AB:F1",
    "driver": "dot",
    "rate_hz": "120",
    "model": "Movella DOT",
    "home": "Quellenhofweg 7",
}
TELLING = (
    "berta", "quellenhof", "fröhlich", "5550123", "d422cd001234", "d4:22:cd", "18:31", "weg 7",
    "hurts", "abf1",
)  # fmt: skip
ADDRESS = bytes.fromhex("D422CD00ABF1")
SETUP = Setup(
    "dot",
    "Movella DOT D422CD001234",
    120.0,
    16.0,
    2000.0,
    "2.0.0",
    {
        "serial": "D422CD001234",
        "factor": 0.25,
        "serial_number": 77.0,
        "owner": "Berta",
        "chip": "x1",
    },
)
RECORDS: list[Record] = [
    Packet(5, 0, b"hello, I am S/N 1"),
    Connected(10, SETUP),
    Packet(20, 0, b"\x01\x02\x03\x04"),
    Packet(30, 0, b"I am D422CD001234."),
    Packet(40, 0, b"\0\0BERTA's\0"),
    Packet(50, 1, b"\x01" + ADDRESS + b"\x02"),
    Packet(60, 1, b"\x01" + ADDRESS[::-1] + b"\x02"),
    Packet(70, 1, b"\x05\x06"),
    Battery(80, 50.0),
    Disconnected(90, "Berta's DOT went out of reach"),
    Packet(95, 1, b"late"),
    Tick(100),
    End(110),
]


def recorded(folder: Path, meta: dict[str, str], records: list[Record]) -> Path:
    writer = RawWriter(folder / "berta.hiprec", meta)
    for record in records:
        writer.append(record)
    return writer.close()


def shared(source: Path) -> tuple[Path, bytes]:
    target = source.with_name("given.gz")
    share(source, target)
    packed = target.read_bytes()
    return target, packed + gzip.decompress(packed)


def assert_tells_nothing(content: bytes) -> None:
    lower = content.lower()
    for word in TELLING:
        assert word.encode() not in lower
        assert ascii(word)[1:-1].encode() not in lower
    assert ADDRESS not in content
    assert ADDRESS[::-1] not in content


def test_nothing_in_a_shared_recording_of_packets_tells_who_made_it(tmp_path: Path) -> None:
    source = recorded(tmp_path, META, RECORDS)
    before = source.read_bytes()
    _, content = shared(source)
    assert_tells_nothing(content)
    assert source.read_bytes() == before


def test_a_shared_recording_of_packets_keeps_what_a_bug_report_needs(tmp_path: Path) -> None:
    target, _ = shared(recorded(tmp_path, META, RECORDS))
    with open_raw(target) as reader:
        assert list(reader.records()) == [
            Connected(
                10,
                Setup(
                    "dot",
                    "Movella DOT",
                    120.0,
                    16.0,
                    2000.0,
                    "2.0.0",
                    {"factor": 0.25, "chip": "x1"},
                ),
            ),
            Packet(20, 0, b"\x01\x02\x03\x04"),
            Packet(70, 1, b"\x05\x06"),
            Battery(80, 50.0),
            Disconnected(90, "disconnected"),
            Tick(100),
            End(110),
        ]
        assert reader.meta == {
            "sensor": "sensor",
            "started": "2025-11-22",
            "exercise": "hip_thrust",
            "driver": "dot",
            "rate_hz": "120",
            "model": "Movella DOT",
        }


@pytest.mark.parametrize("key", ["model", "firmware", "rate_hz", "exercise", "driver", "started"])
@pytest.mark.parametrize("text", ["Berta", "berta", "for Berta\n", "Bertas DOT", "berta_thrust"])
def test_a_name_in_a_place_that_is_kept_is_found(tmp_path: Path, key: str, text: str) -> None:
    setup = Setup(text, text, 60.0, None, None, text, {text: "x", "product": text})
    source = recorded(tmp_path, META | {key: text}, [Connected(1, setup)])
    assert_tells_nothing(shared(source)[1])


def test_what_a_decoder_needs_is_kept_whatever_the_sensor_is_called(tmp_path: Path) -> None:
    setup = Setup("metamotion", "MetaMotionS", 100.0, 16.0, 2000.0, "1.7.2", {"chip": "bmi270"})
    meta = META | {"sensor": "model bmi270", "notes": "the chip slipped on the hip"}
    target, _ = shared(recorded(tmp_path, meta, [Connected(1, setup)]))
    with open_raw(target) as reader:
        assert list(reader.records()) == [Connected(1, setup), End(1)]


def test_packets_without_a_header_are_shared_too(tmp_path: Path) -> None:
    target, _ = shared(recorded(tmp_path, {}, [Connected(1, SETUP), Packet(2, 0, b"\x01")]))
    with open_raw(target) as reader:
        assert [type(record) for record in reader.records()] == [Connected, Packet, End]
        assert reader.meta == {"sensor": "sensor"}


def test_damage_is_left_out_of_what_is_shared(tmp_path: Path) -> None:
    source = recorded(tmp_path, META, [Connected(1, SETUP), Packet(2, 0, b"\x01")])
    source.write_bytes(gzip.decompress(source.read_bytes()) + b"Berta Quellenhof")
    assert_tells_nothing(shared(source)[1])


def csv(rows: list[str]) -> str:
    head = "".join(f"# {key}: {value}\n" for key, value in META.items())
    columns = "t,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z"
    return "\n".join([f"# format: imu-csv/1\n{head}{columns}", *rows, ""])


def test_samples_are_shared_as_they_are_and_tell_nothing(tmp_path: Path) -> None:
    source = tmp_path / "berta.csv"
    source.write_text(csv(ROWS), encoding="utf-8")
    target, content = shared(source)
    assert_tells_nothing(content)
    with open_recording(target) as recording:
        assert_same(whole(recording), GOOD)
        assert recording.meta["sensor"] == "sensor"
        assert recording.meta["exercise"] == "hip_thrust"
        assert recording.meta["started"] == "2025-11-22"


def test_words_between_samples_are_shared_as_what_they_were_counted_for(tmp_path: Path) -> None:
    source = tmp_path / "berta.csv.gz"
    rows = ["# Berta Quellenhof", *ROWS[:600], "6.0,Berta,0,0,0,0,0", "Berta,hurts", *ROWS[600:]]
    source.write_bytes(gzip.compress(csv(rows).encode()))
    target, content = shared(source)
    assert_tells_nothing(content)
    for path in (source, target):
        with open_recording(path) as recording:
            assert_same(whole(recording), GOOD)
            assert recording.skipped == {"wrong number of fields": 2, "not a number": 1}


def test_nothing_is_written_over(tmp_path: Path) -> None:
    source = recorded(tmp_path, META, RECORDS)
    before = source.read_bytes()
    with pytest.raises(RecordingError, match="exists already: choose another name"):
        share(source, source)
    assert source.read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"Berta", b"hiprep-raw/9\n", b"# format: imu-csv/7\n"])
def test_what_is_no_recording_is_refused_and_leaves_nothing(tmp_path: Path, content: bytes) -> None:
    source = tmp_path / "bad"
    source.write_bytes(content)
    with pytest.raises(RecordingError) as caught:
        share(source, tmp_path / "given.gz")
    assert str(caught.value).startswith(f"{source}: ")
    with pytest.raises(RecordingError, match="cannot be read"):
        share(tmp_path / "none", tmp_path / "given.gz")
    assert [path.name for path in tmp_path.iterdir()] == ["bad"]


def test_standard_input_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="standard input: cannot be shared"):
        share("-", tmp_path / "given.gz")


def test_a_target_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    source = recorded(tmp_path, META, RECORDS)
    with pytest.raises(RecordingError, match=r"given.gz: cannot be written: No such file"):
        share(source, tmp_path / "none" / "given.gz")

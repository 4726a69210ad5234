"""The writer of imu-csv/1."""

import gzip
import io
from pathlib import Path

import numpy as np
import pytest

from sensor.imu_csv import write_imu_csv
from sensor.recording import open_recording
from sensor.samples import SampleBlock
from tests.sensor.recordings import GOOD, assert_same, swaying, whole


def test_writes_the_format_as_it_is_defined() -> None:
    file = io.BytesIO()
    block = SampleBlock(
        np.array([1.5]), np.array([[0.0, -1.234567, 9.81]]), np.array([[0.1234567, -2.0, 0.0]])
    )
    write_imu_csv(file, [block], {"sensor": "belt", "athlete": "Zoë"})
    assert file.getvalue().decode() == (
        "# format: imu-csv/1\n"
        "# sensor: belt\n"
        "# athlete: Zoë\n"
        "t,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z\n"
        "1.50000,0.00000,-1.23457,9.81000,0.123457,-2.000000,0.000000\n"
    )


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
@pytest.mark.parametrize("with_gyr", [True, False])
def test_what_is_written_reads_back_the_same(tmp_path: Path, name: str, with_gyr: bool) -> None:
    block = GOOD if with_gyr else SampleBlock(GOOD.t_s, GOOD.acc, None)
    empty = SampleBlock(block.t_s[:0], block.acc[:0], None if block.gyr is None else block.gyr[:0])
    meta = {"sensor": "belt", "load_kg": "120.5", "note": "a: b", "athlete": ""}
    write_imu_csv(tmp_path / name, [empty, block, empty], meta)
    with open_recording(tmp_path / name) as recording:
        assert recording.meta == meta
        assert_same(whole(recording), block)
        assert not recording.skipped


def test_the_same_gzip_each_time(tmp_path: Path) -> None:
    for name in ("first.csv.gz", "second.csv.gz"):
        write_imu_csv(tmp_path / name, [swaying(200)], {})
    first, second = ((tmp_path / f"{name}.csv.gz").read_bytes() for name in ("first", "second"))
    assert first == second
    assert gzip.decompress(first).startswith(b"# format: imu-csv/1\n")


@pytest.mark.parametrize(
    "meta", [{"a": "b\nc"}, {"a\nb": "c"}, {"a:b": "c"}, {"format": "imu-csv/1"}, {"a ": "b"}]
)
def test_refuses_a_meta_line_that_would_not_read_back(meta: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="no header line can hold"):
        write_imu_csv(io.BytesIO(), [GOOD], meta)


def test_refuses_blocks_of_two_kinds() -> None:
    with pytest.raises(ValueError, match="some blocks have gyr, others have none"):
        write_imu_csv(io.BytesIO(), [GOOD, SampleBlock(GOOD.t_s, GOOD.acc, None)], {})

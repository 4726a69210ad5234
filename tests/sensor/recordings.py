"""Small recordings for the tests of the reader, and what they share."""

import io
from pathlib import Path

import numpy as np
import pytest

from sensor.imu_csv import write_imu_csv
from sensor.recording import AnyRecording, RecordingError, open_recording
from sensor.samples import SampleBlock

HEAD = "# format: imu-csv/1\n# sensor: belt\nt,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z\n"


def swaying(samples: int, rate_hz: float = 100.0) -> SampleBlock:
    """A sensor that sways by 30 degrees about its x axis, as it measures that."""
    t_s = np.round(np.arange(samples) / rate_hz, 5)
    angle = np.radians(30) * np.sin(2 * t_s)
    zero = np.zeros(samples)
    acc = np.column_stack((zero, 9.81 * np.sin(angle), 9.81 * np.cos(angle)))
    gyr = np.column_stack((np.radians(60) * np.cos(2 * t_s), zero, zero))
    return SampleBlock(t_s, np.round(acc, 5), np.round(gyr, 6))


def lines_of(block: SampleBlock) -> list[str]:
    file = io.BytesIO()
    write_imu_csv(file, [block], {})
    return file.getvalue().decode().splitlines()[2:]


GOOD = swaying(1200)
ROWS = lines_of(GOOD)


def saved(folder: Path, content: str | bytes | list[str]) -> Path:
    """A file of that content; of rows, with a header in front."""
    if isinstance(content, list):
        content = HEAD + "".join(f"{row}\n" for row in content)
    path = folder / "recording.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def whole(recording: AnyRecording) -> SampleBlock:
    (block,) = recording.blocks(10**9)
    return block


def read(folder: Path, content: str | bytes | list[str]) -> tuple[SampleBlock, dict[str, int]]:
    with open_recording(saved(folder, content)) as recording:
        return whole(recording), dict(recording.skipped)


def refusal(path: Path) -> str:
    """Why a file is refused: one line that names it."""
    with pytest.raises(RecordingError) as caught, open_recording(path) as recording:
        list(recording.blocks())
    reason = str(caught.value)
    assert reason.startswith(f"{path}: ")
    assert reason.isprintable()
    return reason.removeprefix(f"{path}: ")


def refused(folder: Path, content: str | bytes | list[str]) -> str:
    return refusal(saved(folder, content))


def assert_same(block: SampleBlock, expected: SampleBlock) -> None:
    assert np.array_equal(block.t_s, expected.t_s)
    assert np.array_equal(block.acc, expected.acc)
    assert (block.gyr is None) == (expected.gyr is None)
    if block.gyr is not None and expected.gyr is not None:
        assert np.array_equal(block.gyr, expected.gyr)

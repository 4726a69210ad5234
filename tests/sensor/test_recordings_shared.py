"""The reader on the real recordings beside the project: nothing passed over, no unit doubted."""

from pathlib import Path

import numpy as np
import pytest

from sensor.checks import gyr_fault, start_fault
from sensor.recording import open_recording
from sensor.samples import STANDARD_GRAVITY_MPS2, SampleBlock

FOLDER = Path(__file__).parents[2] / "../shared/recordings"
PATHS = sorted(FOLDER.glob("*/*.csv.gz"))

pytestmark = pytest.mark.skipif(not PATHS, reason="there is no folder ../shared/recordings")


def blocks_of(path: Path) -> list[SampleBlock]:
    with open_recording(path) as recording:
        blocks = list(recording.blocks(500))
        assert not recording.skipped
    return blocks


def scaled(block: SampleBlock, *, acc: float = 1.0, gyr: float = 1.0) -> SampleBlock:
    return SampleBlock(block.t_s, acc * block.acc, None if block.gyr is None else gyr * block.gyr)


def test_every_recording_is_read_whole_and_only_wrong_units_are_refused() -> None:
    for path in PATHS:
        blocks = blocks_of(path)
        assert sum(len(block) for block in blocks) > 250, path
        in_g = start_fault(scaled(blocks[0], acc=1 / STANDARD_GRAVITY_MPS2))
        assert in_g is not None, path
        assert "look like g" in in_g, path
        if blocks[0].gyr is not None:
            faults = [gyr_fault(scaled(block, gyr=np.degrees(1))) for block in blocks]
            assert any(faults), path

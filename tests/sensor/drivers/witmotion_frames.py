"""WitMotion frames for tests, and what a decoder makes of them."""

import numpy as np

from sensor.drivers import Batch
from sensor.drivers.witmotion import WitMotionDecoder
from sensor.samples import Floats

REAL = bytes.fromhex("55 61 77 02 a8 fe 92 fe 06 02 30 fe cd ff f8 f0 53 fc ab c4")
MADE_UP = bytes.fromhex("55 61 00 00 00 00 00 08 66 06 9a f9 00 00 00 00 00 40 00 00")
MAGNETIC = bytes.fromhex("55 71 3a 00 68 01 69 00 7a 00" + "00" * 10)


def decoded(*parts: bytes) -> tuple[list[Batch], WitMotionDecoder]:
    decoder = WitMotionDecoder()
    return [batch for part in parts for batch in decoder.feed(0, part)], decoder


def samples_of(batches: list[Batch]) -> Floats:
    """(n, 6) m/s2 and rad/s."""
    rows = [np.empty((0, 6))]
    for batch in batches:
        assert batch.acc is not None
        assert batch.gyr is not None
        assert batch.device_s is None
        assert batch.acc.flags.c_contiguous
        assert batch.gyr.flags.c_contiguous
        rows.append(np.hstack((batch.acc, batch.gyr)))
    return np.concatenate(rows)

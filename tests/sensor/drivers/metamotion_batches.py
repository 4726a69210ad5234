"""MetaMotion: what its tests share."""

import numpy as np

from sensor.drivers import Batch
from sensor.samples import Floats

BATTERY = "11 8c 63 34 10"  # of MbientLab's own tests


def joined(batches: list[Batch]) -> tuple[Floats, Floats]:
    for batch in batches:
        assert batch.device_s is None
    accs = [batch.acc for batch in batches if batch.acc is not None]
    gyrs = [batch.gyr for batch in batches if batch.gyr is not None]
    assert len(accs) == len(gyrs) == len(batches)
    assert all(part.flags.c_contiguous and part.dtype == float for part in accs + gyrs)
    return np.concatenate(accs), np.concatenate(gyrs)

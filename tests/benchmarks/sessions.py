"""Long recordings for the speed report."""

import gzip
from pathlib import Path

import numpy as np

from sensor.samples import SampleBlock
from sensor.simulator import simulate
from sensor.simulator.plan import SessionSpec, SetPlan

SET_SHARE = 0.15
SET = SetPlan(reps=10, style="standard")
LONG_SET = SetPlan(reps=150, style="standard", fatigue=0.1)


def session(seconds: float) -> SampleBlock:
    """Sets of ten reps with rests between them, so that about 15 % of it is exercise."""
    set_s = 30.0
    rest_s = set_s * (1 / SET_SHARE - 1)
    sets = (SET,) * int(np.ceil(seconds * SET_SHARE / set_s) + 1)
    return until(recorded(SessionSpec(sets=sets, rest_s=rest_s, seed=1)), seconds)


def mostly_sets() -> SampleBlock:
    """Set after set, with hardly a rest."""
    return recorded(SessionSpec(sets=(SET,) * 8, rest_s=20.0, around=False, seed=2))


def long_set() -> SampleBlock:
    """One endless set: the most that can be open."""
    return recorded(SessionSpec(sets=(LONG_SET,), around=False, seed=3))


def until(samples: SampleBlock, seconds: float) -> SampleBlock:
    end = int(np.searchsorted(samples.t_s, samples.t_s[0] + seconds))
    assert samples.gyr is not None
    return SampleBlock(samples.t_s[:end], samples.acc[:end], samples.gyr[:end])


def recorded(spec: SessionSpec) -> SampleBlock:
    blocks = list(simulate(spec).blocks(1000))
    return SampleBlock(
        np.concatenate([block.t_s for block in blocks]),
        np.concatenate([block.acc for block in blocks]),
        np.concatenate([block.gyr for block in blocks if block.gyr is not None]),
    )


def write_csv(path: Path, samples: SampleBlock) -> None:
    assert samples.gyr is not None
    rows = np.column_stack([samples.t_s, samples.acc, samples.gyr])
    with gzip.open(path, "wt", compresslevel=1) as file:
        file.write("# format: imu-csv/1\nt,acc_x,acc_y,acc_z,gyr_x,gyr_y,gyr_z\n")
        np.savetxt(file, rows, fmt="%.6f", delimiter=",")

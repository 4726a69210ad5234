"""What a sensor delivers: blocks of samples. Units and frames are said here, once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.intp]

STANDARD_GRAVITY_MPS2 = 9.80665


@dataclass(frozen=True, eq=False, slots=True)
class SampleBlock:
    """Consecutive samples of one sensor, in its own right-handed axes, however it is worn.

    t_s: (n,) seconds, rising; the true time at which each sample was taken.
    acc: (n, 3) specific force, m/s2; at rest it points up with 9.81.
    gyr: (n, 3) angular rate, rad/s; None for a sensor that has no gyroscope.

    Every array is C-contiguous float64; n may be 0.
    """

    t_s: Floats
    acc: Floats
    gyr: Floats | None

    def __len__(self) -> int:
        return len(self.t_s)


def joined(blocks: Sequence[SampleBlock]) -> SampleBlock:
    """Consecutive blocks as one; at least one of them, all with gyr or all without."""
    if len(blocks) == 1:
        return blocks[0]
    gyrs = [block.gyr for block in blocks if block.gyr is not None]
    return SampleBlock(
        np.concatenate([block.t_s for block in blocks]),
        np.concatenate([block.acc for block in blocks]),
        np.concatenate(gyrs) if gyrs else None,
    )


class Moment(NamedTuple):
    """What became known at one time of the stream: samples, or only that time has passed.

    at_s: when, on the clock of the samples. tick: whether nothing came, and that was noted. order:
    what somebody asked of the tracker; text: the whole of what was asked; "" for nothing.
    """

    at_s: float
    block: SampleBlock
    tick: bool = False
    order: str = ""
    text: str = ""


def as_they_come(blocks: Iterable[SampleBlock]) -> Iterator[Moment]:
    """Each block as known with its last sample; empty ones say nothing."""
    for block in blocks:
        if len(block):
            yield Moment(float(block.t_s[-1]), block)

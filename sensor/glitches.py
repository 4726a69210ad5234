"""Single samples that cannot be: damage that no checksum shows, of a packet or the sensor's bus."""

from bisect import bisect_left

import numpy as np

from sensor.samples import Bools, SampleBlock, joined

GLITCH = "single value far from its neighbours"

# Between two samples, at 25 Hz and above. A pelvis in an explosive lift gains 5 rad/s in 0.1 s, and
# an impact lasts longer than one sample of the accelerometer unless it is a violent one.
_GYR_RADPS = 8.0
_ACC_MPS2 = 100.0
_BESIDE_S = 0.1


class Glitches:
    """Samples in, samples out, without those that lie far from the one before and the one after.

    Only a sample that is far from the one before waits, for the next. skipped: how many were
    passed over.
    """

    def __init__(self) -> None:
        self.skipped = 0
        self.restart()

    def restart(self) -> None:
        """A new connection."""
        self._last: SampleBlock | None = None
        self._held: SampleBlock | None = None

    def add(self, block: SampleBlock) -> SampleBlock | None:
        """The next samples, n > 0 -> those that are sure; None if there are none yet."""
        doubtful = self._doubtful(block)
        good: list[SampleBlock] = []
        start = 0
        while start < len(block):
            stop = start
            if self._held is None:
                at = bisect_left(doubtful, start)
                stop = doubtful[at] if at < len(doubtful) else len(block)
            if stop > start:
                good.append(block if stop - start == len(block) else _cut(block, start, stop))
                self._last = _cut(block, stop - 1, stop)
            else:
                stop = start + 1
                good += self._judged(_cut(block, start, stop))
            start = stop
        return joined(good) if good else None

    def flush(self) -> SampleBlock | None:
        """The sample that waits, if any: nothing else will come."""
        held, self._held = self._held, None
        return held

    def _judged(self, sample: SampleBlock) -> list[SampleBlock]:
        """A sample that may be far from the one before, or that one waits for."""
        good: list[SampleBlock] = []
        near = self._last is None or not _apart(self._last, sample)
        if self._held is not None:
            if not near and not _apart(self._held, sample):
                good.append(self._held)
                near = True
            else:
                self.skipped += 1
        self._held = None if near else sample
        if near:
            good.append(sample)
            self._last = sample
        return good

    def _doubtful(self, block: SampleBlock) -> list[int]:
        """Which samples are far from the one before."""
        first = [0] if self._last is not None and _apart(self._last, block) else []
        if len(block) > 1 and _leaps(block):
            return first + (np.flatnonzero(_far(block)) + 1).tolist()
        return first


def _cut(block: SampleBlock, start: int, stop: int) -> SampleBlock:
    gyr = None if block.gyr is None else block.gyr[start:stop]
    return SampleBlock(block.t_s[start:stop], block.acc[start:stop], gyr)


def _apart(one: SampleBlock, other: SampleBlock) -> bool:
    """Whether the first samples of two blocks are far apart, and close in time."""
    # Most packets hold one sample, for which arrays would cost more than all else here.
    pairs = zip(one.acc[0].tolist(), other.acc[0].tolist(), strict=True)
    far = any(abs(a - b) > _ACC_MPS2 for a, b in pairs)
    if not far and one.gyr is not None and other.gyr is not None:
        pairs = zip(one.gyr[0].tolist(), other.gyr[0].tolist(), strict=True)
        far = any(abs(a - b) > _GYR_RADPS for a, b in pairs)
    return far and float(other.t_s[0] - one.t_s[0]) < _BESIDE_S


def _leaps(block: SampleBlock) -> bool:
    """Whether any value is far from the one before: hardly ever, and asked of every packet."""
    if (np.abs(block.acc[1:] - block.acc[:-1]) > _ACC_MPS2).any():
        return True
    return block.gyr is not None and bool(
        (np.abs(block.gyr[1:] - block.gyr[:-1]) > _GYR_RADPS).any()
    )


def _far(block: SampleBlock) -> Bools:
    """(n - 1,) whether a sample is far from the one before, and close to it in time."""
    far = (np.abs(np.diff(block.acc, axis=0)) > _ACC_MPS2).any(axis=1)
    if block.gyr is not None:
        far |= (np.abs(np.diff(block.gyr, axis=0)) > _GYR_RADPS).any(axis=1)
    beside: Bools = far & (np.diff(block.t_s) < _BESIDE_S)
    return beside

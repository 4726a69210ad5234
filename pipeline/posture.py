"""Where up points while the lifter stands: learned whenever the lifter walks.

How the sensor is mounted is not known, so gravity alone does not tell lying from standing. But
who walks is upright, and a walk is plain to see: the pelvis bobs once for each step, 1.4 to
2.5 times a second, and tilts little.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from pipeline.orientation import FRAME_HZ, Frames
from sensor.samples import Floats

_WINDOW = 200  # frames, 4 s: six steps or more
_SLOW = np.full(7, 1 / 7)  # frames: without the tremor of a hold, 6 to 12 Hz
_LAGS = range(round(0.40 * FRAME_HZ), round(0.72 * FRAME_HZ) + 1)
_BOB_MPS2 = (0.6, 8.0)  # rms of the vertical acceleration, from strolling to jogging
_ALIKE = 0.5  # correlation of one step with the next
_STEADY = 0.985  # length of the mean of up: tilting by less than about 10 deg


@dataclass(slots=True)
class Posture:
    """upright: unit vector, where up points in sensor axes while walking; None before a walk."""

    upright: tuple[float, float, float] | None = None
    _rows: Floats = field(default_factory=lambda: np.zeros((_WINDOW, 4)))
    _used: int = 0

    @property
    def missing(self) -> int:
        """How many frames are missing to the end of the window."""
        return _WINDOW - self._used

    def watch(self, frames: Frames) -> None:
        """The next frames, at most `missing`; a window is judged when it is full."""
        stop = self._used + len(frames)
        self._rows[self._used : stop, 0] = frames.acc_up_mps2
        self._rows[self._used : stop, 1:] = frames.up
        self._used = stop % _WINDOW
        if stop == _WINDOW:
            self._judge(self._rows)

    def _judge(self, rows: Floats) -> None:
        bob = np.convolve(rows[:, 0] - rows[:, 0].mean(), _SLOW, mode="valid")
        power = float(np.dot(bob, bob))
        mean_up = rows[:, 1:].mean(axis=0)
        steady = float(np.sqrt(np.dot(mean_up, mean_up)))
        if not _BOB_MPS2[0] < np.sqrt(power / len(bob)) < _BOB_MPS2[1] or steady < _STEADY:
            return
        alike = max(float(np.dot(bob[lag:], bob[:-lag])) / (len(bob) - lag) for lag in _LAGS)
        if alike * len(bob) > _ALIKE * power:
            x, y, z = (mean_up / steady).tolist()
            self.upright = (x, y, z)

    def state(self) -> dict[str, Any]:
        """Plain values and arrays."""
        return {"upright": self.upright, "rows": self._rows[: self._used].copy()}

    def restore(self, state: dict[str, Any]) -> None:
        """Carry on from `state`."""
        self.upright, self._used = state["upright"], len(state["rows"])
        self._rows[: self._used] = state["rows"]

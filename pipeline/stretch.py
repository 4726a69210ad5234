"""The frames of the open set, and of the last half minute when no set is open."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.mend import mend
from pipeline.orientation import FRAME_S, Frames, orient
from sensor.samples import Floats

LOOK_BACK_S = 25.0
"""Frames kept before the first rep that was seen: whoever was missed is in them."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Oriented frames on one unbroken grid, holes filled and known.

    first: index of the first frame in the stream. hole: (n,) True where nothing was measured.
    """

    first: int
    frames: Frames
    hole: np.ndarray[Any, np.dtype[np.bool_]]
    has_gyr: bool


class History:
    """Frames as they came, in one growing table; old ones are dropped from the front."""

    def __init__(self) -> None:
        self._rows = np.empty((256, 8))
        self._used = 0
        self.first = 0  # index in the stream of the first row

    def __len__(self) -> int:
        return self._used

    @property
    def last_s(self) -> float:
        """End of the newest frame, seconds; there must be one."""
        return float(self._rows[self._used - 1, 0])

    def append(self, frames: Frames) -> None:
        """Keep what was measured; gyroscope columns are NaN for a sensor without one."""
        stop = self._used + len(frames)
        if stop > len(self._rows):
            grown = np.empty((2 * stop, 8))
            grown[: self._used] = self._rows[: self._used]
            self._rows = grown
        rows = self._rows[self._used : stop]
        rows[:, 0] = frames.t_s
        rows[:, 1:4] = frames.acc
        rows[:, 4:7] = np.nan if frames.gyr_raw is None else frames.gyr_raw
        rows[:, 7] = frames.bridged
        self._used = stop

    def drop_before(self, t_s: float) -> None:
        """Forget frames that ended before `t_s`, once they are half of the table."""
        if self._used < 256 or self._rows[self._used // 2, 0] >= t_s:
            return
        k = int(np.searchsorted(self._rows[: self._used, 0], t_s))
        kept = self._rows[k : self._used]
        self._rows = np.empty((max(256, 2 * len(kept)), 8))
        self._rows[: len(kept)] = kept
        self._used, self.first = len(kept), self.first + k

    def stretch(self, from_s: float, stop: int, offset_radps: Floats | None = None) -> Stretch:
        """From `from_s` up to frame `stop` of the stream, oriented with hindsight.

        offset_radps: (3,) what the gyroscope is off by, where that is known: a short stretch
        does not show it.
        """
        used = stop - self.first
        k = min(int(np.searchsorted(self._rows[:used, 0], from_s)), used - 2)
        rows = self._rows[k:used]
        breaks = np.flatnonzero(np.diff(rows[:, 0]) > 1.5 * FRAME_S) + 1
        pieces = [
            _orient(piece, offset_radps) for piece in np.split(rows, breaks) if len(piece) > 1
        ]
        return _filled(self.first + k, pieces)

    def turning_radps(
        self, from_s: float, stop: int, axis: Floats, offset_radps: Floats
    ) -> Floats | None:
        """(n,) rate about `axis` from `from_s` up to frame `stop`; None with a hole in it."""
        used = stop - self.first
        rows = self._rows[int(np.searchsorted(self._rows[:used, 0], from_s)) : used]
        if rows[-1, 0] - rows[0, 0] > (len(rows) - 0.5) * FRAME_S:
            return None
        return rows[:, 4:7] @ axis - axis @ offset_radps

    def state(self) -> dict[str, Any]:
        """Plain values and arrays."""
        return {"rows": self._rows[: self._used].copy(), "first": self.first}

    def restore(self, state: dict[str, Any]) -> None:
        """Carry on from `state`."""
        self._rows, self._used = state["rows"].copy(), len(state["rows"])
        self.first = state["first"]


def _orient(rows: Floats, offset_radps: Floats | None) -> Frames:
    acc = np.ascontiguousarray(rows[:, 1:4])
    bridged = rows[:, 7] > 0
    if np.isnan(rows[0, 4]):
        return orient(rows[:, 0].copy(), acc, None, bridged)
    gyr = np.ascontiguousarray(rows[:, 4:7])
    if offset_radps is not None:
        gyr = gyr - offset_radps
    acc, gyr = mend(acc, gyr, bridged)
    return orient(rows[:, 0].copy(), acc, gyr, bridged, known=offset_radps is not None)


def _filled(first: int, pieces: list[Frames]) -> Stretch:
    """Pieces with holes between them -> one grid; in a hole up turns evenly."""
    has_gyr = pieces[0].gyr_raw is not None
    if len(pieces) == 1:
        return Stretch(first, pieces[0], np.zeros(len(pieces[0]), dtype=bool), has_gyr)
    t_s = np.concatenate([piece.t_s for piece in pieces])
    missing = np.maximum(np.rint(np.diff(t_s) / FRAME_S).astype(int) - 1, 0)
    index = np.concatenate(([0], np.cumsum(missing + 1)))
    every = np.arange(index[-1] + 1)
    hole = np.ones(len(every), dtype=bool)
    hole[index] = False

    def fill(name: str) -> Floats:
        values: Floats = np.concatenate([getattr(piece, name) for piece in pieces])
        if values.ndim == 1:
            return np.interp(every, index, values)
        return np.column_stack([np.interp(every, index, column) for column in values.T])

    up = fill("up")
    up /= np.linalg.norm(up, axis=1)[:, None]
    gyr, acc_up = fill("gyr"), fill("acc_up_mps2")
    gyr[hole] = 0.0
    acc_up[hole] = 0.0
    bridged = hole.copy()
    bridged[index] = np.concatenate([piece.bridged for piece in pieces])
    return Stretch(
        first, Frames(fill("t_s"), fill("acc"), None, gyr, up, acc_up, bridged), hole, has_gyr
    )

import numpy as np
import pytest

from pipeline.orientation import FRAME_S
from pipeline.path import Step, boundaries, rise_m
from tests.pipeline.moved import min_jerk, min_jerk_crossings

AXIS = (0.0, 0.6, 0.8)
SLOW_RADPS = np.radians(2.0)
LEAD = 10  # frames of rest before and after


def way(rom_deg: float, height_m: float, seconds: float, offset: float = 0.0) -> list[Step]:
    """A min-jerk way from rest to rest about AXIS. offset: of the acceleration, m/s2."""
    count = round(seconds / FRAME_S) + 2 * LEAD
    edges_s = np.arange(-1, count + 1) * FRAME_S
    share = min_jerk((edges_s - LEAD * FRAME_S) / seconds)
    rate = np.radians(rom_deg) * np.diff(share)[1:] / FRAME_S
    acc = height_m * np.diff(share, 2) / FRAME_S**2 + offset
    return [
        (float(t), AXIS[0] * float(w), AXIS[1] * float(w), AXIS[2] * float(w), float(a))
        for t, w, a in zip(edges_s[2:], rate, acc, strict=True)
    ]


@pytest.mark.parametrize(("rom_deg", "seconds"), [(55.0, 0.5), (55.0, 1.2), (20.0, 3.0)])
def test_a_concentric_begins_and_ends_at_the_contract_s_threshold(
    rom_deg: float, seconds: float
) -> None:
    start_s, end_s = boundaries(way(rom_deg, 0.3, seconds), AXIS, SLOW_RADPS, 0.02)
    begin, end = min_jerk_crossings(rom_deg, seconds, 2.0)
    assert start_s - LEAD * FRAME_S == pytest.approx(begin, abs=1.5 * FRAME_S)
    assert end_s - LEAD * FRAME_S == pytest.approx(end, abs=1.5 * FRAME_S)


def test_only_the_rotation_about_the_axis_counts() -> None:
    steps = way(55.0, 0.3, 0.8)
    rolled = [(t, x + 0.5, y, z, a) for t, x, y, z, a in steps]
    across = (0.0, 0.6, 0.8)
    assert boundaries(rolled, across, SLOW_RADPS, 0.02) == boundaries(
        steps, across, SLOW_RADPS, 0.02
    )


def test_the_rise_is_counted_from_rest_to_rest() -> None:
    assert rise_m(way(55.0, 0.33, 0.8), AXIS, 0.0, LEAD) == pytest.approx(0.33, abs=0.005)
    assert rise_m(way(55.0, -0.2, 0.8), AXIS, 0.0, 0) == pytest.approx(-0.2, abs=0.005)


def test_an_accelerometer_that_is_off_raises_nobody() -> None:
    steps = way(55.0, 0.33, 0.8, offset=0.4)
    assert rise_m(steps, AXIS, 0.4, LEAD) == pytest.approx(0.33, abs=0.005)
    assert rise_m(steps, AXIS, 0.0, 0) == pytest.approx(0.33, abs=0.005), "it grew evenly"


def test_an_offset_that_comes_with_the_posture_is_seen_at_the_top() -> None:
    steps = way(55.0, 0.33, 0.8)
    turned = np.cumsum([AXIS[1] * y + AXIS[2] * z for _, _, y, z, _ in steps])
    share = turned / turned[-1]
    off = [(t, x, y, z, a + 0.5 * s) for (t, x, y, z, a), s in zip(steps, share, strict=True)]
    assert rise_m(off, AXIS, 0.0, LEAD) == pytest.approx(0.33, abs=0.01)

import numpy as np
import pytest

from pipeline.orientation import FRAME_HZ, FRAME_S
from pipeline.vertical import Known, vertical_motion
from sensor.samples import Floats
from tests.pipeline.moved import path, rotation, up_of

FINE = 20
REPS = 5
RISE, ROM = 0.33, 55.0
LEAD_S, UP_S, TOP_S, DOWN_S, BOTTOM_S = 3.0, 0.8, 0.6, 1.2, 1.0
PERIOD_S = UP_S + TOP_S + DOWN_S + BOTTOM_S


def session() -> tuple[Floats, Floats, Floats, Floats]:
    """Five reps: vertical acceleration, up in sensor axes, velocity, height; frames of 20 ms."""
    steps = [(UP_S, 1.0), (TOP_S, 1.0), (DOWN_S, 0.0), (BOTTOM_S, 0.0)] * REPS
    fine_hz = FRAME_HZ * FINE
    share = path([*steps, (2.0, 0.0)], fine_hz, LEAD_S)
    velocity = RISE * np.gradient(share) * fine_hz
    acc = np.gradient(velocity) * fine_hz
    frames = len(share) // FINE
    mean = acc[: frames * FINE].reshape(frames, FINE).mean(axis=1)
    end = np.arange(1, frames + 1) * FINE - 1
    return mean, up_of(ROM * share[end]) @ rotation(2).T, velocity[end], RISE * share[end]


def known(gaps: tuple[int, ...] = ()) -> Known:
    """Every rest of the session, and the bottom of every rep."""
    pauses, bottoms, jolts = [(0.0, LEAD_S)], [], []
    for start_s in LEAD_S + PERIOD_S * np.arange(REPS):
        top_s, low_s = start_s + UP_S, start_s + UP_S + TOP_S + DOWN_S
        pauses += [(top_s, top_s + TOP_S), (low_s, low_s + BOTTOM_S)]
        bottoms.append(round(start_s * FRAME_HZ))
        jolts.append(round(low_s * FRAME_HZ))
    inside = [(round(a * FRAME_HZ) + 2, round(b * FRAME_HZ) - 1) for a, b in pauses]
    return Known(inside, [], bottoms, jolts, gaps)


def worst_m(acc: Floats, up: Floats, height: Floats, what: Known) -> float:
    """Largest error of the rise of a rep."""
    _, found = vertical_motion(acc, up, what)
    top = np.array(what.bottoms) + round((UP_S + TOP_S / 2) * FRAME_HZ)
    rise = found[top] - found[what.bottoms]
    return float(np.abs(rise - (height[top] - height[what.bottoms])).max())


def test_a_clean_movement_comes_back_as_it_was() -> None:
    acc, up, velocity, height = session()
    found_velocity, found_height = vertical_motion(acc, up, known())
    assert np.abs(found_velocity - velocity).max() < 0.01
    assert np.abs(found_height - found_height[0] - height).max() < 0.01


@pytest.mark.parametrize("bias", [(0.3, 0.0, 0.0), (0.0, -0.3, 0.2), (-0.2, 0.2, -0.3)])
def test_an_accelerometer_offset_constant_in_sensor_axes_is_found(
    bias: tuple[float, float, float],
) -> None:
    acc, up, _, height = session()
    off = acc + up @ np.array(bias)
    drifted = np.cumsum(np.cumsum(off)) * FRAME_S**2
    assert np.abs(drifted).max() > 1.0, "without a fit it drifts by metres"
    assert worst_m(off, up, height, known()) < 0.01


def test_a_slow_tilt_error_is_taken_out() -> None:
    acc, up, _, height = session()
    slow = 0.03 * np.sin(np.linspace(0.0, 2.0 * np.pi, len(acc)))
    assert worst_m(acc + slow, up, height, known()) < 0.015


def test_a_blow_that_the_sensor_cuts_off_costs_no_height() -> None:
    acc, up, _, height = session()
    acc = acc.copy()
    acc[known().jolts] += 0.06 * FRAME_HZ  # 0.06 m/s are missing
    assert worst_m(acc, up, height, known()) < 0.015


def test_velocity_lost_in_a_gap_is_found_again() -> None:
    acc, up, _, height = session()
    after = round((LEAD_S + PERIOD_S + 0.45) * FRAME_HZ)
    acc = acc.copy()
    acc[after] += 0.2 * FRAME_HZ
    assert worst_m(acc, up, height, known((after,))) < 0.02
    assert worst_m(acc, up, height, known()) > 0.04, "who does not know of the gap is misled"


def test_the_velocity_is_zero_in_every_pause() -> None:
    acc, up, _, _ = session()
    velocity, _ = vertical_motion(acc + up @ np.array((0.2, 0.1, -0.2)), up, known())
    for start, end in known().pauses:
        assert np.abs(velocity[start:end]).max() < 0.02


def test_inputs_are_left_as_they_were() -> None:
    acc, up, _, _ = session()
    given = acc.copy(), up.copy()
    vertical_motion(acc, up, known())
    assert (acc == given[0]).all()
    assert (up == given[1]).all()

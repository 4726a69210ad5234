import numpy as np
import pytest

from pipeline.mend import mend
from pipeline.orientation import FRAME_S
from sensor.samples import STANDARD_GRAVITY_MPS2, Bools, Floats
from tests.pipeline.moved import Y_AXIS, min_jerk, rotation, up_of

ROM_DEG = 55.0
START, SECONDS = 100, 0.8  # frame, and how long the way up takes


def lift() -> tuple[Floats, Floats]:
    """Up and down again, with rests: specific force and angular rate, frames of 20 ms."""
    edges_s = np.arange(401) * FRAME_S
    up, down = START * FRAME_S, (START + 90) * FRAME_S
    pitch = ROM_DEG * (min_jerk((edges_s - up) / SECONDS) - min_jerk((edges_s - down) / 1.2))
    gyr = np.outer(np.radians(np.diff(pitch)) / FRAME_S, Y_AXIS)
    return up_of(pitch[1:]) * STANDARD_GRAVITY_MPS2, gyr


def with_gap(values: Floats, start: int, stop: int) -> Floats:
    """Frames start..stop drawn as a straight line from one side to the other."""
    values = values.copy()
    share = np.linspace(0.0, 1.0, stop - start + 2)[1:-1, None]
    values[start:stop] = values[start - 1] + share * (values[stop] - values[start - 1])
    return values


def marked(start: int, stop: int) -> Bools:
    mask = np.zeros(400, dtype=bool)
    mask[start:stop] = True
    return mask


def lost_deg(gyr: Floats, truth: Floats, until: int) -> float:
    return float(np.degrees(np.linalg.norm((gyr - truth)[:until].sum(axis=0)) * FRAME_S))


@pytest.mark.parametrize("worn", [np.eye(3), rotation(4)])
@pytest.mark.parametrize(("start", "stop"), [(110, 130), (115, 126), (105, 118), (196, 216)])
def test_the_rotation_in_a_gap_is_found_again(start: int, stop: int, worn: Floats) -> None:
    acc, truth = (values @ worn.T for values in lift())
    line = with_gap(truth, start, stop)
    assert lost_deg(line, truth, stop) > 1.5, "a straight line cuts the top off"
    _, gyr = mend(with_gap(acc, start, stop), line, marked(start, stop))
    assert lost_deg(gyr, truth, stop) < 1.0
    assert lost_deg(gyr, truth, 400) < 1.0


def test_sensors_that_are_off_do_not_mislead_it() -> None:
    acc, truth = lift()
    rng = np.random.default_rng(2)
    acc = acc + np.array((0.2, -0.15, 0.1)) + rng.normal(0.0, 0.02, acc.shape)
    measured = truth + np.radians(2.0) + rng.normal(0.0, 0.002, truth.shape)
    _, gyr = mend(with_gap(acc, 112, 128), with_gap(measured, 112, 128), marked(112, 128))
    assert lost_deg(gyr, measured, 128) < 1.5


def test_two_gaps_in_one_lift_are_told_apart() -> None:
    acc, truth = lift()
    bridged = marked(112, 124) | marked(200, 212)
    line = with_gap(with_gap(truth, 112, 124), 200, 212)
    _, gyr = mend(with_gap(with_gap(acc, 112, 124), 200, 212), line, bridged)
    assert lost_deg(gyr, truth, 150) < 1.0
    assert lost_deg(gyr, truth, 400) < 1.0


def test_what_was_measured_is_left_alone_and_inputs_are_not_changed() -> None:
    acc, truth = lift()
    line, bridged = with_gap(truth, 112, 124), marked(112, 124)
    given = line.copy(), acc.copy()
    mended_acc, gyr = mend(acc, line, bridged)
    assert (gyr[~bridged] == line[~bridged]).all()
    assert (mended_acc[~bridged] == acc[~bridged]).all()
    assert (line == given[0]).all()
    assert (acc == given[1]).all()


def test_without_a_gap_nothing_is_touched() -> None:
    acc, gyr = lift()
    same_acc, same_gyr = mend(acc, gyr, np.zeros(400, dtype=bool))
    assert same_acc is acc
    assert same_gyr is gyr


@pytest.mark.parametrize(("start", "stop"), [(0, 5), (2, 9), (395, 400), (0, 400)])
def test_a_gap_at_the_edge_does_no_harm(start: int, stop: int) -> None:
    acc, gyr = lift()
    for mended in mend(acc, gyr, marked(start, stop)):
        assert np.isfinite(mended).all()
    assert lost_deg(mend(acc, gyr, marked(start, stop))[1], gyr, 400) < 1.0

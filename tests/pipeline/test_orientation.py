from itertools import repeat

import numpy as np
import pytest

from pipeline.orientation import FRAME_S, Frames, Orientation, orient, pitch_deg
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock
from tests.pipeline.moved import Y_AXIS, move, rotation, up_of
from tests.pipeline.recorded import cut, lost, random_sizes

G = STANDARD_GRAVITY_MPS2
DEG = np.radians(1.0)


def still(
    seconds: float, up: Floats, *, offset_dps: float = 0.0, gyro: bool = True, start_s: float = 0.0
) -> SampleBlock:
    rng = np.random.default_rng(1)
    t_s = start_s + np.arange(0.0, seconds, 0.01)
    acc = up * G + rng.normal(0.0, 0.02, (len(t_s), 3))
    gyr = DEG * (offset_dps + rng.normal(0.0, 0.05, (len(t_s), 3)))
    return SampleBlock(t_s, acc, gyr if gyro else None)


def framed(blocks: list[SampleBlock]) -> list[Frames]:
    orientation = Orientation()
    return [orientation.update(block) for block in blocks if len(block)]


def column(frames: list[Frames], name: str) -> Floats:
    return np.concatenate([getattr(one, name) for one in frames])


@pytest.mark.parametrize("rate_hz", [25.0, 37.0, 50.0, 104.0, 400.0])
@pytest.mark.parametrize("jitter", [0.0, 0.4])
def test_no_rotation_is_lost_whatever_the_rate_and_its_jitter(
    rate_hz: float, jitter: float
) -> None:
    rng = np.random.default_rng(int(rate_hz))
    t_s = (np.arange(int(8 * rate_hz)) + jitter * rng.uniform(-1, 1, int(8 * rate_hz))) / rate_hz
    gyr = np.cumsum(rng.normal(0.0, 0.1, (len(t_s), 3)), axis=0)
    acc = np.tile([0.0, 0.0, G], (len(t_s), 1)) + rng.normal(0.0, 1.0, (len(t_s), 3))
    frames = Orientation().update(SampleBlock(t_s, acc, gyr))
    assert frames.gyr_raw is not None
    longest_s = float(np.diff(t_s).max())
    for found, given in ((frames.gyr_raw, gyr), (frames.acc, acc)):
        area = 0.5 * (given[1:] + given[:-1]) * np.diff(t_s)[:, None]
        until = np.vstack((np.zeros(3), np.cumsum(area, axis=0)))
        expected = [np.interp(frames.t_s, t_s, until[:, k]) for k in range(3)]
        # Between two samples a frame may part their area as a line or as a step.
        parting = 0.125 * longest_s * np.abs(np.diff(given, axis=0)).max() + 1e-9
        off = np.cumsum(found, axis=0) * FRAME_S - np.transpose(expected)
        assert np.abs(off).max() <= parting


@pytest.mark.parametrize("rate_hz", [25.0, 50.0, 77.0, 400.0])
def test_frames_lie_on_one_grid_and_hold_what_is_constant(rate_hz: float) -> None:
    t_s = 7.3 + np.arange(int(4 * rate_hz)) / rate_hz
    acc = np.tile([1.0, 2.0, 9.0], (len(t_s), 1))
    frames = Orientation().update(SampleBlock(t_s, acc, np.full((len(t_s), 3), 0.25)))
    np.testing.assert_allclose(frames.t_s, 7.3 + FRAME_S * np.arange(1, len(frames) + 1))
    assert t_s[-1] - FRAME_S < frames.t_s[-1] <= t_s[-1]
    np.testing.assert_allclose(frames.acc, np.tile(acc[0], (len(frames), 1)))
    assert frames.gyr_raw is not None
    np.testing.assert_allclose(frames.gyr_raw, 0.25)
    assert not frames.bridged.any()


@pytest.mark.parametrize("gyro", [True, False])
def test_any_cut_into_blocks_gives_the_same_bits(gyro: bool) -> None:
    whole = move((0.8, 60.0, 0.3), (1.0, 0.0, 0.0), (2.0, 0.0, 0.0)).samples
    whole = lost(whole, (4.4, 4.6))
    if not gyro:
        whole = SampleBlock(whole.t_s, whole.acc, None)
    once = framed([whole])
    for sizes in (repeat(1), repeat(7), random_sizes(30)):
        parts = framed(list(cut(whole, sizes)))
        for name in ("t_s", "acc", "gyr", "up", "acc_up_mps2", "bridged"):
            assert (column(parts, name) == column(once, name)).all()


@pytest.mark.parametrize("gyro", [True, False])
def test_it_carries_on_from_its_state(gyro: bool) -> None:
    whole = move((0.8, 60.0, 0.3), (1.0, 0.0, 0.0)).samples
    if not gyro:
        whole = SampleBlock(whole.t_s, whole.acc, None)
    first, second = cut(whole, [443, 10_000])
    through, other = Orientation(), Orientation()
    through.update(first)
    other.restore(through.state())
    expected, found = through.update(second), other.update(second)
    assert (found.t_s == expected.t_s).all()
    assert (found.up == expected.up).all()
    assert (found.gyr == expected.gyr).all()


@pytest.mark.parametrize("gyro", [True, False])
@pytest.mark.parametrize("seed", range(4))
def test_up_is_found_in_every_posture(seed: int, gyro: bool) -> None:
    up = rotation(seed)[0]
    frames = Orientation().update(still(3.0, up, gyro=gyro))
    np.testing.assert_allclose(np.linalg.norm(frames.up, axis=1), 1.0, atol=1e-12)
    assert (frames.up @ up > np.cos(1.0 * DEG)).all()
    assert abs(frames.acc_up_mps2.mean()) < 0.02


def test_a_push_upwards_shows_as_vertical_acceleration() -> None:
    whole = still(4.0, rotation(1)[2])
    pushed = (whole.t_s > 2.0) & (whole.t_s < 2.3)
    whole.acc[pushed] *= (G + 1.5) / G
    frames = Orientation().update(whole)
    inside = (frames.t_s > 2.05) & (frames.t_s < 2.29)
    np.testing.assert_allclose(frames.acc_up_mps2[inside], 1.5, atol=0.06)


def test_the_gyroscope_s_offset_is_taken_out_live_after_a_while_and_afterwards_at_once() -> None:
    whole = still(30.0, rotation(2)[0], offset_dps=3.0)
    frames = Orientation().update(whole)
    assert np.abs(frames.gyr[-100:].mean(axis=0)).max() < 0.1 * DEG
    assert frames.gyr_raw is not None
    assert np.abs(frames.gyr_raw.mean(axis=0) - 3.0 * DEG).max() < 0.02 * DEG
    hindsight = orient(frames.t_s, frames.acc, frames.gyr_raw, frames.bridged)
    assert np.abs(hindsight.gyr[:100].mean(axis=0)).max() < 0.1 * DEG


def test_up_follows_a_rotation_and_height_does_not_disturb_it() -> None:
    moved = move((0.8, 60.0, 0.35), (1.0, 60.0, 0.35), (0.9, 0.0, 0.0), (1.0, 0.0, 0.0))
    frames = Orientation().update(moved.samples)
    truth = np.interp(frames.t_s, moved.t_s, moved.pitch_deg)
    found = pitch_deg(frames.up, Y_AXIS, frames.up[0])
    assert np.abs(found - truth).max() < 0.7
    assert frames.gyr_raw is not None
    hindsight = orient(frames.t_s, frames.acc, frames.gyr_raw, frames.bridged)
    found = pitch_deg(hindsight.up, Y_AXIS, hindsight.up[0])
    assert np.abs(found - truth).max() < 0.5


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_pitch_is_right_handed_unwrapped_and_zero_where_it_should_be(sign: float) -> None:
    angle = sign * np.linspace(0.0, 400.0, 300)
    up = up_of(angle + 20.0)
    np.testing.assert_allclose(pitch_deg(up, Y_AXIS, up[0]), angle, atol=1e-9)
    np.testing.assert_allclose(pitch_deg(up, -Y_AXIS, up[0]), -angle, atol=1e-9)


def test_a_roll_does_not_show_in_the_pitch() -> None:
    angle, roll = np.linspace(0.0, 60.0, 50), np.radians(np.linspace(0.0, 25.0, 50))
    up = up_of(angle) * np.cos(roll)[:, None] + Y_AXIS * np.sin(roll)[:, None]
    np.testing.assert_allclose(pitch_deg(up, Y_AXIS, up[0]), angle, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_pitch_is_the_same_however_the_sensor_is_worn(seed: int) -> None:
    worn = rotation(seed)
    angle = np.linspace(0.0, 60.0, 50)
    up = up_of(angle) @ worn.T
    np.testing.assert_allclose(pitch_deg(up, worn @ Y_AXIS, up[0]), angle, atol=1e-9)


def test_without_a_gyroscope_the_accelerometer_tells_tilt_and_turning() -> None:
    moved = move((3.0, 50.0, 0.0), (2.0, 50.0, 0.0))
    whole = SampleBlock(moved.samples.t_s, moved.samples.acc, None)
    live = Orientation().update(whole)
    assert live.gyr_raw is None
    for frames in (live, orient(live.t_s, live.acc, None, live.bridged)):
        np.testing.assert_allclose(np.linalg.norm(frames.up, axis=1), 1.0)
        found = pitch_deg(frames.up, Y_AXIS, frames.up[0])
        assert found[-1] == pytest.approx(50.0, abs=0.1)
        assert np.degrees(frames.gyr.sum(axis=0)[1] * FRAME_S) == pytest.approx(50.0, abs=0.5)
    truth = np.interp(live.t_s, moved.t_s, moved.pitch_deg)
    hindsight = orient(live.t_s, live.acc, None, live.bridged)
    lag_free = pitch_deg(hindsight.up, Y_AXIS, hindsight.up[0])
    assert np.abs(lag_free - truth).max() < 1.0


def test_a_restart_forgets_the_posture_and_keeps_the_gyroscope_s_offset() -> None:
    orientation = Orientation()
    orientation.update(still(30.0, rotation(1)[0], offset_dps=3.0))
    orientation.restart()
    up = rotation(5)[0]
    frames = orientation.update(still(2.0, up, offset_dps=3.0, start_s=100.0))
    assert (frames.up @ up > np.cos(1.0 * DEG)).all()
    assert np.abs(frames.gyr[:25].mean(axis=0)).max() < 0.2 * DEG
    assert frames.t_s[0] == pytest.approx(100.0 + FRAME_S)


def test_frames_inside_a_gap_are_marked_and_slow_sensors_have_none() -> None:
    moved = move((0.8, 60.0, 0.3), (1.0, 0.0, 0.0), rate_hz=25.0)
    assert not Orientation().update(moved.samples).bridged.any()
    frames = Orientation().update(lost(moved.samples, (2.0, 2.3)))
    gap = (frames.t_s > 1.96 + 1e-9) & (frames.t_s <= 2.32 + 1e-9)
    assert frames.bridged[gap][1:-1].all()
    assert not frames.bridged[~gap].any()


def test_a_block_that_completes_no_frame_is_harmless() -> None:
    orientation = Orientation()
    first, second = cut(still(1.0, Y_AXIS), [1, 1000])
    assert len(orientation.update(first)) == 0
    assert len(orientation.update(second)) == 49

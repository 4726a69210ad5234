"""What is no lift gives no rep, whatever the sensor gets wrong."""

import numpy as np
import pytest

from pipeline.exercises import names
from sensor.samples import STANDARD_GRAVITY_MPS2, Floats, SampleBlock
from tests.pipeline.moved import move, rep, rotation
from tests.pipeline.recorded import final, replayed, set_sizes, turned

LYING = ("hip_thrust", "single_leg_hip_thrust", "glute_bridge")


def noisy(block: SampleBlock, seed: int, offset_dps: float = 3.0) -> SampleBlock:
    """A consumer sensor: noise and offsets of both parts."""
    rng = np.random.default_rng(seed)
    assert block.gyr is not None
    acc = block.acc + rng.normal(0.0, 0.25, 3) + rng.normal(0.0, 0.03, block.acc.shape)
    offset = np.radians(offset_dps) * rng.uniform(-1, 1, 3)
    return SampleBlock(block.t_s, acc, block.gyr + offset + rng.normal(0.0, 0.003, block.gyr.shape))


def still(seconds: float, up: Floats) -> SampleBlock:
    t_s = np.arange(0.0, seconds, 0.01)
    acc = np.tile(STANDARD_GRAVITY_MPS2 * up, (len(t_s), 1))
    return SampleBlock(t_s, acc, np.zeros((len(t_s), 3)))


@pytest.mark.parametrize("exercise", names())
@pytest.mark.parametrize("seed", range(3))
def test_a_still_sensor_lifts_nothing(seed: int, exercise: str) -> None:
    block = noisy(still(120.0, rotation(seed)[0]), seed, offset_dps=5.0)
    assert replayed(block, exercise) == []
    assert replayed(SampleBlock(block.t_s, block.acc, None), exercise) == []


@pytest.mark.parametrize("exercise", LYING)
@pytest.mark.parametrize("seed", range(3))
def test_turning_without_rising_is_no_lying_lift(seed: int, exercise: str) -> None:
    steps = [(seconds, pitch, 0.0) for seconds, pitch, _ in rep() * 6]
    block = noisy(turned(move(*steps, (18.0, 0.0, 0.0)).samples, rotation(seed)), seed)
    assert final(replayed(block, exercise)) == []


@pytest.mark.parametrize("exercise", LYING)
def test_turning_down_as_the_hips_rise_and_back_is_the_same_lift(exercise: str) -> None:
    """Which way round the sensor is worn is not known; what rises is the way up."""
    steps = [(seconds, -pitch, height) for seconds, pitch, height in rep() * 4]
    assert set_sizes(replayed(move(*steps, (3.0, 0.0, 0.0)).samples, exercise)) == [4]


@pytest.mark.parametrize("exercise", LYING)
def test_rising_without_turning_is_no_lying_lift(exercise: str) -> None:
    steps = [(seconds, 0.0, height) for seconds, _, height in rep() * 6]
    assert final(replayed(noisy(move(*steps, (18.0, 0.0, 0.0)).samples, 1), exercise)) == []


@pytest.mark.parametrize(
    ("exercise", "hz"),
    [
        ("hip_thrust", 1.0),
        ("hip_thrust", 2.0),
        ("glute_bridge", 5.0),
        ("squat", 2.0),
        ("squat", 5.0),
    ],
)
def test_shaking_is_no_lift(exercise: str, hz: float) -> None:
    block = still(60.0, rotation(4)[0])
    shake = 4.0 * np.sin(2.0 * np.pi * hz * block.t_s)
    acc = block.acc * (1.0 + shake / STANDARD_GRAVITY_MPS2)[:, None]
    shaken = noisy(SampleBlock(block.t_s, acc, block.gyr), 2)
    assert final(replayed(shaken, exercise)) == []


def test_turning_about_the_vertical_is_nothing() -> None:
    t_s = np.arange(0.0, 60.0, 0.01)
    rate = 1.5 * np.sin(2.0 * np.pi * t_s / 4.0)
    up = np.tile([0.0, 0.0, 1.0], (len(t_s), 1))
    block = SampleBlock(t_s, STANDARD_GRAVITY_MPS2 * up, rate[:, None] * up)
    assert final(replayed(noisy(block, 3))) == []


@pytest.mark.parametrize("seed", range(4))
def test_the_same_lift_is_found_through_noise_and_offsets(seed: int) -> None:
    clean = move(*rep() * 5, (3.0, 0.0, 0.0)).samples
    found = final(replayed(noisy(turned(clean, rotation(seed)), seed)))
    assert [one.rep for one in found] == [1, 2, 3, 4, 5]
    for one in found:
        assert one.rom_deg == pytest.approx(55.0, abs=2.0)
        assert one.displacement_m == pytest.approx(0.33, abs=0.03)

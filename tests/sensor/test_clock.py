"""Times of samples: what a radio does to arrivals, and what a clock makes of it."""

import numpy as np
import pytest

from sensor.clock import ArrivalClock, DeviceClock
from sensor.samples import Floats


def arrivals(made_s: Floats, interval_s: float, seed: int) -> Floats:
    """When packets made at these times come: at the next connection event, or late and bunched."""
    rng = np.random.default_rng(seed)
    phase_s = rng.uniform(0, interval_s)
    at_s = np.ceil((made_s - phase_s) / interval_s) * interval_s + phase_s + 0.002
    late_s = rng.exponential(0.005, len(made_s)) * (rng.random(len(made_s)) < 0.3)
    late_s += np.where(rng.random(len(made_s)) < 0.01, rng.uniform(0.1, 0.3, len(made_s)), 0)
    late_s += np.where(rng.random(len(made_s)) < 0.001, rng.uniform(0.4, 0.8, len(made_s)), 0)
    delayed: Floats = np.maximum.accumulate(at_s + late_s)
    return delayed


def counted(clock: ArrivalClock, at_s: Floats, samples: int = 1) -> Floats:
    """(packets * samples,) times that a clock gives to packets which come at these times."""
    return np.concatenate([clock.times([samples], [float(one)]) for one in at_s])


@pytest.mark.parametrize("off", [-0.03, 0.002, 0.03])
@pytest.mark.parametrize("samples", [1, 3])
@pytest.mark.parametrize("interval_s", [0.015, 0.03, 0.05])
def test_the_rate_is_known_to_a_tenth_of_a_percent_after_30_s(
    off: float, samples: int, interval_s: float
) -> None:
    true_hz = 100.0 * (1 + off)
    for seed in range(4):
        clock = ArrivalClock(100.0)
        made_s = samples * np.arange(1, int(60 * true_hz / samples)) / true_hz
        for made, at in zip(made_s, arrivals(made_s, interval_s, seed), strict=True):
            clock.times([samples], [float(at)])
            if made > 30.0:
                assert clock.rate_hz == pytest.approx(true_hz, rel=1e-3)


@pytest.mark.parametrize("interval_s", [0.015, 0.05])
def test_late_packets_and_bunches_move_no_sample(interval_s: float) -> None:
    made_s = np.arange(1, 6000) / 101.0
    given_s = counted(ArrivalClock(100.0), arrivals(made_s, interval_s, 3))
    delay_s = (given_s - made_s)[made_s > 10.0]
    assert np.ptp(delay_s) < 0.01
    assert delay_s.max() < interval_s + 0.02


def test_times_rise_whatever_the_arrivals_do() -> None:
    rng = np.random.default_rng(0)
    clock = ArrivalClock(100.0)
    at_s = np.cumsum(rng.choice([0.0, 0.0, 0.01, 0.05, 1.0, 7.0], 2000))
    counts = rng.integers(1, 9, len(at_s)).tolist()
    given_s = clock.times(counts, at_s.tolist())
    assert (np.diff(given_s) > 0).all()


def test_the_cut_into_packets_at_one_arrival_gives_the_same_pace() -> None:
    at_s = np.repeat(np.arange(1, 400) * 0.05, 5)
    one_by_one = counted(ArrivalClock(100.0), at_s)
    together = counted(ArrivalClock(100.0), at_s[::5], samples=5)
    assert np.abs(one_by_one - together)[1000:].max() < 0.005


def test_a_stretch_that_never_came_is_a_gap_of_its_length() -> None:
    made_s = np.arange(1, 4000) / 100.0
    gone = (made_s > 20.0) & (made_s <= 21.5)
    clock = ArrivalClock(100.0)
    given_s = counted(clock, arrivals(made_s, 0.03, 1)[~gone])
    delay_s = given_s - made_s[~gone]
    after = made_s[~gone] > 23.0
    assert np.abs(delay_s[after] - delay_s[made_s[~gone] < 20.0][-1]).max() < 0.03
    assert clock.rate_hz == pytest.approx(100.0, rel=2e-3)


def test_a_backlog_that_catches_up_is_no_gap() -> None:
    made_s = np.arange(1, 4000) / 100.0
    at_s = np.where((made_s > 20.0) & (made_s < 22.0), 22.0, made_s) + 0.01
    delay_s = counted(ArrivalClock(100.0), at_s) - made_s
    assert np.ptp(delay_s[made_s > 10.0]) < 0.001


def test_a_rate_that_the_sensor_ignored_is_found() -> None:
    clock = ArrivalClock(100.0)
    made_s = np.arange(1, 200) / 50.0
    counted(clock, made_s)
    assert clock.rate_hz == pytest.approx(50.0, rel=0.01)


def test_after_a_drop_the_pace_is_still_known_and_time_goes_on() -> None:
    clock = ArrivalClock(100.0)
    before_s = counted(clock, np.arange(1, 3000) / 103.0)
    clock.restart(100.0)
    assert clock.rate_hz == pytest.approx(103.0, rel=1e-3)
    made_s = 40.0 + np.arange(1, 500) / 103.0
    at_s = arrivals(made_s, 0.03, 5)
    after_s = counted(clock, at_s)
    assert after_s[0] == pytest.approx(at_s[0], abs=0.01)
    assert after_s[0] > before_s[-1]
    assert clock.rate_hz == pytest.approx(103.0, rel=5e-3)
    assert np.abs(after_s - made_s)[100:].max() < 0.06


def test_device_time_keeps_its_own_pace() -> None:
    clock = DeviceClock()
    device_s = 5000.0 + np.arange(0, 60, 0.1)
    at_s = arrivals(device_s, 0.05, 2)
    given_s = [
        float(clock.times(np.array([device]), [1], [float(at)])[0])
        for device, at in zip(device_s, at_s, strict=True)
    ]
    assert np.diff(given_s) == pytest.approx(0.1, abs=1e-9)
    assert given_s[0] == pytest.approx(at_s[0])


@pytest.mark.parametrize("jump_s", [-5000.0, -2.0, 3.0, 1e6])
def test_a_device_clock_that_was_set_is_found_again(jump_s: float) -> None:
    clock = DeviceClock()
    given_s: list[float] = []
    for k in range(200):
        device_s = k * 0.1 + (jump_s if k >= 100 else 0.0)
        given_s += clock.times(np.array([device_s]), [1], [7.0 + k * 0.1]).tolist()
    assert np.diff(given_s) == pytest.approx(0.1, abs=1e-6)


def test_a_backlog_of_device_time_stays_where_it_was() -> None:
    clock = DeviceClock()
    clock.times(np.array([0.0]), [1], [1.0])
    assert clock.times(np.array([10.0]), [1], [16.0])[0] == pytest.approx(11.0)


def test_a_new_connection_never_goes_back_in_time() -> None:
    clock = DeviceClock()
    last_s = clock.times(np.array([0.0, 0.1]), [2], [5.0])[-1]
    clock.restart()
    assert clock.times(np.array([90.0, 90.1]), [2], [5.02])[0] > last_s

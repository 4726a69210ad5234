"""A session at its own pace: each moment when it is due, lap after lap."""

import time
from math import inf

import numpy as np
import pytest

from pipeline.play import Pace
from sensor.samples import Moment, SampleBlock


class Time:
    """Goes on only while somebody sleeps."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.now_s = 1000.0
        self.slept_s: list[float] = []
        patch.setattr(time, "monotonic", lambda: self.now_s)
        patch.setattr(time, "sleep", self.sleep)

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.slept_s.append(seconds)
        self.now_s += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    return Time(monkeypatch)


def moments(*at_s: float) -> list[Moment]:
    return [Moment(t, SampleBlock(np.array([t - 0.05, t]), np.zeros((2, 3)), None)) for t in at_s]


def test_moments_come_when_they_are_due(clock: Time) -> None:
    begun_s = clock.now_s
    came_s = [clock.now_s - begun_s for _ in Pace(1.0).follow(moments(5.0, 5.1, 7.0))]
    assert came_s == pytest.approx([0.0, 0.1, 2.0])


def test_ten_times_as_fast_is_a_tenth_of_the_time(clock: Time) -> None:
    list(Pace(10.0).follow(moments(0.0, 20.0)))
    assert sum(clock.slept_s) == pytest.approx(2.0)


def test_as_fast_as_it_goes_waits_never(clock: Time) -> None:
    given = moments(0.0, 1e6)
    assert list(Pace(inf).follow(given)) == given
    assert clock.slept_s == []


def test_a_delay_is_caught_up(clock: Time) -> None:
    begun_s = clock.now_s
    for moment in Pace(1.0).follow(moments(0.0, 1.0, 2.0, 3.0)):
        if moment.at_s == 1.0:
            clock.now_s += 1.5  # the screen took its time
    assert clock.now_s - begun_s == pytest.approx(3.0)
    assert clock.slept_s == pytest.approx([1.0, 0.5])


@pytest.mark.parametrize("first_s", [0.0, 100.0])
def test_a_lap_begins_a_second_after_the_last(clock: Time, first_s: float) -> None:
    pace = Pace(1.0)
    given = moments(first_s, first_s + 4.0)
    begun_s = clock.now_s
    laps = []
    for _ in range(3):
        laps.append([(m.at_s, clock.now_s - begun_s) for m in pace.follow(given)])
        pace.next_lap()
    assert [came_s for lap in laps for _, came_s in lap] == pytest.approx([0, 4, 5, 9, 10, 14])
    times = [at_s - first_s for lap in laps for at_s, _ in lap]
    assert times == pytest.approx([0, 4, 5, 9, 10, 14])


def test_samples_and_ticks_move_with_their_lap(clock: Time) -> None:  # noqa: ARG001
    pace = Pace(1.0)
    given = [
        *moments(1.0),
        Moment(2.0, SampleBlock(np.empty(0), np.empty((0, 3)), None), tick=True),
    ]
    list(pace.follow(given))
    pace.next_lap()
    first, tick = pace.follow(given)
    assert first.block.t_s == pytest.approx([2.95, 3.0])
    assert (tick.at_s, tick.tick, len(tick.block)) == (4.0, True, 0)

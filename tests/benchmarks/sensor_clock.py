"""How well the rate of a sensor is known that sends no time, by the tests' model of a radio."""

from collections.abc import Iterator

import numpy as np

from sensor.clock import ArrivalClock
from sensor.samples import Floats
from tests.benchmarks.speed import Line
from tests.sensor.test_clock import arrivals

_SEEDS = 10
_RATE_HZ = 100.0
_OFF = (-0.03, 0.002, 0.03)
_LENGTH_S = 60.0
_KNOWN_AFTER_S = 30.0
_SETTLED_S = 10.0
HEAD = [
    "connection interval",
    "samples a packet",
    "spread of the delay of samples",
    "rate: largest error",
    "goal",
    "goal met?",
]


def rows() -> Iterator[list[str]]:
    for interval_s in (0.015, 0.03, 0.05):
        for samples in (1, 3):
            found = [
                _played(interval_s, samples, off, seed) for off in _OFF for seed in range(_SEEDS)
            ]
            error_pct = max(error for error, _ in found)
            spread_ms = max(spread for _, spread in found)
            cells = Line("", error_pct, 0.1, "%").cells()
            yield [f"{1e3 * interval_s:g} ms", str(samples), f"{spread_ms:.1f} ms", *cells[1:]]


def _played(interval_s: float, samples: int, off: float, seed: int) -> tuple[float, float]:
    """Largest error of the rate, percent; largest minus smallest delay of a sample, ms."""
    true_hz = _RATE_HZ * (1 + off)
    made_s = samples * np.arange(1, int(_LENGTH_S * true_hz / samples)) / true_hz
    clock = ArrivalClock(_RATE_HZ)
    rates_hz, given_s = np.empty(len(made_s)), np.empty(len(made_s))
    for place, at_s in enumerate(arrivals(made_s, interval_s, seed).tolist()):
        given_s[place] = clock.times((samples,), (at_s,))[-1]
        rates_hz[place] = clock.rate_hz
    delay_s: Floats = (given_s - made_s)[made_s > _SETTLED_S]
    error = np.abs(rates_hz[made_s > _KNOWN_AFTER_S] / true_hz - 1).max()
    return 100 * float(error), 1e3 * float(np.ptp(delay_s))

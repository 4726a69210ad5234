"""A figure: what is measured of recordings, how it is summed up, how sure it is, its goal."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from sensor.samples import Floats
from tests.benchmarks.intervals import Interval, bootstrap, poisson_rate, wilson
from tests.benchmarks.scoring import Score

Rows = Callable[[Score], Floats]
Statistic = Callable[[Floats], float]


@dataclass(frozen=True, slots=True)
class Goal:
    limit: float
    at_least: bool = False

    def short_by(self, value: float) -> float:
        """By how much the value misses the goal; 0 or less where it is met."""
        return self.limit - value if self.at_least else abs(value) - self.limit


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure. rows: what one recording adds; statistic: of all the rows together.

    The values are shown in ``unit``; goals are in it too.
    """

    name: str
    unit: str
    digits: int
    rows: Rows
    statistic: Statistic
    goal: Goal | None = None
    worst_goal: Goal | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    value: float
    interval: Interval
    rows: int


def value_of(figure: Figure, scores: Sequence[Score]) -> float:
    """The figure over these recordings; NaN where nothing of it is in them."""
    rows = [rows for score in scores if len(rows := figure.rows(score))]
    return figure.statistic(np.concatenate(rows)) if rows else float("nan")


def estimate(figure: Figure, scores: Sequence[Score]) -> Estimate | None:
    """The same with its interval; None where nothing of it is in them."""
    value = value_of(figure, scores)
    if np.isnan(value):
        return None
    clusters = [figure.rows(score) for score in scores]
    rows = np.concatenate([part for part in clusters if len(part)])
    if figure.statistic is share:
        low, high = wilson(float(rows.sum()), len(rows))
        return Estimate(value, (100 * low, 100 * high), len(rows))
    if figure.statistic is f1:
        hits, wrong = _hits_and_wrong(rows)
        return Estimate(value, wilson(hits, hits + wrong / 2), len(rows))
    if figure.statistic is per_hour:
        return Estimate(value, poisson_rate(int(rows[:, 0].sum()), rows[:, 1].sum()), len(rows))
    return Estimate(value, bootstrap(clusters, figure.statistic), len(rows))


def share(rows: Floats) -> float:
    """Per cent of 1 among 0 and 1."""
    return 100 * float(rows.mean())


def mean_abs(rows: Floats) -> float:
    return float(np.abs(rows).mean())


def mean(rows: Floats) -> float:
    return float(rows.mean())


def rms(rows: Floats) -> float:
    return float(np.sqrt(np.mean(rows**2)))


def median(rows: Floats) -> float:
    return float(np.median(rows))


def p95(rows: Floats) -> float:
    return float(np.percentile(rows, 95))


def p95_abs(rows: Floats) -> float:
    return p95(np.abs(rows))


def least(rows: Floats) -> float:
    return float(rows.min())


def f1(rows: Floats) -> float:
    """Of columns (is there, was found)."""
    hits, wrong = _hits_and_wrong(rows)
    return hits / (hits + wrong / 2) if hits + wrong else float("nan")


def precision(rows: Floats) -> float:
    found = rows[rows[:, 1] > 0]
    return float(found[:, 0].mean()) if len(found) else float("nan")


def recall(rows: Floats) -> float:
    there = rows[rows[:, 0] > 0]
    return float(there[:, 1].mean()) if len(there) else float("nan")


def per_hour(rows: Floats) -> float:
    """Of columns (events, hours)."""
    return float(rows[:, 0].sum() / rows[:, 1].sum())


def _hits_and_wrong(rows: Floats) -> tuple[float, float]:
    hits = float((rows[:, 0] * rows[:, 1]).sum())
    return hits, float(rows.sum()) - 2 * hits

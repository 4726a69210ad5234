"""A varied population of sessions to measure accuracy on, one for each seed."""

from collections.abc import Callable

import numpy as np

from sensor.simulator.plan import FAULTS, SessionSpec, SetPlan

_SENSORS = ("bmi270", "icm20948", "lsm6dso")
_LYING = ("hip_thrust", "single_leg_hip_thrust", "glute_bridge")


def scenario(seed: int, variant: str | None = None, exercise: str | None = None) -> SessionSpec:
    """The session that belongs to a seed: VARIANTS take turns unless one is named.

    Consumer-grade errors, random mounting, 2 % loss, everything around the sets.
    """
    rng = np.random.default_rng((seed, 1))
    name = variant or VARIANTS[seed % len(VARIANTS)]
    if name not in _DRAWS:
        raise ValueError(f"variant {name!r} is none of {', '.join(VARIANTS)}")
    drawn_exercise, plan = _DRAWS[name](rng)
    return SessionSpec(
        name=name,
        exercise=exercise or drawn_exercise,
        sets=plan,
        sensor=str(rng.choice(_SENSORS)),
        loss_pct=2.0,
        seed=seed,
    )


def confounders(seed: int, minutes: float = 10.0) -> SessionSpec:
    """No exercise at all: walking, sitting, set-up, stretching, lying and turning."""
    sensor = str(np.random.default_rng((seed, 2)).choice(_SENSORS))
    return SessionSpec(
        name="confounders", sets=(), confounder_s=60 * minutes, sensor=sensor, seed=seed
    )


_Draw = Callable[[np.random.Generator], tuple[str, tuple[SetPlan, ...]]]


def _styled(style: str, lowest: int, highest: int) -> _Draw:
    def draw(rng: np.random.Generator) -> tuple[str, tuple[SetPlan, ...]]:
        return "hip_thrust", _sets(style, lowest, highest, rng)

    return draw


def _as_exercise(exercise: str) -> _Draw:
    def draw(rng: np.random.Generator) -> tuple[str, tuple[SetPlan, ...]]:
        style = str(rng.choice(("standard", "tempo", "paused", "novice")))
        return exercise, _sets(style, 6, 14, rng)

    return draw


def _sets(style: str, lowest: int, highest: int, rng: np.random.Generator) -> tuple[SetPlan, ...]:
    count = int(rng.choice((1, 2, 3), p=(0.6, 0.3, 0.1)))
    return tuple(_set(style, int(rng.integers(lowest, highest + 1)), rng) for _ in range(count))


def _set(style: str, reps: int, rng: np.random.Generator) -> SetPlan:
    """A paused set often ends with a hold as long as it can be kept."""
    long_hold = style == "paused" and rng.random() < 0.3
    return SetPlan(reps, style, last_hold_s=rng.uniform(5, 40) if long_hold else None)


def _faulty(rng: np.random.Generator) -> tuple[str, tuple[SetPlan, ...]]:
    """Two to four faults among eight to twelve reps; the first two reps are good."""
    reps = int(rng.integers(8, 13))
    faults = [""] * reps
    for index in rng.choice(np.arange(2, reps), int(rng.integers(2, 5)), replace=False):
        faults[index] = str(rng.choice(FAULTS))
    style = str(rng.choice(("standard", "tempo", "paused")))
    exercise = str(rng.choice(_LYING, p=(0.7, 0.15, 0.15)))
    return exercise, (SetPlan(reps, style, faults=tuple(faults)),)


def _with_partials(rng: np.random.Generator) -> tuple[str, tuple[SetPlan, ...]]:
    reps = int(rng.integers(6, 12))
    after = rng.choice(np.arange(2, reps + 1), int(rng.integers(1, 4)), replace=False)
    style = str(rng.choice(("standard", "near_failure")))
    plan = SetPlan(reps, style, partial_after=tuple(int(n) for n in sorted(after)))
    return "hip_thrust", (plan,)


_DRAWS: dict[str, _Draw] = {
    "standard": _styled("standard", 6, 12),
    "tempo": _styled("tempo", 5, 10),
    "paused": _styled("paused", 4, 8),
    "explosive": _styled("explosive", 8, 15),
    "near_failure": _styled("near_failure", 6, 14),
    "banded": _styled("banded", 8, 15),
    "novice": _styled("novice", 6, 12),
    "long_bottom": _styled("long_bottom", 4, 7),
    "single_leg": _as_exercise("single_leg_hip_thrust"),
    "bridge": _as_exercise("glute_bridge"),
    "faults": _faulty,
    "partials": _with_partials,
}
VARIANTS = tuple(_DRAWS)

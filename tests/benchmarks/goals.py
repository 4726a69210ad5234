"""The figures by which the tracker is judged, with their goals."""

from collections.abc import Callable

import numpy as np

from sensor.samples import Floats
from tests.benchmarks.figures import (
    Figure,
    Goal,
    Rows,
    f1,
    least,
    mean,
    mean_abs,
    median,
    p95,
    p95_abs,
    per_hour,
    precision,
    recall,
    rms,
    share,
)
from tests.benchmarks.scoring import BOUNDARIES, Score

FAULTS = ("over_arch", "short_lockout", "sag")
SHORTEST_PAUSE_S = 0.3


def set_within(reps: int) -> Rows:
    """1 for each set counted within so many reps; a set missing or invented is a 0."""
    return lambda score: np.array(
        [float(one.error is not None and abs(one.error) <= reps) for one in score.sets]
    )


def errors(*names: str, scale: float = 1.0) -> Rows:
    return lambda score: (
        scale
        * np.array([rep.errors[name] for rep in score.reps for name in names if name in rep.errors])
    )


def live_errors(*names: str, scale: float = 1.0) -> Rows:
    return lambda score: (
        scale
        * np.array(
            [
                rep.live_errors[name]
                for rep in score.reps
                for name in names
                if name in rep.live_errors
            ]
        )
    )


def latencies_ms(first: bool = False) -> Rows:
    return lambda score: np.array(
        [
            1000 * rep.latency_s
            for rep in score.reps
            if rep.latency_s is not None and (rep.first or not first)
        ]
    )


def shown_live(score: Score) -> Floats:
    """1 for each rep found that was published before its set was over."""
    return np.array([float(bool(rep.live_errors)) for rep in score.reps])


def first_reps(score: Score) -> Floats:
    found = [1.0 for rep in score.reps if rep.first]
    return np.array(found + [0.0 for rep in score.missed if rep.first])


def pauses(margin_s: float) -> Rows:
    """(is there, was found) of top pauses; truths within the margin of the limit are left out."""

    def rows(score: Score) -> Floats:
        pairs = [(rep.true_top_pause_s, rep.found_top_pause_s or 0.0) for rep in score.reps]
        pairs += [(rep.true_top_pause_s, 0.0) for rep in score.missed]
        return np.array(
            [
                (float(true >= SHORTEST_PAUSE_S), float(found >= SHORTEST_PAUSE_S))
                for true, found in pairs
                if true is not None and abs(true - SHORTEST_PAUSE_S) >= margin_s
            ]
        ).reshape(-1, 2)

    return rows


def pause_errors_ms(score: Score) -> Floats:
    return np.array(
        [
            1000 * rep.errors["top_pause_s"]
            for rep in score.reps
            if "top_pause_s" in rep.errors and (rep.true_top_pause_s or 0.0) >= SHORTEST_PAUSE_S
        ]
    )


def fault(name: str, *, live: bool = False) -> Rows:
    """(is there, was found) of a fault; what is too close to call in the truth is left out.

    live: found before the set was over.
    """

    def rows(score: Score) -> Floats:
        pairs = [
            (rep.true_faults, rep.live_faults if live else rep.found_faults) for rep in score.reps
        ]
        pairs += [(rep.true_faults, ()) for rep in score.missed if name in rep.true_faults]
        return np.array(
            [
                (float(name in true), float(name in found))
                for true, found in pairs
                if f"{name}?" not in true
            ]
        ).reshape(-1, 2)

    return rows


def good_reps_blamed(score: Score) -> Floats:
    return np.array([float(bool(rep.found_faults)) for rep in score.reps if not rep.true_faults])


def good_reps_blamed_live(score: Score) -> Floats:
    return np.array([float(bool(rep.live_faults)) for rep in score.reps if not rep.true_faults])


def false_reps(score: Score) -> Floats:
    """1 for each counted rep that is none."""
    return np.array([0.0] * len(score.reps) + [1.0] * len(score.false))


def partial_reps(score: Score) -> Floats:
    """(is there, was found) of partial reps."""
    both = score.matched_partials
    missed, wrong = score.true_partials - both, score.found_partials - both
    return np.array([(1.0, 1.0)] * both + [(1.0, 0.0)] * missed + [(0.0, 1.0)] * wrong).reshape(
        -1, 2
    )


def per_recorded_hour(count: Callable[[Score], int]) -> Rows:
    return lambda score: np.array([[count(score), score.duration_s / 3600]])


MODEL_FIGURES = (
    Figure("set count exact", "%", 1, set_within(0), share, Goal(99, True)),
    Figure("set count within 1", "%", 1, set_within(1), share, Goal(100, True)),
    Figure("first reps found", "%", 1, first_reps, share),
    Figure("boundaries, final: MAE", "ms", 1, errors(*BOUNDARIES, scale=1e3), mean_abs, Goal(30)),
    Figure("boundaries, final: bias", "ms", 1, errors(*BOUNDARIES, scale=1e3), mean, Goal(10)),
    Figure("boundaries, final: p95", "ms", 1, errors(*BOUNDARIES, scale=1e3), p95_abs),
    *(
        Figure(f"{name.removesuffix('_s')}: {what}", "ms", 1, errors(name, scale=1e3), how)
        for name in BOUNDARIES
        for what, how in (("MAE", mean_abs), ("bias", mean))
    ),
    Figure(
        "boundaries, live: MAE", "ms", 1, live_errors(*BOUNDARIES, scale=1e3), mean_abs, Goal(60)
    ),
    Figure("boundaries, live: bias", "ms", 1, live_errors(*BOUNDARIES, scale=1e3), mean),
    Figure("top pause >= 0.3 s: F1", "", 3, pauses(0.0), f1, Goal(0.98, True)),
    Figure("the same, truths within 50 ms of 0.3 s aside", "", 3, pauses(0.05), f1),
    Figure("top pause >= 0.3 s: MAE", "ms", 1, pause_errors_ms, mean_abs, Goal(50)),
    Figure("ROM: RMSE", "deg", 2, errors("rom_deg"), rms, Goal(1.0), Goal(1.3)),
    Figure("ROM: bias", "deg", 2, errors("rom_deg"), mean),
    Figure("displacement: RMSE", "cm", 2, errors("displacement_m", scale=100), rms, Goal(2.0)),
    Figure("displacement: bias", "cm", 2, errors("displacement_m", scale=100), mean),
    Figure("mean velocity: RMSE", "m/s", 4, errors("mean_velocity_mps"), rms, Goal(0.025)),
    Figure("peak velocity: RMSE", "m/s", 4, errors("peak_velocity_mps"), rms, Goal(0.05)),
    Figure("velocity loss: MAE", "points", 2, errors("velocity_loss_pct"), mean_abs, Goal(4.0)),
    *(
        figure
        for name in FAULTS
        for figure in (
            Figure(f"`{name}`: F1", "", 3, fault(name), f1, Goal(0.9, True)),
            Figure(f"`{name}`: precision", "", 3, fault(name), precision),
            Figure(f"`{name}`: recall", "", 3, fault(name), recall),
        )
    ),
    Figure("faults on good reps", "%", 2, good_reps_blamed, share, Goal(2.0)),
    *(
        figure
        for name in FAULTS
        for figure in (
            Figure(f"`{name}`, live: precision", "", 3, fault(name, live=True), precision),
            Figure(f"`{name}`, live: recall", "", 3, fault(name, live=True), recall),
        )
    ),
    Figure("faults on good reps, live", "%", 2, good_reps_blamed_live, share, Goal(2.0)),
    Figure("live event after the true top: p50", "ms", 0, latencies_ms(), median, Goal(200)),
    Figure("live event after the true top: p95", "ms", 0, latencies_ms(), p95, Goal(350)),
    Figure("live event: earliest", "ms", 0, latencies_ms(), least, Goal(0, True)),
    Figure("first reps' live event: p50", "ms", 0, latencies_ms(True), median),
    Figure("first reps' live event: p95", "ms", 0, latencies_ms(True), p95),
    Figure("reps shown before their set was over", "%", 1, shown_live, share),
    Figure("counted reps that are none", "%", 2, false_reps, share),
    Figure("partial reps: F1", "", 3, partial_reps, f1),
)

CONFOUNDER_FIGURES = (
    Figure(
        "false reps, final",
        "per hour",
        2,
        per_recorded_hour(lambda score: len(score.false)),
        per_hour,
        Goal(0.5),
    ),
    Figure(
        "false reps, live, taken back",
        "per hour",
        2,
        per_recorded_hour(lambda score: score.withdrawn),
        per_hour,
        Goal(5),
    ),
)

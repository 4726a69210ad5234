"""The model recordings, as a section of the accuracy report."""

from collections.abc import Callable, Sequence

from tests.benchmarks.figures import Figure
from tests.benchmarks.goals import CONFOUNDER_FIGURES, MODEL_FIGURES
from tests.benchmarks.model import CONFOUNDERS, STANDING, USUAL, Run
from tests.benchmarks.scoring import Score
from tests.benchmarks.tables import Groups, confidence_table, figure_table, group_table

COUNTS = ("set count exact", "set count within 1")
TIMES = (
    "boundaries, final: MAE",
    "boundaries, final: bias",
    "boundaries, live: MAE",
    "top pause >= 0.3 s: F1",
    "top pause >= 0.3 s: MAE",
)
MEASURES = (
    "ROM: RMSE",
    "displacement: RMSE",
    "mean velocity: RMSE",
    "peak velocity: RMSE",
    "velocity loss: MAE",
)
LIVE = ("live event after the true top: p50", "live event after the true top: p95")
FAULTS = (
    "`over_arch`: F1",
    "`short_lockout`: F1",
    "`sag`: F1",
    "faults on good reps",
    "faults on good reps, live",
)
BY_VARIANT = (COUNTS, TIMES, MEASURES, LIVE, FAULTS)
CONDITION = (*COUNTS, "boundaries, final: MAE", "ROM: RMSE", "displacement: RMSE", LIVE[1])


def model_section(runs: Sequence[Run]) -> str:
    usual = [run for run in runs if run.case.condition == USUAL]
    lying = [run for run in usual if run.case.variant not in (*CONFOUNDERS, *STANDING)]
    standing = [run for run in usual if run.case.variant in STANDING]
    nothing = [run for run in usual if run.case.variant in CONFOUNDERS]
    exercise = [run for run in runs if run.case.variant not in CONFOUNDERS]
    variants = _groups(lying, lambda run: run.case.variant)
    hours = sum(run.score.duration_s for run in nothing) / 3600
    return "\n".join(
        [
            "### Lying lifts: hip thrust, single-leg, bridge\n",
            _size(lying),
            figure_table(MODEL_FIGURES, variants),
            "### By variant\n",
            *(group_table("variant", _named(part), variants) for part in BY_VARIANT),
            "### Nothing but walking, sitting, set-up, stretching, lying and turning\n",
            f"{len(nothing)} recordings, {hours:.1f} hours.\n",
            group_table(
                "played", CONFOUNDER_FIGURES, _groups(nothing, lambda run: run.case.variant)
            ),
            figure_table(CONFOUNDER_FIGURES, _groups(nothing, lambda run: run.case.variant)),
            "### What the confidence says\n",
            "Reps of all model recordings, those of the next sections too.\n",
            confidence_table([run.score for run in exercise]),
            "### Other sensors, rates and losses\n",
            "One thing changed at a time, on the same recordings of some variants.\n",
            group_table(
                "condition",
                _named(CONDITION),
                _groups(
                    [run for run in exercise if run.case.condition != USUAL],
                    lambda run: run.case.condition,
                ),
            ),
            "### Standing lifts\n",
            "Deadlift and lunge are experimental. " + _size(standing),
            figure_table(MODEL_FIGURES, _groups(standing, lambda run: run.case.variant)),
        ]
    )


def model_mistakes(runs: Sequence[Run]) -> list[str]:
    """What is wrong in each recording that is not all right."""
    lines = []
    for run in runs:
        wrong = _mistakes(run.score)
        if wrong:
            case = run.case
            lines.append(f"{case.variant} seed {case.seed} ({case.condition}): {'; '.join(wrong)}")
    return lines


def _mistakes(score: Score) -> list[str]:
    wrong = [f"set of {s.true_reps}: found {s.found_reps}" for s in score.sets if s.error != 0]
    wrong += [f"missed at {rep.start_s:.1f} s" for rep in score.missed]
    wrong += [f"false at {rep.start_s:.1f} s" for rep in score.false]
    if score.withdrawn:
        wrong.append(f"{score.withdrawn} taken back")
    for rep in score.reps:
        name, error = max(
            ((name, error) for name, error in rep.errors.items() if name.endswith("_s")),
            key=lambda item: abs(item[1]),
            default=("", 0.0),
        )
        if abs(error) > 0.2:
            wrong.append(f"at {rep.start_s:.1f} s {name} off by {error:+.2f}")
        late_s = rep.latency_s or 0.0
        if not 0 <= late_s <= 0.5:
            wrong.append(f"at {rep.start_s:.1f} s shown {late_s:+.2f} s after the top")
        rom = rep.errors.get("rom_deg", 0.0)
        if abs(rom) > 2.5:
            wrong.append(f"at {rep.start_s:.1f} s ROM off by {rom:+.1f} deg")
        known = {fault.rstrip("?") for fault in rep.true_faults}
        sure = {fault for fault in rep.true_faults if not fault.endswith("?")}
        for found, when in ((rep.found_faults, ""), (rep.live_faults, ", live")):
            wrong += [f"at {rep.start_s:.1f} s {f} is none{when}" for f in found if f not in known]
            wrong += [f"at {rep.start_s:.1f} s {f} missed{when}" for f in sure - set(found)]
    return wrong


def _size(runs: Sequence[Run]) -> str:
    sets = sum(one.true_reps is not None for run in runs for one in run.score.sets)
    reps = sum(len(run.score.reps) + len(run.score.missed) for run in runs)
    return (
        f"{len(runs)} recordings, {sets} sets, {reps:,} reps; consumer-grade sensor errors, "
        "random mounting, 2 % of the packets lost, 100 Hz.\n"
    )


def _named(names: Sequence[str]) -> list[Figure]:
    return [figure for name in names for figure in MODEL_FIGURES if figure.name == name]


def _groups(runs: Sequence[Run], label: Callable[[Run], str]) -> Groups:
    groups: dict[str, list[Score]] = {}
    for run in runs:
        groups.setdefault(label(run), []).append(run.score)
    return groups

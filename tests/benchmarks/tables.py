"""Figures as Markdown tables: value, interval, goal, and plainly whether it is met."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import isnan

from tests.benchmarks.figures import Estimate, Figure, Goal, estimate, mean_abs, share, value_of
from tests.benchmarks.goals import errors, false_reps
from tests.benchmarks.scoring import BOUNDARIES, Score

Groups = Mapping[str, Sequence[Score]]

CONFIDENCE_BINS = (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98, 1.0)
FALSE_SHARE = Figure("no rep at all", "%", 1, false_reps, share)
ERRORS = (
    Figure("boundaries: MAE", "ms", 1, errors(*BOUNDARIES, scale=1e3), mean_abs),
    Figure("ROM: MAE", "deg", 2, errors("rom_deg"), mean_abs),
    Figure("mean velocity: MAE", "m/s", 4, errors("mean_velocity_mps"), mean_abs),
)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def number(figure: Figure, value: float) -> str:
    text = f"{value:.{figure.digits}f}"
    return text.removeprefix("-") if float(text) == 0 else text


def with_interval(figure: Figure, result: Estimate | None) -> str:
    if result is None:
        return "–"
    value = number(figure, result.value)
    if isnan(result.interval[0]):
        return value
    low, high = (number(figure, end) for end in result.interval)
    return f"{value} ({low} to {high})"


def goal_text(figure: Figure, goal: Goal | None) -> str:
    if goal is None:
        return ""
    sign = "≥" if goal.at_least else "≤"
    return f"{sign} {goal.limit:g} {figure.unit}".rstrip()


def verdict(figure: Figure, goal: Goal | None, result: Estimate | None) -> str:
    if goal is None:
        return ""
    if result is None:
        return "not measured"
    short = goal.short_by(result.value)
    if short <= 0:
        return "met"
    return f"**short by {short:.{figure.digits + 1}f} {figure.unit}**".replace(" **", "**")


def worst(figure: Figure, groups: Groups) -> tuple[str, Estimate] | None:
    """The group farthest on the wrong side; None for a figure that has no goal."""
    goal = figure.goal
    if goal is None:
        return None
    values = {name: value_of(figure, scores) for name, scores in groups.items()}
    short = {name: goal.short_by(value) for name, value in values.items() if not isnan(value)}
    if not short:
        return None
    name = max(short, key=lambda name: short[name])
    result = estimate(figure, groups[name])
    return None if result is None else (name, result)


def figure_table(figures: Sequence[Figure], groups: Groups) -> str:
    """One line a figure: over all groups, and in the worst of them."""
    everything = [score for scores in groups.values() for score in scores]
    rows = []
    for figure in figures:
        result, lowest = estimate(figure, everything), worst(figure, groups)
        name = f"{figure.name} [{figure.unit}]" if figure.unit else figure.name
        rows.append(
            [
                name,
                goal_text(figure, figure.goal),
                with_interval(figure, result),
                verdict(figure, figure.goal, result),
                "" if lowest is None else f"{lowest[0]}: {number(figure, lowest[1].value)}",
            ]
        )
        if figure.worst_goal is not None and lowest is not None:
            rows.append(
                [
                    f"{name}, worst group",
                    goal_text(figure, figure.worst_goal),
                    with_interval(figure, lowest[1]),
                    verdict(figure, figure.worst_goal, lowest[1]),
                    lowest[0],
                ]
            )
    return table(["figure", "goal", "all (95 % interval)", "goal met?", "worst group"], rows)


def group_table(title: str, figures: Sequence[Figure], groups: Groups) -> str:
    """One line a group, one column a figure, with intervals."""
    head = [title, "sets", *(f"{f.name} [{f.unit}]" if f.unit else f.name for f in figures)]
    rows = [
        [
            name,
            str(sum(one.true_reps is not None for score in scores for one in score.sets)),
            *(with_interval(figure, estimate(figure, scores)) for figure in figures),
        ]
        for name, scores in groups.items()
    ]
    return table(head, rows)


def confidence_table(scores: Sequence[Score]) -> str:
    """What the confidence of a rep says of its error, in bins of confidence."""
    rows = []
    for low, high in pairwise(CONFIDENCE_BINS):
        inside = [_within_confidence(score, low, high) for score in scores]
        reps = sum(len(score.reps) for score in inside)
        false = sum(len(score.false) for score in inside)
        if reps + false:
            results = [with_interval(figure, estimate(figure, inside)) for figure in ERRORS]
            wrong = with_interval(FALSE_SHARE, estimate(FALSE_SHARE, inside))
            rows.append([f"{low:g} to {high:g}", str(reps + false), wrong, *results])
    names = (f"{figure.name} [{figure.unit}]" for figure in (FALSE_SHARE, *ERRORS))
    return table(["confidence", "reps", *names], rows)


def _within_confidence(score: Score, low: float, high: float) -> Score:
    def inside(confidence: float) -> bool:
        return low <= confidence < high or confidence == high == 1.0

    return replace(
        score,
        reps=tuple(rep for rep in score.reps if inside(rep.confidence)),
        false=tuple(rep for rep in score.false if inside(rep.confidence)),
    )

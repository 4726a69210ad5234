"""The real recordings, as a section of the accuracy report."""

from collections.abc import Callable, Iterable, Sequence

import numpy as np

from tests.benchmarks.figures import Estimate, Figure, Goal, estimate, mean, mean_abs, share
from tests.benchmarks.goals import errors
from tests.benchmarks.intervals import wilson
from tests.benchmarks.real import PLAYED_AS, TRUE_EXERCISE, Played
from tests.benchmarks.scoring import MEASURES
from tests.benchmarks.tables import goal_text, table, verdict, with_interval

EXACT = Figure("count exact", "%", 1, lambda _: np.empty(0), share, Goal(97, True))
WITHIN_1 = Figure("count within 1", "%", 1, lambda _: np.empty(0), share, Goal(100, True))
SQUAT_TIMES = (
    Figure("start: MAE", "s", 3, errors("start_s"), mean_abs, Goal(0.2)),
    Figure("end: MAE", "s", 3, errors("end_s"), mean_abs, Goal(0.2)),
    Figure("start: bias", "s", 3, errors("start_s"), mean),
    Figure("end: bias", "s", 3, errors("end_s"), mean),
)
HOLD_TIMES = (
    Figure("hold duration: MAE", "s", 3, errors("hold_s"), mean_abs, Goal(0.4)),
    Figure("hold start: MAE", "s", 3, errors("hold_start_s"), mean_abs, Goal(0.4)),
    Figure("hold end: MAE", "s", 3, errors("hold_end_s"), mean_abs, Goal(0.4)),
    Figure("hold start: bias", "s", 3, errors("hold_start_s"), mean),
    Figure("hold end: bias", "s", 3, errors("hold_end_s"), mean),
)
UNITS = {"deg": "deg", "m": "m", "mps": "m/s", "pct": "points", "s": "s"}


WATCHED = """All of these files were at hand while the tracker was built, and their counts were
watched: none is unseen. The split by person ("building", "held out") shows that no group differs;
an unseen test has to come from recordings of other people.
"""

WINDOWS = """The hand-made windows touch: the standing pause between two squats is shared out
between them. A rep ends here where the velocity falls to 0.03 m/s, so half of that pause, 0.2 to
0.3 s, is in each of these errors, always with the same sign.
"""

HOLDS = """Reps cut off by the ends of a file may be counted or not. The holds were read off by a
threshold part of the way up; a top pause begins here where the rate falls to 2 deg/s, and the
thighs in these files take 1.5 to 2 s for each way. So holds come out about 0.7 s shorter at each
end, by definition more than by error.
"""


def real_section(played: Sequence[Played]) -> str:
    return "\n".join(
        [
            WATCHED,
            "### Squats, as `squat`\n",
            _counted(_only(played, "squat", "squat"), (EXACT, WITHIN_1), SQUAT_TIMES),
            WINDOWS,
            "### Bridging (thigh, accelerometer alone), as `glute_bridge`\n",
            _counted(_only(played, "bridging", "glute_bridge"), (WITHIN_1,), HOLD_TIMES),
            HOLDS,
            "### What is not the exercise: no reps\n",
            _none_expected(played),
        ]
    )


def examples_section(played: Sequence[Played]) -> str:
    """Each field's mean absolute error in each of the example recordings."""
    head = ["field", *(one.play.name for one in played)]
    rows = [["count, found / true", *(f"{one.found_reps} / {one.true_reps}" for one in played)]]
    for name in MEASURES:
        figure = Figure(name, "", 3, errors(name), mean_abs)
        results = [estimate(figure, [one.score]) for one in played]
        values = ["–" if result is None else f"{result.value:.3f}" for result in results]
        rows.append([f"{name.rsplit('_', 1)[0]} [{UNITS[name.rsplit('_', 1)[1]]}]", *values])
    rows.append(["faults wrong", *(_wrong_faults(one) for one in played)])
    return table(head, rows)


def real_mistakes(played: Sequence[Played]) -> list[str]:
    """What is wrong in each file looked at while building; of the others only their number."""
    wrong = [one for one in played if mistakes(one)]
    lines = [
        f"{one.play.name} as {one.play.exercise}: {'; '.join(mistakes(one))}"
        for one in wrong
        if not one.play.held_out
    ]
    held_out = sum(one.play.held_out for one in wrong)
    return [*lines, f"{held_out} held-out files with mistakes, not shown"]


def mistakes(one: Played) -> list[str]:
    """What is wrong with a recording, in words; empty where nothing is."""
    if one.true_reps == 0:
        return [f"{one.found_reps} reps where none are"] * (one.found_reps > one.allowed_reps)
    if one.edge_reps and one.within_one:
        return []
    wrong = [f"set of {s.true_reps}: found {s.found_reps}" for s in one.score.sets if s.error != 0]
    wrong += [f"missed at {rep.start_s:.1f} s" for rep in one.score.missed]
    wrong += [f"false at {rep.start_s:.1f} s" for rep in one.score.false]
    return wrong


def _only(played: Iterable[Played], kind: str, exercise: str) -> list[Played]:
    return [one for one in played if (one.play.kind, one.play.exercise) == (kind, exercise)]


def _split(played: Sequence[Played]) -> list[tuple[str, list[Played]]]:
    parts = {
        "building": [one for one in played if not one.play.held_out],
        "held out": [one for one in played if one.play.held_out],
        "all": list(played),
    }
    return [(name, part) for name, part in parts.items() if part]


def _counted(played: Sequence[Played], counts: Sequence[Figure], times: Sequence[Figure]) -> str:
    right: dict[str, Callable[[Played], bool]] = {
        EXACT.name: lambda one: one.exact,
        WITHIN_1.name: lambda one: one.within_one,
    }
    rows = []
    for name, part in _split(played):
        size = [name, str(len(part)), str(sum(one.true_reps for one in part))]
        shares = [_share([right[figure.name](one) for one in part]) for figure in counts]
        timings = [estimate(figure, [one.score for one in part]) for figure in times]
        results = zip((*counts, *times), (*shares, *timings), strict=True)
        rows += [[*size, *_line(figure, result)] for figure, result in results]
    return table(
        ["files", "n", "true reps", "figure", "goal", "value (95 % interval)", "goal met?"], rows
    )


def _none_expected(played: Sequence[Played]) -> str:
    rows = []
    for kind, exercises in PLAYED_AS.items():
        for exercise in exercises:
            if TRUE_EXERCISE.get(kind) == exercise:
                continue
            for name, part in _split(_only(played, kind, exercise)):
                over = [one for one in part if one.found_reps > one.allowed_reps]
                rows.append(
                    [
                        f"{kind} as `{exercise}`",
                        name,
                        str(len(part)),
                        f"{sum(one.score.duration_s for one in part) / 60:.0f}",
                        str(sum(one.found_reps for one in part)),
                        str(sum(one.score.found_partials for one in part)),
                        str(sum(one.score.withdrawn for one in part)),
                        f"**reps in {len(over)} of them**" if over else "met",
                    ]
                )
    head = ["recordings", "files", "n", "minutes", "reps", "partial", "live, taken back"]
    return table([*head, "goal 0 met?"], rows)


def _share(right: Sequence[bool]) -> Estimate:
    low, high = wilson(sum(right), len(right))
    return Estimate(100 * float(np.mean(right)), (100 * low, 100 * high), len(right))


def _line(figure: Figure, result: Estimate | None) -> list[str]:
    name = f"{figure.name} [{figure.unit}]"
    goal = figure.goal
    return [
        name,
        goal_text(figure, goal),
        with_interval(figure, result),
        verdict(figure, goal, result),
    ]


def _wrong_faults(one: Played) -> str:
    return str(
        sum(
            fault not in rep.true_faults
            for rep in one.score.reps
            for fault in rep.found_faults
            if f"{fault}?" not in rep.true_faults
        )
        + sum(
            fault not in rep.found_faults
            for rep in one.score.reps
            for fault in rep.true_faults
            if not fault.endswith("?")
        )
    )

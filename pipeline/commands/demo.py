"""``hiprep demo``: a model session, played."""

import argparse
from math import inf

from rich.console import Console

from pipeline import exercises
from pipeline.commands import INTERRUPTED
from pipeline.play import Pace, play
from pipeline.replay import LIVE_SAMPLES
from pipeline.report import Settings
from pipeline.tracker import Tracker
from sensor.samples import as_they_come
from sensor.simulator import SessionSpec, SetPlan, Tempo, simulate

_REST_S = 11.0
_SET_TIMEOUT_S = 5.0

_SETS = (
    SetPlan(reps=5, tempo=Tempo(eccentric_s=1.2, bottom_s=0.3, concentric_s=0.9, top_s=0.8)),
    SetPlan(
        reps=4,
        tempo=Tempo(eccentric_s=1.2, bottom_s=0.3, concentric_s=0.9, top_s=1.4),
        faults=("", "", "over_arch", ""),
    ),
    SetPlan(
        reps=5,
        tempo=Tempo(eccentric_s=1.0, bottom_s=0.3, concentric_s=0.9, top_s=0.6),
        fatigue=0.3,
        faults=("", "", "", "short_lockout", ""),
    ),
)


def run(args: argparse.Namespace) -> int:
    """Play three short sets; they end by themselves."""
    spec = SessionSpec(sets=_SETS, around=False, rest_s=_REST_S, seed=args.seed)
    # Rests in the demo are short, so that it is.
    tracker = Tracker(
        exercises.load(spec.exercise), settings=Settings(set_timeout_s=_SET_TIMEOUT_S)
    )
    moments = as_they_come(simulate(spec).blocks(LIVE_SAMPLES))
    moments = Pace(inf if args.fast else 1.0).follow(moments)
    whole = play(
        moments, tracker, Console(highlight=False, markup=False, emoji=False), lines=args.fast
    )
    return 0 if whole else INTERRUPTED

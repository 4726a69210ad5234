"""``hiprep exercises``: what can be counted."""

import argparse

from rich.console import Console

from pipeline import exercises
from pipeline.display import exercise_view


def run(_: argparse.Namespace) -> int:
    """Print one row for each exercise."""
    known = [exercises.load(name) for name in exercises.names()]
    Console(highlight=False, markup=False, emoji=False).print(exercise_view(known))
    return 0

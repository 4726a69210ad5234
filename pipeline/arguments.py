"""What the commands of the command line share: how one is added, and what an option may be.

A type takes text and gives a value, or the reason why not.
"""

import argparse
import math
from collections.abc import Callable, Sequence
from typing import Any

from pipeline import exercises


def add_command(commands: Any, name: str, summary: str, examples: str) -> argparse.ArgumentParser:
    """A command with a summary, which is its help, and examples."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def add_exercise(parser: argparse.ArgumentParser, default: str | None, note: str) -> None:
    """The option that says what is done. note: what holds without it."""
    parser.add_argument(
        "--exercise",
        metavar="NAME",
        default=default,
        choices=exercises.names(),
        help=f"what was done: {', '.join(exercises.names())} (default {note})",
    )


def positive(text: str) -> float:
    """A number above 0."""
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def seconds(text: str) -> float:
    """A duration above 0, with or without its s."""
    return positive(text.removesuffix("s"))


def not_negative(text: str) -> float:
    """A number, 0 or more."""
    value = float(text)
    if not 0 <= value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not 0 or more")
    return value


def speed(text: str) -> float:
    """So many times the own pace; infinite for max."""
    return math.inf if text == "max" else positive(text)


def count(text: str) -> int:
    """A whole number, 1 or more."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def percent(text: str) -> float:
    """A percentage, with or without its sign."""
    value = float(text.removesuffix("%"))
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text} is not between 0% and 100%")
    return value


def tempo(text: str) -> tuple[float | None, ...]:
    """Four durations in seconds; None for X."""
    parts = tuple(None if part in ("X", "x") else float(part) for part in text.split("-"))
    if len(parts) != 4 or not all(part is None or 0 <= part < 60 for part in parts):
        raise argparse.ArgumentTypeError(f"{text} is not four durations like 3-1-1-2 or 2-0-X-1")
    return parts


def some_of(known: Sequence[str]) -> Callable[[str], list[str]]:
    """Names out of those known, with commas between."""

    def parse(text: str) -> list[str]:
        names = text.split(",")
        for name in names:
            if name not in known:
                raise argparse.ArgumentTypeError(f"{name!r} is none of {', '.join(known)}")
        return names

    return parse


def mounting(text: str) -> tuple[float, ...] | None:
    """A quaternion w,x,y,z of length 1; None for random."""
    if text == "random":
        return None
    parts = tuple(float(part) for part in text.split(","))
    if len(parts) != 4 or not math.isclose(math.hypot(*parts), 1.0, abs_tol=0.01):
        raise argparse.ArgumentTypeError(f"{text} is not a quaternion of length 1, nor random")
    return parts


# What argparse calls a text that is no number at all.
positive.__name__ = not_negative.__name__ = "number"
seconds.__name__ = "number of seconds"
speed.__name__ = "number, nor max"
count.__name__ = "whole number"
percent.__name__ = "percentage"
tempo.__name__ = "tempo"
mounting.__name__ = "quaternion"

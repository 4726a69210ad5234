"""The command line ``hiprep``: what can be asked for. `pipeline.commands` does it.

A command is imported when it runs, so that help and mistakes are answered at once.
"""

import argparse
import math
import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from pipeline import exercises
from pipeline.commands import INTERRUPTED, UNUSABLE, CommandError

# As the simulator has them, which takes too long to import for a help text.
STYLES = (
    "standard",
    "tempo",
    "paused",
    "explosive",
    "near_failure",
    "banded",
    "novice",
    "long_bottom",
)
SENSORS = ("ideal", "lsm6dso", "bmi270", "icm20948")
FAULTS = ("over_arch", "short_lockout", "sag")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise CommandError(f"{message} ({self.prog} --help says more)")


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> None:
        print(f"hiprep {import_module('importlib.metadata').version('hiprep')}")
        parser.exit()


def main(argv: list[str] | None = None) -> int:
    """Run one command. 0; 2 and a line on standard error for what cannot be used; 130 for ^C."""
    try:
        args = build_parser().parse_args(argv)
        code: int = import_module(f"pipeline.commands.{args.command}").run(args)
        sys.stdout.flush()
    except CommandError as error:
        print(f"hiprep: {error}", file=sys.stderr)
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has seen enough. Python flushes once more at its end, into nothing.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


def build_parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    parser = _Parser(
        prog="hiprep",
        description="Counts hip thrust reps and times their phases from one motion sensor "
        "on the pelvis. Tempo is written down-bottom-up-top, in seconds.",
        epilog="hiprep COMMAND --help has examples. Start with: hiprep demo",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version")
    commands = parser.add_subparsers(
        title="commands", metavar="COMMAND", dest="command", required=True
    )
    _add_replay(commands)
    _add_simulate(commands)
    _add_demo(commands)
    _add_exercises(commands)
    return parser


def _add_command(commands: Any, name: str, summary: str, examples: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def _add_exercise(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--exercise",
        metavar="NAME",
        default="hip_thrust",
        choices=exercises.names(),
        help=f"what was done: {', '.join(exercises.names())} (default hip_thrust)",
    )


def _add_replay(commands: Any) -> None:
    parser = _add_command(
        commands,
        "replay",
        "find the sets and reps in a recording",
        "  hiprep replay session.csv.gz\n"
        "  hiprep replay session.csv.gz --exercise glute_bridge --plot session.png\n"
        "  zcat session.csv.gz | hiprep replay - --json",
    )
    parser.add_argument("recording", help='imu-csv/1, plain or gzip; "-" is standard input')
    _add_exercise(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line, no tables")
    parser.add_argument(
        "--live", action="store_true", help="every event as it is published during the set"
    )
    parser.add_argument("--plot", metavar="OUT.png", type=Path, help="draw pitch with its phases")
    parser.add_argument(
        "--set-timeout",
        metavar="S",
        type=_positive,
        default=15.0,
        help="rest that ends a set, seconds (default 15)",
    )
    parser.add_argument(
        "--min-reps", metavar="N", type=_count, default=2, help="reps that make a set (default 2)"
    )


def _add_simulate(commands: Any) -> None:
    parser = _add_command(
        commands,
        "simulate",
        "write a model recording, and what truly happened in NAME.truth.json beside it",
        "  hiprep simulate easy.csv.gz\n"
        "  hiprep simulate slow.csv.gz --tempo 3-1-1-2 --reps 6 --faults over_arch,sag\n"
        "  hiprep simulate hard.csv.gz --style near_failure --sets 3 --loss 5% --seed 7",
    )
    parser.add_argument("out", metavar="OUT.csv[.gz]", type=Path)
    _add_exercise(parser)
    parser.add_argument(
        "--style", choices=STYLES, default="standard", metavar="NAME", help=", ".join(STYLES)
    )
    parser.add_argument("--sets", metavar="N", type=_count, default=1, help="sets (default 1)")
    parser.add_argument("--reps", metavar="N", type=_count, default=8, help="of a set (default 8)")
    parser.add_argument(
        "--tempo", metavar="3-1-X-2", type=_tempo, help="down-bottom-up-top, seconds; X is fast"
    )
    parser.add_argument("--hold", metavar="S", type=_positive, help="pause at the top, seconds")
    parser.add_argument(
        "--faults",
        metavar="A,B",
        type=_faults,
        default=[],
        help="one rep each: " + ", ".join(FAULTS),
    )
    parser.add_argument(
        "--fatigue", metavar="PCT", type=_percent, help="velocity that the last rep has lost"
    )
    parser.add_argument(
        "--sensor", choices=SENSORS, default="bmi270", metavar="NAME", help=", ".join(SENSORS)
    )
    parser.add_argument(
        "--rate", metavar="HZ", type=_positive, default=100.0, help="25 to 400 (default 100)"
    )
    parser.add_argument(
        "--mounting",
        metavar="W,X,Y,Z",
        type=_mounting,
        help="sensor axes into forward, left, up of the pelvis, a quaternion (default random)",
    )
    parser.add_argument(
        "--loss", metavar="PCT", type=_percent, default=2.0, help="packets lost (default 2%%)"
    )
    parser.add_argument("--no-gyro", dest="gyro", action="store_false", help="accelerometer only")
    parser.add_argument(
        "--around",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="walking in, settling down, getting up and off (default), or the sets alone",
    )
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="the same gives the same")
    parser.add_argument("--force", action="store_true", help="overwrite what is there")


def _add_demo(commands: Any) -> None:
    parser = _add_command(
        commands,
        "demo",
        "play a model session in the terminal, as a lifter would see it",
        "  hiprep demo\n  hiprep demo --fast",
    )
    parser.add_argument("--fast", action="store_true", help="as fast as it goes, one line an event")
    parser.add_argument("--seed", metavar="N", type=int, default=5, help="another session")


def _add_exercises(commands: Any) -> None:
    _add_command(commands, "exercises", "list the exercises that are known", "  hiprep exercises")


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is not a number above 0")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not 1 or more")
    return value


def _percent(text: str) -> float:
    value = float(text.removesuffix("%"))
    if not 0 <= value <= 100:
        raise argparse.ArgumentTypeError(f"{text} is not between 0% and 100%")
    return value


def _tempo(text: str) -> tuple[float | None, ...]:
    """Four durations in seconds; None for X."""
    parts = tuple(None if part in ("X", "x") else float(part) for part in text.split("-"))
    if len(parts) != 4 or not all(part is None or 0 <= part < 60 for part in parts):
        raise argparse.ArgumentTypeError(f"{text} is not four durations like 3-1-1-2 or 2-0-X-1")
    return parts


def _faults(text: str) -> list[str]:
    faults = text.split(",")
    for fault in faults:
        if fault not in FAULTS:
            raise argparse.ArgumentTypeError(f"{fault!r} is none of {', '.join(FAULTS)}")
    return faults


def _mounting(text: str) -> tuple[float, ...] | None:
    if text == "random":
        return None
    parts = tuple(float(part) for part in text.split(","))
    if len(parts) != 4 or not math.isclose(math.hypot(*parts), 1.0, abs_tol=0.01):
        raise argparse.ArgumentTypeError(f"{text} is not a quaternion of length 1, nor random")
    return parts


# What argparse calls a text that is no number at all.
_positive.__name__ = "number"
_count.__name__ = "whole number"
_percent.__name__ = "percentage"
_tempo.__name__ = "tempo"
_mounting.__name__ = "quaternion"

"""Commands about recordings: what can be asked of each."""

import argparse
import math
from pathlib import Path
from typing import Any

from pipeline import arguments
from pipeline.arguments import add_command, add_exercise

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


def add(commands: Any) -> None:
    """All of them."""
    _add_replay(commands)
    _add_export(commands)
    _add_import(commands)
    _add_share(commands)
    _add_simulate(commands)
    _add_demo(commands)
    _add_exercises(commands)


def _add_replay(commands: Any) -> None:
    parser = add_command(
        commands,
        "replay",
        "find the sets and reps in a recording",
        "  hiprep replay session.csv.gz\n"
        "  hiprep replay session.csv.gz --exercise glute_bridge --plot session.png\n"
        "  hiprep replay session.hiprec.gz --speed 1\n"
        "  hiprep replay session.hiprec.gz --drop 2% --burst 3 --disconnect 4s\n"
        "  zcat session.csv.gz | hiprep replay - --json",
    )
    parser.add_argument(
        "recording", help='hiprep-raw/1 or imu-csv/1, plain or gzip; "-" is standard input'
    )
    add_exercise(parser, None, "what was recorded, else hip_thrust")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, no tables")
    parser.add_argument(
        "--live", action="store_true", help="every event as it is published during the set"
    )
    parser.add_argument("--plot", metavar="OUT.png", type=Path, help="draw pitch with its phases")
    parser.add_argument(
        "--set-timeout",
        metavar="S",
        type=arguments.positive,
        help="rest that ends a set, seconds (default as recorded, else 15)",
    )
    parser.add_argument(
        "--min-reps",
        metavar="N",
        type=arguments.count,
        help="reps that make a set (default as recorded, else 2)",
    )
    _add_pace(parser)
    _add_publish(parser)
    _add_faults(parser)


def _add_pace(parser: argparse.ArgumentParser) -> None:
    pace = parser.add_argument_group("pace")
    pace.add_argument(
        "--speed",
        metavar="N|max",
        type=arguments.speed,
        default=math.inf,
        help="1 as it was lifted, 10 ten times as fast, max as fast as it goes (default)",
    )
    pace.add_argument(
        "--start",
        metavar="S",
        type=arguments.not_negative,
        default=-math.inf,  # a first packet may hold samples from before it came
        help="begin at that second of the recording",
    )
    pace.add_argument("--loop", action="store_true", help="over and over, until ^C")


def _add_publish(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("publish")
    group.add_argument(
        "--publish",
        action="store_true",
        help="send its events to the broker of the settings; twice is once",
    )
    group.add_argument(
        "--start-time",
        metavar="WHEN",
        help="when it was made, 2026-11-22T18:00 (default what the file says)",
    )
    group.add_argument(
        "--as-now", action="store_true", help="as if it began now, to look at the boards"
    )
    group.add_argument(
        "--athlete", metavar="NAME", help="who it is of (default what the file says)"
    )


def _add_faults(parser: argparse.ArgumentParser) -> None:
    faults = parser.add_argument_group("faults of the radio, on purpose")
    faults.add_argument(
        "--drop", metavar="PCT", type=arguments.percent, default=0.0, help="packets lost"
    )
    faults.add_argument(
        "--burst",
        metavar="N",
        type=arguments.count,
        default=1,
        help="so many at a time, in the mean (default 1)",
    )
    for name, what in (
        ("duplicate", "come twice"),
        ("reorder", "are overtaken by the next"),
        ("corrupt", "are damaged"),
    ):
        faults.add_argument(
            f"--{name}",
            action="store_const",
            const=1.0,
            default=0.0,
            help=f"1 in 100 packets {what}",
        )
    faults.add_argument(
        "--disconnect",
        metavar="S",
        type=arguments.seconds,
        default=0.0,
        help="the link is gone for so long, once",
    )
    faults.add_argument(
        "--seed", metavar="N", type=int, default=0, help="the same gives the same faults"
    )


def _add_export(commands: Any) -> None:
    parser = add_command(
        commands,
        "export",
        "write a recording as imu-csv/1, for other programs",
        "  hiprep export session.hiprec.gz session.csv.gz",
    )
    parser.add_argument("recording")
    parser.add_argument("out", metavar="OUT.csv[.gz]", type=Path)
    parser.add_argument("--force", action="store_true", help="overwrite what is there")


def _add_import(commands: Any) -> None:
    parser = add_command(
        commands,
        "import",
        "check an imu-csv/1 recording and put it with your own",
        "  hiprep import squats.csv --athlete anna --exercise squat",
    )
    parser.add_argument("recording")
    add_exercise(parser, None, "what the file says")
    parser.add_argument("--athlete", metavar="NAME", help="who it is of (letters, digits, _ and -)")
    parser.add_argument("--sensor", metavar="NAME", help="what it was recorded with")
    parser.add_argument("--force", action="store_true", help="overwrite what is there")


def _add_share(commands: Any) -> None:
    parser = add_command(
        commands,
        "share",
        "make one small file for a bug report, without the name of the athlete",
        "  hiprep share session.hiprec.gz\n"
        "  hiprep share session.hiprec.gz --out miscounted.hiprec.gz",
    )
    parser.add_argument("recording")
    parser.add_argument(
        "--out", metavar="FILE", type=Path, help="default hiprep-shared.hiprec.gz (or .csv.gz)"
    )


def _add_simulate(commands: Any) -> None:
    parser = add_command(
        commands,
        "simulate",
        "write a model recording, and what truly happened in NAME.truth.json beside it",
        "  hiprep simulate easy.csv.gz\n"
        "  hiprep simulate slow.csv.gz --tempo 3-1-1-2 --reps 6 --faults over_arch,sag\n"
        "  hiprep simulate hard.csv.gz --style near_failure --sets 3 --loss 5% --seed 7",
    )
    parser.add_argument("out", metavar="OUT.csv[.gz]", type=Path)
    add_exercise(parser, "hip_thrust", "hip_thrust")
    parser.add_argument(
        "--style", choices=STYLES, default="standard", metavar="NAME", help=", ".join(STYLES)
    )
    parser.add_argument(
        "--sets", metavar="N", type=arguments.count, default=1, help="sets (default 1)"
    )
    parser.add_argument(
        "--reps", metavar="N", type=arguments.count, default=8, help="of a set (default 8)"
    )
    parser.add_argument(
        "--tempo",
        metavar="3-1-X-2",
        type=arguments.tempo,
        help="down-bottom-up-top, seconds; X is fast",
    )
    parser.add_argument(
        "--hold", metavar="S", type=arguments.positive, help="pause at the top, seconds"
    )
    parser.add_argument(
        "--faults",
        metavar="A,B",
        type=arguments.some_of(FAULTS),
        default=[],
        help="one rep each: " + ", ".join(FAULTS),
    )
    parser.add_argument(
        "--fatigue",
        metavar="PCT",
        type=arguments.percent,
        help="velocity that the last rep has lost",
    )
    parser.add_argument(
        "--sensor", choices=SENSORS, default="bmi270", metavar="NAME", help=", ".join(SENSORS)
    )
    parser.add_argument(
        "--rate",
        metavar="HZ",
        type=arguments.positive,
        default=100.0,
        help="25 to 400 (default 100)",
    )
    parser.add_argument(
        "--mounting",
        metavar="W,X,Y,Z",
        type=arguments.mounting,
        help="sensor axes into forward, left, up of the pelvis, a quaternion (default random)",
    )
    parser.add_argument(
        "--loss",
        metavar="PCT",
        type=arguments.percent,
        default=2.0,
        help="packets lost (default 2%%)",
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
    parser = add_command(
        commands,
        "demo",
        "a model lifter does three sets: the live page shows them, with all that is behind it",
        "  hiprep demo\n  hiprep demo --fast\n  hiprep demo --lan",
    )
    parser.add_argument("--fast", action="store_true", help="eight times as fast")
    parser.add_argument("--lan", action="store_true", help="let phones in the local network look")
    parser.add_argument("--no-browser", action="store_true", help="open no browser")
    parser.add_argument("--seed", metavar="N", type=int, default=5, help="another session")


def _add_exercises(commands: Any) -> None:
    add_command(commands, "exercises", "list the exercises that are known", "  hiprep exercises")

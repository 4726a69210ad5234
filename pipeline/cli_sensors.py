"""Commands about live sensors: what can be asked of each."""

import argparse
from pathlib import Path
from typing import Any

from pipeline import arguments
from pipeline.arguments import add_command, add_exercise


def add(commands: Any) -> None:
    """All of them."""
    _add_live(commands)
    _add_record(commands)
    _add_scan(commands)
    _add_init(commands)
    _add_fit(commands)
    _add_doctor(commands)
    _add_sensors(commands)


def _add_live(commands: Any) -> None:
    parser = add_command(
        commands,
        "live",
        "track the sensors that people wear, and record what they send",
        "  hiprep live\n"
        "  hiprep live --sensor belt-7 --exercise glute_bridge\n"
        "  hiprep live --sensor belt-7 --sensor C0:FF:EE:00:00:02\n"
        "  hiprep live --json",
    )
    _add_whom(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line, no screen")
    parser.add_argument(
        "--no-record", dest="record", action="store_false", help="keep nothing of it"
    )
    parser.add_argument(
        "--no-publish",
        dest="publish",
        action="store_false",
        help="say nothing to the broker of the settings",
    )
    parser.set_defaults(track=True)


def _add_record(commands: Any) -> None:
    parser = add_command(
        commands,
        "record",
        "record what sensors send, without tracking",
        "  hiprep record --sensor belt-7\n  hiprep record --seconds 600",
    )
    _add_whom(parser)


def _add_whom(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--sensor",
        metavar="NAME|ADDRESS",
        action="append",
        default=[],
        help="its key in the settings, name or address; again for more of them "
        "(default all of the settings, else the only one in reach)",
    )
    add_exercise(parser, None, "as the settings say, else hip_thrust")
    parser.add_argument("--athlete", metavar="NAME", help="who wears it (letters, digits, _ and -)")
    parser.add_argument(
        "--seconds", metavar="N", type=arguments.positive, help="how long (default until ^C)"
    )


def _add_fit(commands: Any) -> None:
    parser = add_command(
        commands,
        "fit",
        "check in ten seconds that a sensor sits firmly and its axis is found",
        "  hiprep fit\n  hiprep fit --sensor belt-7\n  hiprep fit --lockout --athlete anna",
    )
    parser.add_argument(
        "--sensor",
        metavar="NAME|ADDRESS",
        help="its key in the settings, name or address (default the only one of the settings)",
    )
    parser.add_argument(
        "--seconds",
        metavar="N",
        type=arguments.positive,
        help="how long (default 10, with --lockout 20)",
    )
    parser.add_argument(
        "--lockout",
        action="store_true",
        help="save how far up the lifter comes without load: lockouts are judged by that too",
    )
    parser.add_argument(
        "--athlete", metavar="NAME", help="with --lockout: whose (default who wears the sensor)"
    )
    add_exercise(parser, None, "with --lockout: as the settings say")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _add_init(commands: Any) -> None:
    parser = add_command(
        commands,
        "init",
        "write the settings file: who lifts, with which sensor",
        "  hiprep init\n  hiprep init --yes",
    )
    parser.add_argument("--yes", action="store_true", help="ask nothing, take the defaults")


def _add_sensors(commands: Any) -> None:
    add_command(commands, "sensors", "list the sensors that can be used", "  hiprep sensors")


def _add_scan(commands: Any) -> None:
    parser = add_command(
        commands,
        "scan",
        "show which sensors are on the air",
        "  hiprep scan\n  hiprep scan --battery\n  hiprep scan --seconds 5 --json",
    )
    parser.add_argument(
        "--seconds",
        metavar="N",
        type=arguments.positive,
        help="how long (default until ^C on a terminal, else 10)",
    )
    parser.add_argument(
        "--battery", action="store_true", help="then connect to each, and read what it has left"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object a line, at the end")


def _add_doctor(commands: Any) -> None:
    parser = add_command(
        commands,
        "doctor",
        "find out what is wrong with Bluetooth, the settings, a sensor or the servers",
        "  hiprep doctor\n  hiprep doctor --sensor belt-7\n"
        "  hiprep doctor --sensor C0:FF:EE:00:00:01 --seconds 30\n"
        "  hiprep doctor --stack --secrets secrets",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--sensor",
        metavar="NAME",
        help="watch this one while it lies still: its key in the settings, name or address",
    )
    parser.add_argument(
        "--seconds",
        metavar="N",
        type=arguments.positive,
        default=10.0,
        help="how long (default 10)",
    )
    _add_stack(parser, what)
    parser.add_argument("--json", action="store_true", help="one JSON object a line")


def _add_stack(parser: argparse.ArgumentParser, what: Any) -> None:
    what.add_argument(
        "--stack",
        action="store_true",
        help="look at all that the settings name: files, folders, broker, database, boards",
    )
    parser.add_argument(
        "--config", metavar="FILE", type=Path, help="the settings file (default the usual one)"
    )
    parser.add_argument(
        "--secrets",
        metavar="DIR",
        type=Path,
        help="with --stack: look at all secrets in there, too (hiprep stack init)",
    )
    parser.add_argument(
        "--grafana", metavar="URL", help="with --stack: where it is, if not on this computer"
    )
    parser.add_argument(
        "--ports",
        action="store_true",
        help="with --stack: are this computer's ports 8883, 8084 and 3000 free for the servers",
    )

"""The command line ``hiprep``: what can be asked for. `pipeline.commands` does it.

A command is imported when it runs, so that help and mistakes are answered at once.
"""

import argparse
import os
import sys
from importlib import import_module
from typing import NoReturn

from pipeline import (
    cli_archive,
    cli_backup,
    cli_coach,
    cli_delivery,
    cli_recordings,
    cli_report,
    cli_sensors,
    cli_stack,
)
from pipeline.commands import INTERRUPTED, UNUSABLE, CommandError


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
        # A module cannot be called import.
        name = "import_" if args.command == "import" else args.command
        code: int = import_module(f"pipeline.commands.{name}").run(args)
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
    cli_sensors.add(commands)
    cli_recordings.add(commands)
    cli_delivery.add(commands)
    cli_report.add(commands)
    cli_coach.add(commands)
    cli_archive.add(commands)
    cli_backup.add(commands)
    cli_stack.add(commands)
    return parser

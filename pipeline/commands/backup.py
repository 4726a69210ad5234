"""``hiprep backup``: all that cannot be made again, in one file."""

import argparse
import os
from pathlib import Path

from pipeline.commands import CommandError
from pipeline.commands.common import usable_settings
from pipeline.commands.progress import Bar
from pipeline.stack import StackError
from pipeline.stack.backup import backup


def run(args: argparse.Namespace) -> int:
    """Write it, and say what is in it."""
    use_config(args.config)
    if args.config and not args.config.exists():
        raise CommandError(f"{args.config}: there is no such file")
    settings = usable_settings()
    try:
        with Bar("packing") as bar:
            lines = backup(settings, args.file, recordings=args.recordings, told=bar.told)
    except StackError as error:
        raise CommandError(str(error)) from error
    for line in lines:
        print(line)
    return 0


def use_config(path: Path | None) -> None:
    """From here on it is the settings file, for all that goes by its name."""
    if path:
        os.environ["HIPREP_SETTINGS"] = str(path)

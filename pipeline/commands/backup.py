"""``hiprep backup``: all that cannot be made again, in one file."""

import argparse
import os
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import Progress

from pipeline.commands import CommandError
from pipeline.commands.common import usable_settings
from pipeline.stack import StackError
from pipeline.stack.backup import backup

_BAR_AFTER_S = 1.0


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


class Bar:
    """How far it is: on standard error, if that is a terminal, once it takes long enough."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._begin_s = time.monotonic()
        self._bar: Progress | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def told(self, done: int, total: int) -> None:
        """So much of so much."""
        if self._bar:
            self._bar.update(self._bar.task_ids[0], completed=done, total=total)
        elif sys.stderr.isatty() and time.monotonic() - self._begin_s > _BAR_AFTER_S:
            self._bar = Progress(console=Console(stderr=True), transient=True)
            self._bar.add_task(self._what, total=total)
            self._bar.start()

"""Commands that keep all of it safe: what can be asked of each."""

from pathlib import Path
from typing import Any

from pipeline.arguments import add_command


def add(commands: Any) -> None:
    """All of them."""
    _add_backup(commands)
    _add_restore(commands)


def _add_backup(commands: Any) -> None:
    parser = add_command(
        commands,
        "backup",
        "put all that is kept into one file, while it runs",
        "  hiprep backup hiprep-2026-05-01.tar.gz\n"
        "  hiprep backup /media/disk/all.tar.gz --recordings",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="a new one, .tar.gz")
    parser.add_argument("--recordings", action="store_true", help="the recordings too")
    _add_config(parser)


def _add_restore(commands: Any) -> None:
    parser = add_command(
        commands,
        "restore",
        "put back what a backup has, and fill InfluxDB from it",
        "  hiprep restore hiprep-2026-05-01.tar.gz\n"
        "  hiprep restore hiprep-2026-05-01.tar.gz --yes",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="what hiprep backup wrote")
    parser.add_argument("--yes", action="store_true", help="move aside what is there")
    _add_config(parser)


def _add_config(parser: Any) -> None:
    parser.add_argument(
        "--config", metavar="FILE", type=Path, help="the settings file (default the usual one)"
    )

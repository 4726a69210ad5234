"""The command that reports on a session: what can be asked of it."""

from pathlib import Path
from typing import Any

from pipeline.arguments import add_command


def add(commands: Any) -> None:
    """It alone."""
    parser = add_command(
        commands,
        "report",
        "write a page about a session, to read, to print or to send: one HTML file, and plots",
        "  hiprep report\n"
        "  hiprep report latest --athlete anna --out ~/reports\n"
        "  hiprep report 20260105T173000Z --recording session.hiprec.gz",
    )
    parser.add_argument(
        "session",
        nargs="?",
        default="latest",
        help="which one: its name (hiprep history sessions --json), or latest (default)",
    )
    parser.add_argument("--athlete", metavar="NAME", help="whose, where several lifted")
    parser.add_argument(
        "--out", metavar="FOLDER", type=Path, default=Path(), help="where to (default here)"
    )
    parser.add_argument(
        "--recording",
        metavar="FILE",
        type=Path,
        help="its recording, for the movement (default the one in the recordings folder)",
    )

"""The command that says what to do: what can be asked of it."""

from pathlib import Path
from typing import Any

from pipeline.arguments import add_command
from pipeline.coaching.templates import TEMPLATES


def add(commands: Any) -> None:
    """It alone."""
    parser = add_command(
        commands,
        "coach",
        "say what to do today, what the last set meant, how the week stands, or the plan",
        "  hiprep coach\n"
        "  hiprep coach set --athlete anna\n"
        "  hiprep coach week --all\n"
        "  hiprep coach plan --template strength > my-plan.toml\n"
        "  hiprep coach plan --check my-plan.toml",
    )
    parser.add_argument(
        "what",
        nargs="?",
        default="today",
        choices=("today", "set", "week", "plan"),
        help="default today",
    )
    parser.add_argument("--athlete", metavar="NAME", help="to whom, where several lift")
    parser.add_argument("--all", action="store_true", help="all advice, not the most pressing only")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    of_plan = parser.add_mutually_exclusive_group()
    of_plan.add_argument(
        "--check", metavar="FILE", type=Path, help="with plan: say what is wrong with this one"
    )
    of_plan.add_argument(
        "--template",
        metavar="NAME",
        choices=tuple(TEMPLATES),
        help=f"with plan: write one to begin with, {', '.join(TEMPLATES)}",
    )

"""Commands about an archive of recordings: what can be asked of each."""

import argparse
import re
from pathlib import Path
from typing import Any

from pipeline import arguments
from pipeline.arguments import add_command, add_exercise


def add(commands: Any) -> None:
    """All of them."""
    _add_process(commands)
    _add_compare(commands)


def dask_address(text: str) -> str | None:
    """HOST:PORT of a Dask scheduler; None for processes here."""
    if text == "processes":
        return None
    found = re.fullmatch(r"dask://([^\s/:]+:\d{1,5})", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text} is neither processes nor dask://HOST:PORT")
    return found[1]


def _add_process(commands: Any) -> None:
    parser = add_command(
        commands,
        "process",
        "find the sets and reps in many recordings, with all cores or a Dask cluster",
        "  hiprep process recordings/ --out results\n"
        "  hiprep process monday.hiprec.gz tuesday.csv.gz --out results --workers 2\n"
        "  hiprep process /share/archive --out results --executor dask://10.0.0.5:8786\n"
        "  hiprep process recordings/ --out results --publish\n\n"
        "The same command again goes on where it stopped: only what is new, changed or was out of\n"
        "reach is done. A recording that failed counts as done, until its file changes or --again.",
    )
    parser.add_argument(
        "recordings",
        metavar="FILE|DIR",
        nargs="+",
        help="recordings, and folders with .hiprec and .csv in them, plain or .gz",
    )
    parser.add_argument(
        "--out", metavar="DIR", type=Path, required=True, help="where the results go, as Parquet"
    )
    add_exercise(parser, None, "what was recorded, else hip_thrust")
    parser.add_argument(
        "--executor",
        metavar="processes|dask://HOST:PORT",
        type=dask_address,
        help="where it is done (default here); Dask's workers must see the files as you do",
    )
    parser.add_argument(
        "--workers",
        metavar="N",
        type=arguments.count,
        help="processes on this machine (default one for each core)",
    )
    parser.add_argument("--again", action="store_true", help="also what is done")
    parser.add_argument(
        "--publish",
        action="store_true",
        help="also send the events to the stores, as replay --publish does, under the version of "
        "the algorithm; hiprep db use switches to it",
    )


def _add_compare(commands: Any) -> None:
    parser = add_command(
        commands,
        "compare",
        "show what another version of the algorithm changed, set by set",
        "  hiprep compare results-before results-now\n"
        "  hiprep compare results@1 results@2 --plots pictures --worst 20\n"
        "  hiprep compare results@1 results@2 --json > changes.jsonl",
    )
    for name, which in (("a", "before"), ("b", "after")):
        parser.add_argument(
            name,
            metavar=name.upper(),
            help=f"{which}: a folder of hiprep process; FOLDER@ALGORITHM where it has several",
        )
    parser.add_argument(
        "--json", action="store_true", help="one JSON object a line: sets that changed, then all"
    )
    parser.add_argument(
        "--plots", metavar="DIR", type=Path, help="draw the worst, from their recordings"
    )
    parser.add_argument(
        "--worst",
        metavar="N",
        type=arguments.count,
        default=10,
        help="how many are shown and drawn (default %(default)s)",
    )

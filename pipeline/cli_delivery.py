"""Commands about what is kept: what can be asked of each."""

from pathlib import Path
from typing import Any

from pipeline import arguments
from pipeline.arguments import add_command, add_exercise


def add(commands: Any) -> None:
    """All of them."""
    _add_run(commands)
    _add_store(commands)
    _add_db(commands)
    _add_history(commands)
    _add_forget(commands)


def _add_run(commands: Any) -> None:
    parser = add_command(
        commands,
        "run",
        "do all that the settings say, for ever: sensors, MQTT, store",
        "  hiprep run\n  hiprep run --lan\n  hiprep run --model\n"
        "  hiprep run --config /etc/hiprep/settings.toml",
    )
    parser.add_argument(
        "--config", metavar="FILE", type=Path, help="the settings file (default the usual one)"
    )
    parser.add_argument(
        "--broker",
        metavar="URL",
        default="auto",
        help="mqtt://HOST, or embedded for one of our own (default that of the settings, if any)",
    )
    parser.add_argument(
        "--lan", action="store_true", help="let phones in the local network open the page"
    )
    parser.add_argument("--model", action="store_true", help="a model lifter in place of sensors")


def _add_store(commands: Any) -> None:
    parser = add_command(
        commands,
        "store",
        "keep what comes over MQTT, in a file and in InfluxDB",
        "  hiprep store\n  hiprep store --resend refused.jsonl",
    )
    parser.add_argument(
        "--resend", metavar="FILE", type=Path, help="send again what a database refused, and end"
    )


def _add_db(commands: Any) -> None:
    parser = add_command(
        commands,
        "db",
        "make InfluxDB ready, fill it from what the store has, or show another version",
        "  hiprep db init            buckets, retention, roll-up\n"
        "  hiprep db refill          all events once more\n"
        "  hiprep db use             which versions of the algorithm there are\n"
        "  hiprep db use 2           show what version 2 found, where it was at work\n"
        "  hiprep db use 1 --session 20260105T173000Z",
    )
    parser.add_argument("what", choices=("init", "refill", "use"), help="what to do")
    parser.add_argument(
        "algorithm", nargs="?", help="use: the version to show; without it, those that there are"
    )
    parser.add_argument("--session", metavar="NAME", help="use: of this session only")


def _add_history(commands: Any) -> None:
    parser = add_command(
        commands,
        "history",
        "show what was lifted: sessions, sets, reps, bests or advice",
        "  hiprep history\n"
        "  hiprep history sets --athlete anna --since 30d\n"
        "  hiprep history bests --exercise hip_thrust --csv",
    )
    parser.add_argument(
        "what",
        nargs="?",
        default="sessions",
        choices=("sessions", "sets", "reps", "bests", "advice"),
        help="default sessions",
    )
    parser.add_argument("--athlete", metavar="NAME", help="of one person")
    add_exercise(parser, None, "all")
    parser.add_argument(
        "--since", metavar="WHEN", help="2026-05-01, 2026-05-01T18:30, or 30d for the last 30 days"
    )
    parser.add_argument(
        "--limit",
        metavar="N",
        type=arguments.count,
        help="the newest N (default 20 in a table, else all)",
    )
    form = parser.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="comma-separated values")
    form.add_argument("--json", action="store_true", help="one JSON object a line")


def _add_forget(commands: Any) -> None:
    parser = add_command(
        commands,
        "forget",
        "delete all that there is of a person",
        "  hiprep forget anna\n  hiprep forget anna --yes",
    )
    parser.add_argument("athlete", help="the key in the settings, or the name")
    parser.add_argument("--yes", action="store_true", help="ask nothing")

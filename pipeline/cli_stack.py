"""Commands about the deployment: what can be asked of each."""

from pathlib import Path
from typing import Any

from pipeline import arguments
from pipeline.arguments import add_command


def add(commands: Any) -> None:
    """All of them."""
    parser = add_command(
        commands,
        "stack",
        "make and show what the servers of hiprep need: secrets, certificates, databases",
        "  hiprep stack init secrets --host gym.local\n"
        "  hiprep stack user secrets annas-phone --role page\n"
        "  hiprep stack show secrets",
    )
    actions = parser.add_subparsers(title="what to do", metavar="WHAT", dest="what", required=True)
    _add_init(actions)
    _add_databases(actions)
    _add_user(actions)
    _add_show(actions)


def _add_init(actions: Any) -> None:
    parser = add_command(
        actions,
        "init",
        "make what is missing of all secrets; what is there stays",
        "  hiprep stack init secrets\n"
        "  hiprep stack init secrets --site gym --host gym.local --host 192.168.1.5",
    )
    _add_folder(parser)
    parser.add_argument(
        "--site",
        metavar="NAME",
        help="what this place is called (default as before, else home)",
    )
    parser.add_argument(
        "--host",
        metavar="NAME",
        action="append",
        default=[],
        help="how others call this computer: name or address; again for more of them",
    )


def _add_databases(actions: Any) -> None:
    parser = add_command(
        actions,
        "databases",
        "make InfluxDB ready, and a token for each that needs one",
        "  hiprep stack databases secrets --influx http://localhost:8086",
    )
    _add_folder(parser)
    parser.add_argument(
        "--influx",
        metavar="URL",
        default="http://influxdb:8086",
        help="where InfluxDB is (default http://influxdb:8086)",
    )
    parser.add_argument(
        "--wait",
        metavar="SECONDS",
        type=arguments.seconds,
        default=60.0,
        help="how long to wait until it answers (default 60)",
    )


def _add_user(actions: Any) -> None:
    parser = add_command(
        actions,
        "user",
        "let another gateway, page or coach into the broker; tells the password once",
        "  hiprep stack user secrets annas-phone --role page\n"
        "  hiprep stack user secrets attic --role gateway --site attic --out for-attic",
    )
    _add_folder(parser)
    parser.add_argument("name", metavar="NAME", help="letters, digits, _ and -")
    parser.add_argument(
        "--role",
        required=True,
        choices=("gateway", "page", "coach"),
        help="gateway: sends what is lifted; page: sees all; coach: may put things right too",
    )
    parser.add_argument("--site", metavar="NAME", help="of which site (default that of init)")
    parser.add_argument(
        "--out",
        metavar="FOLDER",
        type=Path,
        help="put mqtt_password and ca.crt in there, for the other machine, and show no password",
    )


def _add_show(actions: Any) -> None:
    parser = add_command(
        actions,
        "show",
        "show the addresses and passwords that a person needs",
        "  hiprep stack show secrets",
    )
    _add_folder(parser)


def _add_folder(parser: Any) -> None:
    parser.add_argument("folder", metavar="DIR", type=Path, help="the folder of all secrets")

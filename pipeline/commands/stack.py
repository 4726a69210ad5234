"""``hiprep stack``: what the servers of a deployment need. Only `show` and `user` tell secrets."""

import argparse
from pathlib import Path

from pipeline.commands import CommandError
from pipeline.commands.logged import logged
from pipeline.settings import DEFAULT_SITE
from pipeline.stack import StackError
from pipeline.stack.certificates import ALWAYS, hosts_of, server_certificate
from pipeline.stack.files import PUBLIC_MODE, read, read_secret, write
from pipeline.stack.secrets import add_user, init, site_of, users_of

_GRAFANA_PORT, _MQTT_PORT, _WEB_PORT = 3000, 8883, 8084
_RESTART = "A broker that runs already has to start again: docker compose restart mosquitto"
_SETTINGS = """\
Its settings, with these two files in /etc/hiprep:

    site = "{site}"

    [mqtt]
    url = "mqtts://{host}:{port}"
    user = "{name}"
    password_file = "/etc/hiprep/mqtt_password"
    ca = "/etc/hiprep/ca.crt"
    receipts = true
"""


def run(args: argparse.Namespace) -> int:
    """One of them."""
    try:
        _ACTIONS[args.what](args)
    except StackError as error:
        raise CommandError(str(error)) from error
    return 0


def _init(args: argparse.Namespace) -> None:
    site = args.site or site_of(args.folder) or DEFAULT_SITE
    lines = init(args.folder, site, args.host)
    for line in lines or ["nothing to do: all is there"]:
        print(line)
    if any(line.startswith("mosquitto/") for line in lines):
        print(_RESTART)


def _databases(args: argparse.Namespace) -> None:
    from pipeline.stack.databases import prepare  # noqa: PLC0415  # takes a while to import

    with logged():  # waiting for InfluxDB may take a while
        for line in prepare(args.influx, args.folder, wait_s=args.wait):
            print(line)


def _user(args: argparse.Namespace) -> None:
    site = args.site or site_of(args.folder) or DEFAULT_SITE
    host = _hosts(args.folder)[0]
    if args.out is not None:
        _make_out(args.out)
    password = add_user(args.folder, args.name, args.role, site)
    print(f"{args.name}: {args.role} of {site}. {_RESTART}")
    if args.out is None:
        print(f"password, told this once: {password}")
        print(f"its authority: {args.folder / 'ca' / 'ca.crt'}")
    else:
        write(args.out / "mqtt_password", password.encode())
        authority = read(args.folder / "ca" / "ca.crt")
        write(args.out / "ca.crt", authority or b"", mode=PUBLIC_MODE)
        print(f"wrote {args.out / 'mqtt_password'} and {args.out / 'ca.crt'}")
    if args.role == "gateway":
        print(_SETTINGS.format(site=site, host=host, port=_MQTT_PORT, name=args.name), end="")
    else:
        print(f"its broker: wss://{host}:{_WEB_PORT}, or mqtts://{host}:{_MQTT_PORT}")


def _show(args: argparse.Namespace) -> None:
    users = users_of(args.folder)
    password = read_secret(args.folder / "grafana" / "admin_password")
    hosts = _hosts(args.folder)
    print(f"Grafana   http://{hosts[0]}:{_GRAFANA_PORT}   user admin   password {password}")
    print("          (as it was at Grafana's first start: one changed there is not known here)")
    for host in hosts:
        print(f"broker    mqtts://{host}:{_MQTT_PORT}   wss://{host}:{_WEB_PORT}")
    for user in users:
        print(f"user      {user.name}: {user.role} of {user.site}")


def _hosts(folder: Path) -> list[str]:
    """What others call the broker, as in a URL; localhost if nobody has said so."""
    certificate = server_certificate(folder / "mosquitto")
    if certificate is None:
        raise StackError(f"{folder}: has no certificate: run hiprep stack init {folder} first")
    here = (*ALWAYS, "mosquitto")
    hosts = [host for host in hosts_of(certificate) if host not in here]
    return [f"[{host}]" if ":" in host else host for host in hosts] or ["localhost"]


def _make_out(out: Path) -> None:
    """Before there is a password that would be lost."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        taken = next((one for one in ("mqtt_password", "ca.crt") if (out / one).exists()), None)
    except OSError as error:
        raise StackError(f"{out}: cannot be made: {error.strerror}") from error
    if taken:
        raise StackError(f"{out / taken}: is there already: name another folder with --out")


_ACTIONS = {"init": _init, "databases": _databases, "user": _user, "show": _show}

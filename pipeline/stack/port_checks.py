"""Ports: free, or held by whom they are for; else by whom."""

import errno
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pipeline.doctor import Finding
from pipeline.settings import HealthSettings
from pipeline.stack import web
from pipeline.stack.grafana_checks import health_of

Use = Literal["TLS", "Grafana"]

PUBLISHED: Mapping[int, Use] = {8883: "TLS", 8084: "TLS", 3000: "Grafana"}
"""What the containers want of their host: MQTT, MQTT over websockets, the boards."""

_HERE = "127.0.0.1"
_TABLES = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTENS = "0A"  # as those write it


def health_findings(health: HealthSettings | None) -> list[Finding]:
    """The port where `hiprep run` tells how it is."""
    if health is None:
        return []
    port = health.port
    fault = _fault(_HERE, port)
    if fault is None:
        return [Finding("ok", "port", f"{port} is free: no hiprep run is here now")]
    if fault == errno.EACCES:
        cure = "choose a health.port from 1024 on"
        return [Finding("problem", "port", f"{port} may not be opened by this user", cure)]
    problems = _problems_at(port)
    if problems is None:
        cure = "end that, or choose another health.port in the settings"
        return [Finding("problem", "port", f"{port} is in use{_by(port)}", cure)]
    if problems:
        text = f"the hiprep run at {port} is not well: {problems[0]}"
        return [Finding("warning", "port", text, f"all of it: http://{_HERE}:{port}/healthz")]
    return [Finding("ok", "port", f"{port} is that of a hiprep run, and it is well")]


def published_findings(ports: Mapping[int, Use] = PUBLISHED) -> list[Finding]:
    """Whether the containers may have these ports of this host, or have them already."""
    return [_published(port, use) for port, use in ports.items()]


def _published(port: int, use: Use) -> Finding:
    fault = _fault("", port)
    if fault is None:
        return Finding("ok", "port", f"{port} is free")
    if fault == errno.EADDRINUSE:
        if _is_grafana(port) if use == "Grafana" else _speaks_tls(port):
            return Finding(
                "ok", "port", f"{port} is in use{_by(port)}, and speaks {use} as it should"
            )
        cure = "end that, or publish another port in deploy/compose.yaml"
        return Finding("problem", "port", f"{port} is in use{_by(port)}", cure)
    text = f"{port} may not be opened by this user"
    return Finding("warning", "port", text, "run this as the user who starts the containers")


def _fault(host: str, port: int) -> int | None:
    """Why nobody can listen there; None if one can. host: "" for all addresses."""
    try:
        socket.create_server((host, port)).close()
    except OSError as error:
        return error.errno or errno.EADDRINUSE
    return None


def _problems_at(port: int) -> list[str] | None:
    """What a `hiprep run` there says is wrong; None if it is none."""
    try:
        said = json.loads(web.get(f"http://{_HERE}:{port}/healthz").body)
    except (web.NoAnswerError, ValueError, RecursionError):
        return None
    if not isinstance(said, dict) or not {"service", "parts", "problems"} <= said.keys():
        return None
    problems = said["problems"]
    return [str(one) for one in problems] if isinstance(problems, list) else None


def _is_grafana(port: int) -> bool:
    with suppress(web.NoAnswerError):
        return health_of(f"http://{_HERE}:{port}") is not None
    return False


def _speaks_tls(port: int) -> bool:
    """With whatever certificate: whether it holds is another question."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((_HERE, port), web.PATIENCE_S) as plain,
            context.wrap_socket(plain),
        ):
            return True
    except OSError:
        return False


def _by(port: int) -> str:
    """Who listens there, as far as this system lets us see it."""
    holders = sorted(set(_holders(port)))
    return f" by {', '.join(holders)}" if holders else " by somebody whom only root can see"


def _holders(port: int) -> Iterator[str]:
    sockets = {f"socket:[{inode}]" for inode in _inodes(port)}
    if not sockets:
        return
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended, or is none of ours to see
            if any(str(one.readlink()) in sockets for one in (process / "fd").iterdir()):
                name = (process / "comm").read_text(encoding="utf-8", errors="replace").strip()
                yield f"{name} (process {process.name})"


def _inodes(port: int) -> Iterator[str]:
    """Of the sockets that listen there. Only Linux tells."""
    for table in map(Path, _TABLES):
        with suppress(OSError):
            for line in table.read_text(encoding="ascii").splitlines()[1:]:
                parts = line.split()
                if parts[3] == _LISTENS and int(parts[1].rpartition(":")[2], 16) == port:
                    yield parts[9]

"""A place where deploy/hiprep-stack runs with a stand-in for docker."""

import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "deploy" / "hiprep-stack"
STAND_IN = Path(__file__).with_name("docker_stand_in.py")
PORTS = ("MQTT_PORT", "MQTT_WEB_PORT", "GRAFANA_PORT")

# `hiprep backup` and `hiprep restore` of a store that is one file.
_HIPREP = """#!/bin/sh
cd "$STAND_IN"
case $1 in
    backup) gzip -c data/book >"$2" ;;
    restore) gzip -dc "$2" >data/book ;;
esac
"""
_FOLDERS = (
    "data",
    "etc",
    "influxdb",
    "tmp",
    "volumes/grafana",
    "volumes/settings",
    "volumes/secrets/influxdb",
    "volumes/secrets/gateway",
)


class Place:
    """A copy of deploy/, a docker that is none, and what would be in its volumes."""

    def __init__(self, folder: Path) -> None:
        self.deploy, self.root, self.programs = (folder / n for n in ("deploy", "root", "bin"))
        for one in (self.deploy, self.programs, *map(self.root.joinpath, _FOLDERS)):
            one.mkdir(parents=True)
        shutil.copy(SCRIPT, self.deploy)
        shutil.copy(SCRIPT.with_name(".env"), self.deploy)
        self.program("docker", f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" "$@"\n')
        self.program("hiprep", _HIPREP)
        self.program("python", f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
        self.write("etc/settings.toml", '[sensors.belt-7]\nname = "one"\n')

    def program(self, name: str, text: str) -> None:
        path = self.programs / name
        path.write_text(text)
        path.chmod(0o755)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def read(self, name: str) -> str:
        return (self.root / name).read_text()

    def run(self, *args: str, said: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        free = dict(zip(PORTS, map(str, _free_ports(len(PORTS))), strict=True))
        names = {"STAND_IN": str(self.root), "PYTHONPATH": str(ROOT), **free}
        path = {"PATH": f"{self.programs}:{os.environ['PATH']}"}
        return subprocess.run(
            ["sh", self.deploy / "hiprep-stack", *args],
            env={**os.environ, **path, **names, **more},
            cwd=self.deploy.parent,
            input=said,
            capture_output=True,
            text=True,
            check=False,
        )

    def asked(self) -> list[str]:
        """What docker was asked for, but for what only looks."""
        lines = (self.root / "asked").read_text().splitlines()
        whole = [" ".join(json.loads(line)) for line in lines]
        looks = ("compose version", "info", "compose ps", "compose images")
        return [one.removeprefix("compose ") for one in whole if not one.startswith(looks)]


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports

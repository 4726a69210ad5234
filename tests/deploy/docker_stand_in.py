"""Stands in for docker, where there is none: notes what it is asked for, in STAND_IN/asked.

What would be done in a container by sh, cat or tar is done for good, in folders below STAND_IN:
`volumes`, `influxdb`, `data`, `etc` and `tmp`.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

_ROOT = Path(os.environ["STAND_IN"])
_WITH_VALUE = ("--entrypoint", "-v")
_PLACES = {
    "/influxdb": f"{_ROOT}/influxdb",
    "/data/": f"{_ROOT}/data/",
    "/etc/hiprep/": f"{_ROOT}/etc/",
    "/tmp/": f"{_ROOT}/tmp/",  # noqa: S108
    # Nobody but root could.
    "chown -R 10001 .": ":",
}


def main(*asked: str) -> int:
    """Note it, and do what can be done."""
    with (_ROOT / "asked").open("a") as file:
        file.write(json.dumps(asked) + "\n")
    if asked[0] == os.environ.get("FAILS") or asked[:2] == ("compose", os.environ.get("FAILS")):
        return 1
    if asked[:2] == ("compose", "version"):
        print(os.environ.get("COMPOSE_IS", "2.39.1"))
    elif asked[:2] in (("compose", "ps"), ("compose", "images")):
        print("0123" if asked[-1] in os.environ.get("RUNNING", "").split() else "", end="")
    elif asked[:2] == ("compose", "run"):
        return _run(list(asked[2:]))
    return 0


def _run(asked: list[str]) -> int:
    entrypoint, command = "", []
    while asked:
        one = asked.pop(0)
        if not one.startswith("-"):
            command = asked
            break
        value = asked.pop(0) if one in _WITH_VALUE else ""
        entrypoint = value if one == "--entrypoint" else entrypoint
    service = one
    if service == os.environ.get("RUN_FAILS"):
        return 1
    if service == "volumes" and not entrypoint:
        entrypoint, command = "sh", ["-euc", *command]
    if entrypoint not in ("sh", "cat"):
        return 0
    folder = _ROOT / "volumes" if service == "volumes" else _ROOT
    return subprocess.run([entrypoint, *map(_here, command)], cwd=folder, check=False).returncode


def _here(text: str) -> str:
    """All at once: STAND_IN itself may be below /tmp."""
    places = rf"(?<!\w)({'|'.join(_PLACES)})"
    return re.sub(places, lambda found: _PLACES[found[0]], text)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

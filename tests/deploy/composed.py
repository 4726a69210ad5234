"""deploy/compose.yaml as Docker would have it: with what stands in deploy/.env put in."""

import re
from pathlib import Path
from typing import Any

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
_VARIABLE = re.compile(r"\$\{(\w+)(?::-([^}]*))?\}")


def variables() -> dict[str, str]:
    """What deploy/.env says."""
    lines = (DEPLOY / ".env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def used_variables() -> set[str]:
    """The names that compose.yaml takes from there."""
    return {found[1] for found in _VARIABLE.finditer(_text())}


def compose() -> dict[str, Any]:
    """The whole of it."""
    known = variables()
    text = _VARIABLE.sub(lambda found: known[found[1]] or found[2] or "", _text())
    whole: dict[str, Any] = yaml.safe_load(text)
    return whole


def services() -> dict[str, dict[str, Any]]:
    """Name -> what is said of it."""
    found: dict[str, dict[str, Any]] = compose()["services"]
    return found


def mounts(service: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Source, place in the container, and whether it may be written."""
    found = []
    for one in service.get("volumes", []):
        if isinstance(one, dict):
            found.append((one["source"], one["target"], not one.get("read_only")))
        else:
            source, target, *mode = one.split(":")
            found.append((source, target, mode != ["ro"]))
    return found


def _text() -> str:
    return (DEPLOY / "compose.yaml").read_text(encoding="utf-8")

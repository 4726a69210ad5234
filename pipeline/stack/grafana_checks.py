"""Grafana: there, with its database, and new enough for the boards."""

import json
import re
from typing import Any

from pipeline.doctor import Finding
from pipeline.stack import web

HERE = "http://127.0.0.1:3000"

_OLDEST = 11


def grafana_findings(url: str | None) -> list[Finding]:
    """url: where it is; None: it may be here, at the usual port, and need not."""
    asked = (url or HERE).rstrip("/")
    try:
        health = health_of(asked)
    except web.NoAnswerError as error:
        if url is None:
            text = f"not looked at: nothing answers at {HERE}"
            return [Finding("warning", "Grafana", text, "say where it is: --grafana URL")]
        text = f"{asked} does not answer ({error})"
        cure = "start it: docker compose up -d grafana; or correct the address"
        return [Finding("problem", "Grafana", text, cure)]
    if health is None:
        text = f"what answers at {asked} is no Grafana"
        return [Finding("problem", "Grafana", text, "say where it is: --grafana URL")]
    return [_finding(asked, health)]


def health_of(url: str) -> dict[str, Any] | None:
    """What the Grafana there says of itself; None if it is none. Raises NoAnswerError."""
    answer = web.get(f"{url}/api/health")
    try:
        said = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return said if isinstance(said, dict) and "database" in said else None


def _finding(url: str, health: dict[str, Any]) -> Finding:
    version = str(health.get("version") or "")
    if health["database"] != "ok":
        text = f"{url} is up, but not its own database: {str(health['database'])[:80]}"
        cure = "its log says why (docker compose logs grafana); often its volume is another user's"
        return Finding("problem", "Grafana", text, cure)
    number = re.match(r"\d+", version)
    if number is None:
        return Finding("ok", "Grafana", f"{url} is well; it does not say which version it is")
    if int(number[0]) < _OLDEST:
        text = f"{url} is Grafana {version[:40]}: the boards need {_OLDEST} or newer"
        return Finding("problem", "Grafana", text, "run the one that deploy/compose.yaml names")
    return Finding("ok", "Grafana", f"{url} is well, version {version[:40]}")

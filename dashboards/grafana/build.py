"""All boards, as the files that Grafana reads. The folder `boards` is the registry."""

import json
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from grafana_foundation_sdk.builders.dashboard import Dashboard
from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboards.grafana import boards

FOLDER = Path(__file__).parent / "json"


def dashboards() -> dict[str, Dashboard]:
    """Name of the file, without its suffix -> the board."""
    names = sorted(module.name for module in iter_modules(boards.__path__))
    return {
        name.replace("_", "-"): import_module(f"{boards.__name__}.{name}").board() for name in names
    }


def texts() -> dict[str, str]:
    """Name of each file -> what is in it."""
    return {f"{name}.json": _text(made) for name, made in dashboards().items()}


def _text(made: Dashboard) -> str:
    whole = json.loads(json.dumps(made.build(), cls=JSONEncoder))
    # The library puts both into a menu, out of sight; without a place they are at the top.
    for part in (*whole["links"], *whole.get("annotations", {}).get("list", ())):
        part.pop("placement", None)
    for panel in whole.get("panels", ()):
        if panel["type"] == "xychart":
            # Without a version Grafana takes it for one of before 11.1, and draws nothing.
            panel["pluginVersion"] = "11.1.0"
    return json.dumps(whole, indent=2, sort_keys=True) + "\n"

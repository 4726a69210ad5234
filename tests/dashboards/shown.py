"""A value as people read it on a board: unit, decimals, words in its place, colour.

After packages/grafana-data/src/valueFormats of Grafana 11 and 12: seconds become ms below one and
minutes from sixty on, kg become Mg from a thousand on; with a unit of one's own, suffix:kg, not.
"""

from datetime import UTC, datetime
from math import floor, isfinite, log10
from typing import Any

from tests.dashboards.frames import Column, Json

TEXT, FAINT = "#D8D9DA", "#8E8E8E"

_FIXED = {
    "percent": "%", "degree": " °", "velocityms": " m/s", "dBm": " dBm", "none": "", "masst": " t",
    "percentunit": "%", "string": "", "lengthcm": " cm",
}  # fmt: skip
_PREFIXED = {"masskg": ("g", 3), "massg": ("g", 0), "lengthm": ("m", 0), "hertz": ("Hz", 0)}
_MOMENTS = (
    ("YYYY", "%Y"), ("MMM", "%b"), ("MM", "%m"), ("DD", "%d"), ("D ", "%d "), ("HH", "%H"),
    ("mm", "%M"), ("ss", "%S"), ("ddd", "%a"),
)  # fmt: skip
_PREFIXES = {-9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G"}
_LONGER = (
    (60.0, 1.0, " s"), (3600.0, 60.0, " mins"), (86_400.0, 3600.0, " hours"),
    (604_800.0, 86_400.0, " days"), (31_536_000.0, 604_800.0, " weeks"),
)  # fmt: skip


class UnknownUnitError(ValueError):
    """A unit that Grafana has not, or that these tests do not know."""


def words(value: Any, settings: Json, column: Column) -> str:
    """What stands there for a value."""
    if (mapped := _mapping(value, settings)) and mapped.get("text"):
        return str(mapped["text"])
    if value is None:
        return str(settings.get("noValue") or "")
    unit = str(settings.get("unit") or "")
    if column.kind == "time" or unit.startswith(("dateTime", "time:")):
        at = datetime.fromtimestamp(value / 1000, UTC)
        if unit == "dateTimeFromNow":
            return f"{at:%H:%M} (as: ... ago)"
        form = unit.removeprefix("time:") if unit.startswith("time:") else "YYYY-MM-DD HH:mm:ss"
        for name, ours in _MOMENTS:
            form = form.replace(name, ours)
        return at.strftime(form)
    if isinstance(value, bool | str):
        return str(value).lower() if isinstance(value, bool) else value
    return measured(float(value), str(settings.get("unit") or "none"), settings.get("decimals"))


def colour(value: Any, settings: Json) -> str:
    """Of a value: that of its word, else that of its threshold, else the fixed one."""
    mapped = _mapping(value, settings)
    if mapped and mapped.get("color"):
        return str(mapped["color"])
    chosen = settings.get("color") or {}
    if chosen.get("mode") == "fixed":
        return str(chosen["fixedColor"])
    steps = (settings.get("thresholds") or {}).get("steps") or []
    if not isinstance(value, int | float):
        return TEXT
    if (settings.get("thresholds") or {}).get("mode") == "percentage":
        low, high = settings["min"], settings["max"]
        value = 100 * (value - low) / (high - low)
    passed = [one["color"] for one in steps if one.get("value") is None or value >= one["value"]]
    return str(passed[-1]) if passed else TEXT


def measured(value: float, unit: str, decimals: int | None = None) -> str:
    """A number with its unit. Raises UnknownUnitError."""
    if not isfinite(value):
        return str(value)
    kind, own, text = unit.partition(":")
    if own and kind in ("suffix", "prefix"):
        number = _rounded(value, decimals)
        return f"{number} {text.strip()}" if kind == "suffix" else f"{text}{number}"
    if unit == "s":
        return _seconds(value, decimals)
    if unit == "ms":
        return _seconds(value / 1000, decimals)
    if unit == "dtdurations":
        minutes, seconds = divmod(round(value), 60)
        return f"{minutes} minutes, {seconds} seconds" if minutes else f"{seconds} seconds"
    if unit in _PREFIXED:
        return _prefixed(value, *_PREFIXED[unit], decimals)
    if unit == "percentunit":
        value *= 100
    if unit == "short":
        return _rounded(value, decimals) if abs(value) < 1000 else f"{value / 1000:.3g} K"
    if unit not in _FIXED:
        raise UnknownUnitError(f"is {unit!r} a unit? add it here, if Grafana has it")
    return _rounded(value, decimals) + _FIXED[unit]


def _seconds(value: float, decimals: int | None) -> str:
    if value == 0:
        return "0 s"
    if abs(value) < 0.001:
        return _rounded(value * 1e6, decimals) + " µs"
    if abs(value) < 1:
        return _rounded(value * 1e3, decimals) + " ms"
    for below, length, name in _LONGER:
        if abs(value) < below:
            return _rounded(value / length, decimals) + name
    return _rounded(value / 31_536_000.0, decimals) + " years"


def _prefixed(value: float, unit: str, of: int, decimals: int | None) -> str:
    size = value * 10.0**of
    power = 0 if size == 0 else max(-9, min(9, 3 * floor(log10(abs(size)) / 3)))
    return f"{_rounded(size / 10.0**power, decimals)} {_PREFIXES[power]}{unit}"


def _rounded(value: float, decimals: int | None) -> str:
    if decimals is None:
        decimals = _decimals(value)
    text = f"{value:.{decimals}f}"
    return "0" if float(text) == 0 and decimals == 0 else text


def _decimals(value: float) -> int:
    if value == 0 or value % 1 == 0:
        return 0
    wanted = -floor(log10(abs(value))) + 1
    return max(0, wanted + (value * 10.0**wanted > 2.25))


def _mapping(value: Any, settings: Json) -> Json | None:
    """The word in place of a value, if there is one."""
    for one in settings.get("mappings") or []:
        options = one["options"]
        if one["type"] == "value":
            key = str(value).lower() if isinstance(value, bool) else _key(value)
            if key in options:
                return dict(options[key])
        elif one["type"] == "range" and isinstance(value, int | float):
            low, high = options.get("from"), options.get("to")
            if (low is None or value >= low) and (high is None or value <= high):
                return dict(options["result"])
        elif one["type"] == "special" and value is None and "null" in options["match"]:
            return dict(options["result"])
    return None


def _key(value: Any) -> str:
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)

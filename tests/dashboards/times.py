"""Times and intervals as Grafana reckons them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_RELATIVE = re.compile(r"now(?:-(\d+)([smhdwMy]))?(?:/([smhdwMy]))?")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800, "M": 2_592_000, "y": 31_536_000}
# An interval is the first of these that is longer than three quarters of what would fit.
_INTERVALS_MS = (
    (10, 1), (15, 10), (35, 20), (75, 50), (150, 100), (350, 200), (750, 500), (1_500, 1_000),
    (3_500, 2_000), (7_500, 5_000), (12_500, 10_000), (17_500, 15_000), (25_000, 20_000),
    (45_000, 30_000), (90_000, 60_000), (210_000, 120_000), (450_000, 300_000),
    (750_000, 600_000), (1_050_000, 900_000), (1_500_000, 1_200_000), (2_700_000, 1_800_000),
    (5_400_000, 3_600_000), (9_000_000, 7_200_000), (16_200_000, 10_800_000),
    (32_400_000, 21_600_000), (86_400_000, 43_200_000), (604_800_000, 86_400_000),
)  # fmt: skip
_UNITS_MS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1_000), ("ms", 1))


def since_ms(text: str, now_ms: int, *, end: bool = False) -> int:
    """now, now-12w, now/d, now-1M/M -> milliseconds since 1970. end: of what is rounded to."""
    found = _RELATIVE.fullmatch(text)
    if found is None:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    at = datetime.fromtimestamp(now_ms / 1000, UTC)
    if found[1]:
        at -= timedelta(seconds=int(found[1]) * _SECONDS[found[2]])
    if unit := found[3]:
        day = at.replace(hour=0, minute=0, second=0, microsecond=0)
        begins: dict[str, Callable[[], datetime]] = {
            "d": lambda: day,
            "w": lambda: day - timedelta(days=day.weekday()),
            "M": lambda: day.replace(day=1),
            "y": lambda: day.replace(day=1, month=1),
        }
        at = begins[unit]()
        if end:
            at += timedelta(seconds=_SECONDS[unit])
    return round(at.timestamp() * 1000)


def round_interval_ms(wanted_ms: float) -> int:
    """An interval that is easy to read, near to the one that is wanted."""
    return next((made for most, made in _INTERVALS_MS if wanted_ms < most), 604_800_000)


def interval_text(interval_ms: int) -> str:
    """As InfluxQL has it."""
    unit, length = next((u, ms) for u, ms in _UNITS_MS if interval_ms % ms == 0)
    return f"{interval_ms // length}{unit}"


def duration_ms(text: str) -> int:
    """1ms, 30d, >10s -> milliseconds. Raises ValueError."""
    found = re.fullmatch(r">?(\d+)(ms|[smhdwMy])", text)
    if found is None:
        raise ValueError(f"{text} is no duration")
    return int(found[1]) * (1 if found[2] == "ms" else 1000 * _SECONDS[found[2]])

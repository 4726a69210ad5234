"""Rows of history for programs: as plain values and as CSV."""

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

from pipeline.delivery import history
from pipeline.delivery.history import Best, HistorySource, Row, Wanted

READERS: dict[str, Callable[[HistorySource, Wanted], Sequence[Row | Best]]] = {
    "sessions": history.sessions,
    "sets": history.sets,
    "reps": history.reps,
    "bests": history.bests,
    "advice": history.advice,
}

_DAYS = re.compile(r"(\d{1,5})d")


def since_us(text: str, now: datetime) -> int:
    """A day, a day and time of the local clock, or so many days back -> us since 1970 UTC.

    Raises ValueError, with words for people.
    """
    try:
        days = _DAYS.fullmatch(text)
        then = now - timedelta(days=int(days[1])) if days else datetime.fromisoformat(text)
        return max(0, round(then.astimezone().timestamp() * 1e6))
    except (ValueError, OverflowError, OSError):
        raise ValueError(f"{text!r} is not like 2026-05-01, 2026-05-01T18:30 or 30d") from None


def plain(row: Row | Best) -> dict[str, Any]:
    """Flat values; the time as of the local clock, with its zone."""
    fields = asdict(row)
    time_us = fields.pop("time_us")
    when = datetime.fromtimestamp(time_us // 1_000_000, UTC).astimezone()
    when = when.replace(microsecond=time_us % 1_000_000)
    return {"time": when.isoformat(timespec="microseconds"), **fields}


def csv_text(rows: Sequence[Row | Best]) -> str:
    """With a line of names; faults as ``over_arch:2 sag:1``. "" for no rows."""
    if not rows:
        return ""
    text = StringIO()
    out = csv.writer(text, lineterminator="\n")
    out.writerow(plain(rows[0]))
    for row in rows:
        out.writerow(map(_cell, plain(row).values()))
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, Mapping):
        return " ".join(f"{name}:{count}" for name, count in value.items())
    if isinstance(value, bool):
        return str(value).lower()
    return value

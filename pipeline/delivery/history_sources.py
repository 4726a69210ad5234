"""Where history can be read: the store's own file, or InfluxDB. The rows are the same."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pipeline.delivery.book import Book, BookError
from pipeline.delivery.history import Flat, HistoryError, Wanted
from pipeline.delivery.messages import Kind
from pipeline.delivery.sinks import SinkUnavailableError, point_of

_POLICY = "events"

Query = Callable[[str], Sequence[Mapping[str, Any]]]
"""InfluxQL -> rows: column -> value, null as None; time in nanoseconds since 1970 UTC."""


class BookHistory:
    """Reads the file of a store, also while the store writes it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def rows(self, kind: Kind, wanted: Wanted) -> list[Flat]:
        """The newest valid states of events, in order of time."""
        try:
            with Book(self._path) as book:
                points = [
                    point_of(message)
                    for message in book.messages(
                        kind,
                        athlete=wanted.athlete,
                        since_us=wanted.since_us,
                        until_us=2**62 if wanted.until_us is None else wanted.until_us,
                    )
                    if wanted.exercise in (None, message.exercise)
                ]
        except BookError as error:
            raise HistoryError(str(error)) from error
        flat = (Flat(point.time_ns, {**point.fields, **point.tags}) for point in points)
        return _newest(flat, wanted.limit)


class InfluxHistory:
    """Reads InfluxDB of any version, by InfluxQL."""

    def __init__(self, query: Query) -> None:
        self._query = query

    def rows(self, kind: Kind, wanted: Wanted) -> list[Flat]:
        """The newest valid states of events, in order of time."""
        try:
            found = self._query(influxql(kind, wanted))
        except SinkUnavailableError as error:
            raise HistoryError(str(error)) from error
        flat = (
            Flat(
                row["time"],
                {
                    name: value
                    for name, value in row.items()
                    if name != "time" and value is not None
                },
            )
            for row in found
        )
        return _newest(flat, wanted.limit)


def influxql(kind: Kind, wanted: Wanted) -> str:
    """The query for these rows, the newest first."""
    tags = {"athlete": wanted.athlete, "exercise": wanted.exercise}
    conditions = ["valid = true"]
    conditions += [f"{name} = {_quoted(text)}" for name, text in tags.items() if text is not None]
    if wanted.since_us:
        conditions.append(f"time >= {wanted.since_us * 1000}")
    if wanted.until_us is not None:
        conditions.append(f"time < {wanted.until_us * 1000}")
    limit = "" if wanted.limit is None else f" LIMIT {wanted.limit}"
    where = " AND ".join(conditions)
    return f'SELECT * FROM "{_POLICY}"."{kind}" WHERE {where} ORDER BY time DESC{limit}'  # noqa: S608


def _quoted(text: str) -> str:
    """A text of InfluxQL."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _newest(rows: Iterable[Flat], limit: int | None) -> list[Flat]:
    """So many of the newest, in order of time; of one instant in order of ids."""
    ordered = sorted(rows, key=lambda row: (row.time_ns, row.text("id")))
    return ordered if limit is None else ordered[-limit:]

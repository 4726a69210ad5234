"""Answers of InfluxDB as the frames that Grafana's InfluxDB data source makes of them.

After pkg/tsdb/influxdb/influxql/converter of Grafana 11 and 12: in the format "table" there is one
frame for all series, its columns named as they are, but `Time`; in the format "time_series" each
column of each series is a frame of its own, named measurement.column or by the alias.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

Json = dict[str, Any]
Kind = Literal["time", "string", "number", "boolean"]

_ALIAS = re.compile(r"\[\[([@/\w-]+)\]\]|\$([@\w-]+)")


@dataclass(frozen=True)
class Column:
    """A field of a frame. shown: its display name, which overrides match too.

    config: settings that came with the data; overrides stand above them, defaults below.
    """

    name: str
    kind: Kind
    values: list[Any]
    shown: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    config: Json = field(default_factory=dict)

    @property
    def title(self) -> str:
        return self.shown or self.name

    def called(self, name: str) -> bool:
        return name in (self.name, self.title)

    @property
    def known(self) -> list[Any]:
        return [value for value in self.values if value is not None]


@dataclass(frozen=True)
class Frame:
    """Columns of the same length. ref: the query it came from."""

    name: str
    columns: list[Column]
    ref: str = "A"

    @property
    def time(self) -> Column | None:
        return next((one for one in self.columns if one.kind == "time"), None)

    @property
    def numbers(self) -> list[Column]:
        return [one for one in self.columns if one.kind == "number"]

    def __len__(self) -> int:
        return len(self.columns[0].values) if self.columns else 0

    def column(self, name: str) -> Column | None:
        return next((one for one in self.columns if one.called(name)), None)

    def rows(self) -> Iterator[Json]:
        for at in range(len(self)):
            yield {one.title: one.values[at] for one in self.columns}

    def ordered(self, order: Sequence[int]) -> "Frame":
        columns = [replace(one, values=[one.values[at] for at in order]) for one in self.columns]
        return replace(self, columns=columns)


def frames(series: Sequence[Json], target: Json) -> list[Frame]:
    """What Grafana makes of the series of one answer."""
    if target.get("resultFormat") == "table":
        return [_table(series, target)] if series else []
    return [one for part in series for one in _separate(part, target)]


def _table(series: Sequence[Json], target: Json) -> Frame:
    first = series[0]
    columns: list[tuple[str, list[Any]]] = []
    for at, name in enumerate(first["columns"]):
        columns.append((name, [row[at] for one in series for row in one.get("values", [])]))
        if at == 0:
            columns += [
                (tag, [one["tags"][tag] for one in series for _ in one.get("values", [])])
                for tag in first.get("tags", {})
            ]
    made = [
        Column("Time", "time", values) if name == "time" and at == 0 else _column(name, values)
        for at, (name, values) in enumerate(columns)
    ]
    return Frame(first.get("name", ""), made, target.get("refId", "A"))


def _separate(one: Json, target: Json) -> Iterator[Frame]:
    columns, rows = one["columns"], one.get("values", [])
    ref, name = target.get("refId", "A"), one.get("name", "")
    if columns[0] != "time":
        at = 1 if "show tag values" in target["query"].lower() else 0
        yield Frame(name, [_column("Value", [row[at] for row in rows])], ref)
        return
    times = [row[0] for row in rows]
    tags = one.get("tags", {})
    for at, column in enumerate(columns[1:], 1):
        shown = _frame_name(target.get("alias", ""), name, column, tags)
        values = _column("Value", [row[at] for row in rows])
        value = replace(values, shown=shown, labels=tags)
        yield Frame(shown, [Column("Time", "time", times), value], ref)


def _column(name: str, values: list[Any]) -> Column:
    known = next((value for value in values if value is not None), None)
    kind: Kind = "number"
    if isinstance(known, bool):
        kind = "boolean"
    elif isinstance(known, str):
        kind = "string"
    return Column(name, kind, values)


def _frame_name(alias: str, measurement: str, column: str, tags: dict[str, str]) -> str:
    if not alias:
        of = ", ".join(f"{key}: {value}" for key, value in tags.items())
        return f"{measurement}.{column}" + (f" {{ {of} }}" if of else "")

    def part(found: re.Match[str]) -> str:
        word = found[1] or found[2]
        if word in ("m", "measurement"):
            return measurement
        if word == "col":
            return column
        return tags.get(word.removeprefix("tag_"), found[0])

    return _ALIAS.sub(part, alias)


# -- transformations ----------------------------------------------------------------------


def transformed(found: list[Frame], transformations: Sequence[Json]) -> list[Frame]:
    """The frames after a panel's transformations. Raises ValueError for one not known here."""
    for one in transformations:
        if one["id"] not in _TRANSFORMATIONS:
            raise ValueError(f"the tests do not know the transformation {one['id']}")
        if found and not one.get("disabled"):
            found = _TRANSFORMATIONS[one["id"]](found, one.get("options") or {})
    return found


def _organized(frame: Frame, options: Json) -> Frame:
    excluded = {name for name, gone in (options.get("excludeByName") or {}).items() if gone}
    order, renamed = options.get("indexByName") or {}, options.get("renameByName") or {}
    kept = [one for one in frame.columns if one.title not in excluded]
    kept.sort(key=lambda one: order.get(one.title, len(order)))
    return replace(frame, columns=[replace(c, shown=renamed.get(c.title) or c.shown) for c in kept])


def _merged(found: list[Frame]) -> Frame:
    """All rows below each other; rows that agree in what they share become one."""
    columns: dict[str, Column] = {}
    for frame in found:
        for one in frame.columns:
            columns.setdefault(one.title, one)
    rows: list[Json] = []
    for frame in found:
        for row in frame.rows():
            same = next(
                (
                    other
                    for other in rows
                    if all(other[key] == value for key, value in row.items() if key in other)
                    and row.keys() & other.keys()
                ),
                None,
            )
            if same is None:
                rows.append(row)
            else:
                same.update(row)
    made = [replace(one, values=[row.get(name) for row in rows]) for name, one in columns.items()]
    return Frame("merged", made)


def _joined(found: list[Frame], by: str) -> Frame:
    keys = sorted({key for one in found if (column := one.column(by)) for key in column.known})
    of = found[0].column(by)
    assert of, f"nothing to join by: {by}"
    made = [replace(of, values=list(keys))]
    for frame in found:
        column = frame.column(by)
        assert column, f"nothing to join by: {by}"
        at = {key: row for row, key in enumerate(column.values)}
        made += [
            replace(one, values=[one.values[at[key]] if key in at else None for key in keys])
            for one in frame.columns
            if one is not column
        ]
    return Frame("joined", made)


def _partitioned(frame: Frame, by: Sequence[str]) -> list[Frame]:
    """A frame for each value of these columns, called by it; the columns themselves are gone.

    What is left in the frames is told apart by the frame's name before its own.
    """
    keys = [column for name in by if (column := frame.column(name))]
    rows: dict[tuple[Any, ...], list[int]] = {}
    for at in range(len(frame)):
        rows.setdefault(tuple(one.values[at] for one in keys), []).append(at)
    rest = replace(frame, columns=[one for one in frame.columns if one not in keys])
    return [_called(rest.ordered(at), " ".join(map(str, key))) for key, at in rows.items()]


def _called(frame: Frame, name: str) -> Frame:
    columns = [replace(one, shown=f"{name} {one.title}") for one in frame.columns]
    return replace(frame, name=name, columns=columns)


def _configured(found: list[Frame], options: Json) -> list[Frame]:
    """Numbers have settings that are values of one of the frames, as a greatest value."""
    of = next((one for one in found if one.ref == options["configRefId"]), None)
    if of is None:
        return found
    known: Json = {}
    for one in options["mappings"]:
        column = of.column(one["fieldName"])
        if column and column.known:
            known[one["handlerKey"]] = column.known[-1]
    rest = [one for one in found if one is not of or len(found) == 1]
    return [
        replace(
            frame,
            columns=[replace(c, config=known) if c.kind == "number" else c for c in frame.columns],
        )
        for frame in rest
    ]


def _renamed(frame: Frame, options: Json) -> Frame:
    pattern = re.compile(str(options["regex"]))
    new = re.sub(r"\$(\d)", r"\\\1", str(options["renamePattern"]))
    columns = [
        one if one.kind == "time" else replace(one, shown=pattern.sub(new, one.title, count=1))
        for one in frame.columns
    ]
    return replace(frame, columns=columns)


def _sorted(frame: Frame, keys: Sequence[Json]) -> Frame:
    order = list(range(len(frame)))
    for key in reversed(keys):
        column = frame.column(key["field"])
        if column is not None:
            values = column.values
            order.sort(
                key=lambda at, of=values: (of[at] is not None, of[at]),  # type: ignore[misc]
                reverse=bool(key.get("desc")),
            )
    return frame.ordered(order)


def _limited(frame: Frame, most: int) -> Frame:
    return frame.ordered(range(min(most, len(frame))))


def _only(frame: Frame, names: Sequence[str]) -> Frame:
    return replace(frame, columns=[one for one in frame.columns if one.title in names])


def _as_fields(frame: Frame, mappings: Sequence[Json]) -> Frame:
    """A column of one value for each row. Raises ValueError for a use not known here."""
    of = {one["handlerKey"]: frame.column(one["fieldName"]) for one in mappings}
    name, value = of["field.name"], of["field.value"]
    told = {one["fieldName"] for one in mappings}
    if rest := [one.title for one in frame.columns if one.title not in told]:
        raise ValueError(f"{rest} would become labels")
    assert name, f"nothing is called {mappings}"
    assert value, f"nothing is called {mappings}"
    pairs = zip(name.values, value.values, strict=True)
    return Frame("", [Column(str(title), value.kind, [of_it]) for title, of_it in pairs])


_TRANSFORMATIONS: dict[str, Callable[[list[Frame], Json], list[Frame]]] = {
    "organize": lambda found, how: [_organized(frame, how) for frame in found],
    "merge": lambda found, _: [_merged(found)],
    "sortBy": lambda found, how: [_sorted(frame, how["sort"]) for frame in found],
    "limit": lambda found, how: [_limited(frame, int(how["limitField"])) for frame in found],
    "joinByField": lambda found, how: [_joined(found, how.get("byField") or "Time")],
    "filterFieldsByName": lambda found, how: [_only(one, how["include"]["names"]) for one in found],
    "partitionByValues": lambda found, how: _partitioned(found[0], how["fields"]),
    "configFromData": _configured,
    "rowsToFields": lambda found, how: [_as_fields(one, how["mappings"]) for one in found],
    "renameByRegex": lambda found, how: [_renamed(frame, how) for frame in found],
}

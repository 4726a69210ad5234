"""Boards taken apart: their panels, and what each of these needs of the answers to its queries."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from dashboards.grafana.build import texts
from tests.dashboards.frames import Column, Frame, Json

# What is drawn of numbers alone, over time or not.
OF_NUMBERS = {"stat", "gauge", "bargauge", "barchart", "timeseries", "xychart"}

_DATA_LINK = re.compile(r"\$\{__data\.fields(?:\.(\w+)|\[\"?([^\]\"]+)\"?\])(?:\.\w+)?(?::\w+)?\}")


@cache
def boards() -> dict[str, Json]:
    """Name of the file -> the board. New boards are found by themselves."""
    return {name: json.loads(text) for name, text in texts().items()}


def panels(board: Json) -> Iterator[Json]:
    """All that draw something; those of closed rows too."""
    for one in board.get("panels") or []:
        if one["type"] == "row":
            yield from one.get("panels") or []
        else:
            yield one


def asked(board: Json) -> Iterator[tuple[str, Json]]:
    """Where each query stands, and the query."""
    for panel in panels(board):
        for target in panel.get("targets") or []:
            yield f"{panel.get('title')} {target.get('refId')}", target
    for one in annotations(board):
        yield f"annotation {one['name']}", one["target"]


def annotations(board: Json) -> list[Json]:
    return [
        one
        for one in (board.get("annotations") or {}).get("list") or []
        if (one.get("target") or {}).get("query")
    ]


def variables(board: Json) -> dict[str, Json]:
    return {one["name"]: one for one in (board.get("templating") or {}).get("list") or []}


def query_of(variable: Json) -> str:
    """The text of a variable's query; "" for one that asks for nothing."""
    query = variable.get("query") or ""
    return query["query"] if isinstance(query, Mapping) else str(query)


def texts_of(part: Any) -> Iterator[str]:
    """All texts in it, wherever they stand."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, Mapping):
        for name, value in part.items():
            yield str(name)
            yield from texts_of(value)
    elif isinstance(part, Sequence):
        for value in part:
            yield from texts_of(value)


def defaults(panel: Json) -> Json:
    found: Json = (panel.get("fieldConfig") or {}).get("defaults") or {}
    return found


def overrides(panel: Json) -> list[Json]:
    found: list[Json] = (panel.get("fieldConfig") or {}).get("overrides") or []
    return found


def matches(matcher: Json, column: Column, frame: Frame) -> bool:
    """Whether an override is for this column. Raises ValueError for a matcher not known here."""
    options = matcher.get("options")
    match matcher["id"]:
        case "byName":
            return column.called(str(options))
        case "byRegexp":
            return re.search(str(options).strip("/"), column.title) is not None
        case "byType":
            return column.kind == options
        case "byFrameRefID":
            return frame.ref == options
        case other:
            raise ValueError(f"the tests do not know the matcher {other}")


def settings(panel: Json, column: Column, frame: Frame) -> Json:
    """How a column is to be shown: unit, decimals, color, displayName ..."""
    found = {**defaults(panel), **column.config}
    for override in overrides(panel):
        if matches(override["matcher"], column, frame):
            for one in override["properties"]:
                found[one["id"]] = one.get("value")
    custom = {**(found.get("custom") or {})}
    custom |= {k.removeprefix("custom."): v for k, v in found.items() if k.startswith("custom.")}
    return {**found, "custom": custom}


def title_of(panel: Json, column: Column, frame: Frame) -> str:
    """What people read above a column or beside a series."""
    return str(settings(panel, column, frame).get("displayName") or column.title)


def names_shown(panel: Json, count: int) -> bool:
    """Whether a panel that draws so many values says what they are called."""
    mode = (panel.get("options") or {}).get("textMode", "auto")
    if panel["type"] in ("stat", "gauge"):
        return mode in ("value_and_name", "name") or (mode == "auto" and count > 1)
    return True


def missing(panel: Json, raw: list[Frame], found: list[Frame]) -> Iterator[str]:
    """What a panel is set up for and no answer has. raw, found: before and after transformations.

    It is what a change of a query's names would leave behind.
    """
    yield from _missing_of_transformations(panel, raw)
    every = [(column, frame) for frame in found for column in frame.columns]
    yield from _missing_of_overrides(panel, every)
    options = panel.get("options") or {}
    shown = {title_of(panel, column, frame) for column, frame in every}
    for one in options.get("sortBy") or []:
        if one["displayName"] not in shown:
            yield f"it is sorted by {one['displayName']!r}"
    for name in [options.get("xField"), options.get("colorByField"), *_of_series(options)]:
        if name and not any(column.called(name) for column, _ in every):
            yield f"it draws {name!r}"
    reduced = (options.get("reduceOptions") or {}).get("fields") or ""
    if reduced and not any(re.search(reduced.strip("/"), column.title) for column, _ in every):
        yield f"it shows the field {reduced!r}"
    for name in linked(panel):
        if not any(column.called(name) for column, _ in every):
            yield f"a link needs the field {name!r}"


def linked(panel: Json) -> set[str]:
    """The columns that the links of a panel take with them."""
    return {
        found[1] or found[2]
        for text in texts_of(panel.get("fieldConfig"))
        for found in _DATA_LINK.finditer(text)
    }


def drawn(panel: Json, found: list[Frame]) -> list[tuple[Column, Frame]]:
    """The columns of which a panel draws the values; for some kinds only numbers count."""
    every = [(column, frame) for frame in found for column in frame.columns]
    options = panel.get("options") or {}
    reduced = (options.get("reduceOptions") or {}).get("fields") or ""
    if reduced:
        return [one for one in every if re.search(reduced.strip("/"), one[0].title)]
    if panel["type"] in OF_NUMBERS:
        return [one for one in every if one[0].kind == "number"]
    return [one for one in every if one[0].kind != "time"]


def _missing_of_overrides(panel: Json, every: list[tuple[Column, Frame]]) -> Iterator[str]:
    patterns = []
    for override in overrides(panel):
        matcher = override["matcher"]
        found_one = any(matches(matcher, column, frame) for column, frame in every)
        if matcher["id"] == "byName" and not found_one:
            yield f"an override is for {matcher['options']!r}"
        if matcher["id"] == "byRegexp":
            patterns.append(found_one)
    # There is one for each lift, and nobody does all of them.
    if patterns and not any(patterns):
        yield "no override by a pattern is for anything"


def _missing_of_transformations(panel: Json, raw: list[Frame]) -> Iterator[str]:
    known = {column.title for frame in raw for column in frame.columns}
    for one in panel.get("transformations") or []:
        options = one.get("options") or {}
        for part in ("excludeByName", "indexByName", "renameByName"):
            for name in options.get(part) or {}:
                if name not in known:
                    yield f"{part} names {name!r}"
            known |= set((options.get("renameByName") or {}).values())
        asked_for = [
            *(mapping["fieldName"] for mapping in options.get("mappings") or []),
            *(key["field"] for key in options.get("sort") or []),
        ]
        yield from (f"{one['id']} needs {name!r}" for name in asked_for if name not in known)


def _of_series(options: Json) -> Iterator[str]:
    """Names that an xychart asks for, in the shapes of Grafana 10 and of 11."""
    for series in options.get("series") or []:
        for part in ("x", "y", "color", "size"):
            value = series.get(part)
            matcher = value.get("matcher") if isinstance(value, Mapping) else None
            if isinstance(value, str):
                yield value
            elif matcher and matcher["id"] == "byName":
                yield str(matcher["options"])
    if x := (options.get("dims") or {}).get("x"):
        yield str(x)

"""What is looked at in each board beyond its queries: rules, each of which yields complaints.

Grafana loads a board that breaks any of them, and then shows less than it should, or nothing.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations

from dashboards.grafana import look
from dashboards.grafana.board import TAG, WIDTH
from tests.dashboards.frames import Json
from tests.dashboards.parts import (
    asked,
    defaults,
    overrides,
    panels,
    query_of,
    texts_of,
    variables,
)

Rule = Callable[[str, Json, Mapping[str, Json]], Iterator[str]]

KINDS = {
    "barchart",
    "bargauge",
    "gauge",
    "row",
    "stat",
    "state-timeline",
    "table",
    "timeseries",
    "xychart",
}
REFRESH = {"set-live": {"1s"}, "coach-wall": {"1s", "5s"}}
COLOURS = {value for name, value in vars(look).items() if str(value).startswith("#")} | {
    *look.PHASES.values(),
    *look.FAULTS.values(),
}
# What Grafana, or its InfluxDB data source, puts in by itself.
BUILT_IN = {"timeFilter", "interval", "col", "m", "measurement"}

_SOURCE = {"type": "influxdb", "uid": "${datasource}"}
_USED = re.compile(r"\$(?:\{(\w+)[^}]*\}|(\w+))")
_LINK = re.compile(r"/d/([\w-]+)")
_TAGS = re.compile(r'SHOW TAG VALUES FROM "\w+"\."\w+" WITH KEY = "\w+"')
_FOREIGN = re.compile(r"\b(from\(|SLIMIT|SOFFSET|INTO|CARDINALITY|DROP|DELETE)\b", re.IGNORECASE)
_RAW = {"rawQuery": True}


def has_uid(name: str, board: Json, _: Mapping[str, Json]) -> Iterator[str]:
    """Links and the home page name it; without a fixed one it is another on each computer."""
    if board.get("uid") != f"hiprep-{name}":
        yield f"the uid is {board.get('uid')!r}, not hiprep-{name}"
    if TAG not in (board.get("tags") or []):
        yield "the tag is missing by which the other boards link to it"
    if not board.get("title") or not board.get("description"):
        yield "no title, or no description"


def of_known_kinds(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    for one in board["panels"]:
        if one.get("type") not in KINDS:
            yield f"{one.get('title')}: there is no kind {one.get('type')!r}"


def has_ids(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    ids = [one.get("id") for one in board["panels"]]
    if len(set(ids)) < len(ids) or not all(isinstance(one, int) and one > 0 for one in ids):
        yield f"ids of panels: {ids}"
    for panel in panels(board):
        refs = [one.get("refId") for one in panel.get("targets") or []]
        if len(set(refs)) < len(refs) or not all(refs) or not refs:
            yield f"{panel.get('title')}: refIds {refs}"


def on_grid(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    places = [(one.get("title"), one["gridPos"]) for one in board["panels"]]
    for title, at in places:
        if at["x"] < 0 or at["w"] < 1 or at["h"] < 1 or at["x"] + at["w"] > WIDTH:
            yield f"{title}: {at} is not on the grid"
    for (title, a), (other, b) in combinations(places, 2):
        beside = a["x"] + a["w"] <= b["x"] or b["x"] + b["w"] <= a["x"]
        below = a["y"] + a["h"] <= b["y"] or b["y"] + b["h"] <= a["y"]
        if not (beside or below):
            yield f"{title} lies on {other}"


def is_told(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    for panel in panels(board):
        title = panel.get("title") or f"panel {panel.get('id')}"
        if not panel.get("title"):
            yield f"{title}: no title"
        if not (panel.get("description") or "").strip().endswith((".", ")")):
            yield f"{title}: no description in sentences"
        if not defaults(panel).get("noValue"):
            yield f"{title}: no text for when there is nothing"
        units = [p["value"] for o in overrides(panel) for p in o["properties"] if p["id"] == "unit"]
        if not defaults(panel).get("unit") and not (panel["type"] == "table" and units):
            yield f"{title}: no unit"


def asks_the_source(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    found = variables(board)
    if (found.get("datasource") or {}).get("type") != "datasource":
        yield "there is no variable datasource"
    parts = [(panel.get("title"), panel) for panel in panels(board)] + list(asked(board))
    parts += [(name, one) for name, one in found.items() if one["type"] == "query"]
    parts += [(one["name"], one) for one in (board.get("annotations") or {}).get("list") or []]
    for where, part in parts:
        if part.get("datasource") != _SOURCE and not part.get("builtIn"):
            yield f"{where}: asks {part.get('datasource')}"
    if any("${DS_" in text or text.startswith("__inputs") for text in texts_of(board)):
        yield "${DS_...} is filled in by an import alone, never where boards are provisioned"


def is_influxql(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    for where, target in asked(board):
        text = target.get("query") or ""
        if not target.get("rawQuery") or not text.startswith("SELECT "):
            yield f"{where}: is no SELECT in InfluxQL: {text}"
        if target.get("resultFormat") not in ("table", "time_series"):
            yield f"{where}: resultFormat {target.get('resultFormat')}"
        if _FOREIGN.search(text):
            yield f"{where}: not every InfluxDB knows that, or it changes something: {text}"
        if "$__interval" in text and "$timeFilter" not in text:
            yield f"{where}: $__interval without $timeFilter"
        tags = (
            set(re.findall(r'"(\w+)"', text.rpartition("GROUP BY")[2]))
            if "GROUP BY" in text
            else ()
        )
        if target.get("resultFormat") == "table" and len(tags) > 1:
            # Grafana walks over the tags of each series in any order.
            yield f"{where}: in a table, values of {sorted(tags)} come into each other's columns"


def counts_what_is_valid(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    """What was withdrawn stays in the database."""
    texts = [(where, target["query"]) for where, target in asked(board)]
    texts += [(name, query_of(one)) for name, one in variables(board).items()]
    for where, text in texts:
        asked_for = text.count('FROM "events"')
        if not text.startswith("SHOW") and text.count('"valid" = true') < asked_for:
            yield f"{where}: lacks valid = true: {text}"


def shows_tags_of_one(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    for name, one in variables(board).items():
        text = query_of(one)
        if text.startswith("SHOW") and not _TAGS.match(text):
            yield f"{name}: not of one measurement: {text}"
        if one["type"] == "query" and one.get("regex"):
            yield f"{name}: has a regex, which these tests do not try"


def uses_its_variables(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    known = variables(board)
    used = {
        found[1] or found[2]
        for part in (board.get("panels"), board.get("annotations"), list(known.values()))
        for text in texts_of(part)
        for found in _USED.finditer(text)
    }
    for name in sorted(used - known.keys() - BUILT_IN):
        if not name.startswith(("__", "tag_")) and not name.isdigit():
            yield f"${name} is no variable"
    for name in known.keys() - used:
        yield f"${name} is used by nothing"


def leads_somewhere(_: str, board: Json, every: Mapping[str, Json]) -> Iterator[str]:
    uids = {one["uid"]: one for one in every.values()}
    for link in board.get("links") or []:
        if link.get("type") == "dashboards" and link.get("tags") != [TAG]:
            yield f"a link to boards with the tags {link.get('tags')}"
    if not board.get("links"):
        yield "no links to the other boards"
    for text in texts_of(board):
        for found in _LINK.finditer(text):
            if found[1] not in uids:
                yield f"a link to {found[1]}, which is no board"
                continue
            known = variables(uids[found[1]])
            for name in re.findall(r"[?&]var-(\w+)=", text):
                if name not in known:
                    yield f"a link gives {found[1]} the variable {name}, which it has not"


def is_asked_again(name: str, board: Json, _: Mapping[str, Json]) -> Iterator[str]:
    offered = (board.get("timepicker") or {}).get("refresh_intervals") or []
    if board.get("refresh") not in REFRESH.get(name, set(offered) - {"1s"}):
        yield f"it is asked again every {board.get('refresh')!r}"


def has_our_colours(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    for panel in [*panels(board), *((board.get("annotations") or {}).get("list") or [])]:
        for colour in _colours(panel):
            if colour not in COLOURS | {"transparent"} and not panel.get("builtIn"):
                yield f"{panel.get('title') or panel.get('name')}: the colour {colour}"


def judges_on_purpose(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    """Where nothing is said, Grafana's own thresholds hold: green, and red from 80 on."""
    for panel in panels(board):
        if panel["type"] not in ("stat", "gauge", "bargauge"):
            continue
        steps = (defaults(panel).get("thresholds") or {}).get("steps") or []
        own = {p["id"] for o in overrides(panel) for p in o["properties"]}
        fixed = (defaults(panel).get("color") or {}).get("mode") == "fixed"
        mapped = any("color" in text for text in texts_of(defaults(panel).get("mappings")))
        if not (fixed or mapped or len(steps) > 1 or "thresholds" in own):
            yield f"{panel['title']}: neither a colour nor thresholds"


def shows_one_table(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    """A table panel shows the answer to one query, unless they are brought together."""
    for panel in panels(board):
        if panel["type"] == "table" and len(panel.get("targets") or []) > 1:
            kinds = {one["id"] for one in panel.get("transformations") or []}
            if not kinds & {"merge", "joinByField"}:
                yield f"{panel['title']}: several queries, and nothing brings them together"


def has_a_dash_for_nothing(_: str, board: Json, __: Mapping[str, Json]) -> Iterator[str]:
    """Of a table, a cell without a value would say what the panel says when there is nothing."""
    for panel in panels(board):
        every = [one for one in overrides(panel) if one["matcher"].get("options") == ".*"]
        told = {p["id"] for one in every for p in one["properties"]}
        if panel["type"] == "table" and "noValue" not in told:
            yield f"{panel['title']}: no text for a cell without a value"


def _colours(part: object) -> Iterator[str]:
    if isinstance(part, Mapping):
        for name, value in part.items():
            if isinstance(value, str) and name in ("color", "fixedColor", "iconColor"):
                yield value
            else:
                yield from _colours(value)
    elif isinstance(part, list):
        for value in part:
            yield from _colours(value)


RULES: tuple[Rule, ...] = (
    has_uid,
    of_known_kinds,
    has_ids,
    on_grid,
    is_told,
    asks_the_source,
    is_influxql,
    counts_what_is_valid,
    shows_tags_of_one,
    uses_its_variables,
    leads_somewhere,
    is_asked_again,
    has_our_colours,
    judges_on_purpose,
    shows_one_table,
    has_a_dash_for_nothing,
)


def complaints(rule: Rule, name: str, board: Json, every: Mapping[str, Json]) -> list[str]:
    """name: without suffix; every: all boards, by name."""
    return list(rule(name, board, every))


def colours_of_fields(every: Mapping[str, Json]) -> dict[str, set[str]]:
    """Name of a column -> the colours that overrides give it, on any board."""
    found: dict[str, set[str]] = {}
    for board in every.values():
        for panel in panels(board):
            for override in overrides(panel):
                if override["matcher"]["id"] == "byName":
                    for one in override["properties"]:
                        if one["id"] == "color" and "fixedColor" in one["value"]:
                            name = override["matcher"]["options"]
                            found.setdefault(name, set()).add(one["value"]["fixedColor"])
    return found

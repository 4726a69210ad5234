"""What Grafana does with the queries of a board before it sends them, and with the answers.

After public/app/plugins/datasource/influxdb and pkg/tsdb/influxdb of Grafana 11 and 12. No Grafana
can be had where these tests run: this is what of it stands between a board and InfluxDB.
"""

import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from typing import Any

from tests.dashboards.frames import Frame, Json, frames, transformed
from tests.dashboards.times import duration_ms, interval_text, round_interval_ms, since_ms
from tests.integration.influx import PASSWORD, USER
from tests.integration.mosquitto import PATIENCE_S

ALL = "$__all"
WIDTH_PX = 1900  # of a screen: what decides how long an interval is
LEAST = "100ms"  # and the shortest one, as the data source is provisioned

_VARIABLE = re.compile(
    r"\$(\w+)|\[\[(\w+?)(?::(\w+))?\]\]|\$\{(\w+)(?:\.([^:^}]+))?(?::([^}]+))?\}"
)
_LEFT = re.compile(r"\$[\w{]|\[\[")
Value = str | list[str]


class QueryError(Exception):
    """What InfluxDB does not accept, or Grafana cannot read."""


@dataclass(frozen=True)
class Source:
    """A database to ask, in which nothing changes any more. url: of InfluxDB."""

    url: str
    database: str
    _known: dict[str, list[Json]] = field(default_factory=dict)

    def ask(self, text: str) -> list[Json]:
        """InfluxQL -> its series, times in milliseconds as Grafana has them. QueryError."""
        if text not in self._known:
            self._known[text] = self._asked(text)
        return self._known[text]

    def _asked(self, text: str) -> list[Json]:
        form = urllib.parse.urlencode({"q": text, "db": self.database, "epoch": "ms"})
        headers = {"Authorization": f"Token {USER}:{PASSWORD}"}
        request = urllib.request.Request(f"{self.url}/query", form.encode(), headers)  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
                whole = json.load(answer)
        except urllib.error.HTTPError as error:
            raise QueryError(f"{error.read().decode()}: {text}") from error
        result = whole["results"][0]
        if "error" in result:
            raise QueryError(f"{result['error']}: {text}")
        series: list[Json] = result.get("series", [])
        return series


@dataclass(frozen=True)
class Event:
    """An annotation. until_ms: the same as at_ms for one that does not last."""

    at_ms: int
    until_ms: float
    text: Any
    tags: list[str]


@dataclass
class Viewer:
    """Somebody who looks at a board. now_ms: when. chosen: variables that are not left alone."""

    source: Source
    board: Json
    now_ms: int
    chosen: dict[str, Value] = field(default_factory=dict)

    def __post_init__(self) -> None:
        time = self.board["time"]
        self.from_ms = since_ms(time["from"], self.now_ms)
        self.to_ms = since_ms(time["to"], self.now_ms, end=True)
        self._models = {one["name"]: one for one in self.board["templating"]["list"]}
        self._options: dict[str, list[str]] = {}
        self._values: dict[str, Value] = {}
        for name in self._models:
            self.value(name)

    # -- variables ------------------------------------------------------------------------

    def value(self, name: str) -> Value:
        """What is chosen: what the reader chose, or else what Grafana chooses at first."""
        if name not in self._values:
            self._values[name] = ""  # one that asks for itself finds nothing
            model = self._models[name]
            options = self._options[name] = self._find(model)
            self._values[name] = self.chosen.get(name) or _first(model, options)
        return self._values[name]

    def options(self, name: str) -> list[str]:
        self.value(name)
        return self._options[name]

    def _find(self, model: Json) -> list[str]:
        kind = model["type"]
        if kind in ("custom", "interval"):
            return [part.strip().split(" : ")[-1] for part in model["query"].split(",")]
        if kind in ("constant", "textbox"):
            return [model["query"]]
        if kind == "datasource":
            return [model["current"]["value"]]
        query = model["query"] if isinstance(model["query"], str) else model["query"]["query"]
        found: list[str] = []
        # Asked as time series: each column of each series is a frame, and all of them count.
        for frame in frames(self.source.ask(self.sent(query)), {"query": query}):
            column = next((one for one in frame.columns if one.kind != "time"), None)
            values = column.values if column else []
            if None in values:
                raise QueryError(f"a variable has a null, which Grafana cannot read: {query}")
            found += [text for text in map(_text, values) if text not in found]
        return sorted(found, key=str.casefold) if model.get("sort") else found

    def replaced(self, text: str, scoped: dict[str, str] | None = None) -> str:
        """Variables in a text are replaced by their values, as Grafana's page does it."""

        def value(found: re.Match[str]) -> str:
            name = found[1] or found[2] or found[4]
            form = found[3] or found[6] or ""
            built_in = {"__from": str(self.from_ms), "__to": str(self.to_ms), **(scoped or {})}
            if name in built_in:
                return built_in[name]
            return self._formatted(name, form, text) if name in self._models else found[0]

        return _VARIABLE.sub(value, text)

    def _formatted(self, name: str, form: str, text: str) -> str:
        model, value = self._models[name], self.value(name)
        if value in (ALL, [ALL]):
            if model.get("allValue"):
                return str(model["allValue"])  # as it is, whatever the form
            value = self.options(name)
        values = value if isinstance(value, list) else [value]
        in_regex = re.search(rf"=~\s*/[^/]*\$\{{?{name}\b", text) is not None
        match form:
            case "regex":
                escaped = [_regex_escaped(one) for one in values]
                return escaped[0] if len(escaped) == 1 else f"({'|'.join(escaped)})"
            case "raw" | "csv":
                return ",".join(values)
            case "text" | "queryparam" | "percentencode":
                return " + ".join(values)
            case "" if model.get("multi") or (in_regex and isinstance(value, list)):
                return f"({'|'.join(map(_regex_escaped, values))})"
            case "":
                return _regex_escaped(values[0]) if in_regex else values[0]
        raise QueryError(f"the tests do not know the format {form} of ${name}")

    # -- queries --------------------------------------------------------------------------

    def sent(self, text: str, interval_ms: int = 1000, span: tuple[int, int] | None = None) -> str:
        """The query as it arrives at InfluxDB. now() is when the set runs that was played."""
        from_ms, to_ms = span or (self.from_ms, self.to_ms)
        text = self.replaced(text)
        whole = interval_text(interval_ms)
        text = text.replace("$timeFilter", f"time >= {from_ms}ms and time <= {to_ms}ms")
        text = text.replace("$interval", whole)
        text = text.replace("$__interval_ms", str(interval_ms)).replace("$__interval", whole)
        if left := _LEFT.search(text):
            raise QueryError(f"{text[left.start() :][:30]} is left in {text}")
        return text.replace("now()", f"{self.now_ms}ms")

    def asked(self, panel: Json, target: Json) -> list[Frame]:
        """The frames that one query of a panel gives."""
        span = self.span(panel)
        resolution = panel.get("maxDataPoints") or max(1, panel["gridPos"]["w"] * WIDTH_PX // 24)
        least_ms = duration_ms(panel.get("interval") or target.get("interval") or LEAST)
        interval_ms = max(round_interval_ms((span[1] - span[0]) / resolution), least_ms)
        query = target["query"]
        named = {**target, "alias": self.replaced(target.get("alias", ""))}
        return frames(self.source.ask(self.sent(query, interval_ms, span)), named)

    def shown(self, panel: Json) -> list[Frame]:
        """What a panel has to draw: all its queries, after its transformations."""
        found = [
            frame
            for target in panel.get("targets", [])
            if not target.get("hide")
            for frame in self.asked(panel, target)
        ]
        return transformed(found, panel.get("transformations") or [])

    def span(self, panel: Json) -> tuple[int, int]:
        """From when until when a panel shows."""
        if own := panel.get("timeFrom"):
            return self.now_ms - duration_ms(own.removeprefix("now-")), self.now_ms
        return self.from_ms, self.to_ms

    def events(self, annotation: Json) -> list[Event]:
        """What an annotation of InfluxQL draws.

        Its columns are called measurement.column, whatever was asked for: the text is the one
        whose name has textColumn in it, the end the one that is called timeEndColumn exactly. A
        row with a null is passed over.
        """
        target = annotation["target"]
        if not target.get("fromAnnotations"):
            raise QueryError(f"{annotation['name']}: fromAnnotations is missing")
        found = frames(self.source.ask(self.sent(target["query"])), {"query": target["query"]})
        if not found:
            return []
        names = ["Time", *found[0].columns[-1].labels, *(frame.name for frame in found)]
        columns = [found[0].columns[0].values]
        columns += [[text] * len(found[0]) for text in found[0].columns[-1].labels.values()]
        columns += [frame.columns[1].values for frame in found]
        text_at, end_at, tags_at = _annotation_columns(names, target)
        return [
            Event(row[0], row[end_at], row[text_at], [row[at] for at in tags_at if row[at]])
            for row in zip(*columns, strict=True)
            if None not in row
        ]


def _annotation_columns(names: list[str], target: Json) -> tuple[int, int, list[int]]:
    text_at = end_at = 0
    tags_at: list[int] = []
    tags = [tag for tag in target.get("tagsColumn", "").replace(" ", "").split(",") if tag]
    for at, name in enumerate(names):
        if name == "Time":
            continue
        if any(tag in name for tag in tags):
            tags_at.append(at)
        elif target.get("textColumn") and target["textColumn"] in name:
            text_at = at
        elif name == target.get("timeEndColumn"):
            end_at = at
    return text_at, end_at, tags_at


def _first(model: Json, options: list[str]) -> Value:
    current = (model.get("current") or {}).get("value")
    whole = bool(model.get("includeAll"))
    if model["type"] != "query":
        return current or (options[0] if options else "")
    if whole and current in (ALL, [ALL], None, "", []):
        return ALL
    if isinstance(current, str) and current in options:
        return current
    return options[0] if options else ""


def _text(value: Any) -> str:
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _regex_escaped(text: str) -> str:
    return re.sub(r"[\\^$*+?.()|[\]{}/]", r"\\\g<0>", text)

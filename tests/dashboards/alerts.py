"""The alert rules that come with the boards, worked out as Grafana does it.

Variables of the environment are not put into the models of rules, so that `$timeFilter` stands
there as it is; nor into annotations. They are put into labels.
"""

import operator
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from statistics import fmean

import yaml

from tests.dashboards.frames import Json, frames
from tests.dashboards.grafana import Source
from tests.dashboards.times import interval_text

FOLDER = Path(__file__).parents[2] / "deploy" / "grafana" / "provisioning" / "alerting"
EXPRESSION = "__expr__"

_REDUCE: dict[str, Callable[[list[float]], float]] = {
    "last": lambda known: known[-1],
    "min": min,
    "max": max,
    "mean": fmean,
    "sum": sum,
    "count": len,
}
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "gt": operator.gt,
    "gte": operator.ge,
    "lt": operator.lt,
    "lte": operator.le,
    "eq": operator.eq,
    "ne": operator.ne,
}

Series = list[list[float]]


@cache
def rules() -> list[Json]:
    """All rules of all files."""
    files = sorted(FOLDER.glob("*.y*ml"))
    return [
        rule
        for file in files
        for group in (yaml.safe_load(file.read_text()) or {}).get("groups") or []
        for rule in group["rules"]
    ]


def queries(rule: Json) -> Iterator[Json]:
    """The parts of a rule that ask the database."""
    return (one for one in rule["data"] if one["datasourceUid"] != EXPRESSION)


def fires(rule: Json, source: Source, now_ms: int) -> bool | None:
    """Whether it would say so at that time; None where there is no data."""
    known: dict[str, Series] = {}
    for one in rule["data"]:
        model = one["model"]
        if one["datasourceUid"] != EXPRESSION:
            known[one["refId"]] = _asked(one, source, now_ms)
        else:
            known[one["refId"]] = _worked_out(model, known)
    found = known[rule["condition"]]
    return any(values[-1] != 0 for values in found) if found else None


def sent(query: Json, now_ms: int) -> str:
    """The query of a rule as it arrives at InfluxDB."""
    span, model = query["relativeTimeRange"], query["model"]
    from_ms, to_ms = now_ms - 1000 * span["from"], now_ms - 1000 * span.get("to", 0)
    text = str(model["query"])
    text = text.replace("$timeFilter", f"time >= {from_ms}ms and time <= {to_ms}ms")
    text = text.replace("$__interval", interval_text(int(model.get("intervalMs", 1000))))
    return text.replace("now()", f"{now_ms}ms")


def _asked(query: Json, source: Source, now_ms: int) -> Series:
    found = frames(source.ask(sent(query, now_ms)), query["model"])
    columns = [column for frame in found for column in frame.columns if column.kind == "number"]
    return [column.known for column in columns if column.known]


def _worked_out(model: Json, known: dict[str, Series]) -> Series:
    of = known[str(model["expression"]).removeprefix("$")]
    if model["type"] == "reduce":
        return [[_REDUCE[model["reducer"]](values)] for values in of]
    if model["type"] == "threshold":
        evaluator = model["conditions"][0]["evaluator"]
        compare, limit = _COMPARE[evaluator["type"]], evaluator["params"][0]
        return [[float(compare(values[-1], limit))] for values in of]
    raise ValueError(f"the tests do not know the expression {model['type']}")

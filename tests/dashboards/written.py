"""What hiprep writes, measurement by measurement; and what the boards ask for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields

from pipeline.delivery import influx_setup
from pipeline.delivery.live_points import LIVE, PUBLISHER, SENSOR, STORE, TARGETS
from pipeline.delivery.sinks import OWN_FIELDS, TAGS
from pipeline.delivery.values import (
    AdviceValues,
    AskedFor,
    RepMet,
    RepValues,
    SessionValues,
    SetMet,
    SetValues,
)
from tests.dashboards import alerts
from tests.dashboards.frames import Json
from tests.dashboards.parts import asked, query_of, variables

_STRING = re.compile(r"'[^']*'")
_REGEX = re.compile(r"=~ /(?:[^/\\]|\\.)*/|!~ /(?:[^/\\]|\\.)*/")
_FROM = re.compile(r'FROM ("\w+"\."\w+")')
_ALIAS = re.compile(r'\bAS "(\w+)"', re.IGNORECASE)
_NAME = re.compile(r'"(\w+)"')

WITHOUT_PARTS = {
    '"events"."rep"': (*OWN_FIELDS, *TAGS),
    '"events"."set"': (*OWN_FIELDS, *TAGS),
    # Of a session it is not known in which set something was.
    '"events"."session"': (*(one for one in OWN_FIELDS if one != "set_key"), *TAGS),
    # Of what lasts no time there is no end.
    '"events"."advice"': (*(one for one in OWN_FIELDS if one != "end_ms"), *TAGS),
    '"live"."live"': (*LIVE, *TARGETS, "set_key", *TAGS),
    '"live"."sensor"': (*SENSOR, "silent_in_set", "device", "site"),
    '"live"."service"': (
        *("ok", "problems", "text", "service", "site"),
        *(f"publisher_{name}" for name in PUBLISHER),
        *(f"store_{name}" for name in STORE),
    ),
    '"rollup"."live"': (*_ALIAS.findall(influx_setup._CONTINUOUS_QUERY), *TAGS),
}
_PARTS: dict[str, tuple[type, ...]] = {
    '"events"."rep"': (RepValues, RepMet, AskedFor),
    '"events"."set"': (SetValues, SetMet, AskedFor),
    '"events"."session"': (SessionValues,),
    '"events"."advice"': (AdviceValues,),
}


def written() -> dict[str, set[str]]:
    """Measurement -> fields and tags that the code writes."""
    return {
        name: {*own, *(field.name for part in _PARTS.get(name, ()) for field in fields(part))}
        for name, own in WITHOUT_PARTS.items()
    }


def used(every: Mapping[str, Json]) -> dict[str, dict[str, set[str]]]:
    """Measurement -> fields and tags that are asked for -> where."""
    found: dict[str, dict[str, set[str]]] = {}
    for where, text in _queries(every):
        for measurement, name in names(text):
            found.setdefault(measurement, {}).setdefault(name, set()).add(where)
    return found


def names(text: str) -> Iterator[tuple[str, str]]:
    """Pairs of a measurement and what a query asks of it; several measurements share it all."""
    bare = _REGEX.sub("", _STRING.sub("", text))
    fields = _fields(bare)
    for measurement in set(_FROM.findall(bare)):
        for name in fields:
            yield measurement, name


def _fields(bare: str) -> set[str]:
    """What a query asks for, without what its own sub-query calls so."""
    begin = bare.find("FROM (")
    if begin < 0:
        return set(_NAME.findall(_ALIAS.sub("", _FROM.sub("", bare))))
    open_at = begin + len("FROM ")
    depth = 0
    for at in range(open_at, len(bare)):
        depth += {"(": 1, ")": -1}.get(bare[at], 0)
        if depth == 0:
            break
    inner = bare[open_at + 1 : at]
    return _fields(inner) | (_fields(bare[:begin] + bare[at + 1 :]) - set(_ALIAS.findall(inner)))


def _queries(every: Mapping[str, Json]) -> Iterator[tuple[str, str]]:
    for name, board in every.items():
        for where, target in asked(board):
            yield f"{name} {where}", target["query"]
        for key, one in variables(board).items():
            if one["type"] == "query":
                yield f"{name} ${key}", query_of(one)
    for rule in alerts.rules():
        for query in alerts.queries(rule):
            yield f"alert {rule['title']}", query["model"]["query"]

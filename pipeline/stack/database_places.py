"""The places in InfluxDB that `hiprep db init` makes, and what stands in them."""

import re
from collections.abc import Iterator
from types import NoneType
from typing import Any, get_args

from pipeline.delivery.fields import hints
from pipeline.delivery.influx import Influx, InfluxRefusedError, Place
from pipeline.delivery.influx_select import select
from pipeline.delivery.influx_setup import LIVE_DAYS, ROLLUP, ROLLUP_DAYS
from pipeline.delivery.messages import EVENT_KINDS, Kind, Message, many
from pipeline.delivery.schemas import VALUES
from pipeline.delivery.sinks import TAGS, SinkUnavailableError, point_of
from pipeline.doctor import Finding

_INIT, _ANEW = "hiprep db init makes it", "hiprep db init sets it"
_REFILL = "hiprep db refill writes them anew, from the store's file"
_SWITCH = "switch it on: influx task update --status active"
_DAY_S = 86_400
_DAYS = {"events": 0, "live": LIVE_DAYS, "rollup": ROLLUP_DAYS}
_DURATION = re.compile(r"(\d+)h(\d+)m(\d+)s")
_MOST = 100  # what 2.x lists at once


def places_1x(influx: Influx, place: Place) -> Iterator[Finding]:
    """Of a 1.x: its retention policies and its continuous query. Raises SinkUnavailableError."""
    name = place.database.replace("\\", "\\\\").replace('"', '\\"')
    kept_s = {
        row["name"]: _seconds(row["duration"])
        for row in select(influx, f'SHOW RETENTION POLICIES ON "{name}"')
    }
    for policy in place.policies:
        yield from _retention(f"retention policy {policy} of {name}", policy, kept_s.get(policy))
    if ROLLUP not in _continuous_queries(influx, place.database):
        yield Finding("problem", "database", f"{name} has no continuous query {ROLLUP}", _INIT)
    yield Finding("ok", "database", f"{name}: looked at its policies and its roll-up")


def places_2x(influx: Influx, place: Place, *, sees_all: bool) -> Iterator[Finding]:
    """Of a 2.x: its buckets and its task. sees_all: the token is the administrator's.

    Raises SinkUnavailableError.
    """
    kept_s = {
        one["name"]: _every_s(one) for one in _listed(influx, "buckets", all_of_them=sees_all)
    }
    names = (place.events, place.live, place.rollup)
    for policy, bucket in zip(place.policies, names, strict=True):
        if sees_all or bucket in kept_s:
            yield from _retention(f"bucket {bucket}", policy, kept_s.get(bucket))
    tasks = {
        one["name"]: one.get("status") for one in _listed(influx, "tasks", all_of_them=sees_all)
    }
    if tasks.get(place.rollup) == "inactive":
        yield Finding("problem", "database", f"the task {place.rollup} is switched off", _SWITCH)
    elif place.rollup in tasks:
        yield Finding("ok", "database", "looked at its buckets and its roll-up")
    elif sees_all:
        yield Finding("problem", "database", f"there is no task {place.rollup}", _INIT)
    else:
        text = "looked at its buckets; this token may not see the roll-up"
        yield Finding("ok", "database", text, "to look at that too: --secrets DIR")


def readable(influx: Influx, place: Place) -> Iterator[Finding]:
    """Whether InfluxQL finds each place, as a board asks for it."""
    for policy in place.policies:
        try:
            # A policy of ours, not what somebody typed.
            select(influx, f'SELECT * FROM "{policy}"."live" LIMIT 1')  # noqa: S608
        except SinkUnavailableError as error:
            text = f"InfluxQL does not find {place.database}.{policy} (DBRP mapping): {error}"
            yield Finding("problem", "database", text.partition("; hiprep db init")[0], _INIT)


def old_points(influx: Influx) -> Finding:
    """Points of an earlier hiprep, without what boards ask for. Raises SinkUnavailableError."""
    found = [text for kind in EVENT_KINDS for text in _old(influx, kind)]
    if found:
        text = f"of an earlier hiprep, boards do not show all of them: {', '.join(found)}"
        return Finding("problem", "old data", text, _REFILL)
    return Finding("ok", "database", "what is in it has all that boards ask for")


def _old(influx: Influx, kind: Kind) -> Iterator[str]:
    """What is missing, in how many points."""
    names = sorted(_own_fields(kind))
    counts = ", ".join(f'count("{name}") AS "{name}"' for name in names)
    source = f'FROM "events"."{kind}" WHERE "valid" = true'
    for row in select(influx, f"SELECT {counts} {source}"):
        whole = row["id"] or 0
        lacking = {name: whole - (row[name] or 0) for name in names if row[name] != whole}
        if lacking:
            yield f"{max(lacking.values())} of {many(whole, kind)} without {', '.join(lacking)}"
    for tag in TAGS:
        for row in select(influx, f'SELECT count("id") AS "id" {source} AND "{tag}" = \'\''):
            yield f"{many(row['id'], kind)} without {tag}"


def _own_fields(kind: Kind) -> set[str]:
    """What the sink adds to every event, whatever is known of it.

    Values that are always known say which; they themselves stand in the store's file as they were
    said, so that no refill could add them.
    """
    values = {
        name: 1
        for part in VALUES[kind].kinds
        for name, hint in hints(part).items()
        if NoneType not in get_args(hint)
    }
    message = Message(
        kind=kind,
        id="-",
        revision=0,
        valid=True,
        site="-",
        device="-",
        athlete="-",
        session="-",
        exercise="-",
        variant="",
        time_us=0,
        known_us=0,
        at_s=0.0,
        values=values,
    )
    return point_of(message).fields.keys() - values.keys()


def _retention(what: str, policy: str, kept_s: int | None) -> Iterator[Finding]:
    """kept_s: None if it is not there, 0 for ever."""
    wanted_s = _DAYS[policy] * _DAY_S
    if kept_s is None:
        yield Finding("problem", "database", f"there is no {what}", _INIT)
    elif kept_s != wanted_s and not wanted_s:
        text = f"{what} forgets sessions after {kept_s // _DAY_S} days"
        yield Finding("problem", "database", text, _ANEW)
    elif kept_s != wanted_s:
        told = f"{kept_s / _DAY_S:g} days" if kept_s else "for ever"
        text = f"{what} keeps live samples {told}, not {_DAYS[policy]} days"
        yield Finding("warning", "database", text, _ANEW)


def _continuous_queries(influx: Influx, database: str) -> set[str]:
    return {
        row[0]
        for result in influx.query("SHOW CONTINUOUS QUERIES")
        for series in result.get("series", [])
        if series["name"] == database
        for row in series.get("values", [])
    }


def _listed(influx: Influx, name: str, *, all_of_them: bool) -> list[dict[str, Any]]:
    """What the token may see; a token that sees some only may be refused altogether."""
    query = [("org", influx.org), ("limit", _MOST)]
    try:
        answer = influx.request("GET", f"/api/v2/{name}", query=query) or {}
    except (InfluxRefusedError, SinkUnavailableError):
        if all_of_them:
            raise
        return []
    found: list[dict[str, Any]] = answer.get(name) or []
    return found


def _every_s(bucket: dict[str, Any]) -> int:
    rules = bucket.get("retentionRules") or [{}]
    return int(rules[0].get("everySeconds") or 0)


def _seconds(duration: str) -> int:
    """As 1.x writes it."""
    found = _DURATION.fullmatch(duration)
    hours, minutes, seconds = map(int, found.groups()) if found else (0, 0, 0)
    return 3600 * hours + 60 * minutes + seconds

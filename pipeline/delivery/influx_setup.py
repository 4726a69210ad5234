"""What InfluxDB must have before a store writes into it: places, how long each keeps, the roll-up.

Events stay for ever. Live samples stay for days; of each second a roll-up stays for weeks, which
the database makes itself. All of it may be there already.
"""

from importlib.resources import files
from typing import Any

from pipeline.delivery.influx import (
    Influx,
    InfluxRefusedError,
    Place,
    check_version,
    place_of,
)
from pipeline.delivery.sinks import SinkSettingsError
from pipeline.settings import InfluxSettings

LIVE_DAYS = 7
ROLLUP_DAYS = 56
ROLLUP = "hiprep_rollup"

_DAY_S = 86_400
_MOST = 100  # what 2.x lists at once
_DAYS = {"events": 0, "live": LIVE_DAYS, "rollup": ROLLUP_DAYS}

# What is late by less than the minute counts still.
_CONTINUOUS_QUERY = """
CREATE CONTINUOUS QUERY "{name}" ON "{database}" RESAMPLE EVERY 10s FOR 1m BEGIN
  SELECT mean("pitch_deg") AS "pitch_deg", min("pitch_deg") AS "pitch_min_deg",
    max("pitch_deg") AS "pitch_max_deg", last("reps") AS "reps", last("phase") AS "phase"
  INTO "{database}"."rollup"."live" FROM "{database}"."live"."live"
  GROUP BY time(1s), *
END
"""


def init_database(settings: InfluxSettings) -> list[str]:
    """Make what is missing -> a line for each thing that is there now.

    Raises SinkUnavailableError; its text names the setting and the cure.
    """
    influx = Influx(settings)
    try:
        check_version(influx)
        if settings.database is not None:
            return _init_1x(influx, place_of(settings))
        return _init_2x(influx, place_of(settings))
    except InfluxRefusedError as error:
        raise SinkSettingsError(
            f"influx.url: {settings.url} refuses to make it: {error}"
        ) from error
    finally:
        influx.close()


def rollup_task(place: Place) -> str:
    """The task of 2.x, in Flux; the same values as the continuous query of 1.x."""
    text = files("pipeline.delivery").joinpath("rollup.flux").read_text(encoding="utf-8")
    # The task is called as the bucket that it fills: an organization may have several.
    return text.replace("LIVE_BUCKET", place.live).replace("ROLLUP_BUCKET", place.rollup)


def _init_1x(influx: Influx, place: Place) -> list[str]:
    name = place.database.replace("\\", "\\\\").replace('"', '\\"')
    influx.query(f'CREATE DATABASE "{name}"')
    there = _names(influx.query(f'SHOW RETENTION POLICIES ON "{name}"'))
    lines = [f"database {place.database}"]
    for policy, days in _DAYS.items():
        verb = "ALTER" if policy in there else "CREATE"
        default = " DEFAULT" if policy == "events" else ""
        duration = f"{days}d" if days else "INF"
        influx.query(
            f'{verb} RETENTION POLICY "{policy}" ON "{name}" '
            f"DURATION {duration} REPLICATION 1{default}"
        )
        lines.append(f"retention policy {policy}: {_told(days)}")
    # It cannot be altered; the same one again is no error, an older one would be.
    influx.query(f'DROP CONTINUOUS QUERY "{ROLLUP}" ON "{name}"')
    influx.query(_CONTINUOUS_QUERY.format(name=ROLLUP, database=name))
    return [*lines, f"continuous query {ROLLUP}: live samples by the second"]


def _init_2x(influx: Influx, place: Place) -> list[str]:
    org_id = _org_id(influx)
    lines = []
    names = {"events": place.events, "live": place.live, "rollup": place.rollup}
    for policy, name in names.items():
        bucket_id = _bucket(influx, org_id, name, _DAYS[policy] * _DAY_S)
        _mapping(influx, org_id, bucket_id, place.database, policy)
        lines.append(
            f"bucket {name}: {_told(_DAYS[policy])}; in InfluxQL {place.database}.{policy}"
        )
    _task(influx, org_id, place.rollup, rollup_task(place))
    return [*lines, f"task {place.rollup}: live samples by the second"]


def _org_id(influx: Influx) -> str:
    found = influx.request("GET", "/api/v2/orgs", query=[("org", influx.org)])["orgs"]
    if not found:
        raise SinkSettingsError(f"influx.org: there is no organization {influx.org}")
    return str(found[0]["id"])


def _bucket(influx: Influx, org_id: str, name: str, every_s: int) -> str:
    # All of them: asked for by its name, one that is missing would be an error.
    query = [("orgID", org_id), ("limit", _MOST)]
    rules = [{"type": "expire", "everySeconds": every_s}]
    there = _list(influx, "/api/v2/buckets", query, "buckets")
    found = [one for one in there if one["name"] == name]
    if found:
        bucket_id = str(found[0]["id"])
        path = f"/api/v2/buckets/{bucket_id}"
        influx.request("PATCH", path, body={"retentionRules": rules})
        return bucket_id
    body = {"orgID": org_id, "name": name, "retentionRules": rules}
    return str(influx.request("POST", "/api/v2/buckets", body=body)["id"])


def _mapping(influx: Influx, org_id: str, bucket_id: str, database: str, policy: str) -> None:
    """What lets InfluxQL find the bucket as a database with a retention policy."""
    query = [("orgID", org_id), ("db", database), ("rp", policy)]
    found = _list(influx, "/api/v2/dbrps", query, "content")
    if any(one["bucketID"] == bucket_id and not one.get("virtual") for one in found):
        return
    body = {
        "orgID": org_id,
        "bucketID": bucket_id,
        "database": database,
        "retention_policy": policy,
        "default": policy == "events",
    }
    influx.request("POST", "/api/v2/dbrps", body=body)


def _task(influx: Influx, org_id: str, name: str, flux: str) -> None:
    query = [("orgID", org_id), ("name", name)]
    found = _list(influx, "/api/v2/tasks", query, "tasks")
    if found:
        influx.request("PATCH", f"/api/v2/tasks/{found[0]['id']}", body={"flux": flux})
    else:
        body = {"orgID": org_id, "flux": flux, "status": "active"}
        influx.request("POST", "/api/v2/tasks", body=body)


def _list(influx: Influx, path: str, query: list[tuple[str, Any]], key: str) -> list[Any]:
    found: list[Any] = (influx.request("GET", path, query=query) or {}).get(key) or []
    return found


def _names(results: list[dict[str, Any]]) -> set[str]:
    """The first column of an answer."""
    return {
        row[0]
        for result in results
        for series in result.get("series", [])
        for row in series.get("values", [])
    }


def _told(days: int) -> str:
    return f"kept for {days} days" if days else "kept for ever"

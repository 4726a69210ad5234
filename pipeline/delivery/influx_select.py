"""Rows out of InfluxDB, by InfluxQL: on 1.x as it is, on 2.x and 3 by the same address."""

from typing import Any

from pipeline.delivery.influx import Influx, InfluxRefusedError, place_of
from pipeline.delivery.sinks import SinkUnavailableError


def select(influx: Influx, text: str) -> list[dict[str, Any]]:
    """The rows of one InfluxQL query: column -> value, time in nanoseconds since 1970 UTC.

    Raises SinkUnavailableError.
    """
    database = place_of(influx.settings).database
    query = [("db", database), ("epoch", "ns"), ("q", text)]
    try:
        answer = influx.request("GET", "/query", query=query) or {}
    except InfluxRefusedError as error:
        raise SinkUnavailableError(f"influx.url: a query was refused: {error}") from error
    rows = []
    for result in answer.get("results", []):
        if "error" in result:
            raise SinkUnavailableError(
                f"influx.url: a query was refused: {result['error']}; "
                "hiprep db init makes what is missing"
            )
        for series in result.get("series", []):
            rows += [dict(zip(series["columns"], one, strict=True)) for one in series["values"]]
    return rows

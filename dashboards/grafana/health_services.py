"""Panels about services and the way of the data, for the board of the system's health."""

from typing import Any

from grafana_foundation_sdk.builders import timeseries
from grafana_foundation_sdk.models.common import GraphDrawStyle

from dashboards.grafana import look
from dashboards.grafana.columns import HIDDEN, at_least, columns, judged, mapped
from dashboards.grafana.influxql import (
    IN_TIME,
    LIVE,
    OF_DEVICE,
    REPS,
    SENSORS,
    SERVICES,
    VALID,
    InfluxQL,
    select,
    series,
)
from dashboards.grafana.panels import number, rows, told, trace

_EMPTY = "Start hiprep run: it says every ten seconds how it is, and it shows up here"
_OF = (SERVICES, IN_TIME)
_EACH = 'GROUP BY "service"'
_NONE = (look.GOOD, (1, look.STOP))
_QUEUE = (look.GOOD, (10, look.WATCH), (100, look.STOP))
_COUNTERS = {
    "publisher_lost": "No room",
    "publisher_refused": "Unreadable",
    "publisher_live_dropped": "Live not sent",
    "store_malformed": "Malformed",
    "store_refused": "Refused",
    "store_live_dropped": "Live not kept",
}


def now() -> list[Any]:
    """What matters at once."""
    return [
        told(
            number().color_scheme(look.by_threshold()).thresholds(look.thresholds(*_NONE)),
            "Problems of services",
            "How many things do not work, of all services. Which ones, and what to do, stands in "
            "the table of services.",
            InfluxQL(_of_the_last("problems")),
            unit=look.COUNT,
            empty=_EMPTY,
        ),
        told(
            number().color_scheme(look.by_threshold()).thresholds(look.thresholds(*_QUEUE)),
            "Events that wait",
            "Reps, sets and sessions that are on the gateway's disk and not yet kept by a store. "
            "None is lost, but a board does not show them yet.",
            InfluxQL(_of_the_last("publisher_waiting")),
            unit=look.COUNT,
            empty=_EMPTY,
        ),
    ]


def fresh() -> list[Any]:
    """When the latest data are from; nothing of it is older than what is shown."""
    shown = [
        ("Last live value", "Ten come each second while a sensor streams.",
         select('last("reps")', LIVE, IN_TIME, OF_DEVICE), "No sensor has streamed in this time"),
        ("Last rep", "Reps come as they are lifted.",
         select('last("faults")', REPS, IN_TIME, VALID, OF_DEVICE), "No rep in this time"),
        ("Last word of a sensor", "Each says every five seconds how it is.",
         select('last("phase")', SENSORS, IN_TIME, OF_DEVICE), "No sensor was heard of"),
        ("Last word of a service", "Each says every ten seconds how it is.",
         select('last("ok")', *_OF), "No service was heard of"),
    ]  # fmt: skip
    return [
        told(
            number("Time").color_scheme(look.fixed(look.PLAIN)),
            title,
            f"{description} If this is old, look at the tables below.",
            InfluxQL(query),
            unit="dateTimeFromNow",
            empty=f"{empty}: start hiprep run",
        )
        for title, description, query, empty in shown
    ]


def table() -> Any:
    """A row for each service, as it was heard last."""
    query = select('last("ok") AS "ok", "problems", "text"', *_OF, then=_EACH)
    made = told(
        columns(rows(), "Time", "service", "ok", "problems"),
        "Services",
        "What each service said last, and when. A problem says what to do about it.",
        InfluxQL(query),
        unit=look.COUNT,
        empty=_EMPTY,
    )
    works = mapped({"1": "yes", "0": "no"}, {"1": look.GOOD, "0": look.STOP})
    return (
        made.override_by_name(
            "Time", [look.named("Heard"), at_least(130), *look.measured_in("dateTimeFromNow")]
        )
        .override_by_name("ok", [works, *judged(look.STOP, (1, look.GOOD))])
        .override_by_name("problems", judged(*_NONE))
        .override_by_name("text", [look.named("In words"), at_least(250)])
    )


def lost() -> Any:
    """What was lost or refused, for each service."""
    counted = ", ".join(f'last("{name}") AS "{name}"' for name in _COUNTERS)
    made = told(
        columns(rows(), "service"),
        "Lost and refused",
        "Counted since each service was begun. Gateway: events without room, or unreadable; store: "
        "malformed messages, points that the database refused. All of these have to be none; some "
        "live values may be dropped when the network or the database is slow.",
        InfluxQL(select(counted, *_OF, then=_EACH)),
        unit=look.COUNT,
        empty=_EMPTY,
    ).override_by_name("Time", [HIDDEN])
    for name, words in _COUNTERS.items():
        steps = (look.GOOD, (1, look.WATCH)) if "live" in name else _NONE
        shown = [look.named(words), at_least(0, words), *judged(*steps)]
        made = made.override_by_name(name, shown)
    return made


def outbox() -> timeseries.Panel:
    """Of the gateway."""
    names = {
        "publisher_waiting": "waiting",
        "publisher_held": "not on disk yet",
        "publisher_under_way": "under way",
        "publisher_aside": "tried again later",
    }
    return _trend(
        "Outbox of the gateway",
        "Events that wait for a receipt. It should return to none soon after each set; if it "
        "grows, the broker or the store is away.",
        names,
        look.COUNT,
    )


def store_queue() -> timeseries.Panel:
    """Of the store."""
    return _trend(
        "Queue of the store",
        "Events that wait to be kept. If it grows, the database is away or too slow.",
        {"store_waiting": "waiting"},
        look.COUNT,
    )


def lag() -> timeseries.Panel:
    """Of both."""
    return _trend(
        "Lag",
        "Gateway: since when the first event under way has been known. Store: from when the latest "
        "event was known until it was kept. Below a second is good.",
        {"publisher_lag_s": "not arrived for", "store_lag_s": "kept after"},
        look.PARTS,
    )


def kept() -> timeseries.Panel:
    """Of events."""
    then = 'GROUP BY time(1m), "service" fill(none)'
    query = select('non_negative_derivative(max("store_kept"), 1m)', *_OF, then=then)
    made = told(
        _per_minute(),
        "Events kept a minute",
        "Reps, sets and sessions, and each later state of them, that a store has taken. A set "
        "makes a bar; none while nobody lifts.",
        series(query, "$tag_service"),
        unit=look.COUNT,
        empty="Lift a set: it shows up here",
    )
    return made.decimals(0)


def live_points() -> timeseries.Panel:
    """Of each sensor."""
    then = 'GROUP BY time(1m), "device" fill(none)'
    query = select('count("reps")', LIVE, IN_TIME, OF_DEVICE, then=then)
    made = told(
        _per_minute(),
        "Live values kept a minute",
        "About 600 while a sensor streams. Less: the network or the database does not keep up.",
        series(query, "$tag_device"),
        unit=look.COUNT,
        empty="Put a sensor on: it shows up here",
    )
    return made.decimals(0)


def _trend(title: str, description: str, names: dict[str, str], unit: str) -> timeseries.Panel:
    """The worst of each moment. names: of fields -> what people read beside the service."""
    then = 'GROUP BY time($__interval), "service" fill(none)'
    asked = [
        series(select(f'max("{name}")', *_OF, then=then), f"$tag_service: {words}", ref)
        for ref, (name, words) in zip("ABCD", names.items(), strict=False)
    ]
    made = told(trace(), title, description, *asked, unit=unit, empty=_EMPTY)
    return made.color_scheme(look.by_name()).span_nulls(True).axis_soft_min(0)


def _per_minute() -> timeseries.Panel:
    made = trace().draw_style(GraphDrawStyle.BARS).fill_opacity(60).axis_soft_min(0)
    return made.color_scheme(look.by_name())


def _of_the_last(name: str) -> str:
    """The sum of what the services said last."""
    last = select(f'last("{name}") AS "{name}"', *_OF, then=_EACH)
    return select(f'sum("{name}") AS "{name}"', last)

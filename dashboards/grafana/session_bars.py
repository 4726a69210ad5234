"""Panels of the board of a session: a bar for each set."""

from typing import Any

from grafana_foundation_sdk.builders import barchart

from dashboards.grafana import look
from dashboards.grafana.columns import listed
from dashboards.grafana.influxql import InfluxQL, select
from dashboards.grafana.panels import bars, no_legend, told
from dashboards.grafana.session_panels import EMPTY, HOLDS, OF_SETS


def volume() -> Any:
    """Of each set."""
    description = "Reps times load of each set. The sum of it is the volume load of the session."
    return _by_set(
        "Volume load of each set",
        description,
        "volume_kg",
        look.KG,
        empty="Say the load before a set: it shows up here",
    )


def under_tension() -> Any:
    """Of each set."""
    description = "How long the reps of each set took together, without the pauses between them."
    return _by_set(
        "Time under tension of each set", description, "time_under_tension_s", look.SECONDS
    )


def rests() -> Any:
    """Before each set."""
    return _by_set(
        "Rest before each set",
        "From the end of the set before. Rests of the same length make sets comparable.",
        "rest_before_s",
        look.SECONDS,
        empty="Lift a second set: the rest before it shows up here",
    )


def holds() -> Any:
    """Of each set."""
    made = _by_set(
        "Holds met in each set",
        "How many reps were held at the top for as long as asked for; all of them is best.",
        "hold_met_pct",
        look.PERCENT,
        empty="Ask for a hold (set_targets) and lift a set: it shows up here",
    )
    return (
        made.color_scheme(look.by_threshold()).thresholds(look.thresholds(*HOLDS)).min(0).max(100)
    )


def spreads() -> list[Any]:
    """Of each set: ROM, velocity, duration."""
    description = (
        "Standard deviation as a share of the mean, of the reps of each set. The smaller, the more "
        "alike they are; sets of less than three reps have none."
    )
    empty = "Lift a set of three reps or more: it shows up here"
    shown = [
        ("Spread of the ROM", "rom_cv_pct", ""),
        ("Spread of the velocity", "velocity_cv_pct", " Velocity spreads as a set gets hard."),
        ("Spread of the duration", "duration_cv_pct", ""),
    ]
    return [
        _by_set(title, description + more, name, look.PERCENT, empty=empty)
        for title, name, more in shown
    ]


def _by_set(
    title: str, description: str, name: str, unit: str, *, empty: str = EMPTY
) -> barchart.Panel:
    """A bar for each set, in order."""
    made = told(
        bars("text").legend(no_legend()),
        title,
        description,
        InfluxQL(select(listed("text", name), *OF_SETS)),
        unit=unit,
        empty=empty,
    )
    return (
        made.color_scheme(look.fixed(look.PLAIN))
        .decimals(0)
        .override_by_name(name, [look.named(title)])
    )

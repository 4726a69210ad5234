"""Panels of progress, lift by lift: an exercise and its variant are never mixed with another."""

from typing import Any

from grafana_foundation_sdk.builders import timeseries, xychart
from grafana_foundation_sdk.builders.common import GraphThresholdsStyleConfig
from grafana_foundation_sdk.models.common import GraphThresholdsStyleMode
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue

from dashboards.grafana import look
from dashboards.grafana.columns import columns
from dashboards.grafana.influxql import (
    COUNTED,
    IN_TIME,
    OF_ATHLETE,
    OF_LIFT,
    REPS,
    SESSIONS,
    SETS,
    VALID,
    InfluxQL,
    select,
    series,
)
from dashboards.grafana.lifts import LIFT, by_lift, dashed, renamed, square
from dashboards.grafana.panels import points, rows, scatter, told

_EMPTY = "Lift a set: it shows up here, and a line with the next sessions"
_NO_LOAD = "Say the load before a set: it shows up here, and a line with the next sessions"
_OF = (VALID, OF_ATHLETE, OF_LIFT)
_EACH = 'GROUP BY "exercise", "variant"'
_DAY_BY_DAY = 'GROUP BY time(1d), "exercise", "variant" fill(none)'
# Out of sight there alone.
_LEGEND = {"legend": True, "tooltip": False, "viz": False}
_MET = (look.STOP, (50, look.WATCH), (80, look.GOOD))


def one_rep_max() -> timeseries.Panel:
    """With what it may be off by."""
    values = {"e1rm_kg": "", "e1rm_low_kg": " at least", "e1rm_high_kg": " at most"}
    asked = [
        series(select(f'"{value}"', SESSIONS, IN_TIME, *_OF, then=_EACH), f"{LIFT}{words}", ref)
        for ref, (value, words) in zip("ABC", values.items(), strict=True)
    ]
    made = told(
        points(),
        "Estimated 1RM",
        "What could be lifted once, from the velocities at two loads or more of a session that was "
        "lifted as fast as possible. It is an estimate: in 95 of 100 cases it is between the two "
        "grey lines. A change that is smaller than what lies between them may be chance.",
        *asked,
        unit=look.KG,
        empty="Lift two loads or more in a session, as fast as possible: it shows up here",
    )
    edge = [
        look.coloured(look.TARGET),
        DynamicConfigValue(id_val="custom.lineStyle", value={"fill": "dash", "dash": [6, 6]}),
        DynamicConfigValue(id_val="custom.lineWidth", value=1),
        DynamicConfigValue(id_val="custom.showPoints", value="never"),
        DynamicConfigValue(id_val="custom.hideFrom", value=_LEGEND),
    ]
    made = by_lift(made, dashed()).decimals(0)
    return made.override_by_query("B", edge).override_by_query("C", edge)


def heaviest() -> timeseries.Panel:
    """Of each day: a day is a session."""
    return _trend(
        "Heaviest load",
        "The heaviest set of each session day, in days of UTC. Up and to the right is progress.",
        'max("load_kg")',
        look.KG,
        empty=_NO_LOAD,
    )


def velocity_at_load(days: int = 0) -> xychart.Panel:
    """A point for each set. days: of the last ones only; 0 for all that is shown."""
    # Of a series Grafana's name is that of the lift, and of the column.
    values = '"load_kg" AS "load", "best_velocity_mps" AS "velocity", "exercise", "variant"'
    query = select(values, SETS, IN_TIME, *_OF)
    when = f"the last {days} days" if days else "all the time that is shown"
    made = told(
        scatter(),
        f"Velocity at load, {'last ' + str(days) + ' days' if days else 'all'}",
        f"The fastest rep of each set over its load, in {when}. Faster in the last days than "
        "before with the same load, lifted as fast as possible, is stronger.",
        InfluxQL(query),
        unit=look.MPS,
        empty=_NO_LOAD,
    )
    split = {"fields": ["exercise", "variant"], "naming": {"asLabels": False}, "keepFields": False}
    made = made.with_transformation(
        DataTransformerConfig(id_val="partitionByValues", options=split)
    ).with_transformation(renamed("^(.*) velocity$", "$1"))
    made = (
        by_lift(made, square())
        .decimals(2)
        .axis_soft_min(0)
        .override_by_name("load", [*look.measured_in(look.KG, 0), _axis("Load")])
        .override_by_name("velocity", [_axis("Best velocity")])
    )
    return made.time_from(f"{days}d") if days else made


def reps() -> timeseries.Panel:
    """Between heavy and light."""
    made = _trend(
        "Reps a set",
        "The mean of each session day. Up to 8 is heavy, 12 and more is light; a week that has "
        "both trains strength and endurance in turn.",
        'mean("reps")',
        look.COUNT,
    )
    bands = look.thresholds("transparent", (8, look.TARGET), (12, look.TARGET))
    return _lined(made.decimals(1).axis_soft_min(0).axis_soft_max(16).thresholds(bands))


def load() -> timeseries.Panel:
    """What belongs to the reps beside it."""
    return _trend(
        "Load",
        "The mean load of each session day, beside the reps a set: few reps belong to a high load, "
        "many to a low one.",
        'mean("load_kg")',
        look.KG,
        empty=_NO_LOAD,
    )


def rom() -> timeseries.Panel:
    """Day by day."""
    return _trend(
        "Range of motion",
        "How far the pelvis turned in the usual rep of a set; the mean of each session day. Steady "
        "is good; less of it with more load means that the load grew faster than you did.",
        'mean("rom_deg")',
        look.DEGREES,
    ).axis_soft_min(0)


def holds() -> timeseries.Panel:
    """Day by day."""
    made = _trend(
        "Holds met",
        "How many reps of a set were held at the top for as long as asked for; the mean of each "
        "session day. All is best, below half the load or the target is too much.",
        'mean("hold_met_pct")',
        look.PERCENT,
        empty="Ask for a hold (set_targets) and lift a set: it shows up here",
    )
    return _share(made)


def tempo() -> list[timeseries.Panel]:
    """How well each of the four phases was met, day by day."""
    words = {
        "eccentric_met_pct": "way down",
        "bottom_pause_met_pct": "pause at the bottom",
        "concentric_met_pct": "way up",
        "top_pause_met_pct": "pause at the top",
    }
    return [
        _share(
            _trend(
                f"Tempo met: {part}",
                f"How many reps had the {part} as long as asked for, within 0.3 s or 20 %; the "
                "mean of each session day. All is best.",
                f'mean("{name}")',
                look.PERCENT,
                empty="Ask for a tempo (set_targets) and lift a set: it shows up here",
            )
        )
        for name, part in words.items()
    ]


def bests() -> list[Any]:
    """Tables of all time; the time is that of the best."""
    shown = [
        ("Heaviest", "The heaviest set of each lift, and its reps.", SETS, VALID,
         ("load_kg", "reps")),
        ("Most reps", "The set of most reps of each lift, and its load.", SETS, VALID,
         ("reps", "load_kg")),
        ("Fastest", "The fastest rep of each lift, and its load: the lighter, the faster.", REPS,
         COUNTED, ("mean_velocity_mps", "load_kg")),
        ("Longest hold", "The rep of each lift that was held at the top for longest, and its load.",
         REPS, COUNTED, ("top_pause_s", "load_kg")),
    ]  # fmt: skip
    return [_best(title, words, of, which, names) for title, words, of, which, names in shown]


def _best(title: str, words: str, of: str, which: str, names: tuple[str, str]) -> Any:
    """names: what is to be greatest, and what is told beside it."""
    of_each = select(
        f'max("{names[0]}") AS "{names[0]}", "{names[1]}"', of, which, OF_ATHLETE, OF_LIFT,
        then=_EACH,
    )  # fmt: skip
    wanted = ", ".join(f'"{name}"' for name in ("variant", *names))
    return told(
        columns(rows(), "Time", "exercise", "variant", *names),
        title,
        f"{words} Of all time, whatever time is shown.",
        InfluxQL(select(wanted, of_each, then='GROUP BY "exercise"')),
        unit=look.COUNT,
        empty=_NO_LOAD if names[0] == "load_kg" else _EMPTY,
    )


def _trend(
    title: str, description: str, what: str, unit: str, *, empty: str = _EMPTY
) -> timeseries.Panel:
    """A line for each lift. what: of the sets of each day."""
    query = select(what, SETS, IN_TIME, *_OF, then=_DAY_BY_DAY)
    made = told(points(), title, description, series(query, LIFT), unit=unit, empty=empty)
    return by_lift(made, dashed()).decimals(0)


def _share(panel: timeseries.Panel) -> timeseries.Panel:
    """Of percents: the lines between bad and good are drawn."""
    return _lined(panel.min(0).max(100).thresholds(look.thresholds(*_MET)))


def _lined(panel: timeseries.Panel) -> timeseries.Panel:
    dashed = GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
    return panel.thresholds_style(dashed)


def _axis(words: str) -> DynamicConfigValue:
    return DynamicConfigValue(id_val="custom.axisLabel", value=words)

"""Panels of progress: how often, how much, and what of; a week begins on Monday, in UTC."""

from typing import Any

from grafana_foundation_sdk.builders import barchart, timeseries
from grafana_foundation_sdk.builders.common import GraphThresholdsStyleConfig, StackingConfig
from grafana_foundation_sdk.models.common import (
    BigValueTextMode,
    GraphDrawStyle,
    GraphGradientMode,
    GraphThresholdsStyleMode,
    StackingMode,
    VizOrientation,
)

from dashboards.grafana import look
from dashboards.grafana.columns import HIDDEN, columns, judged, leads_to, listed, mapped
from dashboards.grafana.influxql import (
    IN_TIME,
    OF_ATHLETE,
    OF_LIFT,
    SESSIONS,
    SETS,
    VALID,
    InfluxQL,
    select,
    series,
)
from dashboards.grafana.lifts import LIFT, by_lift, in_words, pale
from dashboards.grafana.panels import bars, no_legend, number, rows, told, trace

_EMPTY = "Lift a set: the session shows up here when the set is over"
_NO_LOAD = "Say the load before a set: it shows up here"
_WEEK = "now() - 7d"
HEAVY_REPS, LIGHT_REPS = 8, 12
_OFTEN = (look.WATCH, (2, look.GOOD), (4, look.WATCH))
_THEN = (
    "/d/hiprep-session?${athlete:queryparam}&from=${__data.fields.Time.numeric}"
    "&to=${__data.fields.end_ms.numeric}"
)


def now() -> list[Any]:
    """How it stands, whatever time is shown."""
    latest = InfluxQL(select('last("sets")', SESSIONS, VALID, OF_ATHLETE))
    week = InfluxQL(select('count("sets")', SESSIONS, f"time > {_WEEK}", VALID, OF_ATHLETE))
    most = select(
        'last("e1rm_kg")', SESSIONS, VALID, OF_ATHLETE, OF_LIFT,
        then='GROUP BY "exercise", "variant"',
    )  # fmt: skip
    volume = select('sum("volume_kg")', SETS, f"time > {_WEEK}", VALID, OF_ATHLETE)
    plain = look.fixed(look.PLAIN)
    return [
        told(
            number("Time").color_scheme(plain),
            "Last session",
            "How long ago the last session began; a day or two of rest between sessions is usual.",
            latest,
            unit="dateTimeFromNow",
            empty=_EMPTY,
        ),
        told(
            number().color_scheme(look.by_threshold()).thresholds(look.thresholds(*_OFTEN)),
            "Sessions, last 7 days",
            "Two or three a week are meant.",
            week,
            unit=look.COUNT,
            empty="No session in the last 7 days: time to lift",
        ),
        told(
            number().color_scheme(plain).decimals(0),
            "Volume, last 7 days",
            "Reps times load, of all lifts whose load is known.",
            InfluxQL(volume),
            unit=look.KG,
            empty="No set with a load in the last 7 days",
        ),
        told(
            in_words(number().color_scheme(plain).decimals(0)).text_mode(
                BigValueTextMode.VALUE_AND_NAME
            ),
            "Estimated 1RM, latest",
            "Of each lift. It is an estimate; what it may be off by is drawn below.",
            series(most, LIFT),
            unit=look.KG,
            empty="Lift two loads or more in a session, as fast as possible",
        ),
    ]


def volume() -> timeseries.Panel:
    """A bar a week, of the lifts on each other."""
    query = select(
        'sum("volume_kg")', SETS, IN_TIME, VALID, OF_ATHLETE, OF_LIFT,
        then='GROUP BY time(1w, 4d), "exercise", "variant" fill(none)',
    )  # fmt: skip
    made = told(
        _weekly(),
        "Volume a week",
        "Reps times load of each week, lift by lift. It should grow slowly, and drop now and then "
        "for a week of rest.",
        series(query, LIFT),
        unit=look.KG,
        empty=_NO_LOAD,
    )
    stacked = StackingConfig().mode(StackingMode.NORMAL).group("A")
    return by_lift(made, pale()).stacking(stacked)


def sessions() -> timeseries.Panel:
    """A bar a week, of all lifts."""
    query = select(
        'count("sets")', SESSIONS, IN_TIME, VALID, OF_ATHLETE,
        then="GROUP BY time(1w, 4d) fill(0)",
    )  # fmt: skip
    dashed = GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
    made = told(
        _weekly().legend(no_legend()),
        "Sessions a week",
        "Of all lifts together, whatever lift is chosen. Two or three a week are meant, with days "
        "of rest between them. The running week is not over yet.",
        series(query, "sessions"),
        unit=look.COUNT,
        empty=_EMPTY,
    )
    return (
        made.color_scheme(look.by_threshold())
        .gradient_mode(GraphGradientMode.SCHEME)
        .thresholds(look.thresholds(*_OFTEN))
        .thresholds_style(dashed)
        .axis_soft_max(4)
    )


def heavy_and_light() -> timeseries.Panel:
    """A bar a week, of sets by their reps."""
    kinds = {
        f"up to {HEAVY_REPS} reps": (look.PLAIN, f'"reps" <= {HEAVY_REPS}'),
        "between": (look.TARGET, f'"reps" > {HEAVY_REPS} AND "reps" < {LIGHT_REPS}'),
        f"{LIGHT_REPS} and more": (look.SPREAD, f'"reps" >= {LIGHT_REPS}'),
    }
    each = "GROUP BY time(1w, 4d) fill(none)"
    asked = [
        series(
            select('count("reps")', SETS, IN_TIME, VALID, OF_ATHLETE, OF_LIFT, which, then=each),
            name, ref,
        )
        for ref, (name, (_, which)) in zip("ABC", kinds.items(), strict=True)
    ]  # fmt: skip
    made = told(
        _weekly(),
        "Heavy and light sets a week",
        f"Sets of up to {HEAVY_REPS} reps are heavy, of {LIGHT_REPS} and more light; both in turn "
        "are meant. What share of your most a load was does not count here, but does in what the "
        "rules say.",
        *asked,
        unit=look.COUNT,
        empty=_EMPTY,
    )
    for name, (colour, _) in kinds.items():
        made = made.override_by_name(name, [look.coloured(colour)])
    return made.stacking(StackingConfig().mode(StackingMode.NORMAL).group("A"))


def balance_of_sets() -> barchart.Panel:
    """A bar for each exercise."""
    return _balance('count("reps") AS "sets"', "sets", "Sets by exercise")


def balance_of_reps() -> barchart.Panel:
    """A bar for each exercise."""
    return _balance('sum("reps") AS "reps"', "reps", "Reps by exercise")


def log() -> Any:
    """A row for each session, which leads to its board."""
    names = (
        "exercise", "variant", "sets", "reps", "reps_per_set", "load_kg", "volume_kg", "e1rm_kg",
        "e1rm_low_kg", "e1rm_high_kg", "rom_deg", "duration_s", "rest_s", "time_under_tension_s",
        "faults",
    )  # fmt: skip
    query = select(
        listed(*names, "end_ms"), SESSIONS, IN_TIME, VALID, OF_ATHLETE,
        then="ORDER BY time DESC",
    )  # fmt: skip
    table = told(
        columns(rows(), "Time", *names),
        "Sessions",
        "All of them, whatever lift is chosen; the newest is on top. Exercise and variant are "
        "those of the first set, load is the largest. A click on the time shows sets and reps.",
        InfluxQL(query),
        unit=look.COUNT,
        empty=_EMPTY,
    )
    return (
        table.override_by_name("Time", [leads_to("Its sets and reps", _THEN)])
        .override_by_name("end_ms", [HIDDEN])
        .override_by_name("faults", judged(look.GOOD, (1, look.WATCH)))
    )


def _balance(value: str, name: str, title: str) -> barchart.Panel:
    query = select(value, SETS, IN_TIME, VALID, OF_ATHLETE, then='GROUP BY "exercise"')
    made = told(
        bars("exercise").legend(no_legend()).orientation(VizOrientation.HORIZONTAL),
        title,
        "Of the time that is shown, whatever lift is chosen. Squats, deadlifts, lunges and bridges "
        "beside the hip thrust keep the hips in balance.",
        InfluxQL(query),
        unit=look.COUNT,
        empty=_EMPTY,
    )
    words = mapped(look.EXERCISE_WORDS, look.EXERCISES)
    return (
        made.color_scheme(look.fixed(look.PLAIN))
        .decimals(0)
        .color_by_field("exercise")
        .override_by_name("exercise", [words])
        .override_by_name(name, [look.named(title)])
    )


def _weekly() -> timeseries.Panel:
    return trace().draw_style(GraphDrawStyle.BARS).fill_opacity(80).decimals(0).axis_soft_min(0)

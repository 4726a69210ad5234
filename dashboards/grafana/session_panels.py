"""The panels of the board of a session."""

from typing import Any

from grafana_foundation_sdk.builders import barchart
from grafana_foundation_sdk.models.common import GraphDrawStyle, VisibilityMode
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.grafana import look
from dashboards.grafana.columns import (
    HIDDEN,
    at_least,
    columns,
    judged,
    leads_to,
    listed,
    mapped,
    wide,
)
from dashboards.grafana.influxql import (
    CHOSEN,
    COUNTED,
    IN_TIME,
    REPS,
    SECONDS,
    SETS,
    VALID,
    InfluxQL,
    select,
    series,
)
from dashboards.grafana.lifts import LIFT, by_lift
from dashboards.grafana.panels import bars, number, numbers, points, rows, told, trace

OF_SETS = (SETS, IN_TIME, VALID, CHOSEN)

EMPTY = "Lift a set: it shows up here when it is over"
_UNKNOWN = DynamicConfigValue(id_val="noValue", value="–")
_OF_REPS = (REPS, IN_TIME, COUNTED, CHOSEN, '"set_key" =~ /^${set:regex}$/')
_ITS_REPS = (
    "/d/hiprep-session?var-set=${__data.fields.set_key}&${athlete:queryparam}"
    "&${exercise:queryparam}&${variant:queryparam}&${device:queryparam}"
)
_ITS_TIME = "&from=${__data.fields.Time.numeric}&to=${__data.fields.end_ms.numeric}"
_PHASES = {
    "eccentric_s": look.PHASES["eccentric"],
    "bottom_pause_s": look.PHASES["bottom"],
    "concentric_s": look.PHASES["concentric"],
    "top_pause_s": look.PHASES["top"],
}
_MET = ("eccentric_met", "bottom_pause_met", "concentric_met", "top_pause_met", "hold_met")
HOLDS = (look.STOP, (50, look.WATCH), (80, look.GOOD))


def sums() -> Any:
    """Of the sets of the session."""
    asked = 'count("reps") AS "sets", sum("reps") AS "reps", sum("volume_kg") AS "volume"'
    made = told(
        numbers("sets", "reps", "volume"),
        "Lifted",
        "Sets, reps that count, and volume: reps times load, of the sets whose load is known.",
        InfluxQL(select(asked, *OF_SETS)),
        unit=look.COUNT,
        empty=EMPTY,
    )
    return (
        made.decimals(0)
        .color_scheme(look.fixed(look.PLAIN))
        .override_by_name("volume", [*look.measured_in(look.KG, 0), _UNKNOWN])
    )


def times() -> Any:
    """Of the sets of the session."""
    asked = 'sum("time_under_tension_s") AS "under tension", median("rest_before_s") AS "rest"'
    made = told(
        numbers("under tension", "rest"),
        "Work and rest",
        "How long all reps together took, without the pauses between them; and the usual rest "
        "between two sets (median).",
        InfluxQL(select(asked, *OF_SETS)),
        unit=look.SECONDS,
        empty=EMPTY,
    )
    return (
        made.decimals(0).color_scheme(look.fixed(look.PLAIN)).override_by_name("rest", [_UNKNOWN])
    )


def faults_in_all() -> Any:
    """Of the sets of the session."""
    return told(
        number()
        .color_scheme(look.by_threshold())
        .thresholds(look.thresholds(look.GOOD, (1, look.WATCH))),
        "Faults",
        "How often a rep was over-arched, sagged at the top, or was not locked out. None is best.",
        InfluxQL(select('sum("faults")', *OF_SETS)),
        unit=look.COUNT,
        empty=EMPTY,
    )


def sets() -> Any:
    """All sets, the newest first; each leads to its reps."""
    names = (
        "set", "exercise", "variant", "load_kg", "reps", "target_reps", "partials", "tempo",
        "target_tempo", "rom_deg", "displacement_m", "best_velocity_mps", "mean_velocity_mps",
        "velocity_loss_pct", "faults", "hold_met_pct", "rest_before_s", "time_under_tension_s",
        "note",
    )  # fmt: skip
    query = select(listed(*names, "set_key", "end_ms"), *OF_SETS, then="ORDER BY time DESC")
    table = told(
        columns(rows(), "Time", *names),
        "Sets",
        "The newest set is on top. Tempo is way down, bottom, way up and hold at the top, in "
        "seconds. A click on a time or number leads to the reps of that set, and to its pitch.",
        InfluxQL(query),
        unit=look.COUNT,
        empty=EMPTY,
    )
    link = leads_to(
        "Its reps",
        f"{_ITS_REPS}&${{__url_time_range}}",
        ("Its pitch and reps alone", _ITS_REPS + _ITS_TIME),
    )
    return (
        table.override_by_name("Time", [link])
        .override_by_name("set", [link])
        .override_by_name("set_key", [HIDDEN])
        .override_by_name("end_ms", [HIDDEN])
        .override_by_name("faults", judged(look.GOOD, (1, look.WATCH)))
        .override_by_name("hold_met_pct", judged(*HOLDS))
    )


def reps() -> Any:
    """The reps of the chosen set, the newest first."""
    names = (
        "set", "rep", "eccentric_s", "bottom_pause_s", "concentric_s", "top_pause_s", *_MET,
        "rom_deg", "mean_velocity_mps", "peak_velocity_mps", "velocity_loss_pct", "confidence",
    )  # fmt: skip
    table = told(
        columns(rows(), "Time", *names),
        "Reps",
        "The newest rep is on top: its four parts, whether each was as long as asked for (top: "
        "neither shorter nor longer; hold: at least), and how sure the count is.",
        InfluxQL(select(listed(*names, "text"), *_OF_REPS, then="ORDER BY time DESC")),
        unit=look.COUNT,
        empty="Choose a set at the top, or lift one: its reps show up here",
    )
    words = mapped({"1": "yes", "0": "no"}, {"1": look.GOOD, "0": look.WATCH})
    for name in _MET:
        table = table.override_by_name(name, [words, *judged(look.WATCH, (1, look.GOOD))])
    return table.override_by_name(
        "Time", [*look.measured_in("time:HH:mm:ss"), wide(90)]
    ).override_by_name("text", [look.named("In words"), at_least(200)])


def tempo() -> Any:
    """A bar for each of them."""
    made = told(
        bars("text", stacked=True),
        "Tempo of each rep",
        "How long each part of a rep took: way down, bottom, way up, hold at the top. Bars of "
        "the same height and parts mean a steady tempo.",
        InfluxQL(select(listed("text", *_PHASES), *_OF_REPS)),
        unit=look.PARTS,
        empty="Choose a set at the top, or lift one: the tempo of its reps shows up here",
    )
    return _coloured(made.x_tick_label_max_length(18), _PHASES)


def pitch() -> Any:
    """By the second in the database; a session is longer than a screen is wide."""

    def asked(what: str, name: str, ref: str) -> InfluxQL:
        each = "GROUP BY time($__interval) fill(null)"
        return series(select(what, SECONDS, IN_TIME, CHOSEN, then=each), name, ref)

    made = told(
        trace().color_scheme(look.fixed(look.PLAIN)),
        "Pitch of the pelvis",
        "How far the pelvis was tilted, lowest and highest within each moment; sets and bests are "
        "marked. Peaks that get lower are a range of motion that shrinks. Kept for 56 days.",
        asked('min("pitch_min_deg")', "lowest", "A"),
        asked('max("pitch_max_deg")', "highest", "B"),
        asked('mean("pitch_deg")', "mean", "C"),
        unit=look.DEGREES,
        empty="Put the sensor on and start hiprep: the pitch shows up here within a minute",
    )
    edge = [look.coloured(look.SPREAD), DynamicConfigValue(id_val="custom.lineWidth", value=1)]
    filled = [
        DynamicConfigValue(id_val="custom.fillBelowTo", value="lowest"),
        DynamicConfigValue(id_val="custom.fillOpacity", value=25),
    ]
    return (
        made.decimals(0)
        .override_by_name("lowest", edge)
        .override_by_name("highest", [*edge, *filled])
        .override_by_name("mean", [look.coloured(look.PLAIN)])
    )


def faults() -> Any:
    """Of each set, by kind."""
    kinds = {f"fault_{kind}": colour for kind, colour in look.FAULTS.items()}
    made = told(
        bars("text", stacked=True),
        "Faults of each set",
        "Over-arched: the lower back went on after the hips were up. Sagged: the hips sank in the "
        "hold. Lockout short: the hips did not get all the way up. No bar is best.",
        InfluxQL(select(listed("text", *kinds), *OF_SETS)),
        unit=look.COUNT,
        empty=EMPTY,
    )
    # Each set has three bars, most of no height: their noughts would be in the way.
    return _coloured(made.decimals(0).show_value(VisibilityMode.NEVER), kinds)


def velocity() -> Any:
    """Of each rep, over the session."""
    each = 'GROUP BY "exercise", "variant"'
    query = select('"mean_velocity_mps"', REPS, IN_TIME, COUNTED, CHOSEN, then=each)
    made = told(
        points(),
        "Velocity of each rep",
        "Mean velocity on the way up. It falls as a set gets hard; with the same load and full "
        "effort, faster than last time is stronger.",
        series(query, LIFT),
        unit=look.MPS,
        empty=EMPTY,
    )
    return by_lift(made.decimals(2).span_nulls(False).draw_style(GraphDrawStyle.POINTS))


def _coloured(panel: barchart.Panel, colours: dict[str, str]) -> barchart.Panel:
    columns(panel, *colours)
    for name, colour in colours.items():
        panel = panel.override_by_name(name, [look.coloured(colour)])
    return panel

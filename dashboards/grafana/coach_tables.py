"""The tables of the coach's board: a row for each athlete, sensor or set."""

from typing import Any

from grafana_foundation_sdk.builders import table
from grafana_foundation_sdk.builders.common import TableSortByFieldState
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.grafana import look
from dashboards.grafana.coach_panels import EMPTY, FLAGGED, NOW, OF_SETS
from dashboards.grafana.columns import (
    HIDDEN,
    at_least,
    beside_words,
    columns,
    judged,
    listed,
    mapped,
    up_to,
    wide,
)
from dashboards.grafana.influxql import (
    ADVICE,
    IN_TIME,
    LIVE,
    OF_ATHLETE,
    SENSORS,
    VALID,
    InfluxQL,
    select,
)
from dashboards.grafana.live_panels import LINK_COLOURS, LINK_WORDS
from dashboards.grafana.panels import in_order, rows, told

_FAULTS = ("fault_short_lockout", "fault_over_arch", "fault_sag")
# The stop line is the loss that was asked for.
_PAST_STOP = '"velocity_loss_pct" - "target_velocity_loss_pct" AS "past_stop_pct"'
_AGO = [at_least(130), *look.measured_in("dateTimeFromNow")]
# The session is somewhere in the time that the wall shows.
_BOARDS = {"Session": ("session", "&${__url_time_range}"), "Progress": ("progress", "")}
_TO_ATHLETE = DynamicConfigValue(
    id_val="links",
    value=[
        {
            "title": title,
            "url": f"/d/hiprep-{name}?${{datasource:queryparam}}"
            f"&var-athlete=${{__data.fields.athlete}}{time}",
        }
        for title, (name, time) in _BOARDS.items()
    ],
)
_TO_SENSOR = DynamicConfigValue(
    id_val="links",
    value=[
        {
            "title": "Set, live",
            "url": "/d/hiprep-set-live?${datasource:queryparam}&var-device=${__data.fields.device}",
        }
    ],
)
_PAST = [
    look.named("Past the stop"),
    at_least(0, "Past the stop"),
    *look.measured_in(look.PERCENT, 0),
    *judged(look.GOOD, (0.001, look.STOP)),
    up_to(0.0, "no", look.TARGET),
]
_CELL = DynamicConfigValue(id_val="custom.cellOptions", value={"type": "color-background"})
_BAR = DynamicConfigValue(id_val="custom.cellOptions", value={"type": "gauge", "mode": "basic"})
_FROM_ZERO = DynamicConfigValue(id_val="min", value=0)


def now() -> Any:
    """Who wears a sensor, and lifts."""
    names = ("athlete", "reps", "target_reps", "phase", "hold_s", "exercise", "load_kg")
    others = [name for name in names if name != "phase"]
    asked = f'last("phase") AS "phase", {listed(*others)}'
    query = select(asked, LIVE, NOW, OF_ATHLETE, then='GROUP BY "device"')
    made = told(
        columns(rows(), "device", *(name for name in names if name not in ("athlete", "hold_s"))),
        "Who lifts now",
        "All athletes with a sensor that was heard in the last 15 seconds: reps of how many, what "
        "they do, how long they have held. A click on the sensor shows the set live, one on the "
        "athlete the session.",
        InfluxQL(query),
        unit=look.COUNT,
        empty="Nobody wears a sensor now",
    )
    phases = mapped(look.PHASE_WORDS, look.PHASES)
    return (
        _linked(made)
        .with_transformation(in_order(*names, "device", hidden=("Time",)))
        .override_by_name("device", [_TO_SENSOR])
        .override_by_name("phase", [phases, _CELL, at_least(80)])
        .override_by_name("hold_s", [look.named("Hold"), *look.measured_in(look.PARTS, 1)])
        .sort_by([TableSortByFieldState().display_name("Athlete")])
    )


def last_sets() -> Any:
    """The newest set of each athlete."""
    names = (
        "exercise", "variant", "load_kg", "reps", "target_reps", "hold_met_pct",
        "velocity_loss_pct", *_FAULTS,
    )  # fmt: skip
    each = select(f"{listed('end_ms', *names)}, {_PAST_STOP}", *OF_SETS, then='GROUP BY "athlete"')
    others = [name for name in ("end_ms", *names, "past_stop_pct") if name != "reps"]
    asked = f'last("reps") AS "reps", {listed(*others)}'
    order = in_order("athlete", "end_ms", *names[:7], "past_stop_pct", *_FAULTS, hidden=("Time",))
    made = told(
        columns(rows(), *names),
        "Last set of each athlete",
        "The newest is on top. Past the stop: how much more velocity was lost than the set was to "
        "lose.",
        InfluxQL(select(asked, each, then='GROUP BY "athlete"')),
        unit=look.COUNT,
        empty=EMPTY,
    )
    holds = judged(look.STOP, (50, look.WATCH), (80, look.GOOD))
    return (
        _flagged(_linked(made))
        .with_transformation(order)
        .override_by_name("end_ms", [look.named("Ended"), *_AGO])
        .override_by_name("hold_met_pct", holds)
        .sort_by([TableSortByFieldState().display_name("Ended").desc(True)])
    )


def flags() -> Any:
    """Sets to talk about, the newest first."""
    names = ("velocity_loss_pct", *_FAULTS)
    asked = f"{listed('athlete', 'text', 'velocity_loss_pct')}, {_PAST_STOP}, {listed(*_FAULTS)}"
    made = told(
        columns(rows(), "Time", *names),
        "Flags",
        "Sets with a fault, or with more velocity lost than was asked for; the newest is on top.",
        InfluxQL(select(asked, *OF_SETS, FLAGGED, then="ORDER BY time DESC LIMIT 50")),
        unit=look.COUNT,
        empty="No set with a flag in this time: all is well",
    )
    return (
        _flagged(_linked(made))
        .override_by_name("Time", [*look.measured_in("time:HH:mm"), wide(70)])
        .override_by_name("text", [look.named("Set"), at_least(170)])
    )


def advised() -> Any:
    """The newest word of warning to each athlete; of what is said after reps, stop alone."""
    names = ("exercise", "variant", "level")
    query = select(
        f'last("text") AS "text", {listed(*names)}', ADVICE, IN_TIME, VALID, OF_ATHLETE,
        "(\"level\" = 'stop' OR \"level\" = 'attention' AND \"when\" != 'rep')",
        then='GROUP BY "athlete"',
    )  # fmt: skip
    made = told(
        columns(rows(), *names),
        "Who needs a look",
        "The newest to mind with each athlete after a set, of a session or of the week; or, in "
        "red, a set that was to be stopped. The newest is on top.",
        InfluxQL(query),
        unit=look.COUNT,
        empty="Nothing to mind in this time: all is well",
    )
    return (
        _linked(beside_words(made, *names))
        .with_transformation(in_order("Time", "athlete", *names, "text"))
        .override_by_name("Time", [look.named("Said"), *_AGO, wide(130)])
        .override_by_name("athlete", [wide(130)])
        .sort_by([TableSortByFieldState().display_name("Said").desc(True)])
    )


def ranking() -> Any:
    """What each athlete lifted."""
    asked = (
        'sum("volume_kg") AS "volume_kg", sum("reps") AS "reps", count("set") AS "sets", '
        'max("load_kg") AS "load_kg", max("best_velocity_mps") AS "best_velocity_mps", '
        'sum("time_under_tension_s") AS "time_under_tension_s", sum("faults") AS "faults"'
    )
    names = (
        "volume_kg", "reps", "sets", "load_kg", "best_velocity_mps", "time_under_tension_s",
        "faults",
    )  # fmt: skip
    made = told(
        columns(rows(), *names),
        "Who lifted how much",
        "Of all sets in this time; the largest volume (reps times load) is on top. Load and "
        "velocity are the best of each athlete.",
        InfluxQL(select(asked, *OF_SETS, then='GROUP BY "athlete"')),
        unit=look.COUNT,
        empty=EMPTY,
    )
    return (
        _linked(made)
        .override_by_name("Time", [HIDDEN])
        .override_by_name("volume_kg", [_BAR, look.coloured(look.PLAIN), _FROM_ZERO])
        .override_by_name("faults", judged(look.GOOD, (1, look.WATCH)))
        .sort_by([TableSortByFieldState().display_name("Volume").desc(True)])
    )


def sensors() -> Any:
    """All sensors that were heard in the last hour."""
    names = ("silent_in_set", "battery_pct", "rssi_dbm", "loss_pct")
    asked = f'last("phase") AS "link", {listed(*names, "text")}'
    query = select(asked, SENSORS, "time > now() - 1h", then='GROUP BY "device"')
    made = told(
        columns(rows(), "device", *names),
        "Sensors",
        "How each sensor that was heard in the last hour was then. Silent in a set: it went away "
        "while somebody lifted with it. A click shows the set live.",
        InfluxQL(query),
        unit=look.COUNT,
        empty="No sensor has been heard for an hour: is hiprep running?",
    )
    order = in_order("device", "link", *names, "Time", "text")
    silent = mapped({"0": "no", "1": "yes"}, {"0": look.GOOD, "1": look.STOP})
    return (
        made.with_transformation(order)
        .override_by_name("device", [_TO_SENSOR])
        .override_by_name("Time", [look.named("Heard"), *_AGO])
        .override_by_name(
            "link",
            [look.named("Link"), at_least(100), mapped(LINK_WORDS, LINK_COLOURS), _CELL],
        )
        .override_by_name("text", [look.named("In words"), at_least(220)])
        .override_by_name("silent_in_set", [silent, *judged(look.GOOD, (1, look.STOP))])
        .override_by_name("battery_pct", judged(look.STOP, (10, look.WATCH), (25, look.GOOD)))
        .override_by_name("rssi_dbm", judged(look.STOP, (-85, look.WATCH), (-75, look.GOOD)))
        .override_by_name("loss_pct", judged(look.GOOD, (2, look.WATCH), (10, look.STOP)))
        .sort_by([TableSortByFieldState().display_name("Silent in a set").desc(True)])
    )


def _linked(made: table.Panel) -> table.Panel:
    """A click on an athlete leads to the boards of one athlete."""
    return made.override_by_name("athlete", [look.named("Athlete"), at_least(110), _TO_ATHLETE])


def _flagged(made: table.Panel) -> table.Panel:
    """Faults, and a loss past the stop line, have a colour; what is right does not ask for eyes."""
    made = made.override_by_name(
        "velocity_loss_pct", [look.named("Velocity loss"), at_least(0, "Velocity loss")]
    )
    none = mapped({"0": "–"}, {"0": look.TARGET})
    for name in _FAULTS:
        made = made.override_by_name(name, [none, *judged(look.TARGET, (1, look.WATCH))])
    return made.override_by_name("past_stop_pct", _PAST)

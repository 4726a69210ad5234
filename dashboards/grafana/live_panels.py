"""The panels of the live board that tell of this moment."""

from typing import Any

from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.grafana import look
from dashboards.grafana.columns import mapped
from dashboards.grafana.influxql import (
    COUNTED,
    IN_TIME,
    LIVE,
    OF_DEVICE,
    REPS,
    SENSORS,
    THIS_SET,
    InfluxQL,
    select,
    series,
)
from dashboards.grafana.panels import meters, number, numbers, told, trace

# A bound for the database: it need not look for a set that is longer ago.
LATELY = "time > now() - 12h"
OF_THIS_SET = (REPS, COUNTED, THIS_SET, LATELY)

LINK_WORDS = {
    "streaming": "connected",
    "starting": "starting",
    "connecting": "connecting",
    "searching": "searching",
    "lost": "lost",
    "failed": "failed",
}
LINK_COLOURS = {
    "streaming": look.GOOD,
    "starting": look.WATCH,
    "connecting": look.WATCH,
    "searching": look.WATCH,
    "lost": look.STOP,
    "failed": look.STOP,
}

# Loss of the last rep against the fastest: while a set runs, no event says it yet.
LOSS_PCT = '(1 - last("mean_velocity_mps") / max("mean_velocity_mps")) * 100'

# Percent of the loss that was asked for.
USED = (look.PLAIN, (75.0, look.WATCH), (100.0, look.STOP))

_NOW = "time > now() - 10s"
_HELD = "time > now() - 5s"
_A_FEW_REPS = "90s"
# A line goes on over samples that are late; where the link was lost there is none.
_LINK_PAUSES_MS = 1000
NO_TARGET = DynamicConfigValue(id_val="noValue", value="no target")
_UNKNOWN = DynamicConfigValue(id_val="noValue", value="–")


def reps() -> Any:
    """The number, and how many were asked for."""
    query = select('max("rep") AS "reps", last("target_reps") AS "target"', *OF_THIS_SET)
    made = told(
        numbers("reps", "target"),
        "Reps",
        "Reps of this set that count; in the rest, those of the set before. A rep counts at its "
        "lockout.",
        InfluxQL(query),
        unit=look.COUNT,
        empty="Put the sensor on and lift: reps are counted here",
    )
    return (
        made.decimals(0)
        .color_scheme(look.fixed(look.PLAIN))
        .override_by_name("target", [look.coloured(look.TARGET), _UNKNOWN])
    )


def phase() -> Any:
    """In a word and a colour."""
    made = told(
        number("phase", colour_all=True),
        "Phase",
        "Where the lifter is: down, bottom, up, hold, or at rest between sets.",
        InfluxQL(select('last("phase") AS "phase"', LIVE, OF_DEVICE, _NOW)),
        unit=look.COUNT,
        empty="No live data: put the sensor on and start hiprep",
    )
    return made.mappings([look.words(look.PHASE_WORDS, look.PHASES)])


def hold() -> Any:
    """Counts while the hips are up; beside it, how long they were to stay."""
    query = 'last("hold_s") AS "hold", last("target_hold_s") AS "target"'
    made = told(
        numbers("hold", "target"),
        "Hold",
        "How long the hips have been at the top, and how long they were to stay there at least. "
        "The last hold stays for five seconds.",
        InfluxQL(select(query, LIVE, OF_DEVICE, _HELD)),
        unit=look.PARTS,
        empty="–",
    )
    return (
        made.decimals(1)
        .color_scheme(look.fixed(look.PHASES["top"]))
        .override_by_name("target", [look.coloured(look.TARGET)])
    )


def against_targets() -> Any:
    """How far each target is met, or used up."""
    of_reps = 'max("rep") / last("target_reps") * 100 AS "reps_pct"'
    of_hold = 'last("hold_s") / last("target_hold_s") * 100 AS "hold_pct"'
    of_loss = f'{LOSS_PCT} / last("target_velocity_loss_pct") * 100 AS "used_pct"'
    made = told(
        meters(),
        "Against the targets",
        "Reps and hold: full is what was asked for. Velocity loss: full, and red, is where to stop "
        "the set.",
        InfluxQL(select(of_reps, *OF_THIS_SET)),
        InfluxQL(select(of_hold, LIVE, OF_DEVICE, _HELD), ref="B"),
        InfluxQL(select(of_loss, *OF_THIS_SET), ref="C"),
        unit=look.PERCENT,
        empty="Ask for reps, a hold or a velocity loss (set_targets): they are met here",
    )
    reached = _steps(look.PLAIN, (100, look.GOOD))
    held = _steps(look.WATCH, (100, look.GOOD))
    used = _steps(*USED)
    return (
        made.min(0)
        .max(100)
        .decimals(0)
        .color_scheme(look.by_threshold())
        .override_by_name("reps_pct", [look.named("Reps"), reached, NO_TARGET])
        .override_by_name("hold_pct", [look.named("Hold"), held, _UNKNOWN])
        .override_by_name("used_pct", [look.named("Velocity loss"), used, NO_TARGET])
    )


def who() -> Any:
    """Athlete, exercise, variant, load."""
    shown = ("athlete", "exercise", "variant", "load_kg")
    # Of columns that have no number, Grafana shows those alone that are asked for by name.
    asked = 'last("phase") AS "phase", "athlete", "exercise", "variant", "load_kg"'
    made = told(
        number(f"({'|'.join(shown)})"),
        "Lifting",
        "Who lifts what, in which variant, with which load. It can be changed by command for the "
        "next set, or for the latest one.",
        InfluxQL(select(asked, LIVE, OF_DEVICE, "time > now() - 10m")),
        unit=look.COUNT,
        empty="Put the sensor on and start hiprep: who lifts stands here",
    )
    return (
        made.color_scheme(look.fixed(look.PLAIN))
        .override_by_name("exercise", [mapped(look.EXERCISE_WORDS)])
        .override_by_name(
            "load_kg",
            [
                *look.measured_in(look.KG, 1),
                DynamicConfigValue(id_val="noValue", value="no load"),
            ],
        )
    )


def asked_for() -> Any:
    """The targets that are no number of reps."""
    asked = (
        'last("phase") AS "phase", "target_tempo" AS "tempo", "target_hold_s" AS "hold", '
        '"target_velocity_loss_pct" AS "stop"'
    )
    made = told(
        numbers("tempo", "hold", "stop"),
        "Asked for",
        "Tempo: seconds down, at the bottom, up (X: as fast as possible) and at the top. Hold: at "
        "least so long at the top. Stop: at this loss of velocity.",
        InfluxQL(select(asked, LIVE, OF_DEVICE, "time > now() - 10m")),
        unit=look.COUNT,
        empty="Ask for a tempo, a hold or a velocity loss (set_targets): they stand here",
    )
    return (
        made.color_scheme(look.fixed(look.TARGET))
        .override_by_name("tempo", [_UNKNOWN])
        .override_by_name("hold", [*look.measured_in(look.PARTS, 1), _UNKNOWN])
        .override_by_name("stop", [*look.measured_in(look.PERCENT, 0), _UNKNOWN])
    )


def link() -> Any:
    """The way from the sensor to here."""
    asked = (
        'last("phase") AS "link", "rssi_dbm" AS "signal", "battery_pct" AS "battery", '
        '"loss_pct" AS "lost"'
    )
    made = told(
        numbers("link", "signal", "battery", "lost"),
        "Sensor link",
        "Whether the sensor is heard, how well, its battery, and the share of samples lost in this "
        "session. A signal below -85 dBm is weak: come closer.",
        InfluxQL(select(asked, SENSORS, OF_DEVICE, "time > now() - 1m")),
        unit=look.COUNT,
        empty="No word from the sensor for a minute: is hiprep running?",
    )
    weak = _steps(look.STOP, (-85, look.WATCH), (-75, look.GOOD))
    empty = _steps(look.STOP, (10, look.WATCH), (25, look.GOOD))
    lossy = _steps(look.GOOD, (2, look.WATCH), (10, look.STOP))
    return (
        made.color_scheme(look.by_threshold())
        .override_by_name("link", [mapped(LINK_WORDS, LINK_COLOURS)])
        .override_by_name("signal", [*look.measured_in(look.DBM, 0), weak, _UNKNOWN])
        .override_by_name("battery", [*look.measured_in(look.PERCENT, 0), empty, _UNKNOWN])
        .override_by_name("lost", [*look.measured_in(look.PERCENT, 1), lossy, _UNKNOWN])
    )


def pitch() -> Any:
    """The line of the hips, with its pauses; reps and faults are annotations."""

    def asked(name: str, ref: str, *where: str) -> InfluxQL:
        # Where there is nothing stands null: else a line would join what is apart.
        each = "GROUP BY time($__interval) fill(null)"
        of = (IN_TIME, OF_DEVICE, *where)
        return series(select('mean("pitch_deg")', LIVE, *of, then=each), name, ref)

    made = told(
        trace().interval("200ms").time_from(_A_FEW_REPS),
        "Hips",
        "Tilt of the pelvis: up is up. Green is the hold at the top, grey the pause at the bottom; "
        "reps, faults and losses of the link are marked: point at a mark, and it says which.",
        asked("pitch", "A"),
        asked("hold", "B", "\"phase\" = 'top'"),
        asked("bottom", "C", "\"phase\" = 'bottom'"),
        unit=look.DEGREES,
        empty="Put the sensor on and start hiprep: the hips are drawn here",
    )
    thick = DynamicConfigValue(id_val="custom.lineWidth", value=5)
    return (
        made.decimals(0)
        .span_nulls(_LINK_PAUSES_MS)
        .override_by_name("pitch", [look.coloured(look.PLAIN)])
        .override_by_name("hold", _pause("top", thick))
        .override_by_name("bottom", _pause("bottom", thick))
    )


def together(*texts: str) -> str:
    """Queries in one answer, in the order of time; what stands in FROM ()."""
    return "), (".join(texts)


def _pause(name: str, thick: DynamicConfigValue) -> list[DynamicConfigValue]:
    """Two pauses are not joined."""
    alone = DynamicConfigValue(id_val="custom.spanNulls", value=False)
    return [look.coloured(look.PHASES[name]), thick, alone]


def _steps(below: str, *steps: tuple[float, str]) -> DynamicConfigValue:
    """For an override: thresholds."""
    marks = [{"value": value, "color": colour} for value, colour in [(None, below), *steps]]
    return DynamicConfigValue(id_val="thresholds", value={"mode": "absolute", "steps": marks})

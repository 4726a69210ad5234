"""The numbers of the coach's board, and who lifts now, large."""

from typing import Any

from grafana_foundation_sdk.models.common import BigValueTextMode
from grafana_foundation_sdk.models.dashboard import DynamicConfigValue

from dashboards.grafana import look
from dashboards.grafana.influxql import (
    IN_TIME,
    LIVE,
    OF_ATHLETE,
    SENSORS,
    SETS,
    VALID,
    InfluxQL,
    select,
    series,
)
from dashboards.grafana.panels import number, numbers, told

# Live samples come ten times a second; who has none for so long does not lift.
NOW = "time > now() - 15s"
OF_SETS = (SETS, IN_TIME, VALID, OF_ATHLETE)
FLAGGED = '("faults" > 0 OR "velocity_loss_pct" > "target_velocity_loss_pct")'
EMPTY = "Lift a set: it shows up here when it is over"

# All columns but the time: the others are called after the athletes.
_BY_ATHLETE = "(?!Time$).+"


def sums() -> Any:
    """Of all that are chosen."""
    each = select(
        'sum("reps") AS "reps", sum("volume_kg") AS "volume"', *OF_SETS, then='GROUP BY "athlete"'
    )
    asked = 'count("reps") AS "athletes", sum("reps") AS "reps", sum("volume") AS "volume"'
    made = told(
        numbers("athletes", "reps", "volume"),
        "Lifted in this time",
        "How many athletes lifted a set, all their reps that count, and their volume: reps times "
        "load, of the sets whose load is known.",
        InfluxQL(select(asked, each)),
        unit=look.COUNT,
        empty=EMPTY,
    )
    no_load = DynamicConfigValue(id_val="noValue", value="–")
    return (
        made.decimals(0)
        .color_scheme(look.fixed(look.PLAIN))
        .override_by_name("volume", [*look.measured_in(look.KG, 0), no_load])
    )


def counts() -> Any:
    """A tile for each sensor that is worn."""
    each = 'GROUP BY "athlete", "device"'
    made = told(
        number().text_mode(BigValueTextMode.VALUE_AND_NAME),
        "Reps, now",
        "Reps of the running set of each athlete; in the rest, of the set before.",
        series(select('last("reps")', LIVE, NOW, OF_ATHLETE, then=each), "$tag_athlete"),
        unit=look.COUNT,
        empty="Nobody wears a sensor now",
    )
    return made.decimals(0).color_scheme(look.fixed(look.PLAIN))


def phases() -> Any:
    """The same tiles: what they do."""
    each = 'GROUP BY "athlete", "device"'
    made = told(
        number(_BY_ATHLETE, colour_all=True).text_mode(BigValueTextMode.VALUE_AND_NAME),
        "Phase, now",
        "Where each athlete is: down, bottom, up, hold, or at rest between sets.",
        series(select('last("phase")', LIVE, NOW, OF_ATHLETE, then=each), "$tag_athlete"),
        unit=look.COUNT,
        empty="Nobody wears a sensor now",
    )
    return made.mappings([look.words(look.PHASE_WORDS, look.PHASES)])


def lifting() -> Any:
    """How many are in a set."""
    each = select(
        'last("phase_s") AS "phase_s"', LIVE, NOW, OF_ATHLETE, "\"phase\" != 'idle'",
        then='GROUP BY "device"',
    )  # fmt: skip
    made = told(
        number(),
        "Lifting now",
        "How many athletes have been in a set in the last 15 seconds.",
        InfluxQL(select('count("phase_s")', each)),
        unit=look.COUNT,
        empty="nobody",
    )
    return made.decimals(0).color_scheme(look.fixed(look.PLAIN))


def flagged() -> Any:
    """How many sets are in the table of flags."""
    made = told(
        number(),
        "Sets with a flag",
        "Sets with a fault, or with more velocity lost than was asked for. None is best.",
        InfluxQL(select('count("reps")', *OF_SETS, FLAGGED)),
        unit=look.COUNT,
        empty="none",
    )
    return (
        made.decimals(0)
        .color_scheme(look.by_threshold())
        .thresholds(look.thresholds(look.GOOD, (1, look.WATCH)))
    )


def silent() -> Any:
    """How many sensors were lost in a set, and are."""
    last = 'last("silent_in_set") AS "silent_in_set"'
    each = select(last, SENSORS, "time > now() - 1m", then='GROUP BY "device"')
    made = told(
        number(),
        "Sensors silent in a set",
        "Sensors that went away in the middle of a set. None is best; else look at the sensors "
        "below.",
        InfluxQL(select('sum("silent_in_set")', each)),
        unit=look.COUNT,
        empty="No sensor has been heard for a minute: is hiprep running?",
    )
    return (
        made.decimals(0)
        .color_scheme(look.by_threshold())
        .thresholds(look.thresholds(look.GOOD, (1, look.STOP)))
    )

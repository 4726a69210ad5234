"""The panels of the live board that tell of the reps of this set."""

from typing import Any

from grafana_foundation_sdk.models.common import VisibilityMode
from grafana_foundation_sdk.models.dashboard import ThresholdsMode

from dashboards.grafana import look
from dashboards.grafana.columns import (
    HIDDEN,
    at_least,
    columns,
    leads_to,
    listed,
    mapped,
    wide,
)
from dashboards.grafana.influxql import OF_DEVICE, REPS, SETS, THIS_SET, VALID, InfluxQL, select
from dashboards.grafana.live_panels import (
    LATELY,
    LOSS_PCT,
    NO_TARGET,
    OF_THIS_SET,
    USED,
    together,
)
from dashboards.grafana.panels import bars, greatest, meters, number, numbers, rows, told

_EMPTY = "Lift a rep: it shows up here"
_PARTS = {
    "eccentric_s": look.PHASES["eccentric"],
    "bottom_pause_s": look.PHASES["bottom"],
    "concentric_s": look.PHASES["concentric"],
    "top_pause_s": look.PHASES["top"],
}
# The worst fault comes first: a rep has one colour.
_FAULTS = {"short_lockout": "Lockout short", "over_arch": "Over-arched", "sag": "Sagged"}
_RANGES = {
    **{name: (title, look.FAULTS[name]) for name, title in _FAULTS.items()},
    "clean": ("Clean", look.PLAIN),
    "open": ("None seen yet", look.TARGET),
}
_SESSION = (
    "/d/hiprep-session?${datasource:queryparam}&var-athlete=${__data.fields.athlete}"
    "&var-set=${__data.fields.set_key}"
)


def tempo() -> Any:
    """A bar for what was asked for, and one for each rep."""
    target = 'first("target_tempo") AS "text", ' + ", ".join(
        f'"target_{name}" AS "{name}"' for name in _PARTS
    )
    measured = select(listed("text", *_PARTS), *OF_THIS_SET)
    both = together(select(target, *OF_THIS_SET), measured)
    made = told(
        columns(bars("text", stacked=True), *_PARTS),
        "Tempo of each rep",
        "The first bar is the tempo that was asked for, the others are the reps: way down, bottom, "
        "way up, hold. The bottom is known when the set is over.",
        InfluxQL(select(listed("text", *_PARTS), both)),
        unit=look.PARTS,
        empty=_EMPTY,
    )
    for name, colour in _PARTS.items():
        made = made.override_by_name(name, [look.coloured(colour)])
    return made.x_tick_label_max_length(9)


def velocity() -> Any:
    """A bar for each rep, and before them one for where to stop."""
    line = (
        'max("rep") * 0 AS "rep", '
        'max("mean_velocity_mps") * (1 - last("target_velocity_loss_pct") / 100) AS "stop_mps"'
    )
    stop = select(line, *OF_THIS_SET, '"target_velocity_loss_pct" > 0')
    both = together(stop, select(listed("rep", "mean_velocity_mps"), *OF_THIS_SET))
    made = told(
        columns(bars("rep", stacked=True), "rep", "mean_velocity_mps"),
        "Velocity of each rep",
        "Mean velocity on the way up. A rep that is lower than the first bar has lost more "
        "velocity than the set was to lose: rack it.",
        InfluxQL(select(listed("rep", "stop_mps", "mean_velocity_mps"), both)),
        unit=look.MPS,
        empty=_EMPTY,
    )
    return (
        made.decimals(2)
        .override_by_name("rep", [mapped({"0": "stop"})])
        .override_by_name("stop_mps", [look.named("Stop below"), look.coloured(look.STOP)])
        .override_by_name("mean_velocity_mps", [look.coloured(look.PLAIN)])
    )


def velocity_loss() -> Any:
    """Of the last rep, and where to stop."""
    query = f'{LOSS_PCT} AS "loss", last("target_velocity_loss_pct") AS "stop"'
    made = told(
        numbers("loss", "stop"),
        "Velocity loss",
        "How much slower the last rep was than the fastest of the set; red where the set was to "
        "stop. About 20 % is usual for strength; to be slower is to be tired.",
        InfluxQL(select(query, *OF_THIS_SET)),
        unit=look.PERCENT,
        empty=_EMPTY,
    )
    # The stop becomes the greatest value, and thresholds are shares of that.
    return (
        made.decimals(0)
        .min(0)
        .max(100)
        .with_transformation(greatest("stop"))
        .color_scheme(look.by_threshold())
        .thresholds(look.thresholds(*USED).mode(ThresholdsMode.PERCENTAGE))
        .override_by_name("stop", [look.coloured(look.TARGET), NO_TARGET])
    )


def lockout() -> Any:
    """The range of each rep, in the colour of what was wrong with it."""
    shown = ("rep", *(f"rom_{name}" for name in _RANGES))
    both = together(
        select(_ranges(judged=True), *OF_THIS_SET, '"final" = true'),
        select(_ranges(judged=False), *OF_THIS_SET, '"final" = false'),
    )
    made = told(
        columns(bars("rep", stacked=True), "rep"),
        "Lockout",
        "Range of motion of each rep, in the colour of its fault; it is judged for good when the "
        "set is over. Lockout short: the hips did not get all the way up. Over-arched: the lower "
        "back went on. Sagged: the hips sank in the hold.",
        InfluxQL(select(listed(*shown), both)),
        unit=look.DEGREES,
        empty=_EMPTY,
    )
    for name, (title, colour) in _RANGES.items():
        made = made.override_by_name(f"rom_{name}", [look.named(title), look.coloured(colour)])
    # The colours that a rep has not are bars of no height: their noughts would be in the way.
    return made.decimals(0).show_value(VisibilityMode.NEVER)


def _ranges(*, judged: bool) -> str:
    """The ROM as the one of the columns that tells what was wrong; the others are 0.

    The worst comes first. judged: for good, which is when the set is over.
    """
    parts, left = ['"rep"'], ""
    for name in _FAULTS:
        parts.append(f'"rom_deg" * "fault_{name}"{left} AS "rom_{name}"')
        left += f' * (1 - "fault_{name}")'
    parts.append(f'"rom_deg"{left} * {int(judged)} AS "rom_clean"')
    parts.append(f'"rom_deg"{left} * {int(not judged)} AS "rom_open"')
    return ", ".join(parts)


def targets_met() -> Any:
    """The share of reps that met each target."""
    shown = {
        "eccentric_met": "Down",
        "concentric_met": "Up",
        "top_pause_met": "Hold",
        "hold_met": "Long enough",
    }
    asked = ", ".join(f'mean("{name}") * 100 AS "{name}"' for name in shown)
    made = told(
        meters(),
        "Targets met",
        "How many reps of this set had the tempo that was asked for (down, up, hold; within 0.3 s "
        "or 20 %), and were held for at least so long (long enough).",
        InfluxQL(select(asked, *OF_THIS_SET)),
        unit=look.PERCENT,
        empty="Ask for a tempo or a hold (set_targets), and lift: it is judged here",
    )
    made = (
        made.min(0)
        .max(100)
        .decimals(0)
        .color_scheme(look.by_threshold())
        .thresholds(look.thresholds(look.STOP, (50, look.WATCH), (80, look.GOOD)))
    )
    for name, title in shown.items():
        made = made.override_by_name(name, [look.named(title), NO_TARGET])
    return made


def reps() -> Any:
    """In numbers and words; partial ones too."""
    names = (
        "rep", "top_pause_s", "eccentric_s", "concentric_s", "rom_deg", "mean_velocity_mps",
        "confidence",
    )  # fmt: skip
    asked = listed("text", *names, "athlete", "set_key")
    made = told(
        columns(rows(), "Time", *names),
        "Reps of this set",
        "The newest rep is on top. Partial reps are told and not counted. Certainty: how sure the "
        "count is. A click on the words leads to the session.",
        InfluxQL(select(asked, REPS, VALID, THIS_SET, LATELY, then="ORDER BY time DESC")),
        unit=look.COUNT,
        empty=_EMPTY,
    )
    return (
        made.override_by_name("Time", [*look.measured_in("time:HH:mm:ss"), wide(90)])
        .override_by_name(
            "text", [look.named("In words"), at_least(220), leads_to("Its session", _SESSION)]
        )
        .override_by_name("athlete", [HIDDEN])
        .override_by_name("set_key", [HIDDEN])
    )


def rest() -> Any:
    """Since the last set that is over."""
    query = select('last("end_ms") AS "end_ms"', SETS, VALID, OF_DEVICE, LATELY)
    made = told(
        number("end_ms"),
        "Last set ended",
        "How long ago the last set with this sensor was over: the rest so far.",
        InfluxQL(query),
        unit="dateTimeFromNow",
        empty="Lift a set: when it was over stands here",
    )
    return made.color_scheme(look.fixed(look.PLAIN))

"""Panels about sensors, for the board of the system's health."""

from typing import Any

from grafana_foundation_sdk.builders import statetimeline, timeseries
from grafana_foundation_sdk.builders.common import GraphThresholdsStyleConfig
from grafana_foundation_sdk.models.common import GraphThresholdsStyleMode

from dashboards.grafana import look
from dashboards.grafana.columns import at_least, columns, judged, listed, mapped
from dashboards.grafana.influxql import IN_TIME, OF_DEVICE, SENSORS, InfluxQL, select, series
from dashboards.grafana.panels import number, rows, states, told, trace

_EMPTY = "Start hiprep with a sensor: it shows up here"
_OF = (SENSORS, IN_TIME, OF_DEVICE)
_BATTERY = (look.STOP, (15, look.WATCH), (30, look.GOOD))
_SIGNAL = (look.STOP, (-85, look.WATCH), (-75, look.GOOD))
_LOSS = (look.GOOD, (1, look.WATCH), (5, look.STOP))
_NONE = (look.GOOD, (1, look.STOP))
_PHASES = {
    "streaming": ("streaming", look.GOOD),
    "searching": ("searching", look.WATCH),
    "connecting": ("connecting", look.WATCH),
    "starting": ("starting", look.WATCH),
    "lost": ("lost", look.STOP),
    "failed": ("failed", look.STOP),
}
_WORDS = {name: words for name, (words, _) in _PHASES.items()}
_COLOURS = {name: colour for name, (_, colour) in _PHASES.items()}


def now() -> list[Any]:
    """What matters at once."""
    silent = _of_the_last('sum("silent_in_set")', "silent_in_set")
    weakest = _of_the_last('min("battery_pct")', "battery_pct")
    return [
        told(
            number().color_scheme(look.by_threshold()).thresholds(look.thresholds(*_NONE)),
            "Sensors silent in a set",
            "How many sensors send nothing while a set is running. None is right; else go closer, "
            "or look at the battery.",
            InfluxQL(silent),
            unit=look.COUNT,
            empty=_EMPTY,
        ),
        told(
            number().color_scheme(look.by_threshold()).thresholds(look.thresholds(*_BATTERY)),
            "Weakest battery",
            "The sensor that has the least left. Charge it below 30 %.",
            InfluxQL(weakest),
            unit=look.PERCENT,
            empty="No sensor has said how its battery is",
        ),
    ]


def table() -> Any:
    """A row for each sensor, as it was heard last."""
    names = (
        "site", "battery_pct", "rssi_dbm", "rate_hz", "lost", "loss_pct", "silent_in_set",
    )  # fmt: skip
    query = select(
        f'last("phase") AS "phase", "available", {listed(*names)}, "text"', *_OF,
        then='GROUP BY "device"',
    )  # fmt: skip
    made = told(
        columns(rows(), "Time", "device", "phase", *names),
        "Sensors",
        "What each sensor said last, and when. Old news mean that hiprep does not run, or does not "
        "reach the broker.",
        InfluxQL(query),
        unit=look.COUNT,
        empty=_EMPTY,
    )
    there = mapped({"true": "yes", "false": "no"}, {"true": look.GOOD, "false": look.STOP})
    silent = mapped({"0": "no", "1": "yes"}, {"0": look.GOOD, "1": look.STOP})
    return (
        made.override_by_name(
            "Time", [look.named("Heard"), at_least(130), *look.measured_in("dateTimeFromNow")]
        )
        .override_by_name("phase", [mapped(_WORDS, _COLOURS), *judged(look.PLAIN)])
        .override_by_name("available", [look.named("There"), there, *judged(look.PLAIN)])
        .override_by_name("battery_pct", judged(*_BATTERY))
        .override_by_name("rssi_dbm", judged(*_SIGNAL))
        .override_by_name("loss_pct", judged(*_LOSS))
        .override_by_name("silent_in_set", [silent, *judged(*_NONE)])
        .override_by_name("text", [look.named("In words"), at_least(250)])
    )


def phases() -> statetimeline.Panel:
    """A band for each sensor."""
    made = told(
        states(),
        "What each sensor did",
        "Streaming is right. Lost and searching in a set: the link broke, and reps may be missing.",
        _by_device('last("phase")'),
        unit=look.NONE,
        empty=_EMPTY,
    )
    return made.color_scheme(look.fixed(look.GREY)).mappings([look.words(_WORDS, _COLOURS)])


def battery() -> timeseries.Panel:
    """Of each sensor."""
    made = _trend("Battery", "How much is left. Charge below 30 %.", "min", "battery_pct")
    return _lined(made.unit(look.PERCENT).min(0).max(100).decimals(0), _BATTERY)


def signal() -> timeseries.Panel:
    """Of each sensor."""
    words = "How strong it is, at worst. Above -75 dBm is good, below -85 dBm the link breaks."
    made = _trend("Signal", words, "min", "rssi_dbm")
    return _lined(made.unit(look.DBM).decimals(0), _SIGNAL)


def loss() -> timeseries.Panel:
    """Of each sensor."""
    words = "Share of the samples of this session that never came. Below 1 % is good."
    made = _trend("Loss of samples", words, "max", "loss_pct")
    return _lined(made.unit(look.PERCENT).decimals(1).min(0), _LOSS)


def rate() -> timeseries.Panel:
    """Of each sensor."""
    words = "Samples a second. A flat line at what the sensor was set to is right."
    made = _trend("Rate", words, "mean", "rate_hz")
    return made.unit(look.HERTZ).decimals(1).axis_soft_min(0)


def _trend(title: str, description: str, what: str, name: str) -> timeseries.Panel:
    asked = _by_device(f'{what}("{name}")')
    made = told(trace(), title, description, asked, unit=look.NONE, empty=_EMPTY)
    return made.color_scheme(look.by_name()).span_nulls(True)


def _by_device(what: str) -> InfluxQL:
    then = 'GROUP BY time($__interval), "device" fill(none)'
    return series(select(what, *_OF, then=then), "$tag_device")


def _of_the_last(what: str, name: str) -> str:
    """Of what each sensor said last."""
    last = select(f'last("{name}") AS "{name}"', *_OF, then='GROUP BY "device"')
    return select(f'{what} AS "{name}"', last)


def _lined(panel: timeseries.Panel, steps: tuple[Any, ...]) -> timeseries.Panel:
    dashed = GraphThresholdsStyleConfig().mode(GraphThresholdsStyleMode.DASHED)
    return panel.thresholds(look.thresholds(*steps)).thresholds_style(dashed)

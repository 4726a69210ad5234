"""Panels with axes, drawn: numbers in their colours, not each pixel as in Grafana."""

import math
from collections.abc import Iterable
from typing import Any
from zlib import crc32

import numpy as np
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from tests.dashboards.frames import Column, Frame, Json
from tests.dashboards.kinds import LINE, SMALL, Scene
from tests.dashboards.parts import defaults, drawn, settings, title_of
from tests.dashboards.shown import FAINT, TEXT, colour, words

Line = tuple[np.ndarray, np.ndarray]

# Of series whose names come from the data; like Grafana's own, each name has its own.
_BY_NAME = ("#7EB26D", "#EAB839", "#6ED0E0", "#EF843C", "#E24D42", "#1F78C1", "#BA43A9", "#705DA0")
_NOBODY_SAID = "#FF00FF"  # to be seen at once


def timeseries(axes: Axes, scene: Scene) -> None:
    panel = scene.panel
    _framed(axes)
    series = [one for one in drawn(scene.panel, scene.found) if one[1].time]
    base: dict[float, float] = {}  # how high the bars of each moment are so far
    for column, frame in series:
        assert frame.time
        how = settings(panel, column, frame)
        custom = how["custom"]
        x, y = _joined(_times(frame.time.values), _values(column), custom.get("spanNulls"))
        name = title_of(panel, column, frame)
        unnamed = (custom.get("hideFrom") or {}).get("legend")
        label, ink = "" if unnamed else name, _ink(how, name, column)
        if custom.get("drawStyle") == "bars":
            _bars_in_time(axes, x, y, base, how, ink=ink, label=label)
            continue
        line = "none" if custom.get("drawStyle") == "points" else "-"
        if line == "-" and (custom.get("lineStyle") or {}).get("fill") == "dash":
            line = "--"
        dots = custom.get("showPoints") == "always" or line == "none"
        width = 0.75 * custom.get("lineWidth", 1)
        mark = "o" if dots else ""
        axes.plot(x, y, ls=line, marker=mark, ms=4, lw=width, color=ink, label=label)
        _fill(axes, scene, custom, ink, x, y)
    _thresholds(axes, panel)
    _limits(axes, panel)
    left, right = _times(scene.span)
    for event, ink in scene.events:
        begin, end = _times([event.at_ms, event.until_ms])
        if left <= begin <= right:  # Grafana says the text when somebody points at it
            axes.axvline(begin, color=ink, lw=0.8, ls=":")
            axes.axvspan(begin, end, ymax=0.02, color=ink)
    axes.set_xlim(left, right)
    _dated(axes)
    _legend(axes, panel)


def _joined(x: np.ndarray, y: np.ndarray, spanned: bool | float | None) -> Line:
    """Gaps are spanned: all, none, or those of up to so many milliseconds."""
    if not spanned:
        return x, y
    known = ~np.isnan(y)
    x, y = x[known], y[known]
    if spanned is True:
        return x, y
    gaps = 1 + np.flatnonzero(np.diff(x) * 86_400_000 > spanned)
    return np.insert(x, gaps, x[gaps - 1]), np.insert(y, gaps, np.nan)


def _bars_in_time(
    axes: Axes,
    x: np.ndarray,
    y: np.ndarray,
    base: dict[float, float],
    how: Json,
    *,
    ink: str,
    label: str,
) -> None:
    width = 0.8 * (float(np.diff(x).min()) if len(x) > 1 else 0.01)
    stacked = (how["custom"].get("stacking") or {}).get("mode") == "normal"
    by_value = (how.get("color") or {}).get("mode") == "thresholds"
    inks = [colour(float(one), how) for one in y] if by_value else ink
    under = [base.get(at, 0.0) if stacked else 0.0 for at in x]
    alpha = how["custom"].get("fillOpacity", 0) / 100
    axes.bar(x, y, width, under, color=inks, alpha=alpha, label=label)
    for at, height in zip(x, y, strict=True):
        base[at] = base.get(at, 0.0) + height


def _fill(axes: Axes, scene: Scene, custom: Json, ink: str, x: np.ndarray, y: np.ndarray) -> None:
    """Between this line and another one, by its name."""
    for column, frame in drawn(scene.panel, scene.found):
        below = title_of(scene.panel, column, frame) == custom.get("fillBelowTo")
        if below and len(column.values) == len(x):
            axes.fill_between(x, _values(column), y, color=ink, alpha=0.25)


def barchart(axes: Axes, scene: Scene) -> None:
    panel, found = scene.panel, scene.found
    _framed(axes)
    frame, options = found[0], panel.get("options") or {}
    over = frame.column(options.get("xField") or "") or frame.columns[0]
    labels = [words(one, settings(panel, over, frame), over) for one in over.values]
    columns = [c for c, of in drawn(scene.panel, scene.found) if of is frame and c is not over]
    if options.get("orientation") == "horizontal":
        _lying(axes, panel, frame, over, columns[0])
        return
    places = np.arange(len(labels), dtype=float)
    base = np.zeros(len(labels))
    stacked = options.get("stacking", "none") != "none"
    for at, column in enumerate(columns):
        how = settings(panel, column, frame)
        y = np.nan_to_num(_values(column))
        width = 0.8 if stacked else 0.8 / len(columns)
        x = places if stacked else places + (at - (len(columns) - 1) / 2) * width
        name = title_of(panel, column, frame)
        inks = [
            colour(one, how)
            if (how.get("color") or {}).get("mode") == "thresholds"
            else _ink(how, name, column)
            for one in column.values
        ]
        axes.bar(x, y, width, base if stacked else 0.0, color=inks, label=name)
        for place, height, under, raw in zip(x, y, base, column.values, strict=True):
            if len(labels) <= 12 and raw and options.get("showValue") != "never":
                middle = under + height / 2 if stacked else height
                text = words(raw, how, column)
                axes.text(place, middle, text, color=TEXT, fontsize=6, ha="center", va="center")
        base = base + y if stacked else base
    step = max(1, len(labels) // 12)
    most = max(4, panel["gridPos"]["w"] * 9 // len(labels[::step]))
    axes.set_xticks(places[::step], [one[:most] for one in labels[::step]])
    _thresholds(axes, panel)
    _limits(axes, panel)
    _legend(axes, panel)


def _lying(axes: Axes, panel: Json, frame: Frame, over: Column, column: Column) -> None:
    """Bars from left to right, each in the colour of its word."""
    how, of = settings(panel, column, frame), settings(panel, over, frame)
    by_word = (panel.get("options") or {}).get("colorByField")
    for at, (name, value) in enumerate(zip(over.values, column.values, strict=True)):
        ink = colour(name, of) if by_word else _ink(how, "", column)
        axes.barh(-at, value or 0, 0.7, color=ink)
        axes.text(value or 0, -at, f" {words(value, how, column)}", color=TEXT, fontsize=7,
                  va="center")  # fmt: skip
    names = [words(one, of, over) for one in over.values]
    axes.set_yticks([-at for at in range(len(names))], names)


def statetimeline(axes: Axes, scene: Scene) -> None:
    panel = scene.panel
    _framed(axes)
    series = [one for one in drawn(scene.panel, scene.found) if one[1].time]
    for at, (column, frame) in enumerate(series):
        assert frame.time
        how = settings(panel, column, frame)
        times = _times(frame.time.values)
        begun, value = times[0], column.values[0]
        end = _times(scene.span)[1]  # what was known last holds until now
        for time, now in [*zip(times, column.values, strict=True), (end, object())]:
            if now != value:
                axes.barh(-at, time - begun, 0.8, begun, color=colour(value, how))
                if time - begun > (end - _times(scene.span)[0]) / 15:
                    text = words(value, how, column)
                    axes.text((time + begun) / 2, -at, text, color="white", fontsize=7, ha="center")
                begun, value = time, now
    axes.set_yticks([-at for at in range(len(series))], [title_of(panel, *one) for one in series])
    axes.set_xlim(*_times(scene.span))
    _dated(axes)


def xychart(axes: Axes, scene: Scene) -> None:
    panel, found = scene.panel, scene.found
    _framed(axes)
    for frame in found:
        numbers = frame.numbers
        x, y = _axes_of(panel, frame, numbers)
        if x is None or y is None:
            continue
        how = settings(panel, y, frame)
        name = title_of(panel, y, frame)
        mark = "s" if how["custom"].get("pointShape") == "square" else "o"
        axes.plot(_values(x), _values(y), mark, ms=4, color=_ink(how, name, y), label=name)
        label = settings(panel, x, frame)["custom"].get("axisLabel") or title_of(panel, x, frame)
        axes.text(1.0, 0.01, label, color=FAINT, fontsize=SMALL, ha="right",
                  transform=axes.transAxes)  # fmt: skip
    _limits(axes, panel)
    _legend(axes, panel)


def _axes_of(
    panel: Json, frame: Frame, numbers: list[Column]
) -> tuple[Column | None, Column | None]:
    for series in (panel.get("options") or {}).get("series") or []:
        found = [frame.column(_matched(series.get(part))) for part in ("x", "y")]
        if all(found):
            return found[0], found[1]
    return (numbers[0], numbers[1]) if len(numbers) > 1 else (frame.time, numbers[0])


def _matched(value: Any) -> str:
    if isinstance(value, dict):
        return str((value.get("matcher") or {}).get("options", ""))
    return str(value or "")


def _thresholds(axes: Axes, panel: Json) -> None:
    style = ((defaults(panel).get("custom") or {}).get("thresholdsStyle") or {}).get("mode", "off")
    for step in (defaults(panel).get("thresholds") or {}).get("steps") or []:
        if style != "off" and step.get("value") is not None:
            axes.axhline(step["value"], color=step["color"], ls="--", lw=1.2)


def _ink(how: Json, name: str, column: Column) -> str:
    """Of a line: by its last value, where values have colours."""
    chosen = how.get("color") or {}
    if chosen.get("mode") == "thresholds":
        return colour(column.known[-1] if column.known else None, how)
    if chosen.get("mode") == "palette-classic-by-name":
        return _BY_NAME[crc32(name.encode()) % len(_BY_NAME)]
    return str(chosen.get("fixedColor") or _NOBODY_SAID)


def _framed(axes: Axes) -> None:
    axes.tick_params(colors=FAINT, labelsize=7, length=0, pad=3)
    axes.grid(color=LINE, lw=0.5)
    axes.set_axisbelow(True)
    for spine in axes.spines.values():
        spine.set_color(LINE)


def _dated(axes: Axes) -> None:
    locator = AutoDateLocator(maxticks=8)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_locator(locator)
    written = ConciseDateFormatter(locator)  # type: ignore[no-untyped-call]
    axes.xaxis.set_major_formatter(written)
    axes.xaxis.get_offset_text().set_visible(False)


def _limits(axes: Axes, panel: Json) -> None:
    """What the axis of values has to reach at least, or at most."""
    how = defaults(panel)
    custom = how.get("custom") or {}
    low, high = axes.get_ylim()
    low = how.get("min", min(low, custom.get("axisSoftMin", low)))
    high = how.get("max", max(high, custom.get("axisSoftMax", high)))
    room = 0.03 * (high - low)  # what lies at the edge is seen too
    axes.set_ylim(low - room * (panel["type"] != "barchart"), high + room)


def _legend(axes: Axes, panel: Json) -> None:
    """Below, as far as there is room."""
    if not has_legend(panel):
        return
    names: dict[str, Any] = {}
    for handle, name in zip(*axes.get_legend_handles_labels(), strict=True):
        names.setdefault(name, handle)
    room, most = panel["gridPos"]["w"] * 11, []
    for name in names:
        room -= len(name) + 6
        if room > 0:
            most.append(name)
    if most:
        axes.legend(
            [names[one] for one in most], most, loc="upper left", bbox_to_anchor=(0.0, 0.0),
            borderaxespad=1.9, fontsize=7, labelcolor=TEXT, frameon=False, ncols=len(most),
            columnspacing=1.2, handlelength=1.4,
        )  # fmt: skip


def has_legend(panel: Json) -> bool:
    """Whether the panel says which colour is what."""
    legend = (panel.get("options") or {}).get("legend") or {}
    return bool(legend.get("showLegend")) and panel["type"] != "state-timeline"


def _times(values: Iterable[float]) -> np.ndarray:
    return np.array([one / 86_400_000 for one in values])  # days since 1970, as pictures have it


def _values(column: Column) -> np.ndarray:
    if column.kind == "time":
        return _times(column.values)
    return np.array([math.nan if one is None else float(one) for one in column.values])

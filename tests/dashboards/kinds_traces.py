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

# Of series whose names come from the data; like Grafana's own, each name has its own.
_BY_NAME = ("#7EB26D", "#EAB839", "#6ED0E0", "#EF843C", "#E24D42", "#1F78C1", "#BA43A9", "#705DA0")
_NOBODY_SAID = "#FF00FF"  # to be seen at once


def timeseries(axes: Axes, scene: Scene) -> None:
    panel = scene.panel
    _framed(axes)
    series = drawn(scene.panel, scene.found)
    for column, frame in series:
        if frame.time is None:
            continue
        how = settings(panel, column, frame)
        custom = how["custom"]
        x, y = _times(frame.time.values), _values(column)
        if custom.get("spanNulls"):
            known = ~np.isnan(y)
            x, y = x[known], y[known]
        name = title_of(panel, column, frame)
        ink = _ink(how, name, column)
        dots = custom.get("showPoints") == "always" or custom.get("drawStyle") == "points"
        if custom.get("drawStyle") == "bars":
            width = 0.8 * (float(np.diff(x).min()) if len(x) > 1 else 0.01)
            axes.bar(x, y, width, color=ink, label=name)
            continue
        line = "" if custom.get("drawStyle") == "points" else "-"
        axes.plot(x, y, line, marker="o" if dots else "", ms=4, color=ink, label=name)
    _thresholds(axes, panel)
    left, right = _times(scene.span)
    for event in scene.events:
        begin, end = _times([event.at_ms, event.until_ms])
        if left <= begin <= right:
            axes.axvline(begin, color=FAINT, lw=0.8, ls=":")
            axes.axvspan(begin, end, ymax=0.03, color=FAINT)
            axes.text(begin, 1.0, str(event.text), color=FAINT, fontsize=5, rotation=90, va="top",
                      transform=axes.get_xaxis_transform(), clip_on=True)  # fmt: skip
    axes.set_xlim(left, right)
    _dated(axes)
    _legend(axes, len(series))


def barchart(axes: Axes, scene: Scene) -> None:
    panel, found = scene.panel, scene.found
    _framed(axes)
    frame, options = found[0], panel.get("options") or {}
    over = frame.column(options.get("xField") or "") or frame.columns[0]
    labels = [words(one, settings(panel, over, frame), over) for one in over.values]
    columns = [c for c, of in drawn(scene.panel, scene.found) if of is frame and c is not over]
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
            if len(labels) * len(columns) <= 40 and raw is not None:
                middle = under + height / 2 if stacked else height
                text = words(raw, how, column)
                axes.text(place, middle, text, color=TEXT, fontsize=6, ha="center")
        base = base + y if stacked else base
    step = max(1, len(labels) // 12)
    axes.set_xticks(places[::step], [one[:16] for one in labels[::step]])
    _thresholds(axes, panel)
    _legend(axes, len(columns))


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
                if time - begun > (times[-1] - times[0]) / 15:
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
        name = frame.name or title_of(panel, y, frame)
        axes.plot(_values(x), _values(y), "o", color=_ink(how, name, y), label=name)
        axes.set_xlabel(title_of(panel, x, frame), color=FAINT, fontsize=SMALL)
    _legend(axes, len(found))


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
    box = axes.get_position()
    axes.set_position((box.x0, box.y0, box.width, box.height))
    axes.tick_params(colors=FAINT, labelsize=7, direction="in", pad=-12)
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


def _legend(axes: Axes, count: int) -> None:
    if 0 < count <= 12 and axes.get_legend_handles_labels()[0]:
        axes.legend(
            loc="upper left", fontsize=7, labelcolor=TEXT, facecolor=LINE, framealpha=0.6, ncols=4
        )


def _times(values: Iterable[float]) -> np.ndarray:
    return np.array([one / 86_400_000 for one in values])  # days since 1970, as pictures have it


def _values(column: Column) -> np.ndarray:
    if column.kind == "time":
        return _times(column.values)
    return np.array([math.nan if one is None else float(one) for one in column.values])

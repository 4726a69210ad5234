"""Panels of single values and tables, drawn: each in its place and its colours."""

from dataclasses import dataclass

from matplotlib.axes import Axes

from tests.dashboards.frames import Column, Frame, Json
from tests.dashboards.grafana import WIDTH_PX, Event
from tests.dashboards.parts import drawn, names_shown, settings, title_of
from tests.dashboards.shown import FAINT, TEXT, colour, words

LINE = "#2C3235"
SMALL, ALONE = 8, 12  # of the names below values


@dataclass(frozen=True)
class Scene:
    """What a panel has to draw. events: each with its colour. span: its time, in milliseconds."""

    panel: Json
    found: list[Frame]
    events: list[tuple[Event, str]]
    span: tuple[int, int]


def stat(axes: Axes, scene: Scene) -> None:
    """The last known value of each column, large."""
    panel = scene.panel
    bare(axes)
    cells = [
        (column, frame)
        for column, frame in drawn(scene.panel, scene.found)
        if column.known or len(drawn(scene.panel, scene.found)) == 1
    ]
    options = panel.get("options") or {}
    solid = str(options.get("colorMode", "")).startswith("background")
    shown = []
    for column, frame in cells:
        how = settings(panel, column, frame)
        value = column.known[-1] if column.known else None
        shown.append((words(value, how, column), colour(value, how)))
    longest = max(len(text) for text, _ in shown)  # all of them are as large as it can be
    for at, ((column, frame), (text, ink)) in enumerate(zip(cells, shown, strict=True)):
        if solid:
            axes.axvspan(at / len(cells), (at + 1) / len(cells), color=ink)
        size = (options.get("text") or {}).get("valueSize") or 1000
        fitted = min(size * 0.75, _width_pt(axes) / len(cells) / max(1, longest) * 1.3)
        axes.text(
            (at + 0.5) / len(cells), 0.5, text, color="white" if solid else ink,
            fontsize=min(fitted, _height_pt(axes) * 0.55), ha="center", va="center",
        )  # fmt: skip
        if names_shown(panel, len(cells)):
            name = title_of(panel, column, frame)
            axes.text(
                (at + 0.5) / len(cells), 0.06, name, color="white" if solid else FAINT,
                fontsize=SMALL if len(cells) > 1 else ALONE, ha="center",
            )  # fmt: skip


def bargauge(axes: Axes, scene: Scene) -> None:
    """A gauge too: its arc would say the same."""
    panel = scene.panel
    bare(axes)
    cells = drawn(scene.panel, scene.found)
    for at, (column, frame) in enumerate(cells):
        how = settings(panel, column, frame)
        value = column.known[-1] if column.known else None
        low, high = how.get("min", 0), how.get("max", 100)
        share = 0.0 if value is None else min(1.0, max(0.0, (value - low) / (high - low)))
        y = 1 - (at + 0.8) / len(cells)
        axes.barh(y, 0.48, 0.5 / len(cells), 0.35, align="edge", color=LINE)
        axes.barh(y, 0.48 * share, 0.5 / len(cells), 0.35, align="edge", color=colour(value, how))
        name, text = title_of(panel, column, frame), words(value, how, column)
        middle = y + 0.25 / len(cells)
        axes.text(0.01, middle, name, color=TEXT, fontsize=SMALL, va="center")
        axes.text(
            0.99, middle, text, color=colour(value, how), fontsize=11, ha="right", va="center"
        )


def table(axes: Axes, scene: Scene) -> None:
    panel, found = scene.panel, scene.found
    bare(axes)
    frame = found[0]
    columns = [one for one in frame.columns if not _hidden(panel, one, frame)]
    most = max(1, int(_height_pt(axes) / 14) - 1)
    order = _order(panel, frame)[:most]
    x = 0.0
    for column, wide in zip(columns, _widths(panel, columns, frame), strict=True):
        how = settings(panel, column, frame)
        letters = int(_width_pt(axes) * wide / 4.6)
        head = title_of(panel, column, frame)
        _cell(axes, x, 1 - 0.5 / (most + 1), head[:letters], FAINT)
        for row, index in enumerate(order, 1):
            value = column.values[index]
            text = words(value, how, column)
            painted = (how["custom"].get("cellOptions") or {}).get("type", "auto") != "auto"
            ink = colour(value, how) if painted else TEXT
            _cell(axes, x, 1 - (row + 0.5) / (most + 1), text[:letters], ink)
        x += wide
    if len(frame) > most:
        axes.text(0.99, 0.0, f"{len(frame) - most} more", color=FAINT, fontsize=7, ha="right")


def _widths(panel: Json, columns: list[Column], frame: Frame) -> list[float]:
    """Of the columns, as shares of the panel's: their own, or what is left, but not too little."""
    customs = [settings(panel, one, frame)["custom"] for one in columns]
    found = [float(one.get("width") or 0) for one in customs]
    left = panel["gridPos"]["w"] * WIDTH_PX / 24 - sum(found)
    for _ in columns:
        free = [at for at, width in enumerate(found) if not width]
        share = left / max(1, len(free))
        for at in free:
            least = float(customs[at].get("minWidth") or 150)
            if least > share:
                found[at], left = least, left - least
    free = [at for at, width in enumerate(found) if not width]
    for at in free:
        found[at] = left / len(free)
    return [width * 24 / panel["gridPos"]["w"] / WIDTH_PX for width in found]


def bare(axes: Axes) -> None:
    """A place without lines, from 0 to 1."""
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1)
    axes.axis("off")


def _order(panel: Json, frame: Frame) -> list[int]:
    """As the table is sorted at first."""
    order = list(range(len(frame)))
    for one in reversed((panel.get("options") or {}).get("sortBy") or []):
        column = next(
            (c for c in frame.columns if title_of(panel, c, frame) == one["displayName"]), None
        )
        if column:
            values = column.values
            known = [at for at in order if values[at] is not None]
            known.sort(key=lambda at, of=values: of[at], reverse=bool(one.get("desc")))  # type: ignore[misc]
            order = [*known, *(at for at in order if values[at] is None)]
    return order


def _hidden(panel: Json, column: Column, frame: Frame) -> bool:
    custom = settings(panel, column, frame)["custom"]
    hidden = custom.get("hidden") or (custom.get("hideFrom") or {}).get("viz")
    return bool(hidden)


def _cell(axes: Axes, x: float, y: float, text: str, ink: str) -> None:
    axes.text(x + 0.005, y, text, color=ink, fontsize=SMALL, va="center", clip_on=True)


def _width_pt(axes: Axes) -> float:
    return float(axes.get_window_extent().width) * 72 / axes.get_figure().get_dpi()  # type: ignore[union-attr]


def _height_pt(axes: Axes) -> float:
    return float(axes.get_window_extent().height) * 72 / axes.get_figure().get_dpi()  # type: ignore[union-attr]

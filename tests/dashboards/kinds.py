"""Panels of single values and tables, drawn: each in its place and its colours."""

from dataclasses import dataclass

from matplotlib.axes import Axes

from tests.dashboards.frames import Column, Frame, Json
from tests.dashboards.grafana import Event
from tests.dashboards.parts import drawn, names_shown, settings, title_of
from tests.dashboards.shown import FAINT, TEXT, colour, words

LINE = "#2C3235"
SMALL = 8


@dataclass(frozen=True)
class Scene:
    """What a panel has to draw. span: its time, in milliseconds."""

    panel: Json
    found: list[Frame]
    events: list[Event]
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
    for at, (column, frame) in enumerate(cells):
        how = settings(panel, column, frame)
        value = column.known[-1] if column.known else None
        text, ink = words(value, how, column), colour(value, how)
        if solid:
            axes.axvspan(at / len(cells), (at + 1) / len(cells), color=ink)
        size = (options.get("text") or {}).get("valueSize") or 1000
        fitted = min(size * 0.75, _width_pt(axes) / len(cells) / max(1, len(text)) * 1.3)
        axes.text(
            (at + 0.5) / len(cells), 0.5, text, color="white" if solid else ink,
            fontsize=min(fitted, _height_pt(axes) * 0.55), ha="center", va="center",
        )  # fmt: skip
        if names_shown(panel, len(cells)):
            name = title_of(panel, column, frame)
            axes.text((at + 0.5) / len(cells), 0.04, name, color=FAINT, fontsize=SMALL, ha="center")


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
        axes.barh(y, 0.55, 0.5 / len(cells), 0.25, align="edge", color=LINE)
        axes.barh(y, 0.55 * share, 0.5 / len(cells), 0.25, align="edge", color=colour(value, how))
        name, text = title_of(panel, column, frame), words(value, how, column)
        middle = y + 0.25 / len(cells)
        axes.text(0.01, middle, name, color=TEXT, fontsize=SMALL, va="center")
        axes.text(0.82, middle, text, color=colour(value, how), fontsize=11, va="center")


def table(axes: Axes, scene: Scene) -> None:
    panel, found = scene.panel, scene.found
    bare(axes)
    frame = found[0]
    columns = [one for one in frame.columns if not _hidden(panel, one, frame)]
    most = max(1, int(_height_pt(axes) / 14) - 1)
    order = _order(panel, frame)[:most]
    for at, column in enumerate(columns):
        how = settings(panel, column, frame)
        x = at / len(columns)
        letters = int(_width_pt(axes) / len(columns) / 5)
        head = title_of(panel, column, frame)
        _cell(axes, x, 1 - 0.5 / (most + 1), head[:letters], FAINT)
        for row, index in enumerate(order, 1):
            value = column.values[index]
            text = "" if value is None else words(value, how, column)
            painted = (how["custom"].get("cellOptions") or {}).get("type", "auto") != "auto"
            ink = colour(value, how) if painted else TEXT
            _cell(axes, x, 1 - (row + 0.5) / (most + 1), text[:letters], ink)
    if len(frame) > most:
        axes.text(0.99, 0.0, f"{len(frame) - most} more", color=FAINT, fontsize=7, ha="right")


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

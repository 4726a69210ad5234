"""A board: what all of them have, and panels laid out in rows on Grafana's grid of 24 columns."""

from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from grafana_foundation_sdk.builders.dashboard import (
    AnnotationQuery,
    Dashboard,
    DashboardLink,
    QueryVariable,
    Row,
    TimePicker,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardCursorSync,
    DashboardLinkType,
    GridPos,
)

from dashboards.grafana import variables
from dashboards.grafana.influxql import SOURCE, Marks

TAG = "hiprep"
WIDTH = 24


def board(
    uid: str,
    title: str,
    description: str,
    *,
    refresh: str,
    since: str,
    choose: Sequence[QueryVariable] = (),
) -> Dashboard:
    """A board without panels. uid: what links lead to, hiprep-... refresh, since: as 1s, now-15m.

    Links lead to all other boards, and take the time and what was chosen with them.
    """
    links = (
        DashboardLink("Boards")
        .type(DashboardLinkType.DASHBOARDS)
        .tags([TAG])
        .include_vars(True)
        .keep_time(False)
        .as_dropdown(False)
        .tooltip("The other boards of hiprep")
    )
    made = (
        Dashboard(title)
        .uid(uid)
        .description(description)
        .tags([TAG])
        .editable()
        .timezone("browser")
        .week_start("monday")
        .refresh(refresh)
        .time(since, "now")
        .timepicker(TimePicker().refresh_intervals(["1s", "5s", "30s", "1m", "5m"]))
        .tooltip(DashboardCursorSync.CROSSHAIR)
        .links([links])
        .with_variable(variables.source())
    )
    for variable in choose:
        made = made.with_variable(variable)
    return made


def marks(name: str, colour: str, query: Marks, *, shown: bool = True) -> AnnotationQuery:
    """Events drawn on every trace of a board. shown: without being switched on first."""
    return (
        AnnotationQuery()
        .name(name)
        .datasource(SOURCE)
        .enable(shown)
        .hide(False)
        .icon_color(colour)
        .target(query)
    )


def laid_out(made: Dashboard, rows: Iterable["Line"]) -> Dashboard:
    """The board with its panels, from left to right and from top to bottom."""
    top, ids = 0, count(1)
    for line in rows:
        if line.title:
            header = Row(line.title).grid_pos(GridPos(h=1, w=WIDTH, x=0, y=top))
            made = made.with_row(header.id(next(ids)))
            top += 1
        left = 0
        for width, panel in line.panels:
            place = GridPos(h=line.height, w=width, x=left, y=top)
            made = made.with_panel(panel.grid_pos(place).id(next(ids)))
            left += width
        top += line.height
    return made


class Line:
    """Panels side by side, with their widths; all as high as each other. title: above them."""

    def __init__(self, height: int, *panels: tuple[int, Any], title: str = "") -> None:
        if sum(width for width, _ in panels) > WIDTH:
            raise ValueError(f"wider than {WIDTH}")
        self.height = height
        self.panels = panels
        self.title = title

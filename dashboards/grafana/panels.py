"""The kinds of panels that boards are made of, each with what every panel has to have.

A panel says what it shows (title), what that means (description), in which unit, and what stands
there as long as there is nothing (empty).
"""

from typing import Any, Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import (
    barchart,
    bargauge,
    gauge,
    stat,
    statetimeline,
    table,
    timeseries,
    xychart,
)
from grafana_foundation_sdk.builders.common import (
    ReduceDataOptions,
    VizLegendOptions,
    VizTextDisplayOptions,
)
from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    BigValueTextMode,
    DataSourceRef,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    VisibilityMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig

from dashboards.grafana.influxql import SOURCE

FROM_FOUR_METRES = 120  # text height in pixels, on a panel that is high enough


class _Panel(Protocol):
    def title(self, title: str) -> Self: ...
    def description(self, description: str) -> Self: ...
    def unit(self, unit: str) -> Self: ...
    def no_value(self, no_value: str) -> Self: ...
    def datasource(self, datasource: DataSourceRef) -> Self: ...
    def targets(self, targets: list[Builder[Dataquery]]) -> Self: ...


_P = TypeVar("_P", bound=_Panel)


def told(
    panel: _P,
    title: str,
    description: str,
    *query: Builder[Dataquery],
    unit: str,
    empty: str,
) -> _P:
    """The panel with what every panel has to have."""
    return (
        panel.title(title)
        .description(description)
        .unit(unit)
        .no_value(empty)
        .datasource(SOURCE)
        .targets(list(query))
    )


def number(field: str = "", *, colour_all: bool = False, size: int = 0) -> stat.Panel:
    """One value, as large as it goes. field: of the answer's columns, by name; "" for the only one.

    colour_all: the whole panel has the colour of the threshold. size: text height in pixels.
    """
    made = (
        stat.Panel()
        .reduce_options(last(field))
        .graph_mode(BigValueGraphMode.NONE)
        .text_mode(BigValueTextMode.VALUE)
        .color_mode(BigValueColorMode.BACKGROUND_SOLID if colour_all else BigValueColorMode.VALUE)
    )
    return made.text(VizTextDisplayOptions().value_size(size)) if size else made


def dial(field: str = "") -> gauge.Panel:
    """A value between its least and its most."""
    return gauge.Panel().reduce_options(last(field)).show_threshold_markers(True)


def meters() -> bargauge.Panel:
    """One bar for each row or series."""
    return bargauge.Panel().reduce_options(last("")).orientation(VizOrientation.HORIZONTAL)


def trace() -> timeseries.Panel:
    """Values over time, as a line."""
    return timeseries.Panel().line_width(2).fill_opacity(0).legend(legend())


def points() -> timeseries.Panel:
    """Values over time that stand alone: one for each set or session."""
    return trace().show_points(VisibilityMode.ALWAYS).point_size(7).span_nulls(True)


def bars(over: str, *, stacked: bool = False) -> barchart.Panel:
    """A bar for each row. over: the column below the bars. stacked: its columns on each other."""
    mode = StackingMode.NORMAL if stacked else StackingMode.NONE
    return (
        barchart.Panel()
        .x_field(over)
        .stacking(mode)
        .show_value(VisibilityMode.AUTO)
        .legend(legend())
    )


def scatter() -> xychart.Panel:
    """A point for each row, of two columns."""
    return xychart.Panel().legend(legend())


def states() -> statetimeline.Panel:
    """What it was, over time."""
    return statetimeline.Panel().legend(legend()).show_value(VisibilityMode.AUTO)


def rows() -> table.Panel:
    """A table."""
    return table.Panel().show_header(True).filterable(False)


def last(field: str) -> ReduceDataOptions:
    """The last value of a column that has one, by its name; of all, without a name."""
    made = ReduceDataOptions().calcs(["lastNotNull"]).values(False)
    return made.fields(f"/^{field}$/") if field else made.fields("")


def legend() -> VizLegendOptions:
    """Below, in a line."""
    return (
        VizLegendOptions()
        .display_mode(LegendDisplayMode.LIST)
        .placement(LegendPlacement.BOTTOM)
        .show_legend(True)
    )


def no_legend() -> VizLegendOptions:
    """None: the title says it."""
    return legend().show_legend(False)


def without(*columns: str) -> DataTransformerConfig:
    """A transformation: a table without these columns."""
    options: dict[str, Any] = {"excludeByName": dict.fromkeys(columns, True)}
    return DataTransformerConfig(id_val="organize", options=options)


def in_order(*columns: str, hidden: tuple[str, ...] = ()) -> DataTransformerConfig:
    """A transformation: the columns in this order, the hidden ones left out."""
    options: dict[str, Any] = {
        "indexByName": {name: at for at, name in enumerate(columns)},
        "excludeByName": dict.fromkeys(hidden, True),
    }
    return DataTransformerConfig(id_val="organize", options=options)

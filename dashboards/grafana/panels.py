"""The kinds of panels that boards are made of, each with what every panel has to have.

A panel says what it shows (title), what that means (description), in which unit, and what stands
there as long as there is nothing (empty).
"""

from typing import Any, Protocol, Self, TypeVar

from grafana_foundation_sdk.builders import (
    barchart,
    bargauge,
    stat,
    statetimeline,
    table,
    timeseries,
    xychart,
)
from grafana_foundation_sdk.builders.common import (
    ReduceDataOptions,
    VizLegendOptions,
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
from grafana_foundation_sdk.models.dashboard import DataTransformerConfig, DynamicConfigValue

from dashboards.grafana.influxql import SOURCE


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


def number(field: str = "", *, colour_all: bool = False) -> stat.Panel:
    """One value, as large as it goes. field: of the answer's columns, by name; "" for the only one.

    colour_all: the whole panel has the colour of the threshold.
    """
    return (
        stat.Panel()
        .reduce_options(last(field))
        .graph_mode(BigValueGraphMode.NONE)
        .text_mode(BigValueTextMode.VALUE)
        .color_mode(BigValueColorMode.BACKGROUND_SOLID if colour_all else BigValueColorMode.VALUE)
    )


def numbers(*fields: str) -> stat.Panel:
    """Some values of one answer side by side, each with its name: on a phone, one panel."""
    return number(f"({'|'.join(fields)})").text_mode(BigValueTextMode.VALUE_AND_NAME)


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
    """A table. Columns that have no width of their own share what is left.

    A cell without a value has a dash; else it had what the panel says when there is nothing.
    """
    made = table.Panel().show_header(True).filterable(False).min_width(55)
    return made.override_by_regexp(".*", [DynamicConfigValue(id_val="noValue", value="–")])


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


def greatest(column: str) -> DataTransformerConfig:
    """A transformation: this column is the greatest value that the others may have, where known."""
    mapping = {"fieldName": column, "handlerKey": "max"}
    options: dict[str, Any] = {"configRefId": "A", "mappings": [mapping]}
    return DataTransformerConfig(id_val="configFromData", options=options)


def merged() -> DataTransformerConfig:
    """A transformation: the answers to all queries as one table; rows that are alike become one."""
    return DataTransformerConfig(id_val="merge", options={})


def sorted_by(column: str, *, falling: bool = False) -> DataTransformerConfig:
    """A transformation: the rows in the order of a column."""
    keys = [{"field": column, "desc": falling}]
    return DataTransformerConfig(id_val="sortBy", options={"fields": {}, "sort": keys})


def at_most(count: int) -> DataTransformerConfig:
    """A transformation: the first rows alone."""
    return DataTransformerConfig(id_val="limit", options={"limitField": count})


def as_fields(name: str, value: str, *, left_out: tuple[str, ...] = ()) -> DataTransformerConfig:
    """A transformation: each row as one value, called by what stands in the column `name`."""
    keys = {name: "field.name", value: "field.value", **dict.fromkeys(left_out, "__ignore")}
    found = [{"fieldName": column, "handlerKey": key} for column, key in keys.items()]
    return DataTransformerConfig(id_val="rowsToFields", options={"mappings": found})


def in_order(*columns: str, hidden: tuple[str, ...] = ()) -> DataTransformerConfig:
    """A transformation: the columns in this order, the hidden ones left out."""
    options: dict[str, Any] = {
        "indexByName": {name: at for at, name in enumerate(columns)},
        "excludeByName": dict.fromkeys(hidden, True),
    }
    return DataTransformerConfig(id_val="organize", options=options)

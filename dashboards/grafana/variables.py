"""What the reader of a board chooses at its top."""

from grafana_foundation_sdk.builders.dashboard import DatasourceVariable, QueryVariable
from grafana_foundation_sdk.models.dashboard import (
    VariableHide,
    VariableOption,
    VariableRefresh,
    VariableSort,
)

from dashboards.grafana.influxql import SENSORS, SETS, SOURCE

_ALL = VariableOption(text="All", value="$__all", selected=True)


def source() -> DatasourceVariable:
    """Which database: one for each group of athletes, where there are several."""
    return (
        DatasourceVariable("datasource")
        .label("Database")
        .description("The InfluxDB that hiprep writes to")
        .type("influxdb")
        .current(VariableOption(text="hiprep", value="hiprep", selected=True))
    )


def athlete(*, multi: bool = False) -> QueryVariable:
    """Who lifts."""
    return _tag("athlete", "Athlete", "Who lifted", SETS, multi=multi)


def exercise() -> QueryVariable:
    """What is lifted."""
    return _tag("exercise", "Exercise", "What was lifted", SETS, multi=True)


def variant() -> QueryVariable:
    """Which variant of it."""
    return _tag("variant", "Variant", "standard where none was named", SETS, multi=True)


def device(*, multi: bool = True) -> QueryVariable:
    """Which sensor. multi: several, or all, may be chosen."""
    return _tag("device", "Sensor", "The key of the sensor in the settings", SENSORS, multi=multi)


def hidden(name: str, query: str) -> QueryVariable:
    """What other queries need; asked for anew with each refresh."""
    return (
        QueryVariable(name)
        .datasource(SOURCE)
        .query(query)
        .definition(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .hide(VariableHide.HIDE_VARIABLE)
    )


def _tag(name: str, label: str, description: str, of: str, *, multi: bool) -> QueryVariable:
    # Of one measurement only: Grafana reads the first series of an answer and no other.
    query = f'SHOW TAG VALUES FROM {of} WITH KEY = "{name}"'
    variable = (
        QueryVariable(name)
        .label(label)
        .description(description)
        .datasource(SOURCE)
        .query(query)
        .definition(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .sort(VariableSort.ALPHABETICAL_ASC)
    )
    if not multi:
        return variable
    return variable.multi(True).include_all(True).all_value(".*").current(_ALL)

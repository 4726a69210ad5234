"""What happened, drawn on the traces of several boards.

The answer to each of these queries is one series: of several, Grafana confuses the columns. It
calls them measurement.column.
"""

from grafana_foundation_sdk.builders.dashboard import AnnotationQuery

from dashboards.grafana.board import marks
from dashboards.grafana.influxql import (
    ADVICE,
    CHOSEN,
    IN_TIME,
    OF_ATHLETE,
    OF_DEVICE,
    OF_LIFT,
    SENSORS,
    SETS,
    VALID,
    Marks,
    select,
)
from dashboards.grafana.look import GOOD, PLAIN, STOP


def sets(of: str = CHOSEN, *, shown: bool = True) -> AnnotationQuery:
    """From the first rep of a set to its last."""
    query = select('"text", "end_ms", "exercise", "variant"', SETS, IN_TIME, VALID, of)
    found = Marks(query, tags="exercise,variant", until="set.end_ms")
    return marks("Sets", PLAIN, found, shown=shown)


def bests(of: str = f"{OF_ATHLETE} AND {OF_LIFT}", *, shown: bool = True) -> AnnotationQuery:
    """The heaviest set of all time of each exercise and variant, where it is in what is shown."""
    of_each = select(
        'max("load_kg") AS "load_kg", "text"', SETS, VALID, of,
        then='GROUP BY "exercise", "variant"',
    )  # fmt: skip
    query = select('"load_kg", "text", "exercise", "variant"', of_each)
    return marks("Bests", GOOD, Marks(query, tags="exercise,variant"), shown=shown)


def stops(of: str = OF_DEVICE) -> AnnotationQuery:
    """When it was time to end a set."""
    query = select('"text"', ADVICE, IN_TIME, VALID, "\"level\" = 'stop'", of)
    return marks("Stops", STOP, Marks(query))


def link_losses(of: str = OF_DEVICE, *, shown: bool = True) -> AnnotationQuery:
    """When a sensor was lost; not how long it was searched for, which may be days."""
    query = select('"text", "device"', SENSORS, IN_TIME, "\"phase\" = 'lost'", of)
    return marks("Link losses", STOP, Marks(query, tags="device"), shown=shown)

"""Queries in InfluxQL, as Grafana's InfluxDB data source takes them."""

from typing import Literal

from grafana_foundation_sdk.cog.builder import Builder
from grafana_foundation_sdk.cog.variants import Dataquery
from grafana_foundation_sdk.models.common import DataSourceRef

# The data source that the reader chooses at the top; all hiprep data sources have the type.
SOURCE = DataSourceRef(type_val="influxdb", uid="${datasource}")

REPS = '"events"."rep"'
SETS = '"events"."set"'
SESSIONS = '"events"."session"'
ADVICE = '"events"."advice"'
LIVE = '"live"."live"'
SENSORS = '"live"."sensor"'
SERVICES = '"live"."service"'
SECONDS = '"rollup"."live"'

# What was withdrawn or moved stays in the database with valid = false.
VALID = '"valid" = true'
COUNTED = f'{VALID} AND "partial" = false'
# Each variable that is used here has to be one of its board's (variables.py).
OF_ATHLETE = '"athlete" =~ /^${athlete:regex}$/'
OF_LIFT = '"exercise" =~ /^${exercise:regex}$/ AND "variant" =~ /^${variant:regex}$/'
OF_DEVICE = '"device" =~ /^${device:regex}$/'
CHOSEN = f"{OF_ATHLETE} AND {OF_LIFT} AND {OF_DEVICE}"
# The set that is lifted, or was lifted last, on the device: a hidden variable of the live board.
THIS_SET = '"device" =~ /^${device:regex}$/ AND "set_key" = \'$set_key\''
IN_TIME = "$timeFilter"

Format = Literal["time_series", "table"]


class InfluxQL(Dataquery, Builder[Dataquery]):
    """One query. alias: the name of its series, with $tag_NAME and $col; "" for the usual one."""

    def __init__(
        self, text: str, *, fmt: Format = "table", ref: str = "A", alias: str = ""
    ) -> None:
        self.text = " ".join(text.split())
        self.fmt = fmt
        self.ref = ref
        self.alias = alias

    def build(self) -> "InfluxQL":
        """Itself: it is its own builder."""
        return self

    def to_json(self) -> dict[str, object]:
        """As it stands in the file of a dashboard."""
        whole: dict[str, object] = {
            "refId": self.ref,
            "datasource": SOURCE,
            "rawQuery": True,
            "query": self.text,
            "resultFormat": self.fmt,
        }
        return {**whole, "alias": self.alias} if self.alias else whole


class Marks(InfluxQL):
    """A query of annotations: columns time, text, perhaps end_ms and tags."""

    def __init__(self, text: str, *, tags: str = "", until: str = "") -> None:
        # Grafana asks for annotations as time series, whatever stands here.
        super().__init__(text, fmt="time_series", ref="Anno")
        self._columns = {"textColumn": "text", "tagsColumn": tags, "timeEndColumn": until}

    def to_json(self) -> dict[str, object]:
        """As it stands in the file of a dashboard."""
        return {**super().to_json(), "fromAnnotations": True, **self._columns}


def select(what: str, of: str, *where: str, then: str = "") -> str:
    """A query. of: a measurement, or a query of its own. where: all have to be true.

    then: GROUP BY, ORDER BY, LIMIT.
    """
    source = f"({of})" if of.startswith("SELECT ") else of
    conditions = ["WHERE", " AND ".join(where)] if where else []
    return " ".join(["SELECT", what, "FROM", source, *conditions, then]).strip()


def queries(*texts: str) -> list[Builder[Dataquery]]:
    """Tables, named A, B, C ..."""
    return [InfluxQL(text, ref=chr(ord("A") + at)) for at, text in enumerate(texts)]


def series(text: str, alias: str = "", ref: str = "A") -> InfluxQL:
    """A query whose answer is drawn over time."""
    return InfluxQL(text, fmt="time_series", ref=ref, alias=alias)

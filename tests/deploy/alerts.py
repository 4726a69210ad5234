"""The alert rules that are shipped, and what each asks the database."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

GRAFANA = Path(__file__).parents[2] / "deploy" / "grafana"
TIME_FILTER = "$timeFilter"


@dataclass(frozen=True, slots=True)
class Rule:
    """query: InfluxQL with TIME_FILTER in it, about the last since_s seconds. whole: as shipped."""

    uid: str
    query: str
    since_s: int
    interval: str
    whole: dict[str, Any]

    def at(self, now_ns: int) -> str:
        """The query as Grafana sends it at that moment."""
        begin_ns = now_ns - self.since_s * 10**9
        return self.query.replace(TIME_FILTER, f"time >= {begin_ns} and time <= {now_ns}")

    def fires(self, value: float) -> bool:
        """Whether it does for that value, the latest of its series."""
        (condition,) = self.whole["data"][2]["model"]["conditions"]
        kind: str = condition["evaluator"]["type"]
        limit: float = condition["evaluator"]["params"][0]
        return value > limit if kind == "gt" else value < limit


def provisioned(name: str) -> dict[str, Any]:
    """One of the files in deploy/grafana/provisioning."""
    text = (GRAFANA / "provisioning" / name).read_text(encoding="utf-8")
    whole: dict[str, Any] = yaml.safe_load(text)
    return whole


def rules() -> list[Rule]:
    """All of them."""
    return [
        Rule(
            one["uid"],
            one["data"][0]["model"]["query"],
            one["data"][0]["relativeTimeRange"]["from"],
            group["interval"],
            one,
        )
        for group in provisioned("alerting/rules.yaml")["groups"]
        for one in group["rules"]
    ]

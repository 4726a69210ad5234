"""All athletes at once: for a screen on the wall, or the coach's phone."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.grafana import board as frame
from dashboards.grafana import coach_panels, coach_tables, variables
from dashboards.grafana.board import Line, laid_out


def board() -> Dashboard:
    """The last hours: a session that goes on past midnight is one."""
    made = frame.board(
        "hiprep-coach-wall",
        "Coach wall",
        "Who lifts now, the last set of each athlete, what to look at, and how much was lifted.",
        refresh="5s",
        since="now-12h",
        choose=[variables.athlete(multi=True)],
    )
    lines = [
        Line(7, (10, coach_tables.now()), (7, coach_panels.counts()), (7, coach_panels.phases())),
        Line(
            4,
            (4, coach_panels.lifting()),
            (4, coach_panels.flagged()),
            (5, coach_panels.silent()),
            (11, coach_panels.sums()),
        ),
        Line(9, (24, coach_tables.last_sets())),
        Line(8, (24, coach_tables.advised())),
        Line(8, (12, coach_tables.flags()), (12, coach_tables.sensors())),
        Line(9, (24, coach_tables.ranking())),
    ]
    return laid_out(made, lines)

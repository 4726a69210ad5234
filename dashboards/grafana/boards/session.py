"""One session, or a day: its sets, the reps of a chosen set, and what they come to."""

from grafana_foundation_sdk.builders.dashboard import Dashboard, QueryVariable
from grafana_foundation_sdk.models.dashboard import VariableOption, VariableRefresh

from dashboards.grafana import (
    advice_panels,
    annotations,
    session_bars,
    session_panels,
    variables,
)
from dashboards.grafana import board as frame
from dashboards.grafana.board import Line, laid_out
from dashboards.grafana.influxql import CHOSEN, SOURCE, select
from dashboards.grafana.session_panels import OF_SETS


def board() -> Dashboard:
    """The last hours, unless another time is chosen: links bring that of a set or a session."""
    made = frame.board(
        "hiprep-session",
        "Session",
        "The sets of the last three hours, or of the time that is chosen, and the reps of one of "
        "them. Progress leads to each session, a set to its own time.",
        refresh="5s",
        since="now-3h",
        choose=[
            variables.athlete(),
            variables.exercise(),
            variables.variant(),
            variables.device(),
            _chosen_set(),
        ],
    )
    for happened in (
        annotations.sets(),
        annotations.bests(),
        annotations.stops(CHOSEN),
        annotations.link_losses(),
    ):
        made = made.annotation(happened)
    lines = [
        Line(
            4,
            (9, session_panels.sums()),
            (9, session_panels.times()),
            (6, session_panels.faults_in_all()),
        ),
        Line(9, (24, session_panels.sets())),
        Line(9, (24, advice_panels.meant())),
        Line(8, (24, session_panels.tempo()), title="The reps of the chosen set"),
        Line(9, (24, session_panels.reps())),
        Line(9, (24, session_panels.pitch()), title="The whole session"),
        Line(
            7,
            (8, session_panels.faults()),
            (8, session_bars.volume()),
            (8, session_panels.velocity()),
        ),
        Line(
            7,
            (8, session_bars.under_tension()),
            (8, session_bars.rests()),
            (8, session_bars.holds()),
        ),
        Line(
            7,
            *((8, panel) for panel in session_bars.spreads()),
            title="How alike the reps of a set are",
        ),
    ]
    return laid_out(made, lines)


def _chosen_set() -> QueryVariable:
    query = select('"set_key"', *OF_SETS, then="ORDER BY time DESC")
    return (
        QueryVariable("set")
        .label("Reps of set")
        .description("Session and number of a set; the newest comes first")
        .datasource(SOURCE)
        .query(query)
        .definition(query)
        .refresh(VariableRefresh.ON_TIME_RANGE_CHANGED)
        .multi(True)
        .include_all(True)
        .all_value(".*")
        .current(VariableOption(text="All", value="$__all", selected=True))
    )

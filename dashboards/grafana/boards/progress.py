"""Weeks and months of one athlete: what got heavier, faster, longer, steadier."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.grafana import (
    advice_panels,
    annotations,
    progress_lifts,
    progress_weeks,
    variables,
)
from dashboards.grafana import board as frame
from dashboards.grafana.board import Line, laid_out
from dashboards.grafana.influxql import OF_ATHLETE, OF_LIFT


def board() -> Dashboard:
    """Twelve weeks, from a Monday on: the first week is a whole one."""
    made = frame.board(
        "hiprep-progress",
        "Progress",
        "Weeks and months of one athlete. Each exercise and each variant of it stands for itself.",
        refresh="1m",
        since="now-12w/w",
        choose=[variables.athlete(), variables.exercise(), variables.variant()],
    )
    its = f"{OF_ATHLETE} AND {OF_LIFT}"
    of_any = "\"device\" != ''"  # who wore it is not known of a sensor
    for happened in (
        annotations.bests(its),
        annotations.sets(its, shown=False),
        annotations.link_losses(of_any, shown=False),
    ):
        made = made.annotation(happened)
    weeks, lifts = progress_weeks, progress_lifts
    lines = [
        Line(4, *((6, panel) for panel in weeks.now())),
        Line(5, (24, advice_panels.next_load()), title="What is next"),
        Line(5, (24, advice_panels.week())),
        Line(9, (12, lifts.one_rep_max()), (12, lifts.heaviest()), title="Strength"),
        Line(9, (12, lifts.velocity_at_load(days=14)), (12, lifts.velocity_at_load())),
        Line(8, (12, weeks.volume()), (12, weeks.sessions()), title="Week by week"),
        Line(
            8,
            (8, weeks.heavy_and_light()),
            (8, lifts.reps()),
            (8, lifts.load()),
            title="Heavy and light",
        ),
        Line(8, (12, lifts.rom()), (12, lifts.holds()), title="How it was lifted"),
        Line(7, *((6, panel) for panel in lifts.tempo())),
        Line(7, (12, weeks.balance_of_sets()), (12, weeks.balance_of_reps()), title="All lifts"),
        Line(6, *((12, panel) for panel in lifts.bests()[:2]), title="Bests of all time"),
        Line(6, *((12, panel) for panel in lifts.bests()[2:])),
        Line(9, (24, weeks.log()), title="All sessions"),
    ]
    return laid_out(made, lines)

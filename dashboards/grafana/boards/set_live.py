"""The set that is lifted now, to be read from the bench: the home board."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.grafana import advice_panels, annotations, live_panels, live_rep_panels, variables
from dashboards.grafana import board as frame
from dashboards.grafana.board import Line, laid_out, marks
from dashboards.grafana.influxql import (
    COUNTED,
    IN_TIME,
    LIVE,
    OF_DEVICE,
    REPS,
    VALID,
    Marks,
    select,
)
from dashboards.grafana.look import PLAIN, WATCH


def board() -> Dashboard:
    """One sensor: its running set, or the one before the rest that is now."""
    # Live samples name the set: of events alone, nobody knew of a set that has just begun.
    this_set = select('last("set_key")', LIVE, OF_DEVICE, "time > now() - 1h")
    made = frame.board(
        "hiprep-set-live",
        "Set, live",
        "The set that is lifted now with the chosen sensor; in the rest after it, the last one.",
        refresh="1s",
        since="now-5m",
        choose=[variables.device(multi=False), variables.hidden("set_key", this_set)],
    )
    reps = select('"text", "end_ms"', REPS, IN_TIME, COUNTED, OF_DEVICE)
    made = made.annotation(marks("Reps", PLAIN, Marks(reps, until="rep.end_ms")))
    faults = select('"text"', REPS, IN_TIME, VALID, OF_DEVICE, '"faults" > 0')
    made = made.annotation(marks("Faults", WATCH, Marks(faults)))
    made = made.annotation(annotations.stops()).annotation(annotations.link_losses())
    lines = [
        Line(7, (9, live_panels.reps()), (7, live_panels.phase()), (8, live_panels.hold())),
        Line(4, (24, advice_panels.cue())),
        Line(
            4,
            (7, live_panels.against_targets()),
            (6, live_panels.who()),
            (5, live_panels.asked_for()),
            (6, live_panels.link()),
        ),
        Line(7, (13, live_panels.pitch()), (11, live_rep_panels.tempo())),
        Line(
            7,
            (8, live_rep_panels.velocity()),
            (4, live_rep_panels.velocity_loss()),
            (8, live_rep_panels.lockout()),
            (4, live_rep_panels.targets_met()),
        ),
        Line(8, (19, live_rep_panels.reps()), (5, live_rep_panels.rest())),
    ]
    return laid_out(made, lines)

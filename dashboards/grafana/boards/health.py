"""How the system is: sensors, services, queues, and how fresh the data are."""

from grafana_foundation_sdk.builders.dashboard import Dashboard

from dashboards.grafana import annotations, health_sensors, health_services, variables
from dashboards.grafana import board as frame
from dashboards.grafana.board import Line, laid_out


def board() -> Dashboard:
    """The last hour."""
    made = frame.board(
        "hiprep-health",
        "Health of the system",
        "Whether sensors, services and the database do what they should, and how fresh data are.",
        refresh="5s",
        since="now-1h",
        choose=[variables.device()],
    ).annotation(annotations.link_losses())
    sensors, services = health_sensors, health_services
    lines = [
        Line(4, *((6, panel) for panel in [*sensors.now(), *services.now()])),
        Line(4, *((6, panel) for panel in services.fresh())),
        Line(8, (24, sensors.table()), title="Sensors"),
        Line(7, (24, sensors.phases())),
        Line(7, (12, sensors.battery()), (12, sensors.signal())),
        Line(7, (12, sensors.loss()), (12, sensors.rate())),
        Line(6, (12, services.table()), (12, services.lost()), title="Services"),
        Line(7, (12, services.outbox()), (12, services.store_queue())),
        Line(7, (12, services.lag()), (12, services.kept())),
        Line(7, (24, services.live_points())),
    ]
    return laid_out(made, lines)

"""What shows the events: dashboards for Grafana."""

"""Grafana dashboards as code. ``make boards`` writes what comes of it into dashboards/grafana/json.

All queries are InfluxQL, which InfluxDB 1.8, 2.x and 3 answer; none of them computes what hiprep
can compute and store itself. What the fields mean: docs/mqtt.md, docs/boards.md.
"""

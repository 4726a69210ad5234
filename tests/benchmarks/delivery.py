"""How fast and how surely events arrive in the databases: the figures in docs/delivery.md.

python -m tests.benchmarks.delivery [--events N]
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.benchmarks import delivery_latency, delivery_store
from tests.benchmarks.report_page import machine, page, section
from tests.benchmarks.speed import Line
from tests.benchmarks.tables import table
from tests.integration.chaos import Outcome, chaos

PAGE = Path(__file__).parents[2] / "docs" / "delivery.md"
BEGIN = "<!-- figures: make delivery -->"
HEAD = ["figure", "measured", "goal", "goal met?"]
EVENTS, GOAL_EVENTS = 100_000, 1_000_000
KILLS, SEED = 30, 4
LEAST_SHARE_PCT = 50.0


def figures(events: int) -> str:
    """All of them, as Markdown. events: over how many the memory is watched."""
    sections = (
        ("Detection to visible", _latency),
        ("Memory", lambda: _memory(events)),  # before there is much of other things in it
        ("Throughput of a store", _throughput),
        ("Kills", _kills),
    )
    return "\n".join([_preamble(), *(section(title, text) for title, text in sections)])


def _preamble() -> str:
    return f"""Written by `make delivery`. Broker, database and store are real, all on one machine
and on loopback: mosquitto, InfluxDB 1.6.7 behind an adapter that gives it the write API of later
ones, `hiprep store` as a process. No network, no TLS, no wireless: these add what they add.

Machine: {machine()}.
"""


def _latency() -> str:
    found = delivery_latency.measure()
    rows = delivery_latency.lines(found) + delivery_latency.put_lines(found)
    messages, run_s = len(found.arrived_s), delivery_latency.RUN_S
    return f"""{delivery_latency.SENSORS} sensors, each lifter doing set after set with rests of
20 s: {messages:,} messages in {run_s:g} s. From the moment the tracker has said it, through ledger,
outbox, broker and store, to the receipt, which a store sends when the database has the point. At
each receipt one of its points is looked for in the database.

{_lines(rows)}"""


def _throughput() -> str:
    bare, stored = delivery_store.throughput()
    share_pct = 100 * stored / bare
    short = LEAST_SHARE_PCT - share_pct
    rows = [
        ["bare POST of ready lines", f"{bare:,.0f} points/s", "", ""],
        ["store, from the first receipt to the last", f"{stored:,.0f} points/s", "", ""],
        [
            "store / bare POST",
            f"{share_pct:.0f} %",
            f"≥ {LEAST_SHARE_PCT:g} %",
            "met" if short <= 0 else f"**short by {short:.0f} %**",
        ],
    ]
    parts = [[name, f"{took_us:.0f}"] for name, took_us in delivery_store.parts_us().items()]
    return f"""{delivery_store.BACKLOG:,} reps, each an event of its own with 36 values, wait at the
broker when the store starts. The bare POST sends the same points, as lines that were made before,
in bodies of the same size, straight to InfluxDB. The best of {delivery_store.RUNS} runs each, by
turns.

{table(HEAD, rows)}
What the store does with a message, alone and with nothing else running; medians of batches. Not in
it: paho, which reads and acknowledges, and waiting for the database.

{table(["part", "µs a message"], parts)}"""


def _memory(events: int) -> str:
    store_mb, gateway_mb = delivery_store.memory_mb(events)
    rows = [
        delivery_store.memory_line("store", store_mb),
        delivery_store.memory_line("gateway", gateway_mb),
    ]
    fewer = (
        f"The goal is {GOAL_EVENTS:,}: `--events {GOAL_EVENTS}`. " if events < GOAL_EVENTS else ""
    )
    return f"""Resident memory while {events:,} events go through publisher, broker and store.
{fewer}The gateway is in the process that measures,
without trackers.

{_lines(rows)}
Store: {_list(store_mb)} MB.
Gateway: {_list(gateway_mb)} MB.
"""


def _kills() -> str:
    with tempfile.TemporaryDirectory() as folder:
        outcome = chaos(Path(folder), KILLS, SEED)
    rows = [
        Line("events lost", outcome.lost, 0.0, ""),
        Line("events doubled", outcome.doubled, 0.0, ""),
        Line("events with other values than a plain replay", outcome.wrong, 0.0, ""),
        Line("events left in the outbox", outcome.left, 0.0, ""),
    ]
    return f"""Tracker, broker, store and database are killed (SIGKILL), in turn and at random, and
started again, while sessions are played:
{_killed(outcome)}.

{_lines(rows)}"""


def _killed(outcome: Outcome) -> str:
    each = ", ".join(f"{name} {count}" for name, count in outcome.kills.items())
    return (
        f"{sum(outcome.kills.values())} kills ({each}),\n{outcome.in_sets} of them in the middle "
        f"of a set; {outcome.sessions} sessions, {outcome.events} events"
    )


def _lines(lines: Sequence[Line]) -> str:
    return table(HEAD, [line.cells() for line in lines])


def _list(values: Sequence[float]) -> str:
    return ", ".join(f"{value:.1f}" for value in values)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--events", type=int, default=EVENTS, help="over how many memory is watched"
    )
    events = parser.parse_args().events
    if sys.platform != "linux":
        sys.exit("this measures on Linux only")
    page(PAGE.read_text(encoding="utf-8"), BEGIN, "")  # rather now than after minutes
    new = figures(events)
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), BEGIN, new), encoding="utf-8")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    main()

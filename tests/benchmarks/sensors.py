"""What live sensors cost, and what their way to us does to reps: the figures in docs/sensors.md.

python -m tests.benchmarks.sensors
"""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks import (
    sensor_bus,
    sensor_clock,
    sensor_compute,
    sensor_files,
    sensor_resolution,
)
from tests.benchmarks.report_page import machine, page, section
from tests.benchmarks.speed import Line
from tests.benchmarks.tables import table

PAGE = Path(__file__).parents[2] / "docs" / "sensors.md"
BEGIN = "<!-- figures: make sensors -->"
HEAD = ["figure", "measured", "goal", "goal met?"]
_NO_BUS = "not measured: there is no dbus-daemon here"
_NOT_LINUX = "not measured: only Linux tells"


def figures() -> str:
    """All of them, as Markdown."""
    sections = (
        ("Packet to event", _latency),
        ("Packets lost by us", _loss),
        ("Reconnecting", _reconnecting),
        ("Recordings", _sizes),
        ("Processor", _processor),
        ("Memory", _memory),
        ("Resolution", _resolution),
        ("Time", _clock),
    )
    return "\n".join([_preamble(), *(section(title, text) for title, text in sections)])


def _preamble() -> str:
    return f"""Written by `make sensors`. **There was no real radio and no real sensor.** Models of
the sensors speak the true protocols byte for byte. Where it says D-Bus, their packets come through
a real D-Bus and unmodified Bleak from a model of BlueZ in another process, in bursts every 30 to
50 ms. What a real radio loses or delays is not in these figures.

Machine: {machine()}.
"""


def _lines(lines: Sequence[Line]) -> str:
    return table(HEAD, [line.cells() for line in lines])


def _through_bus(measure: Callable[[], list[Line]], what: str, goal: str) -> list[list[str]]:
    """Its rows; one that says so where there is no bus."""
    if not sensor_bus.with_bus():
        return [[what, _NO_BUS, goal, ""]]
    return [line.cells() for line in measure()]


def _latency() -> str:
    wearers = sensor_compute.crowd()
    sensor_compute.play(wearers)
    rows = [line.cells() for line in sensor_compute.lines(wearers)]
    rows += _through_bus(sensor_bus.crowd_lines, "8 sensors through D-Bus and Bleak", "≤ 2 ms")
    head = ["driver", "samples a packet", "p50 [ms]", "p99 [ms]", "worst [ms]"]
    return f"""From a packet to the events that it brings: recorder, clock, tracker. Through D-Bus
it is the time from the notification to the end of all that, waiting for other packets included.

{table(HEAD, rows)}
Each make alone, of the first lines. The worst packets are those that end a set, when all of it is
looked at once more; packets with many samples take longer, and come more rarely.

{table(head, sensor_compute.rows(wearers))}"""


def _loss() -> str:
    rows = _through_bus(sensor_bus.loss_lines, "packets lost at 200 Hz", "≤ 0")
    return f"Between the model of BlueZ and the recording.\n\n{table(HEAD, rows)}"


def _reconnecting() -> str:
    rows = _through_bus(sensor_bus.reconnect_lines, "after 5 s away", "≤ 3 s")
    return f"""A sensor vanishes for 5 s: from when it advertises again to its first packet.

{table(HEAD, rows)}
The model advertises every 50 ms, connects in 20 ms and tells its services in 20 ms more. A real
sensor and its radio take longer for each of these.
"""


def _sizes() -> str:
    head = ["driver", "measured over", "an hour while it runs", "after", "goal", "goal met?"]
    return f"""Model sessions with 15 % of the time in sets. What was measured over 10 minutes is
multiplied by 6.

{table(head, list(sensor_files.size_rows()))}"""


def _processor() -> str:
    rows = [["`hiprep live`, one sensor at 100 Hz", _NOT_LINUX, "≤ 3 % of a core", ""]]
    if sys.platform == "linux":
        from tests.benchmarks.sensor_cpu import cpu_lines  # noqa: PLC0415  # Linux only

        rows = _through_bus(cpu_lines, rows[0][0], rows[0][2])
    return f"""All threads of `hiprep live`, mostly during sets; without what D-Bus and BlueZ take.

{table(HEAD, rows)}"""


def _memory() -> str:
    found = sensor_files.memory_mb()
    if found is None:
        return table(HEAD, [["resident memory", _NOT_LINUX, "≤ 1 MB", ""]])
    each = ", ".join(f"{value:.1f}" for value in found)
    return f"""Resident memory of tracking and recording {sensor_files.HOURS} hours of WitMotion
packets, as fast as it goes.

{_lines(sensor_files.memory_lines(found))}
After each half hour: {each} MB.
"""


def _resolution() -> str:
    rows = table(sensor_resolution.HEAD, list(sensor_resolution.rows()))
    return f"""The same samples tracked twice: directly, with their true times, and as packets of
the sensor, through decoder and clock. Model sessions, each of six sets of eight reps in six styles;
the radio delivers every 30 ms and loses nothing. Differences of reps, packets minus directly.

{rows}"""


def _clock() -> str:
    rows = table(sensor_clock.HEAD, list(sensor_clock.rows()))
    return f"""Sensors that send no time: how well their true rate is known from 30 s on, and how
evenly samples are placed from 10 s on. Clocks off by -3 %, 0.2 % and 3 %, ten runs each, packets
late by up to 0.8 s; the worst of all.

{rows}
Where a packet is made almost exactly once in a connection interval, or in two, the radio's delay
itself drifts over a whole interval within some 15 s. The times drift along, by less than 1 %.
"""


def main() -> None:
    page(PAGE.read_text(encoding="utf-8"), BEGIN, "")  # rather now than after minutes
    new = figures()
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8"), BEGIN, new), encoding="utf-8")
    print(f"wrote {PAGE.name}")


if __name__ == "__main__":
    main()

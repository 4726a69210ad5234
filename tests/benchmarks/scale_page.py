"""What an archive takes on processes and on Dask, and what far more would: the figures as text."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks import scale_paper, scale_runs
from tests.benchmarks.report_page import machine, section
from tests.benchmarks.scale_archive import MAKES, SEEDS, part_of, write_archive
from tests.benchmarks.scale_paper import Measured, figure
from tests.benchmarks.scale_runs import Run
from tests.benchmarks.tables import table
from tests.pipeline.archive.tasks import deadly_or_processed

HEAD = ["figure", "measured", "goal", "goal met?"]
EFFICIENCY, REAL_TIMES, GROWTH_MB = 0.9, 1500.0, 10.0
_PARTS = 4
LIMITS = ["from", "what breaks", "what to do then"]


@dataclass(frozen=True, slots=True)
class Archive:
    """The recordings, and the folder that holds them and all that comes of them."""

    place: Path
    paths: list[Path]
    minutes: float

    @property
    def folder(self) -> Path:
        """Where they are."""
        return self.place / "archive"


def figures(recordings: int, minutes: float) -> str:
    """All of them, as Markdown."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        print("writing the archive ...", flush=True)
        archive = Archive(place, write_archive(place / "archive", recordings, minutes), minutes)
        runs: dict[str, Run] = {}
        sections = [
            section("One archive, every executor", lambda: _executors(archive, runs)),
            section("What one recording costs", lambda: _costs(archive)),
            section("When something dies", lambda: _deaths(archive, runs)),
            section("Memory", lambda: _memory(archive)),
        ]
        measured = _measured(archive, runs)
    sections += [
        section("On paper: sensors", lambda: _sensors(measured)),
        section("On paper: archives", lambda: _archives(measured)),
    ]
    return "\n".join([_preamble(recordings, minutes), *sections])


def _preamble(recordings: int, minutes: float) -> str:
    makes = ", ".join(MAKES)
    return f"""Written by `make scale`: {recordings} raw recordings of {minutes:g} minutes,
packets of {makes} by turns, 15 % of the time in sets.
The last one breaks off in its middle. **{len(MAKES) * SEEDS} of them are distinct**,
model sessions; the others are copies under other sessions, which cost the same. Ratios are of one
run.

Machine: {machine()}.
"""


def _executors(archive: Archive, runs: dict[str, Run]) -> str:
    out = archive.place
    runs["serial"] = scale_runs.serial(archive.folder, out / "serial")
    runs["1 process"] = scale_runs.local(archive.folder, out / "one", 1)
    runs["2 processes"] = scale_runs.local(archive.folder, out / "two", 2)
    runs["Dask, 2 workers"] = scale_runs.dask(archive.folder, out / "dask", 2)
    rows = [
        [
            name,
            f"{run.wall_s:.1f} s",
            f"{run.totals.cpu_s:.1f} s",
            f"{run.efficiency:.2f}",
            f"{run.totals.fresh_s / run.totals.cpu_s:,.0f}",
            f"{run.totals.fresh_s / run.wall_s:,.0f}",
            f"`{str(run.totals.digest)[:12]}`",
        ]
        for name, run in runs.items()
    ]
    head = ["executor", "wall", "work", "efficiency", "real time, a core", "in all", "digest"]
    both = "2 processes", "Dask, 2 workers"
    digests = {str(run.totals.digest) for run in runs.values()}
    goals = [
        *(_at_least(f"efficiency: {name}", runs[name].efficiency, EFFICIENCY) for name in both),
        _at_least("times real time, one core", _real_times(runs["serial"]), REAL_TIMES),
        _at_most("different digests", len(digests), 1),
    ]
    return f"""Work is the processor time of the tasks themselves; efficiency is work over the time
of all workers, their start included. Times real time are from packets to reps.

{table(head, rows)}
{table(HEAD, goals)}"""


def _costs(archive: Archive) -> str:
    rows = []
    for make, path in zip(MAKES, archive.paths, strict=False):
        one = scale_runs.cost(path)
        parts_s = (one.read_s, one.decode_s - one.read_s, one.tracker_s - one.vqf_s, one.vqf_s)
        rows.append(
            [
                make,
                *(f"{1e3 * part_s:.0f} ms" for part_s in parts_s),
                f"{1e3 * one.whole_s:.0f} ms",
                f"{one.seconds / one.whole_s:,.0f}",
                f"{one.seconds / one.tracker_s:,.0f}",
            ]
        )
    head = ["driver", "read", "packets to samples", "tracker", "VQF", "whole", "real time"]
    return f"""{archive.minutes:g} minutes, processor time of one core, the best of some runs. The
last two columns are times real time: of the whole, and of the tracker with its VQF alone.

{table([*head, "samples only"], rows)}"""


def _deaths(archive: Archive, runs: dict[str, Run]) -> str:
    """The whole archive with a worker killed; a part of it with a deadly recording."""
    third = len(archive.paths) // 3
    some = archive.paths[-max(len(archive.paths) // _PARTS, len(MAKES)) :]
    deadly = part_of(archive.place / "deadly", some, deadly=True)
    plain = part_of(archive.place / "plain", some)
    rows, goals = [], []
    found = set()
    for name, through in (("2 processes", scale_runs.local), ("Dask, 2 workers", scale_runs.dask)):
        stem = name.replace(", ", "-").replace(" ", "-")
        killed = through(archive.folder, archive.place / f"{stem}-killed", 2, kill_at=third)
        calm = through(plain, archive.place / f"{stem}-plain", 2)
        hurt = through(deadly, archive.place / f"{stem}-deadly", 2, deadly_or_processed)
        found.add(str(hurt.totals.digest))
        for what, run, undisturbed in (
            (f"a worker killed after {third} of {len(archive.paths)}", killed, runs[name]),
            (f"a deadly one with {len(some)} others", hurt, calm),
        ):
            rows.append(
                [
                    name,
                    what,
                    f"{run.wall_s:.1f} s",
                    f"{run.wall_s - undisturbed.wall_s:+.1f} s",
                    f"{run.totals.recordings - run.totals.errors}",
                    f"{run.totals.errors}",
                ]
            )
        same = str(killed.totals.digest) == str(runs[name].totals.digest)
        goals.append(_at_most(f"{name}: results lost with the worker", 0 if same else 1, 0))
        goals.append(_at_most(f"{name}: errors beside the deadly one", hurt.totals.errors - 2, 0))
    goals.append(_at_most("different digests with the deadly one", len(found), 1))
    head = ["executor", "what", "wall", "more than undisturbed", "whole", "errors"]
    return f"""A worker is killed (SIGKILL) on the way; and a recording kills whoever works on it.
What was in flight then is done again, each recording by itself. Errors are the truncated recording
and the deadly one.

{table(head, rows)}
{table(HEAD, goals)}"""


def _memory(archive: Archive) -> str:
    few = part_of(archive.place / "few", archive.paths[: len(archive.paths) // _PARTS])
    less = scale_runs.peak_mb(few, archive.place / "few-out", 2)
    more = scale_runs.peak_mb(archive.folder, archive.place / "all-out", 2)
    counts = len(archive.paths) // _PARTS, len(archive.paths)
    rows = [
        [who, f"{a:.0f} MB", f"{b:.0f} MB"]
        for who, a, b in zip(("the command itself", "a worker"), less, more, strict=True)
    ]
    goals = [
        _at_most(f"{who[0]}: growth", b - a, GROWTH_MB, " MB")
        for who, a, b in zip(rows, less, more, strict=True)
    ]
    head = ["most resident memory", *(f"{count} recordings" for count in counts)]
    return f"""`hiprep process --workers 2`.

{table(head, rows)}
{table(HEAD, goals)}"""


def _measured(archive: Archive, runs: dict[str, Run]) -> Measured:
    kept = scale_runs.keeping(archive.folder, archive.place / "two")
    totals = runs["serial"].totals
    hours = totals.seconds / 3600
    live = "one WitMotion at 100 Hz, `hiprep live`, tracked and recorded, 30 s: no terminal"
    return Measured(
        said=scale_paper.said_in_an_hour(),
        gateway_cores=figure("sensors.md", live, 1) / 100,
        recording_bytes=figure("sensors.md", "witmotion | 60 min", 3) * 1e6,
        store_points_s=figure("delivery.md", "store, from the first receipt to the last", 1),
        result_bytes=kept.bytes_hour,
        core_s=totals.cpu_s / hours,
        keep_s=kept.write_s,
        recording_hours=hours / totals.recordings,
        efficiency=runs["2 processes"].efficiency,
    )


def _sensors(one: Measured) -> str:
    said = one.said
    head = [
        "sensors at once",
        "gateways",
        "cores of them",
        "messages/s",
        "MB/s",
        "points/s",
        "stores",
        "database, GB a day",
        "recordings, GB a day",
        "USD a month for these",
        "what breaks by then",
    ]
    raw = 100 * 3600 / said.messages
    return f"""A sensor that streams takes {100 * one.gateway_cores:.2g} % of a core of its gateway
([sensors](sensors.md)). In an hour of a session, 15 % of it in sets,
{said.messages} messages of {said.message_bytes / said.messages:,.0f} bytes go to the centre,
and {said.line_bytes / 1e3:.0f} kB of lines stay in the database.
A store takes {one.store_points_s:,.0f} points a second ([delivery](delivery.md)).
Cores and stores at {100 * scale_paper.LOAD:g} % load;
{scale_paper.ACTIVE_HOURS_A_DAY:g} hours of streaming a day;
{scale_paper.GB_MONTH_USD:g} USD for a GB and month is assumed.
Were the packets sent to the centre, it would be {raw:,.0f} times the messages.

{table(head, list(scale_paper.sensor_rows(one)))}
{table(LIMITS, list(scale_paper.limit_rows(scale_paper.sensor_limits(one), "sensors")))}"""


def _archives(one: Measured) -> str:
    cores = scale_paper.BATCH_CORES
    head = [
        "hours",
        "recordings",
        "core-hours",
        "hours on 2 cores",
        f"on {cores}",
        "read, GB",
        "results, GB",
        "USD, computing",
        "USD a month, keeping",
        "what breaks by then",
    ]
    return f"""An hour of recording takes {one.core_s:.1f} s of a core, at an efficiency of
{one.efficiency:.2f}, and {one.result_bytes / 1e6:.2f} MB of results.
Who hands out the work needs {1e3 * one.keep_s:.1f} ms to keep the result of a recording:
it keeps up with {scale_paper.cores_fed(one):,.0f} cores.
{scale_paper.CORE_HOUR_USD:g} USD for the hour of a core is assumed.

{table(head, list(scale_paper.archive_rows(one)))}
{table(LIMITS, list(scale_paper.limit_rows(scale_paper.archive_limits(one), "hours")))}"""


def _real_times(run: Run) -> float:
    return run.totals.fresh_s / run.totals.cpu_s


def _at_least(what: str, value: float, limit: float) -> list[str]:
    met = "met" if value >= limit else f"**short by {limit - value:.3g}**"
    return [what, f"{value:.3g}" if value < 1000 else f"{value:,.0f}", f"≥ {limit:g}", met]


def _at_most(what: str, value: float, limit: float, unit: str = "") -> list[str]:
    met = "met" if value <= limit else f"**over by {value - limit:.3g}{unit}**"
    return [what, f"{value:.3g}{unit}", f"≤ {limit:g}{unit}", met]

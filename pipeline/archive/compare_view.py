"""A comparison of two runs for people and for programs: a summary, then the sets that changed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.archive.compare import SetChange, Side, Tally
from pipeline.archive.shifts import Shift
from pipeline.display import words
from pipeline.events import Rep

_NAMED = 3

Apart = Mapping[str, Sequence[str]]
"""Why recordings could not be compared, or what else there is to say of them -> which ones."""


def summary_view(tally: Tally, apart: Apart) -> RenderableType:
    """All of it in a few lines, and a table of what moved."""
    parts: list[RenderableType] = [*_apart_lines(apart)]
    if tally.both == tally.recordings_equal:
        if tally.both:
            alike = f"all {tally.both:,} recordings" if tally.both > 1 else "the recording"
            said = f"{alike} in both, with {tally.sets[0]:,} sets and {tally.reps[0]:,} reps"
            parts.append(f"Nothing changed: {said}, say the same.")
        return Group(*parts)
    parts += [*_lines(tally), "", _shift_table(tally)]
    return Group(*parts)


def worst_view(worst: Sequence[SetChange]) -> RenderableType:
    """One row for each set that changed, the worst first."""
    table = Table(
        "recording", "at", "reps", "lost", "new", "moved", "ROM", "mean", "faults", box=None
    )
    for column in table.columns[1:-1]:
        column.justify = "right"
    for change in worst:
        table.add_row(
            Text(change.recording),
            f"{change.start_s:.0f} s",
            f"{_counted(change.before)} > {_counted(change.after)}",
            str(len(change.lost) or ""),
            str(len(change.gained) or ""),
            _worst(change.shifts["boundaries"], "{:.2f} s"),
            _worst(change.shifts["rom"], "{:+.1f}°"),
            _worst(change.shifts["mean_velocity"], "{:+.2f} m/s"),
            _faults(change.faults_gained, change.faults_lost),
        )
    return table


def summary_json(tally: Tally, apart: Apart) -> dict[str, Any]:
    """The same as a plain JSON value."""
    return {
        "type": "comparison",
        "recordings": {
            "compared": tally.both,
            "equal": tally.recordings_equal,
            **{reason.replace(" ", "_"): [*names] for reason, names in apart.items()},
        },
        "sets": {
            "a": tally.sets[0],
            "b": tally.sets[1],
            "equal": tally.sets_equal,
            "changed": tally.sets_changed,
            "lost": tally.sets_lost,
            "gained": tally.sets_gained,
        },
        "reps": {
            "a": tally.reps[0],
            "b": tally.reps[1],
            "lost": tally.reps_lost,
            "gained": tally.reps_gained,
        },
        "partials": tally.partials,
        **_moved_json(tally.faults_gained, tally.faults_lost, tally.shifts),
    }


def change_json(change: SetChange) -> dict[str, Any]:
    """A set that changed as a plain JSON value."""
    return {
        "type": "set_change",
        "recording": change.recording,
        "start_s": round(change.start_s, 3),
        "end_s": round(change.end_s, 3),
        "badness": round(change.badness, 3),
        "a": _side_json(change.before),
        "b": _side_json(change.after),
        "lost": [_rep_json(rep) for rep in change.lost],
        "gained": [_rep_json(rep) for rep in change.gained],
        "partials": change.partials,
        **_moved_json(change.faults_gained, change.faults_lost, change.shifts),
    }


def headline(change: SetChange) -> str:
    """A set that changed in one line: for the title of its picture."""
    moved = [
        f"{len(change.lost)} lost" if change.lost else "",
        f"{len(change.gained)} new" if change.gained else "",
        f"boundaries up to {_worst(change.shifts['boundaries'], '{:.2f} s')}",
        f"ROM up to {_worst(change.shifts['rom'], '{:+.1f}°')}",
        _faults(change.faults_gained, change.faults_lost),
    ]
    said = ", ".join(part for part in moved if part and not part.endswith("to "))
    return f"{PurePath(change.path).name}: {said}" if said else PurePath(change.path).name


def _apart_lines(apart: Apart) -> Iterator[str]:
    for reason, names in apart.items():
        if names:
            more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
            yield f"{reason}: {len(names):,} ({', '.join(names[:_NAMED])}{more})"


def _lines(tally: Tally) -> Iterator[str]:
    yield (
        f"recordings: {tally.both:,} in both; {tally.recordings_equal:,} equal, "
        f"{tally.both - tally.recordings_equal:,} changed"
    )
    yield (
        f"sets: {tally.sets[0]:,} in A, {tally.sets[1]:,} in B; {tally.sets_equal:,} equal, "
        f"{tally.sets_changed:,} changed, {tally.sets_lost:,} lost, {tally.sets_gained:,} new"
    )
    yield (
        f"reps: {tally.reps[0]:,} in A, {tally.reps[1]:,} in B; "
        f"{tally.reps_lost:,} lost, {tally.reps_gained:,} new"
    )
    if tally.partials:
        yield f"partial reps in one of them only: {tally.partials:,}"
    if faults := _faults(tally.faults_gained, tally.faults_lost):
        yield f"faults: {faults}"


def _shift_table(tally: Tally) -> Table:
    table = Table("of the reps in both", "values", "changed", "median", "worst", "", box=None)
    for column in table.columns[1:5]:
        column.justify = "right"
    for name, shift in tally.shifts.items():
        decimals = shift.measure.decimals
        table.add_row(
            words(name),
            f"{shift.compared:,}",
            f"{shift.changed:,}",
            f"{shift.median:.{decimals}f}",
            f"{shift.worst:+.{decimals}f}",
            shift.measure.unit,
        )
    return table


def _moved_json(
    gained: Counter[str], lost: Counter[str], shifts: Mapping[str, Shift]
) -> dict[str, Any]:
    return {
        "faults_gained": dict(sorted(gained.items())),
        "faults_lost": dict(sorted(lost.items())),
        "moved": {
            name: {
                "unit": shift.measure.unit,
                "values": shift.compared,
                "changed": shift.changed,
                "median": round(shift.median, 6),
                "worst": round(shift.worst, 6),
            }
            for name, shift in shifts.items()
        },
    }


def _side_json(side: Side) -> dict[str, Any]:
    return {"sets": [one.set for one in side.sets], "reps": side.counted}


def _rep_json(rep: Rep) -> dict[str, Any]:
    return {"id": rep.id, "start_s": round(rep.start_s, 3), "rom_deg": round(rep.rom_deg, 2)}


def _counted(side: Side) -> str:
    """The reps of each set of a side: ``6+4`` where it is split, a dash where there is none."""
    return "+".join(str(one.reps) for one in side.sets) or "–"


def _worst(shift: Shift, text: str) -> str:
    return text.format(shift.worst) if shift.worst else ""


def _faults(gained: Counter[str], lost: Counter[str]) -> str:
    return ", ".join(
        f"{words(name)} {' '.join(signed)}"
        for name in sorted({*gained, *lost})
        if (
            signed := [f"+{gained[name]}"] * bool(gained[name])
            + [f"-{lost[name]}"] * bool(lost[name])
        )
    )

"""Events for people: words, a table for each set, one line for each event as it comes."""

from collections.abc import Iterable, Mapping, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.events import Event, Gap, Rep, RepWithdrawn, SetSummary, Tempo
from pipeline.exercises import Exercise

# The order of tempo text, whatever the lift starts with.
TEMPO_PHASES = ("down", "bottom", "up", "top")

NO_REPS = """\
No reps found. What to check:
  exercise  a lying lift is not found as a standing one (see hiprep exercises)
  sensor    firmly on the belt over the pelvis: front, side or back
  set       two reps at least (--min-reps), no long rest between (--set-timeout)"""


def words(name: str) -> str:
    """``short_lockout`` as it is said: ``short lockout``."""
    return "over-arch" if name == "over_arch" else name.replace("_", " ")


def tempo_text(tempo: Tempo) -> str:
    """Eccentric-bottom-concentric-top in seconds, ``1.2-0.4-0.8-1.0``; 0 where there was none."""
    parts = (tempo.eccentric_s, tempo.bottom_pause_s, tempo.concentric_s, tempo.top_pause_s)
    return "-".join("0" if part is None else f"{part:.1f}" for part in parts)


def number(value: float | None, decimals: int = 0, unit: str = "") -> str:
    """The value with its unit; a dash where it is not known."""
    return "–" if value is None else f"{value:.{decimals}f}{unit}"


def set_view(summary: SetSummary, reps: Sequence[Rep]) -> RenderableType:
    """A set for people: its headline, its faults in words, and a row for each rep."""
    counted = [rep for rep in reps if not rep.partial]
    last_mps = counted[-1].mean_velocity_mps if counted else None
    headline = Text.assemble(
        (f"Set {summary.set}", "bold"),
        f" · {words(summary.exercise)} · ",
        (_count(summary.reps, "rep"), "bold green"),
        f" + {summary.partials} partial" if summary.partials else "",
        f" · {summary.start_s:.1f} to {summary.end_s:.1f} s",
    )
    tempo = Text.assemble(
        "tempo ",
        (tempo_text(summary.tempo), "bold"),
        (f" ({'-'.join(TEMPO_PHASES)})", "dim"),
        f" · ROM {number(summary.rom_deg, 0, '°')}",
        f" · rise {number(summary.displacement_m, 2, ' m')}",
    )
    velocity = Text(
        f"velocity best {number(summary.best_velocity_mps, 2, ' m/s')}"
        f" · last {number(last_mps, 2, ' m/s')}"
        f" · loss {number(summary.velocity_loss_pct, 0, ' %')}"
    )
    return Group(headline, tempo, velocity, _fault_line(reps), _rep_table(reps))


def session_view(summaries: Iterable[SetSummary]) -> Table:
    """One row for each set."""
    table = Table("set", "reps", "tempo", "ROM", "best", "loss", "faults", box=None)
    for column in table.columns[:-1]:
        column.justify = "right"
    for summary in summaries:
        table.add_row(
            str(summary.set),
            str(summary.reps),
            tempo_text(summary.tempo),
            number(summary.rom_deg, 0, "°"),
            number(summary.best_velocity_mps, 2, " m/s"),
            number(summary.velocity_loss_pct, 0, " %"),
            _fault_counts(summary.faults),
        )
    return table


def line(event: Event) -> str:
    """One published event as one line of text."""
    match event:
        case Rep():
            return _rep_line(event)
        case RepWithdrawn():
            return f"taken back: {event.id} was no rep"
        case Gap():
            return f"gap of {event.end_s - event.start_s:.1f} s from {event.start_s:.1f} s"
        case SetSummary():
            faults = _fault_counts(event.faults)
            return " · ".join(
                part
                for part in (
                    f"set {event.set} over",
                    _count(event.reps, "rep"),
                    f"tempo {tempo_text(event.tempo)}",
                    f"ROM {event.rom_deg:.0f}°",
                    f"loss {event.velocity_loss_pct:.0f} %",
                    faults,
                )
                if part
            )


def replay_view(events: Sequence[Event], skipped: Mapping[str, int], *, tables: bool) -> Group:
    """The end of a replay, from its final events: each set, and what the recording lacked."""
    parts: list[RenderableType] = []
    reps: list[Rep] = []
    for event in events if tables else ():
        if isinstance(event, Rep):
            reps.append(event)
        elif isinstance(event, SetSummary):
            parts += [set_view(event, reps), ""]
            reps = []
    if reps:
        parts += [Text(f"Set {reps[0].set}, not over", style="bold"), _rep_table(reps), ""]
    if not any(isinstance(event, Rep) for event in events):
        parts.append(NO_REPS)
    gaps = [event for event in events if isinstance(event, Gap)]
    return Group(*parts, *footnotes(skipped, gaps))


def exercise_view(known: Iterable[Exercise]) -> Table:
    """One row for each exercise."""
    table = Table("name", "what it is", box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for exercise in known:
        what = f"{exercise.posture}, starts at the {exercise.starts_at}"
        if exercise.experimental:
            what += "; experimental: no recordings to check on"
        table.add_row(exercise.name, what)
    return table


def footnotes(skipped: Mapping[str, int], gaps: Sequence[Gap] = ()) -> list[str]:
    """What the recording lacked, in words: rows passed over and stretches without samples."""
    notes = []
    reasons = [f"{reason} ({count})" for reason, count in sorted(skipped.items()) if count]
    if reasons:
        notes.append(f"passed over in the file: {', '.join(reasons)}")
    if gaps:
        missing_s = sum(gap.end_s - gap.start_s for gap in gaps)
        longest = max(gaps, key=lambda gap: gap.end_s - gap.start_s)
        notes.append(
            f"{_count(len(gaps), 'gap')} in the data, {missing_s:.1f} s in all, the longest "
            f"{longest.end_s - longest.start_s:.1f} s from {longest.start_s:.1f} s"
        )
    return notes


def _count(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"


def _fault_counts(faults: Mapping[str, int]) -> str:
    return ", ".join(f"{words(name)} {count}x" for name, count in sorted(faults.items()) if count)


def _fault_line(reps: Sequence[Rep]) -> Text:
    shown: dict[str, list[str]] = {}
    for rep in reps:
        for fault in rep.faults:
            shown.setdefault(fault, []).append("partial" if rep.rep is None else str(rep.rep))
    if not shown:
        return Text("no faults", style="dim")
    parts = [
        f"{words(fault)} in rep{'s' * (len(which) > 1)} {', '.join(which)}"
        for fault, which in shown.items()
    ]
    return Text("faults: " + "; ".join(parts), style="yellow")


def _rep_table(reps: Sequence[Rep]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for name, unit in (
        ("rep", ""),
        ("at", "s"),
        *((phase, "s") for phase in TEMPO_PHASES),
        ("ROM", "°"),
        ("rise", "m"),
        ("mean", "m/s"),
        ("peak", "m/s"),
        ("loss", "%"),
        ("sure", "%"),
    ):
        table.add_column(f"{name}\n{unit}", justify="right", no_wrap=True)
    table.add_column("faults\n")
    for rep in reps:
        table.add_row(
            "part" if rep.rep is None else str(rep.rep),
            number(rep.start_s, 1),
            number(rep.eccentric_s, 2),
            number(rep.bottom_pause_s, 2),
            number(rep.concentric_s, 2),
            number(rep.top_pause_s, 2),
            number(rep.rom_deg, 1),
            number(rep.displacement_m, 2),
            number(rep.mean_velocity_mps, 2),
            number(rep.peak_velocity_mps, 2),
            number(rep.velocity_loss_pct),
            number(100 * rep.confidence),
            ", ".join(words(fault) for fault in rep.faults),
            style="dim" if rep.partial else "",
        )
    return table


def _rep_line(rep: Rep) -> str:
    name = "partial rep" if rep.rep is None else f"rep {rep.rep}"
    stage = {0: "up", 1: "over"}.get(rep.revision, "refined")
    parts = [f"set {rep.set} {name} {stage}", f"ROM {rep.rom_deg:.0f}°"]
    if rep.mean_velocity_mps is not None:
        parts.append(f"{rep.mean_velocity_mps:.2f} m/s")
    phases = {"down": rep.eccentric_s, "up": rep.concentric_s, "top": rep.top_pause_s}
    parts += [f"{phase} {took_s:.1f} s" for phase, took_s in phases.items() if took_s is not None]
    parts += [words(fault) for fault in rep.faults]
    return " · ".join(parts)

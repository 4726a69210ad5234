"""History for people: tables that fit into 80 columns, times of the local clock."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import groupby

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.delivery.history import (
    BEST_UNITS,
    AdviceRow,
    Best,
    BestKind,
    RepRow,
    Row,
    SessionRow,
    SetRow,
)
from pipeline.display import TEMPO_PHASES, number, tempo_text, words
from pipeline.events import Tempo
from sensor.scan import printable

_BESTS: dict[BestKind, str] = {
    "reps": "most reps in a set",
    "velocity": "fastest rep",
    "load": "heaviest set",
    "volume": "most volume in a set",
    "hold": "longest hold at the top",
}


def view(rows: Sequence[Row | Best]) -> RenderableType:
    """Rows of one kind, as they come."""
    sessions = [row for row in rows if isinstance(row, SessionRow)]
    if sessions:
        return _session_table(sessions)
    parts: list[RenderableType] = []
    for title, group in groupby(rows, _title):
        some = list(group)
        parts += [
            Text(title, style="bold"),
            _set_table([row for row in some if isinstance(row, SetRow)])
            if isinstance(some[0], SetRow)
            else _rep_table([row for row in some if isinstance(row, RepRow)])
            if isinstance(some[0], RepRow)
            else _advice_table([row for row in some if isinstance(row, AdviceRow)])
            if isinstance(some[0], AdviceRow)
            else _best_table([row for row in some if isinstance(row, Best)]),
            "",
        ]
    return Group(*parts[:-1])


def local(time_us: int) -> datetime:
    """The time of the local clock."""
    return datetime.fromtimestamp(time_us / 1e6, UTC).astimezone()


def _title(row: Row | Best) -> str:
    """What a group of rows has in common: who, what, and of sets and reps the day."""
    parts = [row.athlete, words(row.exercise), words(row.variant)]
    if isinstance(row, Row):
        parts.append(f"{local(row.time_us):%a %Y-%m-%d}")
    return " · ".join(printable(part) for part in parts if part)


def _session_table(rows: Iterable[SessionRow]) -> Table:
    table = _table(
        ("time", ""),
        ("athlete", ""),
        ("exercise", ""),
        ("sets", ""),
        ("reps", ""),
        ("lasted", "min"),
        ("volume", "kg"),
        ("best", "m/s"),
        left=3,
    )
    for row in rows:
        exercise = " ".join(filter(None, (words(row.exercise), words(row.variant))))
        minutes = None if row.duration_s is None else row.duration_s / 60
        table.add_row(
            f"{local(row.time_us):%Y-%m-%d %H:%M}",
            printable(row.athlete),
            printable(exercise),
            number(row.sets),
            number(row.reps),
            number(minutes),
            number(row.volume_kg),
            number(row.best_velocity_mps, 2),
        )
    return table


def _set_table(rows: Iterable[SetRow]) -> Table:
    table = _table(
        ("time", ""),
        ("set", ""),
        ("load", "kg"),
        ("reps", ""),
        ("tempo", "s"),
        ("ROM", "°"),
        ("best", "m/s"),
        ("mean", "m/s"),
        ("loss", "%"),
        ("faults", ""),
        left=1,
    )
    for row in rows:
        tempo = Tempo(row.eccentric_s, row.bottom_pause_s, row.concentric_s, row.top_pause_s)
        table.add_row(
            f"{local(row.time_us):%H:%M:%S}",
            number(row.set),
            number(row.load_kg, 1),
            number(row.reps) + (f"+{row.partials}" if row.partials else ""),
            tempo_text(tempo),
            number(row.rom_deg),
            number(row.best_velocity_mps, 2),
            number(row.mean_velocity_mps, 2),
            number(row.velocity_loss_pct),
            _faults(row.faults, lambda name, count: f"{words(name)} {count}x"),
        )
    return table


def _rep_table(rows: Iterable[RepRow]) -> Table:
    table = _table(
        ("time", ""),
        ("set", ""),
        ("rep", ""),
        *((phase, "s") for phase in TEMPO_PHASES),
        ("ROM", "°"),
        ("mean", "m/s"),
        ("peak", "m/s"),
        ("loss", "%"),
        ("faults", ""),
        left=1,
    )
    for row in rows:
        table.add_row(
            f"{local(row.time_us):%H:%M:%S}",
            number(row.set),
            "part" if row.partial else number(row.rep),
            number(row.eccentric_s, 2),
            number(row.bottom_pause_s, 2),
            number(row.concentric_s, 2),
            number(row.top_pause_s, 2),
            number(row.rom_deg),
            number(row.mean_velocity_mps, 2),
            number(row.peak_velocity_mps, 2),
            number(row.velocity_loss_pct),
            _faults(row.faults, lambda name, _: words(name)),
            style="dim" if row.rep is None else "",
        )
    return table


def _best_table(rows: Iterable[Best]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column()
    for row in rows:
        decimals = {"reps": 0, "velocity": 2, "hold": 2}.get(row.kind, 1)
        unit = BEST_UNITS[row.kind]
        table.add_row(
            _BESTS[row.kind],
            number(row.value, decimals, f" {unit}" if unit else ""),
            f"{local(row.time_us):%Y-%m-%d %H:%M}",
        )
    return table


def _advice_table(rows: Iterable[AdviceRow]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for name in ("time", "after", "level", "said"):
        table.add_column(name, overflow="fold")
    for row in rows:
        after = f"{row.when} {number(row.rep if row.when == 'rep' else row.set)}"
        said = Text.assemble(printable(row.text), (f" {printable(row.rule)}", "dim"))
        table.add_row(
            f"{local(row.time_us):%H:%M:%S}",
            printable(after if row.when in ("rep", "set") else row.when),
            printable(row.level),
            said,
        )
    return table


def _table(*columns: tuple[str, str], left: int) -> Table:
    """Names with their units below; the first ones are texts, and faults."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
    for place, (name, unit) in enumerate(columns):
        text = place < left or name == "faults"
        table.add_column(
            f"{name}\n{unit}",
            justify="left" if text else "right",
            no_wrap=not text or name == "time",
            overflow="fold",
        )
    return table


def _faults(faults: Mapping[str, int], said: Callable[[str, int], str]) -> str:
    return ", ".join(_each(faults, said))


def _each(faults: Mapping[str, int], said: Callable[[str, int], str]) -> Iterator[str]:
    return (printable(said(name, count)) for name, count in faults.items())

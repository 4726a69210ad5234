"""What the coach says, for people: 80 columns, and nothing that only a colour tells."""

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.coach_day import Day, DayLift, Said, Today, Week, pressing_first
from pipeline.coaching.advice import Case, Level
from pipeline.coaching.lift_names import lift_name
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.phrases import many
from pipeline.coaching.plan import DAYS, Plan
from pipeline.coaching.plates import KG_PER_LB
from pipeline.coaching.templates import TEMPLATES
from pipeline.display import words
from pipeline.history_view import local
from pipeline.settings import default_path
from sensor.scan import printable

SHOWN = 6
"""So many sentences are shown, unless all are asked for."""

_SIGNS: dict[Level, tuple[str, str]] = {
    "stop": ("!!", "bold red"),
    "attention": ("!", "bold yellow"),
    "good": ("+", "bold green"),
    "info": ("-", ""),
}
_MOST_BAR = 30
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def heading(name: str, case: Case) -> Text:
    """Whose day it is, and which. name: "" for who lifts alone, and is not asked for one."""
    whose = f"{name} · " if name else ""
    return Text(f"{whose}{local(case.now_us):%A %Y-%m-%d}\n", style="bold")


def how_to_begin() -> Text:
    """For who has no history."""
    return Text(
        "\nYour history begins with your first set: hiprep run counts it and keeps it, hiprep demo "
        "shows how that looks. hiprep fit says whether the sensor sits well.",
    )


def today(found: Today, unit: str) -> RenderableType:
    """What to do, how often and with what."""
    return Group(
        Text(found.title, style="bold green" if found.days == 0 else "bold"),
        *map(Text, found.lines),
        "",
        _lifts(found.lifts, unit),
    )


def week(whole: Day) -> RenderableType:
    """What was done since Monday, and what comes next."""
    found = whole.week
    low, high = found.aim
    aim = f"{low} to {high}" if low < high else f"{high}"
    done = Text.assemble(
        (f"{found.done} of {aim}", "bold green" if found.done >= low else "bold"),
        " hip thrust sessions this week",
    )
    return Group(done, *_sessions(found), *_sets(found), "", Text(_next(whole.today)))


def latest_set(one: LiftedSet, place: int, case: Case) -> RenderableType:
    """Which set it was. place: in its session."""
    partials = len(one.reps) - len(one.counted)
    unit = case.preferences.unit
    parts = [
        many(len(one.counted), "rep") + (f" and {partials} partial" if partials else ""),
        "no load typed in" if one.load_kg is None else _load(one.load_kg, unit),
        *([f"marked: {words(one.mark)}"] if one.mark else []),
    ]
    return Group(
        Text.assemble((printable(lift_name(one.lift)), "bold"), f" · {' · '.join(parts)}"),
        Text(f"set {place} of the session, {local(one.time_us):%A %Y-%m-%d %H:%M}"),
    )


def no_set() -> Text:
    """Before there was any."""
    return Text("No set yet.")


def plan(
    found: Plan,
    source: str,
    sessions: Sequence[tuple[str, Sequence[DayLift]]],
    asked: Sequence[str],
    unit: str,
) -> RenderableType:
    """A plan with the loads of today. source: where it is from. asked: what hardly was meant."""
    days = [_WEEKDAYS[DAYS.index(day)] for day in found.days]
    often = f"{many(found.sessions_per_week, 'session')} a week"
    parts: list[RenderableType] = [
        Text.assemble("Plan ", (printable(found.name), "bold"), f" ({printable(source)})"),
        Text(often + (f", on {', '.join(days)}" if days else ", with rest between")),
    ]
    for name, lifts in sessions:
        parts += ["", Text(printable(name), style="bold"), _lifts(lifts, unit)]
    if asked:
        parts += ["", Text("To be asked before it is followed:", style="bold")]
        parts += [_row("?", "bold yellow", Text(printable(one))) for one in asked]
    if found.source:
        parts += ["", Text(f"It rests on: {printable(found.source)}.", style="dim")]
    return Group(*parts)


def no_plan(case: Case) -> RenderableType:
    """What holds without one, and how to get one."""
    low, high = case.preferences.reps
    return Group(
        Text("No plan is followed.", style="bold"),
        Text(
            f"Without one: {low} to {high} reps, then more load; heavy and light in turn. To "
            f"follow one, choose a template ({', '.join(TEMPLATES)}) in {default_path()}:"
        ),
        "",
        Text('  [coaching]\n  plan = "strength"'),
        "",
        Text(
            "Or write your own: hiprep coach plan --template strength > my-plan.toml, change it, "
            'and name it with its whole path: plan = "~/my-plan.toml".'
        ),
    )


def advice(advised: Iterable[Said], *, everything: bool) -> RenderableType:
    """The most pressing first, if there is any. everything: also what is left out otherwise."""
    ordered = pressing_first(advised)
    if not ordered:
        return Group()
    shown = ordered if everything else ordered[:SHOWN]
    rows: list[RenderableType] = [""]
    for one in shown:
        sign, style = _SIGNS[one.level]
        rows.append(_row(sign, style, Text.assemble(one.text, (f" [{one.rule}]", "dim"))))
    left = len(ordered) - len(shown)
    more = f"{many(left, 'sentence')} more with --all. " if left else ""
    off = f'Not to hear one again: off = ["{shown[0].rule}"] below [coaching] in the settings.'
    return Group(*rows, "", Text(more + off, style="dim"))


def _row(sign: str, style: str, text: Text) -> Table:
    """A sentence, with its further lines below its first."""
    table = Table.grid(padding=(0, 1, 0, 0))
    table.add_column(width=2)
    table.add_column()
    table.add_row(Text(sign, style=style), text)
    return table


def _lifts(lifts: Iterable[DayLift], unit: str) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0))
    for justify in ("left", "right", "right", "left"):
        table.add_column(justify="right" if justify == "right" else "left")
    for lift in lifts:
        low, high = lift.reps
        reps = f"{low}-{high}" if low < high else f"{high}"
        how = [
            *([f"tempo {lift.tempo}"] if lift.tempo else []),
            *([f"hold {lift.hold_s:g} s"] if lift.hold_s else []),
            *([f"rest {_minutes(lift.rest_s)}"] if lift.rest_s else []),
        ]
        table.add_row(
            f"  {printable(lift_name((lift.exercise, lift.variant)))}",
            Text(f"{lift.sets} x {reps}", style="bold"),
            Text(_load(lift.load_kg, unit), style="bold"),
            ", ".join(how),
        )
    return table


def _load(load_kg: float | None, unit: str) -> str:
    if load_kg is None:
        return "load open"
    value = load_kg if unit == "kg" else load_kg / KG_PER_LB
    return f"{round(value, 1 if unit == 'lb' else 2):g} {unit}"


def _minutes(rest_s: float) -> str:
    return f"{rest_s / 60:g} min" if rest_s >= 60 and rest_s % 30 == 0 else f"{rest_s:g} s"


def _sessions(found: Week) -> Iterable[RenderableType]:
    table = Table.grid(padding=(0, 2, 0, 0))
    for one in found.sessions:
        # The first letter is large where the name begins a sentence.
        lifts = ", ".join(printable(name).lower() for name in one.lifts)
        table.add_row(f"  {one.weekday[:3]}", one.kind, lifts)
    if found.sessions:
        yield table


def _sets(found: Week) -> Iterable[RenderableType]:
    """Working sets of each lift, hip thrusts against the rest."""
    if not found.sets:
        return
    most = max(one.sets for one in found.sets)
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column()
    table.add_column(justify="right")
    for one in sorted(found.sets, key=lambda one: -one.sets):
        # Never longer than there is room.
        length = max(1, round(one.sets * min(1.0, _MOST_BAR / most)))
        name = lift_name((one.exercise, ""))
        table.add_row(f"  {printable(name)}", f"{one.sets}", Text("■" * length, style="cyan"))
    every = sum(one.sets for one in found.sets)
    thrusts = sum(one.sets for one in found.sets if one.exercise.endswith("hip_thrust"))
    yield ""
    yield Text(f"{many(every, 'working set')}, {thrusts} of them hip thrusts")
    yield table


def _next(found: Today) -> str:
    if found.kind == "first":
        return "Next: your first session, on any day."
    if found.days:
        return found.lines[-1]
    return f"Next: {found.title[:1].lower()}{found.title[1:]}, today."

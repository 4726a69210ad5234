"""A plan from the text of a TOML file, or from a JSON object: the same fields in both.

name = "my plan"
sessions_per_week = 2
days = ["mon", "thu"]

[[sessions]]
name = "heavy"

[[sessions.lifts]]
exercise = "hip_thrust"
sets = 4
reps = [5, 8]
tempo = "2-0-X-1"
load_pct = 80
rest_s = 180
"""

import json
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

from pipeline import exercises
from pipeline.coaching.plan import (
    DAYS,
    Plan,
    PlanError,
    PlannedLift,
    PlannedSession,
    most_reps,
    tempo_parts,
)
from pipeline.toml_table import Table, line, literal, shown

SCHEMA = "hiprep/plan/1"

_VARIANT = re.compile("[a-z0-9_-]{0,60}")
_MOST_SET_S = 600
_MOST_SESSION_S = 3 * 3600
_MOST_SESSIONS = 50


class _PlanTable(Table):
    """A table with lists in it."""

    def rows(self, key: str) -> "Iterator[_PlanTable]":
        """Tables in a list, at least one; their places are counted from 1."""
        value = self._take(key)
        if not isinstance(value, list) or not value:
            self.blame(key, "missing" if value is None else "is not a list of tables")
            return
        if len(value) > _MOST_SESSIONS:
            self.blame(key, f"has {len(value)} entries; more than {_MOST_SESSIONS} are no plan")
            return
        for number, row in enumerate(value, start=1):
            place = f"{self.place}.{key}[{number}]" if self.place else f"{key}[{number}]"
            if isinstance(row, dict):
                yield _PlanTable(row, place, self.problems)
            else:
                self.problems.append(f"{place}: {shown(row)} where a table belongs")

    def days(self, key: str) -> tuple[str, ...]:
        """Days of the week, in its order."""
        value = self._take(key)
        if value is None:
            return ()
        named = value if isinstance(value, list) else [value]
        wrong = [day for day in named if not isinstance(day, str) or day not in DAYS]
        if wrong or not isinstance(value, list):
            self.blame(key, f"{shown((wrong or named)[0])} is not a list of {', '.join(DAYS)}")
            return ()
        twice = [day for day, times in Counter(value).items() if times > 1]
        if twice:
            self.blame(key, f"{', '.join(twice)} more than once")
        return tuple(sorted(set(value), key=DAYS.index))


def loads(text: str) -> Plan:
    """The plan in the text of a TOML file. Raises PlanError that names everything wrong with it."""
    try:
        content = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise PlanError((f"is not TOML: {error}",)) from None
    return from_values(content)


def from_json(text: str | bytes) -> Plan:
    """The plan in a JSON object with ``"schema": "hiprep/plan/1"``. Raises PlanError."""
    try:
        content = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise PlanError(("is no JSON",)) from None
    if not isinstance(content, dict):
        raise PlanError(("is no JSON object",))
    schema = content.pop("schema", None)
    if schema != SCHEMA:
        raise PlanError((f"schema: must be {SCHEMA}, not {shown(schema)}",))
    return from_values(content)


def from_values(content: dict[str, Any]) -> Plan:
    """The plan in plain values. Raises PlanError that names everything that is wrong with them."""
    top = _PlanTable(content, "", [])
    plan = Plan(
        name=top.text("name") or "plan",
        sessions_per_week=_needed(top, "sessions_per_week", top.whole_number, 1, 7) or 1,
        days=top.days("days"),
        source=top.text("source") or "",
        sessions=tuple(_session(row, n) for n, row in enumerate(top.rows("sessions"), start=1)),
    )
    top.finish()
    if plan.days and plan.sessions_per_week > len(plan.days):
        days = f"{len(plan.days)} {'day' if len(plan.days) == 1 else 'days'}"
        top.blame("sessions_per_week", f"{plan.sessions_per_week} do not fit on {days}")
    for name, times in Counter(session.name for session in plan.sessions).items():
        if times > 1:
            top.blame("sessions", f"{times} of them are called {shown(name)}")
    if top.problems:
        raise PlanError(tuple(top.problems))
    return plan


def dumps(plan: Plan) -> str:
    """The plan as the text of a file; `loads` gives the same again."""
    days = f"[{', '.join(map(literal, plan.days))}]"
    lines = [line("name", plan.name), line("sessions_per_week", plan.sessions_per_week)]
    lines += [f"days = {days}"] if plan.days else ['# days = ["mon", "thu"]']
    lines += [line("source", plan.source)] if plan.source else []
    for session in plan.sessions:
        lines += ["", "[[sessions]]", line("name", session.name)]
        for lift in session.lifts:
            lines += ["", "[[sessions.lifts]]", *_lift_lines(lift)]
    return "\n".join(lines) + "\n"


def _lift_lines(lift: PlannedLift) -> list[str]:
    low, high = lift.reps
    values = [
        ("exercise", lift.exercise),
        ("variant", lift.variant or None),
        ("sets", lift.sets),
        ("tempo", lift.tempo),
        ("hold_s", lift.hold_s),
        ("load_kg", lift.load_kg),
        ("load_pct", lift.load_pct),
        ("rest_s", lift.rest_s),
    ]
    lines = [line(key, value) for key, value in values if value is not None]
    lines.insert(2 if not lift.variant else 3, f"reps = [{low}, {high}]")
    return lines


def _session(table: _PlanTable, number: int) -> PlannedSession:
    lifts = tuple(_lift(row) for row in table.rows("lifts"))
    session = PlannedSession(table.text("name") or f"session {number}", lifts)
    table.finish()
    whole_s = sum(lift.sets * (lift.set_s + (lift.rest_s or 0.0)) for lift in lifts)
    if whole_s > _MOST_SESSION_S:
        hours, most = whole_s / 3600, _MOST_SESSION_S / 3600
        table.blame("lifts", f"take {hours:.1f} hours; more than {most:g} are no session")
    return session


def _lift(table: _PlanTable) -> PlannedLift:
    lift = PlannedLift(
        exercise=_needed(table, "exercise", table.one_of, exercises.names()) or "",
        variant=_variant(table),
        sets=_needed(table, "sets", table.whole_number, 1, 20) or 1,
        reps=_needed(table, "reps", table.span, 1, 100) or (1, 1),
        tempo=_tempo(table),
        hold_s=table.number("hold_s", 0, 600),
        load_kg=table.number("load_kg", 0, 1000),
        load_pct=table.number("load_pct", 1, 100),
        rest_s=table.number("rest_s", 0, 3600),
    )
    table.finish()
    _contradictions(table, lift)
    return lift


def _contradictions(table: _PlanTable, lift: PlannedLift) -> None:
    top_s = (tempo_parts(lift.tempo) or (None,) * 4)[3]
    if lift.hold_s is not None and top_s is not None and lift.hold_s > top_s:
        said = f"{lift.hold_s:g} s is longer than the {top_s:g} s at the top of tempo {lift.tempo}"
        table.blame("hold_s", said)
    if lift.load_kg is not None and lift.load_pct is not None:
        table.blame("load_pct", "there is load_kg too: keep one of the two")
    if lift.load_pct is not None and lift.reps[0] > most_reps(lift.load_pct):
        said = f"{lift.reps[0]} at {lift.load_pct:g} % of what goes up once is more than anybody"
        table.blame("reps", f"{said} does")
    if lift.set_s > _MOST_SET_S:
        table.blame(
            "reps", f"{lift.reps[1]} with this tempo and hold take {lift.set_s:.0f} s a set"
        )


def _variant(table: _PlanTable) -> str:
    value = table.text("variant")
    if value is not None and not _VARIANT.fullmatch(value):
        table.blame("variant", f"{shown(value)} has more than a to z, digits, _ and -")
        return ""
    return value or ""


def _tempo(table: _PlanTable) -> str | None:
    value = table.text("tempo")
    if value is not None and tempo_parts(value) is None:
        said = "down-bottom-up-top in whole or half seconds, X for as fast as possible: 3-1-X-2"
        table.blame("tempo", f"{shown(value)} is not {said}")
        return None
    return value


def _needed(table: _PlanTable, key: str, take: Any, *limits: Any) -> Any:
    """A value that must be there."""
    before = len(table.problems)
    value = take(key, *limits)
    if value is None and len(table.problems) == before:
        table.blame(key, "missing")
    return value


def _no_number(text: str) -> None:
    raise ValueError(text)

"""``hiprep coach``: what to do today, what the last set meant, the week, the plan."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console, RenderableType

from pipeline import coach_view as view
from pipeline.coach_day import Said, day, day_lift, said
from pipeline.coaching import plan_text
from pipeline.coaching.advice import Case
from pipeline.coaching.lifted import LiftedSet
from pipeline.coaching.plan_checks import doubts
from pipeline.coaching.templates import TEMPLATES
from pipeline.commands import CommandError
from pipeline.commands.athlete_case import athlete_case
from pipeline.commands.common import athlete_key, usable_settings
from pipeline.commands.history_source import history_source
from pipeline.delivery import history
from pipeline.delivery.history import Flat, HistoryError, HistorySource, Wanted
from pipeline.delivery.messages import NOBODY, Kind
from pipeline.plan_files import followed
from pipeline.settings import Settings, SettingsError, StoreSettings
from pipeline.settings_coaching import read_plan
from pipeline.toml_table import meant
from sensor.scan import printable

# What is said after a set is said so soon after it began.
_AFTER_SET_US = 60 * 1_000_000
_SAID_BY_WEEK = "sessions_per_week"
_NAMED = 20
"""So many athletes are named where it is not clear who is meant."""


@dataclass(frozen=True, slots=True)
class _Whom:
    """Who is advised. name: as it is shown."""

    athlete: str
    name: str
    case: Case


@dataclass(frozen=True, slots=True)
class _Told:
    """The same for programs and for people. advised: what is shown below."""

    plain: dict[str, Any]
    view: RenderableType
    advised: Sequence[Said] = ()


def run(args: argparse.Namespace) -> int:
    """Print what was asked for. 1 for a plan with something wrong in it."""
    option = "--check" if args.check else "--template" if args.template else None
    if option and args.what != "plan":
        raise CommandError(f"{option} is about a plan: hiprep coach plan {option} ...")
    if args.template:
        sys.stdout.write(plan_text.dumps(TEMPLATES[args.template]))
        return 0
    settings = usable_settings()
    try:
        if args.check:
            return _check(settings, args.check, args.athlete)
        with _source(settings) as source:
            whom = _whom(source, settings, args.athlete)
        told = _told(settings, whom, args.what)
    except (HistoryError, SettingsError) as error:
        raise CommandError(str(error)) from error
    if args.json:
        print(json.dumps({"athlete": whom.athlete, **told.plain}))
        return 0
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(view.heading(whom.name, whom.case))
    console.print(told.view)
    console.print(view.advice(told.advised, everything=args.all))
    if not whom.case.history:
        console.print(view.how_to_begin())
    return 0


def _told(settings: Settings, whom: _Whom, what: str) -> _Told:
    case = whom.case
    if what == "plan":
        return _plan(settings, whom)
    if what == "set":
        return _latest_set(case)
    whole = day(case)
    of_day = asdict(whole)
    if what == "week":
        advised = [one for one in whole.advice if one.when == "week"]
        plain = {"week": of_day["week"], "advice": [asdict(one) for one in advised]}
        others = [one for one in advised if one.rule != _SAID_BY_WEEK]
        return _Told(plain, view.week(whole), others)
    return _Told(of_day, view.today(whole.today, case.preferences.unit), whole.advice)


def _latest_set(case: Case) -> _Told:
    """The latest set, and what it meant as soon as it was over."""
    latest = case.latest
    if latest is None:
        return _Told({"set": None, "advice": []}, view.no_set())
    then = replace(case, now_us=min(case.now_us, latest.time_us + _AFTER_SET_US))
    advised = (*said(then, "set"), *said(then, "session"))
    place = sum(one.session == latest.session for one in case.history)
    plain = {"set": _plain(latest, place), "advice": [asdict(one) for one in advised]}
    return _Told(plain, view.latest_set(latest, place, case), advised)


def _plain(one: LiftedSet, place: int) -> dict[str, Any]:
    """place: of the set in its session, from 1."""
    return {
        "time_us": one.time_us,
        "session": one.session,
        "set": place,
        "exercise": one.exercise,
        "variant": one.variant,
        "load_kg": one.load_kg,
        "reps": len(one.counted),
    }


def _plan(settings: Settings, whom: _Whom) -> _Told:
    found = followed(settings, whom.athlete)
    if found is None:
        return _Told({"plan": None}, view.no_plan(whom.case))
    plan, case = found.plan, whom.case
    asked = doubts(plan, case)
    sessions = [(one.name, [day_lift(lift, case) for lift in one.lifts]) for one in plan.sessions]
    plain = {
        "name": plan.name,
        "from": found.source,
        "sessions_per_week": plan.sessions_per_week,
        "days": plan.days,
        "sessions": [
            {"name": name, "lifts": [asdict(lift) for lift in lifts]} for name, lifts in sessions
        ],
        "source": plan.source,
    }
    shown = view.plan(plan, found.source, sessions, asked, case.preferences.unit)
    return _Told({"plan": plain, "asked": asked}, shown)


def _check(settings: Settings, path: Path, athlete: str | None) -> int:
    """Say what is wrong with a plan, else what is to be asked about it."""
    try:
        plan = read_plan(path)
    except SettingsError as error:
        print("\n".join(f"{path}: {problem}" for problem in error.problems))
        return 1
    with _source(settings) as source:
        # It can be held against what was lifted only where it is clear by whom.
        clear = athlete or len(_athletes(source)) < 2
        asked = doubts(plan, _whom(source, settings, athlete).case) if clear else []
    print("\n".join(f"{path}: {doubt}" for doubt in asked) or f"{path}: can be followed")
    return 0


def _whom(source: HistorySource, settings: Settings, asked: str | None) -> _Whom:
    """Who was named, else the only one there is. Raises CommandError, HistoryError."""
    lifted = _athletes(source)
    if asked:
        athlete = athlete_key(settings, asked)
        known = sorted({*lifted, *settings.athletes})
        if athlete not in known:
            near = meant(athlete, known) or (f"; there are {_named(known)}" if known else "")
            raise CommandError(f"nothing is known of {printable(athlete)}{near}")
    else:
        # Who is in the settings and did not lift yet is asked about by name.
        some = lifted or list(settings.athletes) or [NOBODY]
        if len(some) > 1:
            raise CommandError(f"several lift here: say who with --athlete: {_named(some)}")
        (athlete,) = some
    entry = settings.athletes.get(athlete)
    case = athlete_case(source, settings, athlete, datetime.now().astimezone())
    name = entry.name if entry else "" if athlete == NOBODY else athlete
    return _Whom(athlete, printable(name), case)


def _athletes(source: HistorySource) -> list[str]:
    """Who lifted, those whom a sensor knew first."""
    found = {row.athlete for row in history.sessions(source, Wanted())}
    return sorted(found - {NOBODY}) or sorted(found)


def _named(athletes: Sequence[str]) -> str:
    return ", ".join(map(printable, athletes[:_NAMED]))


class _NothingKept:
    """The history of a place where nothing was kept yet."""

    def rows(self, kind: Kind, wanted: Wanted) -> list[Flat]:
        """None."""
        del kind, wanted
        return []


@contextmanager
def _source(settings: Settings) -> Iterator[HistorySource]:
    """Where history is; an empty one before there is any."""
    if settings.influx or (settings.store or StoreSettings()).file.exists():
        with history_source(settings) as source:
            yield source
    else:
        yield _NothingKept()

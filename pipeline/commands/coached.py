"""The coach of a session: what the store and the settings say of those who lift in it."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import cache

from pipeline.coaching import plan_text
from pipeline.coaching.plan import Plan, PlanError
from pipeline.commands.athlete_case import YEAR_US, zone_of
from pipeline.delivery.coach import Coach, History, Pupil
from pipeline.delivery.history import HistoryError
from pipeline.delivery.history_sources import BookHistory
from pipeline.delivery.lifted_rows import history_of
from pipeline.plan_files import PlanFileError, keep, kept
from pipeline.settings import Settings, SettingsError, StoreSettings
from pipeline.settings_coaching import plan_of, preferences_of

Tell = Callable[[str], object]


def coach_of(settings: Settings, started_us: int, worn: Iterable[str], tell: Tell) -> Coach:
    """With the history of a year, as far as the file of a store is on this computer.

    started_us: when the session began, microseconds since 1970 UTC; what was lifted later is not
    looked at. worn: keys of athletes that are read at once, others when they come. tell: what
    cannot be used, a line each; the coach does without.
    """

    @cache
    def pupil(athlete: str) -> Pupil:
        return Pupil(
            history=_history(settings, athlete, started_us, tell),
            preferences=preferences_of(settings, athlete),
            plan=_plan(settings, athlete, tell),
            sent=_sent(athlete, tell),
        )

    for athlete in worn:
        pupil(athlete)
    return Coach(pupil, zone_s(started_us))


def zone_s(time_us: int) -> int:
    """Of the local clock at that time, seconds east of UTC."""
    return zone_of(datetime.fromtimestamp(time_us / 1e6, UTC).astimezone())


def keep_plan(athlete: str, text: str) -> str | None:
    """Keep a plan that was sent, "" for none -> why it cannot be kept, or None."""
    try:
        keep(athlete, text)
    except PlanFileError as error:
        return str(error)
    return None


def _history(settings: Settings, athlete: str, started_us: int, tell: Tell) -> History:
    path = (settings.store or StoreSettings()).file
    if not path.exists():
        return ()
    since_us = max(0, started_us - YEAR_US)
    try:
        found = history_of(BookHistory(path), athlete, since_us, started_us)
    except HistoryError as error:
        tell(f"coach: {error}")
        return ()
    return found.get(athlete, ())


def _plan(settings: Settings, athlete: str, tell: Tell) -> Plan | None:
    try:
        return plan_of(settings, athlete)
    except SettingsError as error:
        tell(f"coach: {error}")
        return None


def _sent(athlete: str, tell: Tell) -> Plan | None:
    try:
        text = kept(athlete)
        return plan_text.loads(text) if text else None
    except (PlanError, PlanFileError) as error:
        tell(f"coach: the plan that was sent for {athlete}: {error}")
        return None

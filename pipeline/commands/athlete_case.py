"""What is known of an athlete now, put together for whatever gives advice."""

from datetime import datetime

from pipeline.coaching.advice import Case
from pipeline.delivery.history import HistorySource
from pipeline.delivery.lifted_rows import history_of
from pipeline.plan_files import followed
from pipeline.settings import Settings
from pipeline.settings_coaching import preferences_of

YEAR_US = 366 * 86_400_000_000
"""So far back what was lifted is looked at."""


def athlete_case(
    source: HistorySource, settings: Settings, athlete: str, now: datetime, without: str = ""
) -> Case:
    """History of a year, wishes and plan. now: with its zone. without: a session to be left out.

    Raises HistoryError, and SettingsError for a plan that cannot be followed.
    """
    now_us = round(now.timestamp() * 1e6)
    lifted = history_of(source, athlete, max(0, now_us - YEAR_US)).get(athlete, ())
    plan = followed(settings, athlete)
    return Case(
        history=tuple(one for one in lifted if one.session != without),
        now_us=now_us,
        zone_s=zone_of(now),
        preferences=preferences_of(settings, athlete),
        plan=plan.plan if plan else None,
    )


def zone_of(when: datetime) -> int:
    """Of the clock of a time with its zone, seconds east of UTC."""
    offset = when.utcoffset()
    return round(offset.total_seconds()) if offset else 0

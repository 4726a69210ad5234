"""What the page is given beside its files: who and what there is, history, what is to be done."""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from pipeline import exercises
from pipeline.coach_day import day
from pipeline.coaching.advice import Case
from pipeline.delivery.history import HistoryError, HistorySource, Wanted
from pipeline.delivery.history_rows import READERS, csv_text, plain, since_us
from pipeline.settings import Settings

MOST_ROWS = 5000


def config(
    settings: Settings, *, history: bool, login: bool, coaching: bool = False
) -> dict[str, Any]:
    """The content of config.json. login: the broker wants a name and a password of the page.

    history, coaching: whether the server of the page answers for them.
    """
    return {
        "schema": "hiprep/page/1",
        "version": version("hiprep"),
        "site": settings.site,
        "mqtt": {"path": "/mqtt", "login": login},
        "athletes": [{"key": key, "name": one.name} for key, one in settings.athletes.items()],
        "exercises": [{"key": name, "name": name.replace("_", " ")} for name in exercises.names()],
        "devices": [{"key": key, "athlete": one.athlete} for key, one in settings.sensors.items()],
        "history": history,
        "coaching": coaching,
    }


def history_rows(
    source: Callable[[], AbstractContextManager[HistorySource]],
) -> Callable[[str, Mapping[str, str]], tuple[str, str]]:
    """For the page: what, and how it is asked for -> kind of content and text.

    athlete, exercise, since, until, limit as for `hiprep history`; format=csv for a table, whole.
    """

    def rows(what: str, query: Mapping[str, str]) -> tuple[str, str]:
        if what not in READERS:
            raise ValueError(f"there are {', '.join(READERS)}, and no {what[:40]!r}")
        now, as_csv = datetime.now(UTC), query.get("format") == "csv"
        since, until = query.get("since"), query.get("until")
        wanted = Wanted(
            athlete=query.get("athlete"),
            exercise=query.get("exercise"),
            since_us=since_us(since, now) if since else 0,
            until_us=since_us(until, now) if until else None,
            limit=None if as_csv and "limit" not in query else _limit(query.get("limit")),
        )
        try:
            with source() as one:
                found = READERS[what](one, wanted)
        except HistoryError as error:
            raise ValueError(str(error)) from error
        if as_csv:
            return "text/csv", csv_text(found)
        return "application/json", json.dumps({"rows": [plain(row) for row in found]})

    return rows


def coaching(case_of: Callable[[str, str], Case]) -> Callable[[Mapping[str, str]], str]:
    """For the page: how it is asked for -> JSON of `Day`.

    case_of: athlete, and a session to be left out of the history ("" for none): seen from inside
    a session, its day is what was to be done before it. Raises HistoryError.
    """

    def asked(query: Mapping[str, str]) -> str:
        athlete = query.get("athlete", "")
        if not athlete:
            raise ValueError("athlete: whose day is it? Ask with ?athlete=KEY")
        try:
            case = case_of(athlete, query.get("session", ""))
        except HistoryError as error:
            raise ValueError(str(error)) from error
        return json.dumps(asdict(day(case)))

    return asked


def _limit(text: str | None) -> int:
    if text is None:
        return MOST_ROWS
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) <= MOST_ROWS):
        raise ValueError(f"limit: {text[:20]!r} is not from 1 to {MOST_ROWS}")
    return int(text)

"""InfluxDB: there, of a version that boards can use, and with all that a store and boards need."""

import re
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from email.utils import parsedate_to_datetime
from pathlib import Path

from pipeline.delivery.influx import (
    OLDEST,
    Influx,
    InfluxRefusedError,
    Place,
    check_version,
    place_of,
)
from pipeline.delivery.sinks import SinkUnavailableError
from pipeline.doctor import Finding
from pipeline.settings import InfluxSettings, SettingsError
from pipeline.stack import web
from pipeline.stack.database_places import old_points, places_1x, places_2x, readable

_LACKING = 3  # the first version without what boards and the roll-up need
_SKEW_S = 5.0
_NOTHING = "# Nothing: may we write?"
_START = (
    "start it: docker compose up -d influxdb, or systemctl start influxdb; or correct influx.url"
)
_PINNED = (
    "run influxdb:2.7 in its place, as deploy/compose.yaml does, with a volume of its own; then "
    "hiprep stack databases, and hiprep db refill for what was lifted until now"
)
_TOKENS = "hiprep stack databases makes tokens that hold; without containers, hiprep db init"


def database_findings(influx: InfluxSettings | None, secrets: Path | None) -> list[Finding]:
    """What a store and a board would meet. secrets: the folder with the administrator's token."""
    if influx is None:
        return [Finding("ok", "database", "no [influx] in the settings: nothing for boards here")]
    url = influx.url.rstrip("/")
    try:
        answer = web.get(f"{url}/ping")
    except web.NoAnswerError as error:
        text = f"influx.url: {url} does not answer ({error})"
        return [Finding("problem", "database", text, _START)]
    try:
        client = Influx(influx)
    except SettingsError:
        return []  # the file is a finding of its own
    try:
        findings = [_version(client, answer), *_clock(answer)]
        if findings[0].level == "problem":
            return findings
        return [*findings, *_inside(client, _administrator(influx, secrets))]
    finally:
        client.close()


def _version(influx: Influx, answer: web.Answer) -> Finding:
    url = influx.settings.url
    version = answer.headers.get("X-Influxdb-Version", "").removeprefix("v")[:40]
    try:
        version = version or influx.version()
    except SinkUnavailableError:
        if answer.status == 401:
            text = f"{url} says its version to nobody but its own, as InfluxDB 3 does"
            return Finding("problem", "database", text, f"if it is one: {_PINNED}")
        version = ""
    number = re.match(r"(\d+)\.(\d+)", version)
    if number is None:
        text = f"{url} does not say which version it is: boards may find nothing in it"
        return Finding("warning", "database", text, "influxdb:2.7 is what boards are made for")
    found = int(number[1]), int(number[2])
    if found < OLDEST:
        text = f"{url} is InfluxDB {version}: too old, 1.8 or newer is needed"
        return Finding("problem", "database", text, _PINNED)
    if found[0] >= _LACKING:
        text = (
            f"{url} is InfluxDB {version}: boards and the roll-up need InfluxQL with DBRP "
            "mappings, retention and tasks, which it has not"
        )
        return Finding("problem", "database", text, _PINNED)
    try:
        check_version(influx)
    except SinkUnavailableError as error:  # for another version than the settings are
        text, _, cure = str(error).rpartition(": ")
        return Finding("problem", "database", text, cure)
    return Finding("ok", "database", f"{url} is InfluxDB {version}")


def _clock(answer: web.Answer) -> list[Finding]:
    """Boards ask for what was a moment ago, by the database's clock; points have ours."""
    try:
        there_s = parsedate_to_datetime(answer.headers.get("Date", "")).timestamp()
    except (ValueError, TypeError, OverflowError):
        return []
    ahead_s = there_s - time.time()
    if abs(ahead_s) <= _SKEW_S:
        return [Finding("ok", "clock", "the same here and at the database")]
    which = "ahead of" if ahead_s > 0 else "behind"
    text = (
        f"the database's is {abs(ahead_s):.0f} s {which} ours: boards show live sets late, or never"
    )
    return [Finding("warning", "clock", text, "timedatectl set-ntp true, on both computers")]


def _inside(influx: Influx, administrator: InfluxSettings | None) -> list[Finding]:
    """What is in it; nothing that follows from a problem found before."""
    place = place_of(influx.settings)
    for steps in (_written(influx, place), _made(influx, place, administrator)):
        findings = list(dict.fromkeys(steps))
        if any(finding.level == "problem" for finding in findings):
            return findings
    try:
        old = old_points(influx)
    except SinkUnavailableError as error:
        return [*findings, _problem(error)]
    return [*findings, old]


def _written(influx: Influx, place: Place) -> Iterator[Finding]:
    """Whether the token, or the password, is accepted where the store writes."""
    for bucket in (place.events, place.live, place.rollup):
        try:
            with suppress(InfluxRefusedError):  # 2.x wants points, once it has looked at the rest
                influx.write(bucket, _NOTHING)
        except SinkUnavailableError as error:
            yield _problem(error)


def _made(influx: Influx, place: Place, administrator: InfluxSettings | None) -> Iterator[Finding]:
    """What `hiprep db init` makes, seen with the administrator's eyes where we have them."""
    try:
        if influx.settings.database is not None:
            yield from places_1x(influx, place)
            return
        yield from readable(influx, place)
        whole = Influx(administrator or influx.settings)
        try:
            yield from places_2x(whole, place, sees_all=administrator is not None)
        finally:
            whole.close()
    except (InfluxRefusedError, SinkUnavailableError) as error:
        yield _problem(error)


def _administrator(influx: InfluxSettings, secrets: Path | None) -> InfluxSettings | None:
    """Settings with the token that sees all; None if there is none to read."""
    file = secrets / "influxdb" / "admin_token" if secrets else None
    found = replace(influx, token=None, token_file=file)
    with suppress(SettingsError):
        if influx.database is None and found.read_token():
            return found
    return None


def _problem(error: Exception) -> Finding:
    text, _, cure = str(error).partition("; hiprep db init")
    return Finding("problem", "database", text, f"hiprep db init{cure}" if cure else _TOKENS)

"""InfluxDB 2.x made ready at a first start: set up, buckets, and a token for each that reads it.

The admin token is used here and nowhere else. Who may read a bucket may read it by InfluxQL too:
InfluxDB asks for no right to the mapping.
"""

import logging
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from pipeline.delivery.influx import Influx, InfluxRefusedError, place_of
from pipeline.delivery.influx_setup import init_database
from pipeline.delivery.sinks import SinkSettingsError, SinkUnavailableError
from pipeline.settings import InfluxSettings, SettingsError
from pipeline.stack import StackError
from pipeline.stack.files import read_secret, read_text, write

ORG = BUCKET = "hiprep"
ADMIN = "admin"

_PAUSE_S = 1.0
_SAY_AGAIN_S = 10.0
_DAY_S = 86_400
_MOST_BUCKETS = 100  # InfluxDB lists no more at once

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Token:
    """A token and its file. prefix: what comes before it there."""

    name: str
    file: str
    actions: tuple[str, ...]
    prefix: str = ""


_TOKENS = (
    _Token("store", "store/influx_token", ("read", "write")),
    _Token("grafana", "grafana/influx_header", ("read",), "Token "),
)


def prepare(influx_url: str, folder: Path, *, wait_s: float) -> list[str]:
    """Make what is missing in the InfluxDB there, and tokens for it -> a line for each thing.

    folder: of all secrets, as `hiprep stack init` made it. wait_s: how long it may take until the
    database answers. What is there and works stays as it is. Raises StackError.
    """
    secret = folder / "influxdb" / "admin_token"
    _check_url(influx_url)
    settings = InfluxSettings(influx_url, read_secret(secret), org=ORG, bucket=BUCKET)
    for place in [(folder / token.file).parent for token in _TOKENS]:
        if not place.is_dir():
            raise StackError(f"{place}: is missing: hiprep stack init {folder} makes it")
    influx = Influx(settings)
    try:
        with _errors(influx_url, secret):
            _check_version(influx_url, _version(influx, wait_s))
            lines = _set_up(influx, folder / "influxdb" / "admin_password")
            lines += init_database(settings)
            org_id = _org_id(influx)
            for token in _TOKENS:
                lines.append(_have(influx, org_id, token, folder))
    finally:
        influx.close()
    return lines


def _version(influx: Influx, wait_s: float) -> str:
    """What it says it is, as soon as it answers."""
    begin_s = said_s = time.monotonic()
    said = ""
    while True:
        try:
            return influx.version()
        except SinkSettingsError:
            raise
        except SinkUnavailableError as error:
            now_s = time.monotonic()
            if now_s - begin_s >= wait_s:
                raise StackError(
                    f"{_plain(error)} (waited {wait_s:.0f} s; what it logs says more)"
                ) from error
            if _plain(error) != said or now_s - said_s >= _SAY_AGAIN_S:
                said, said_s = _plain(error), now_s
                log.info("waiting, %.0f of %.0f s: %s", now_s - begin_s, wait_s, said)
        time.sleep(_PAUSE_S)


def _check_version(url: str, version: str) -> None:
    number = re.match(r"(\d+)\.\d+", version)
    if number and int(number[1]) == 1:
        raise StackError(
            f"{url} is InfluxDB {version}, which has users and no tokens: run 2.7 there; or make a "
            "user by hand and set influx.database, user and password, then hiprep db init"
        )
    if number and int(number[1]) != 2:
        raise StackError(f"{url} is InfluxDB {version}: run 2.7 there, which answers InfluxQL")


def _set_up(influx: Influx, password: Path) -> list[str]:
    """The first user, of a database that nobody has set up."""
    if not influx.request("GET", "/api/v2/setup")["allowed"]:
        return []
    body = {
        "username": ADMIN,
        "password": read_secret(password),
        "org": ORG,
        "bucket": BUCKET,
        "retentionPeriodSeconds": 0,
        "token": influx.settings.token,
    }
    influx.request("POST", "/api/v2/setup", body=body)
    return [f"user {ADMIN} and organization {ORG}; the password is in {password}"]


def _org_id(influx: Influx) -> str:
    found = influx.request("GET", "/api/v2/orgs", query=[("org", ORG)])["orgs"]
    if not found:
        raise StackError(f"{influx.settings.url}: there is no organization {ORG}")
    return str(found[0]["id"])


def _have(influx: Influx, org_id: str, token: _Token, folder: Path) -> str:
    """See that there is a token that works -> a line about it."""
    path = folder / token.file
    rights = f"may {' and '.join(token.actions)} {', '.join(_names(influx))}"
    before = read_text(path)
    if before is not None and _accepted(influx, org_id, token, before.strip()):
        return f"{path}: {rights}; it was there"
    write(path, f"{token.prefix}{_made(influx, org_id, token)}".encode())
    if before is not None:
        return f"{path}: {rights}; made anew, as the one before did not work: restart {token.name}"
    return f"{path}: {rights}; made"


def _accepted(influx: Influx, org_id: str, token: _Token, text: str) -> bool:
    """Whether the token in a file may do what it is for."""
    secret = text.removeprefix(token.prefix)
    if not text.startswith(token.prefix) or not _usable(secret):
        return False
    own = Influx(replace(influx.settings, token=secret))
    try:
        if not _buckets(own, org_id).keys() >= {*_names(influx)}:
            return False
        if "write" in token.actions:
            for name in _names(influx):
                with suppress(InfluxRefusedError):  # it wants points, once it has looked at rights
                    own.write(name, "# Nothing: may we write?")
    except SinkSettingsError:
        return False
    finally:
        own.close()
    return True


def _made(influx: Influx, org_id: str, token: _Token) -> str:
    """A new token with these rights and no other."""
    ids = _buckets(influx, org_id)
    permissions = [
        {"action": action, "resource": {"type": "buckets", "id": ids[name], "orgID": org_id}}
        for name in _names(influx)
        for action in token.actions
    ]
    body = {"orgID": org_id, "description": f"hiprep {token.name}", "permissions": permissions}
    return str(influx.request("POST", "/api/v2/authorizations", body=body)["token"])


def _buckets(influx: Influx, org_id: str) -> dict[str, str]:
    """What the token may read: name -> id. By name, one that is missing would be an error."""
    query: list[tuple[str, Any]] = [("orgID", org_id), ("limit", _MOST_BUCKETS)]
    found = (influx.request("GET", "/api/v2/buckets", query=query) or {}).get("buckets") or []
    return {one["name"]: one["id"] for one in found}


def _names(influx: Influx) -> Sequence[str]:
    place = place_of(influx.settings)
    return place.events, place.live, place.rollup


def _usable(secret: str) -> bool:
    return bool(secret) and secret.isascii() and secret.isprintable()


def _check_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise StackError(f"{url}: is not like http://influxdb:8086")


@contextmanager
def _errors(url: str, secret: Path) -> Iterator[None]:
    try:
        yield
    except SinkUnavailableError as error:
        if str(error).startswith("influx.token:"):
            raise StackError(
                f"{secret}: {url} does not accept it: it was set up with another one: put that one "
                "there, or begin with an empty database (hiprep db refill fills it from the store)"
            ) from error
        raise StackError(_plain(error)) from error
    except InfluxRefusedError as error:
        raise StackError(f"{url} refuses to make it: {error}") from error
    except (SettingsError, KeyError, TypeError) as error:
        raise StackError(f"{url} does not answer like InfluxDB 2.7: {error}") from error


def _plain(error: Exception) -> str:
    """Without the name of a setting: here it is none."""
    return re.sub(r"^influx\.\w+: ", "", str(error))

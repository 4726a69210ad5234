"""The tables of the settings that say where results go: a broker, a database.

Passwords and tokens never stand in an error or in a repr.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from pipeline.settings_local import whole_path
from pipeline.toml_table import Table, line, shown

HIDDEN = "..."
"""Stands for a secret wherever settings are shown."""

_PRINTABLE = re.compile(r"[!-~]+")
_DEFAULT_PORTS = {"mqtt": 1883, "mqtts": 8883, "http": 80, "https": 443}


class SettingsError(Exception):
    """Settings that cannot be used. problems: each with its place in the file."""

    def __init__(self, problems: Iterable[str], path: Path | None = None) -> None:
        self.problems = tuple(problems)
        super().__init__((f"{path}: " if path else "") + "; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class MqttSettings:
    """The broker. url: mqtt:// or mqtts:// with a host, and a port if it is not the usual one.

    ca: what the broker's certificate is checked with, None for the system's own. cert, key: of this
    client. receipts: events are kept until a store says that it has them.
    """

    url: str
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    password_file: Path | None = None
    ca: Path | None = None
    cert: Path | None = None
    key: Path | None = None
    receipts: bool = False

    @property
    def host(self) -> str:
        """Without brackets, also where it is an IPv6 address."""
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        """As the url says, else 1883, with TLS 8883."""
        parts = urlsplit(self.url)
        return parts.port or _DEFAULT_PORTS[parts.scheme]

    @property
    def tls(self) -> bool:
        """Whether the connection is encrypted."""
        return urlsplit(self.url).scheme == "mqtts"

    def read_password(self) -> str | None:
        """The password, from its file if there is one. Raises SettingsError."""
        return self.password or _from_file(self.password_file, "mqtt.password_file")


@dataclass(frozen=True, slots=True)
class InfluxSettings:
    """The InfluxDB: 2.x and later with token, org and bucket; 1.x with a database, user, password.

    Exactly one of bucket and database is set.
    """

    url: str
    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None
    org: str | None = None
    bucket: str | None = None
    database: str | None = None
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def read_token(self) -> str | None:
        """The token, from its file if there is one. Raises SettingsError."""
        return self.token or _from_file(self.token_file, "influx.token_file")


def mqtt_settings(top: Table, *, receipts: bool) -> MqttSettings | None:
    """The table [mqtt]; None if there is none. receipts: what holds if it is not said."""
    table = top.table("mqtt")
    if table is None:
        return None
    asked = table.flag("receipts")
    mqtt = MqttSettings(
        url=_url(table, ("mqtt", "mqtts"), "mqtt://192.168.1.5 or mqtts://broker.example:8883"),
        user=table.text("user"),
        password=table.secret("password"),
        password_file=whole_path(table, "password_file"),
        ca=whole_path(table, "ca"),
        cert=whole_path(table, "cert"),
        key=whole_path(table, "key"),
        receipts=receipts if asked is None else asked,
    )
    table.finish()
    _blame_mqtt(table, mqtt)
    return mqtt


def influx_settings(top: Table) -> InfluxSettings | None:
    """The table [influx]; None if there is none."""
    table = top.table("influx")
    if table is None:
        return None
    influx = InfluxSettings(
        url=_url(table, ("http", "https"), "http://localhost:8086"),
        token=table.secret("token"),
        token_file=whole_path(table, "token_file"),
        org=table.text("org"),
        bucket=table.text("bucket"),
        database=table.text("database"),
        user=table.text("user"),
        password=table.secret("password"),
    )
    table.finish()
    _blame_influx(table, influx)
    return influx


def mqtt_lines(mqtt: MqttSettings, hide: Callable[[str | None], str | None]) -> list[str]:
    """The table as text. hide: what to write in place of a secret."""
    return [
        "",
        "[mqtt]",
        "# The broker: mqtt://, or with TLS mqtts://.",
        line("url", mqtt.url),
        line("user", mqtt.user, "gateway"),
        line("password", hide(mqtt.password), "or password_file"),
        line("password_file", _text(mqtt.password_file), "/etc/hiprep/mqtt-password"),
        "# With TLS: who signed the broker's certificate; this client's own.",
        line("ca", _text(mqtt.ca), "/etc/hiprep/ca.crt"),
        line("cert", _text(mqtt.cert), "/etc/hiprep/client.crt"),
        line("key", _text(mqtt.key), "/etc/hiprep/client.key"),
        "# Keep events until a store says that it has them.",
        line("receipts", mqtt.receipts),
    ]


def influx_lines(influx: InfluxSettings, hide: Callable[[str | None], str | None]) -> list[str]:
    """The table as text. hide: what to write in place of a secret."""
    lines = ["", "[influx]", line("url", influx.url)]
    if influx.database is None:
        return [
            *lines,
            line("token", hide(influx.token), "or token_file"),
            line("token_file", _text(influx.token_file), "/etc/hiprep/influx-token"),
            line("org", influx.org, "home"),
            line("bucket", influx.bucket, "hiprep"),
        ]
    return [
        *lines,
        line("database", influx.database),
        line("user", influx.user, "hiprep"),
        line("password", hide(influx.password), "of the user"),
    ]


def _url(table: Table, schemes: tuple[str, str], example: str) -> str:
    """An address without user and password; "" if it is none. Shown only where it has no secret."""
    text = table.text("url")
    if text is None:
        if not any(problem.startswith(f"{table.place}.url:") for problem in table.problems):
            table.blame("url", f"missing, such as {example}")
        return ""
    if "@" in text:
        table.blame("url", "has a user or password in it: they belong in keys of their own")
        return ""
    try:
        parts = urlsplit(text)
        usable = parts.scheme in schemes and bool(parts.hostname) and _plain(parts, schemes)
        usable = usable and parts.port != 0 and bool(_PRINTABLE.fullmatch(text))
    except ValueError:  # a port that is none, half of an IPv6 address
        usable = False
    if not usable:
        table.blame("url", f"{shown(text)} is not like {example}")
        return ""
    return text


def _plain(parts: SplitResult, schemes: tuple[str, str]) -> bool:
    """Whether nothing follows host and port; a database may be below a path."""
    return not parts.query and not parts.fragment and ("http" in schemes or parts.path in ("", "/"))


def _blame_mqtt(table: Table, mqtt: MqttSettings) -> None:
    if mqtt.password and mqtt.password_file:
        table.blame("password_file", "there is a password too: keep one of the two")
    if mqtt.user is None and (mqtt.password or mqtt.password_file):
        table.blame("user", "missing: the password has to be somebody's")
    if mqtt.key and not mqtt.cert:
        table.blame("cert", "missing: the key needs its certificate")
    for name in ("ca", "cert", "key"):
        if mqtt.url and not mqtt.tls and getattr(mqtt, name):
            table.blame(name, "is used with TLS only: the url must begin with mqtts://")


def _blame_influx(table: Table, influx: InfluxSettings) -> None:
    newer = [name for name in ("token", "token_file", "org", "bucket") if getattr(influx, name)]
    older = [name for name in ("database", "user", "password") if getattr(influx, name)]
    if newer and older:
        table.blame(older[0], f"is for InfluxDB 1.x, but {newer[0]} for 2.x: keep one of the two")
    elif older:
        _blame_missing(table, influx, ["database"])
        if (influx.user is None) != (influx.password is None):
            _blame_missing(table, influx, ["user", "password"])
    elif newer:
        _blame_missing(table, influx, ["org", "bucket"])
        if influx.token and influx.token_file:
            table.blame("token_file", "there is a token too: keep one of the two")
        if not (influx.token or influx.token_file):
            _blame_missing(table, influx, ["token"])
    else:
        table.blame("bucket", "missing, with token and org; for InfluxDB 1.x a database instead")


def _blame_missing(table: Table, influx: InfluxSettings, names: Iterable[str]) -> None:
    for name in names:
        if getattr(influx, name) is None:
            table.blame(name, "missing")


def _from_file(path: Path | None, place: str) -> str | None:
    """The one line of a file that holds a secret."""
    if path is None:
        return None
    try:
        secret = path.read_text(encoding="utf-8-sig").strip()
    except UnicodeDecodeError:
        raise SettingsError([f"{place}: {path} is not UTF-8 text"]) from None
    except OSError as error:
        raise SettingsError([f"{place}: {path} cannot be read: {error.strerror}"]) from None
    if not secret or not secret.isprintable():
        raise SettingsError([f"{place}: {path} must hold one line and no more"])
    return secret


def _text(path: Path | None) -> str | None:
    return None if path is None else str(path)

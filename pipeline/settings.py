"""The settings file: who lifts, with which sensors, and where recordings go. TOML."""

import os
import re
import shlex
import stat
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.settings_coaching_table import CoachingSettings, coaching_lines, coaching_settings
from pipeline.settings_local import (
    HealthSettings,
    PageSettings,
    StoreSettings,
    data_folder,
    health_lines,
    health_settings,
    page_lines,
    page_settings,
    store_lines,
    store_settings,
    system_folder,
    whole_path,
)
from pipeline.settings_people import (
    DEFAULT_EXERCISE,
    Athlete,
    SensorEntry,
    athlete_lines,
    athletes,
    sensor_lines,
    sensors,
)
from pipeline.settings_tables import (
    HIDDEN,
    InfluxSettings,
    MqttSettings,
    SettingsError,
    influx_lines,
    influx_settings,
    mqtt_lines,
    mqtt_settings,
)
from pipeline.toml_table import Table, line, meant, shown

__all__ = [
    "DEFAULT_EXERCISE",
    "Athlete",
    "CoachingSettings",
    "HealthSettings",
    "InfluxSettings",
    "MqttSettings",
    "PageSettings",
    "SensorEntry",
    "Settings",
    "SettingsError",
    "StoreSettings",
    "data_folder",
    "default_path",
    "dumps",
    "gateway_name",
    "load",
    "loads",
    "outbox_file",
    "warnings",
]

DEFAULT_SITE = "home"
_ID = re.compile(r"[A-Za-z0-9_-]{1,120}")


def _default_recordings() -> Path:
    return data_folder() / "recordings"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Keys of athletes and sensors have the letters that an id may have.

    set_timeout_s: a longer rest ends a set. min_reps: fewer are no set. adapter: such as hci0; None
    for the system's own choice. site: of all that is sent from here. mqtt, influx, store,
    health, page: None where the table is absent. coaching: for all athletes.
    """

    recordings: Path = field(default_factory=_default_recordings)
    set_timeout_s: float = 15.0
    min_reps: int = 2
    adapter: str | None = None
    site: str = DEFAULT_SITE
    athletes: dict[str, Athlete] = field(default_factory=dict)
    sensors: dict[str, SensorEntry] = field(default_factory=dict)
    mqtt: MqttSettings | None = None
    influx: InfluxSettings | None = None
    store: StoreSettings | None = None
    health: HealthSettings | None = None
    page: PageSettings | None = None
    coaching: CoachingSettings = field(default_factory=CoachingSettings)


def default_path() -> Path:
    """``$HIPREP_SETTINGS``, else where this system keeps such files."""
    asked = os.environ.get("HIPREP_SETTINGS")
    return Path(asked) if asked else system_folder("XDG_CONFIG_HOME", ".config") / "settings.toml"


def outbox_file() -> Path:
    """Where events wait for the broker: another one for each settings file in use."""
    return data_folder() / f"outbox{_named()}.db"


def gateway_name(host: str) -> str:
    """What a gateway on that host is called: two with their own settings do not meet."""
    return f"gateway-{re.sub('[^A-Za-z0-9_-]+', '-', host) or 'here'}{_named()}"


def _named() -> str:
    """What tells the settings that were asked for from others; "" for the usual ones."""
    asked = os.environ.get("HIPREP_SETTINGS")
    stem = re.sub("[^A-Za-z0-9_-]+", "-", Path(asked).stem) if asked else "settings"
    return "" if stem == "settings" else f"-{stem}"


def load(path: Path) -> Settings:
    """The settings in a file; the defaults if there is none. Raises SettingsError."""
    try:
        # Editors on Windows put a byte order mark in front.
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError:
        raise SettingsError(["is not UTF-8 text"], path) from None
    except OSError as error:
        raise SettingsError([f"cannot be read: {error.strerror}"], path) from error
    try:
        return loads(text)
    except SettingsError as error:
        raise SettingsError(error.problems, path) from None


def loads(text: str) -> Settings:
    """The settings in text. Raises SettingsError that names everything that is wrong with it."""
    try:
        tables = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError([f"is not TOML: {error}"]) from None
    problems: list[str] = []
    settings = _settings(Table(tables, "", problems))
    problems += _contradictions(settings)
    if problems:
        raise SettingsError(problems)
    return settings


def warnings(path: Path, settings: Settings) -> list[str]:
    """Files with secrets that everybody on this computer may read, with the cure; one line each.

    path: of the settings file. Where the system has no such permissions, nothing is said.
    """
    files: list[Path | None] = []
    mqtt, influx = settings.mqtt, settings.influx
    if (mqtt and mqtt.password) or (influx and (influx.token or influx.password)):
        files.append(path)
    if mqtt:
        files += [mqtt.password_file, mqtt.key]
    if influx:
        files.append(influx.token_file)
    return [
        f"{file} holds a secret and anybody may read it: chmod o-rwx {shlex.quote(str(file))}"
        for file in files
        if file and _open_to_all(file)
    ]


def dumps(settings: Settings, *, secrets: bool = True) -> str:
    """The settings as the text of a file; `loads` gives the same again.

    secrets: write passwords and tokens. Without, the text can be shown.
    """

    def hide(secret: str | None) -> str | None:
        return secret if secrets or secret is None else HIDDEN

    lines = [
        "# Settings of hiprep: docs/settings.md explains them. # begins a comment.",
        "",
        "# Where sessions are recorded.",
        line("recordings", str(settings.recordings)),
        "# A longer rest ends a set, seconds; fewer reps are no set.",
        line("set_timeout_s", settings.set_timeout_s),
        line("min_reps", settings.min_reps),
        "# Which Bluetooth adapter, where there are several.",
        line("adapter", settings.adapter, "hci0"),
        "# What this place is called in all that is sent from here.",
        line("site", settings.site),
    ]
    if settings.mqtt:
        lines += mqtt_lines(settings.mqtt, hide)
    if settings.influx:
        lines += influx_lines(settings.influx, hide)
    if settings.store:
        lines += store_lines(settings.store)
    if settings.health:
        lines += health_lines(settings.health)
    if settings.page:
        lines += page_lines(settings.page)
    lines += coaching_lines("coaching", settings.coaching)
    for key, athlete in settings.athletes.items():
        lines += athlete_lines(key, athlete)
    for key, entry in settings.sensors.items():
        lines += sensor_lines(key, entry)
    return "\n".join(lines) + "\n"


def _settings(top: Table) -> Settings:
    default = Settings()
    store = store_settings(top)
    settings = Settings(
        recordings=whole_path(top, "recordings") or default.recordings,
        set_timeout_s=top.number("set_timeout_s", 1, 3600) or default.set_timeout_s,
        min_reps=top.whole_number("min_reps", 1, 100) or default.min_reps,
        adapter=top.text("adapter"),
        site=_site(top) or default.site,
        athletes=athletes(top),
        sensors=sensors(top),
        mqtt=mqtt_settings(top, receipts=store is not None),
        influx=influx_settings(top),
        store=store,
        health=health_settings(top),
        page=page_settings(top),
        coaching=coaching_settings(top),
    )
    top.finish()
    return settings


def _site(top: Table) -> str | None:
    text = top.text("site")
    if text is not None and not _ID.fullmatch(text):
        top.blame("site", f"{shown(text)} has more than A-Z a-z 0-9 _ -, or is too long")
        return None
    return text


def _contradictions(settings: Settings) -> list[str]:
    """What only shows between tables."""
    problems = []
    first: dict[str, str] = {}
    for key, entry in settings.sensors.items():
        athlete = entry.athlete
        if athlete is not None and athlete not in settings.athletes:
            told = meant(athlete, settings.athletes) or ", add a table for it to [athletes]"
            problems.append(f"sensors.{key}.athlete: there is no {shown(athlete)}{told}")
        wanted = entry.wanted.casefold()
        if wanted and first.setdefault(wanted, key) != key:
            which = "address" if entry.address else "name"
            problems.append(f"sensors.{key}.{which}: sensors.{first[wanted]} has the same")
    return problems


def _open_to_all(file: Path) -> bool:
    if sys.platform == "win32":
        return False
    try:
        return bool(file.stat().st_mode & stat.S_IROTH)
    except OSError:
        return False

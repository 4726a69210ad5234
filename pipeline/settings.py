"""The settings file: who lifts, with which sensors, and where recordings go. TOML."""

import os
import re
import sys
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from pipeline import exercises
from pipeline.toml_table import Table, literal, meant, shown
from sensor import drivers
from sensor.checks import MAX_RATE_HZ, MIN_RATE_HZ

DEFAULT_EXERCISE = "hip_thrust"
_MAC = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")  # macOS hides the MAC


class SettingsError(Exception):
    """Settings that cannot be used. problems: each with its place in the file."""

    def __init__(self, problems: Iterable[str], path: Path | None = None) -> None:
        self.problems = tuple(problems)
        super().__init__((f"{path}: " if path else "") + "; ".join(self.problems))


@dataclass(frozen=True, slots=True)
class Athlete:
    """name: as it is shown."""

    name: str


@dataclass(frozen=True, slots=True)
class SensorEntry:
    """A sensor to look for: by its address if there is one, else by the name it advertises.

    driver: None where the advertisement tells. rate_hz: None for the driver's own. athlete: a key
    of `Settings.athletes`.
    """

    address: str | None = None
    name: str | None = None
    driver: str | None = None
    rate_hz: float | None = None
    athlete: str | None = None
    exercise: str = DEFAULT_EXERCISE

    @property
    def wanted(self) -> str:
        """What to look for."""
        return self.address or self.name or ""


def _default_recordings() -> Path:
    return _folder("XDG_DATA_HOME", ".local/share") / "recordings"


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings. Keys of athletes and sensors have the letters that an id may have.

    set_timeout_s: a longer rest ends a set. min_reps: fewer are no set. adapter: such as hci0; None
    for the system's own choice.
    """

    recordings: Path = field(default_factory=_default_recordings)
    set_timeout_s: float = 15.0
    min_reps: int = 2
    adapter: str | None = None
    athletes: dict[str, Athlete] = field(default_factory=dict)
    sensors: dict[str, SensorEntry] = field(default_factory=dict)


def default_path() -> Path:
    """``$HIPREP_SETTINGS``, else where this system keeps such files."""
    asked = os.environ.get("HIPREP_SETTINGS")
    return Path(asked) if asked else _folder("XDG_CONFIG_HOME", ".config") / "settings.toml"


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


def dumps(settings: Settings) -> str:
    """The settings as the text of a file; `loads` gives the same again."""
    lines = [
        "# Settings of hiprep: docs/settings.md explains them. # begins a comment.",
        "",
        "# Where sessions are recorded.",
        _line("recordings", str(settings.recordings)),
        "# A longer rest ends a set, seconds; fewer reps are no set.",
        _line("set_timeout_s", settings.set_timeout_s),
        _line("min_reps", settings.min_reps),
        "# Which Bluetooth adapter, where there are several.",
        _line("adapter", settings.adapter, "hci0"),
    ]
    for key, athlete in settings.athletes.items():
        lines += ["", f"[athletes.{key}]", _line("name", athlete.name)]
    for key, entry in settings.sensors.items():
        lines += [
            "",
            f"[sensors.{key}]",
            "# It is looked for by its address; by the name it advertises, if there is none.",
            _line("address", entry.address, "C0:FF:EE:00:00:01"),
            _line("name", entry.name, "as it advertises"),
            "# Without these: the driver that knows it, and that driver's own rate.",
            _line("driver", entry.driver, "see hiprep sensors"),
            _line("rate_hz", entry.rate_hz, 100.0),
            "# Who wears it, and what for.",
            _line("athlete", entry.athlete, "a key of athletes"),
            _line("exercise", entry.exercise),
        ]
    return "\n".join(lines) + "\n"


def _settings(top: Table) -> Settings:
    default = Settings()
    settings = Settings(
        recordings=_recordings(top) or default.recordings,
        set_timeout_s=top.number("set_timeout_s", 1, 3600) or default.set_timeout_s,
        min_reps=top.whole_number("min_reps", 1, 100) or default.min_reps,
        adapter=top.text("adapter"),
        athletes={key: _athlete(table, key) for key, table in top.tables("athletes")},
        sensors={key: _sensor(table) for key, table in top.tables("sensors")},
    )
    top.finish()
    return settings


def _recordings(top: Table) -> Path | None:
    text = top.text("recordings")
    if text is None:
        return None
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        top.blame("recordings", f"{shown(text)}: there is no such home folder")
        return None
    if "\0" in text or not path.is_absolute():
        top.blame("recordings", f"{shown(text)} is not a whole path, such as ~/recordings")
        return None
    return path


def _athlete(table: Table, key: str) -> Athlete:
    athlete = Athlete(table.text("name") or key)
    table.finish()
    return athlete


def _sensor(table: Table) -> SensorEntry:
    before = len(table.problems)
    entry = SensorEntry(
        address=_address(table),
        name=table.text("name"),
        driver=table.one_of("driver", drivers.names()),
        rate_hz=table.number("rate_hz", MIN_RATE_HZ, MAX_RATE_HZ),
        athlete=table.text("athlete"),
        exercise=table.one_of("exercise", exercises.names()) or DEFAULT_EXERCISE,
    )
    table.finish()
    if not entry.wanted and len(table.problems) == before:
        table.blame("address", "missing; a name to look for would do as well (hiprep scan)")
    return entry


def _address(table: Table) -> str | None:
    text = table.text("address")
    if text is not None and not (_MAC.fullmatch(text) or _UUID.fullmatch(text)):
        table.blame("address", f"{shown(text)} is not like C0:FF:EE:00:00:01 (hiprep scan)")
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


def _folder(variable: str, below_home: str) -> Path:
    """Where this system keeps files of this kind. Relative paths in XDG variables are void."""
    base = Path(os.environ.get(variable, ""))
    if base.is_absolute():
        return base / "hiprep"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/hiprep"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "hiprep"
    return Path.home() / below_home / "hiprep"


def _line(key: str, value: str | float | None, example: str | float = "") -> str:
    """A line of the file; a comment that shows how, for what is not set."""
    if value is None:
        return f"# {key} = {literal(example)}"
    return f"{key} = {literal(value)}"

"""The tables of the settings about this computer: files of our own, and ports that are opened."""

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.toml_table import Table, line, shown


def _default_store() -> Path:
    return data_folder() / "store.db"


@dataclass(frozen=True, slots=True)
class StoreSettings:
    """What a store keeps itself. file: SQLite, all sessions, sets and reps."""

    file: Path = field(default_factory=_default_store)


@dataclass(frozen=True, slots=True)
class HealthSettings:
    """Where `hiprep run` tells how it is, on this computer only. port: of HTTP."""

    port: int = 9464


@dataclass(frozen=True, slots=True)
class PageSettings:
    """The live page. port: of HTTP. lan: the local network may open it, with a pairing code.

    tls: with a certificate of our own making. Phones let the screen stay on and the page be
    installed only then.
    """

    port: int = 8765
    lan: bool = False
    tls: bool = False


def store_settings(top: Table) -> StoreSettings | None:
    """The table [store]; None if there is none."""
    table = top.table("store")
    if table is None:
        return None
    file = whole_path(table, "file")
    table.finish()
    return StoreSettings(file) if file else StoreSettings()


def health_settings(top: Table) -> HealthSettings | None:
    """The table [health]; None if there is none."""
    table = top.table("health")
    if table is None:
        return None
    port = table.whole_number("port", 1, 65535)
    table.finish()
    return HealthSettings(port) if port else HealthSettings()


def page_settings(top: Table) -> PageSettings | None:
    """The table [page]; None if there is none."""
    table = top.table("page")
    if table is None:
        return None
    default = PageSettings()
    page = PageSettings(
        port=table.whole_number("port", 1, 65535) or default.port,
        lan=table.flag("lan") or default.lan,
        tls=table.flag("tls") or default.tls,
    )
    table.finish()
    return page


def store_lines(store: StoreSettings) -> list[str]:
    """The table as text."""
    return [
        "",
        "[store]",
        "# Where a store keeps all sessions, sets and reps.",
        line("file", str(store.file)),
    ]


def health_lines(health: HealthSettings) -> list[str]:
    """The table as text."""
    return [
        "",
        "[health]",
        "# hiprep run tells how it is at http://127.0.0.1:PORT/healthz and /metrics.",
        line("port", health.port),
    ]


def page_lines(page: PageSettings) -> list[str]:
    """The table as text."""
    return [
        "",
        "[page]",
        "# The live page of hiprep run: http://127.0.0.1:PORT.",
        line("port", page.port),
        "# Whether phones in the local network may open it, with a pairing code; and with TLS.",
        line("lan", page.lan),
        line("tls", page.tls),
    ]


def whole_path(table: Table, key: str) -> Path | None:
    """A path from the root on; ~ is the home folder."""
    text = table.text(key)
    if text is None:
        return None
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        table.blame(key, f"{shown(text)}: there is no such home folder")
        return None
    if "\0" in text or not path.is_absolute():
        table.blame(key, f"{shown(text)} is not a whole path, such as ~/recordings")
        return None
    return path


def system_folder(variable: str, below_home: str) -> Path:
    """Where this system keeps files of this kind. Relative paths in XDG variables are void."""
    base = Path(os.environ.get(variable, ""))
    if base.is_absolute():
        return base / "hiprep"
    if sys.platform == "darwin":
        return Path.home() / "Library/Application Support/hiprep"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home())) / "hiprep"
    return Path.home() / below_home / "hiprep"


def data_folder() -> Path:
    """Where recordings, the outbox and the store are, unless the settings say otherwise."""
    return system_folder("XDG_DATA_HOME", ".local/share")

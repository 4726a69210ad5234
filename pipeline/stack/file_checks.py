"""Files and folders of the deployment: there, of the right owner, readable, with room left."""

import os
import shlex
import shutil
import stat
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from pipeline.doctor import Finding
from pipeline.settings import (
    Settings,
    SettingsError,
    StoreSettings,
    outbox_file,
    warnings,
)
from pipeline.stack.secrets import OWNERS

_MIN_FREE_BYTES, _MIN_FREE_PCT = 1_000_000_000, 5.0
_NAMES = {
    "ca": ("ca.key", "ca.crt"),
    "mosquitto": ("passwd", "acl", "ca.crt", "server.crt", "server.key"),
    "influxdb": ("admin_password", "admin_token"),
    "grafana": ("admin_password", "secret_key", "influx_header"),
    "store": ("mqtt_password", "ca.crt", "influx_token"),
    "gateway": ("mqtt_password", "ca.crt"),
}
_INIT, _DATABASES = "hiprep stack init", "hiprep stack databases"
_OF_DATABASES = ("influx_header", "influx_token")
_MAKERS = {
    "mqtt.password_file": _INIT,
    "mqtt.ca": _INIT,
    "influx.token_file": _DATABASES,
}
_NO_SECRETS = ("ca.crt", "server.crt", "acl")


def named_findings(path: Path, settings: Settings) -> list[Finding]:
    """The files with secrets that the settings name. path: of the settings file."""
    mqtt, influx = settings.mqtt, settings.influx
    named: dict[str, Path | None] = {}
    if mqtt:
        named |= {"mqtt.password_file": mqtt.password_file, "mqtt.ca": mqtt.ca}
        named |= {"mqtt.cert": mqtt.cert, "mqtt.key": mqtt.key}
    if influx:
        named["influx.token_file"] = influx.token_file
    findings = []
    for place, file in named.items():
        if file is not None:
            how = _file_fault(place, file) or _secret_fault(place, settings)
            findings.append(how or Finding("ok", "secret", f"{place}: {file} can be read"))
    for line in warnings(path, settings):
        text, _, cure = line.partition(": ")
        findings.append(Finding("warning", "secret", text, cure))
    return findings


def secret_findings(folder: Path) -> list[Finding]:
    """All that `hiprep stack init` made in a folder: there, not empty, of those who read it."""
    if not _is_folder(folder):
        cure = f"{_INIT} {_quoted(folder)}"
        return [Finding("problem", "secrets", f"there is no folder {folder}", cure)]
    findings = []
    for name, files in _NAMES.items():
        findings += _secrets_of(folder, name, files)
    if findings:
        return findings
    count = sum(map(len, _NAMES.values()))
    return [Finding("ok", "secrets", f"{folder}: all {count} files, each of who reads it")]


def folder_findings(settings: Settings) -> list[Finding]:
    """The folders that `hiprep run` writes into, with these settings."""
    findings = []
    if settings.sensors:
        findings += _written("recordings", settings.recordings, None)
        if settings.mqtt:
            findings += _written("outbox", outbox_file().parent, outbox_file())
    if settings.mqtt and (settings.store or settings.influx):
        file = (settings.store or StoreSettings()).file
        findings += _written("store", file.parent, file)
    return findings


def space_finding(about: str, folder: Path, free_bytes: int, total_bytes: int) -> list[Finding]:
    """A warning where little room is left; else nothing."""
    free_pct = 100 * free_bytes / max(total_bytes, 1)
    if free_bytes >= _MIN_FREE_BYTES and free_pct >= _MIN_FREE_PCT:
        return []
    text = f"{folder}: {free_bytes / 1e9:.1f} GB ({free_pct:.0f} %) of the disk are free"
    return [Finding("warning", about, text, "make room, or move it to a larger disk")]


def _file_fault(place: str, file: Path) -> Finding | None:
    """Why a file cannot be used, as far as that shows from outside."""
    maker = _MAKERS.get(place)
    make = (
        f"{maker} DIR makes one; or correct {place}"
        if maker
        else f"put it there, or correct {place}"
    )
    try:
        with file.open("rb") as opened:
            empty = not opened.read(1)
    except FileNotFoundError:
        text, cure = f"{place}: {file} is not there", make
    except IsADirectoryError:
        text = f"{place}: {file} is a folder: Docker makes one in the place of a missing file"
        cure = f"remove the folder; {make}"
    except PermissionError:
        text = f"{place}: {file} may not be read by {_us()}{_whose(file)}"
        cure = f"as root: {_chown(file)}"
    except OSError as error:
        text, cure = f"{place}: {file} cannot be read: {error.strerror}", "mend the disk, or mount"
    else:
        if not empty:
            return None
        text, cure = f"{place}: {file} is empty", f"remove it; {make}"
    return Finding("problem", "secret", text, cure)


def _secret_fault(place: str, settings: Settings) -> Finding | None:
    """Whether the file holds one password or token."""
    try:
        if place == "mqtt.password_file" and settings.mqtt:
            settings.mqtt.read_password()
        elif place == "influx.token_file" and settings.influx:
            settings.influx.read_token()
    except SettingsError as error:
        return Finding("problem", "secret", str(error), "write nothing else into it")
    return None


def _secrets_of(folder: Path, name: str, files: Sequence[str]) -> list[Finding]:
    """What is wrong with the secrets of one service."""
    findings = []
    strangers: dict[int, list[str]] = {}
    for file in (folder / name / one for one in files):
        try:
            found = file.stat()
        except FileNotFoundError:
            maker = _DATABASES if file.name in _OF_DATABASES else _INIT
            cure = f"{maker} {_quoted(folder)} makes it"
            findings.append(Finding("problem", "secrets", f"{file} is missing", cure))
            continue
        except OSError as error:
            text = f"{file.parent} cannot be looked into by {_us()}: {error.strerror}"
            return [Finding("warning", "secrets", text, "run this as root")]
        findings += _mode_faults(file, found)
        if sys.platform != "win32" and found.st_uid not in _readers(name):
            strangers.setdefault(found.st_uid, []).append(file.name)
    for uid, names in strangers.items():
        told = f"uid {OWNERS[name]} reads it, but of uid {uid} are"
        text = f"{folder / name}: {told} {', '.join(names)}"
        cure = f"as root: chown -R {OWNERS[name]} {_quoted(folder / name)}"
        findings.append(Finding("problem", "secrets", text, cure))
    return findings


def _mode_faults(file: Path, found: os.stat_result) -> Iterator[Finding]:
    if not found.st_size:
        cure = (
            "put back what was in it, from a backup; or remove it, and hiprep stack makes another"
        )
        yield Finding("problem", "secrets", f"{file} is empty", cure)
    if sys.platform == "win32":
        return
    if not found.st_mode & stat.S_IRUSR:
        text = f"{file} may not be read by its owner"
        yield Finding("problem", "secrets", text, f"chmod u+r {_quoted(file)}")
    if found.st_mode & stat.S_IROTH and file.name not in _NO_SECRETS:
        text = f"anybody may read {file}"
        yield Finding("warning", "secrets", text, f"chmod o-rwx {_quoted(file)}")


def _readers(name: str) -> set[int]:
    """Who may own the secrets of a service: its user in a container, or of this system."""
    uids = {OWNERS[name]}
    if sys.platform != "win32":
        import pwd  # noqa: PLC0415  # Windows has none

        with suppress(KeyError):
            uids.add(pwd.getpwnam("hiprep" if name in ("store", "gateway") else name).pw_uid)
    return uids


def _written(about: str, folder: Path, file: Path | None) -> list[Finding]:
    """A folder that is written into. file: what is in it, once it is in use."""
    try:
        if not folder.exists():
            return [_to_be_made(about, folder)]
        with tempfile.TemporaryFile(dir=folder):
            pass
        usage = shutil.disk_usage(folder)
    except (NotADirectoryError, FileExistsError):
        text = f"{folder} is no folder"
        return [Finding("problem", about, text, "remove it, or name another one in the settings")]
    except PermissionError:
        text = f"{folder} may not be written by {_us()}{_whose(folder)}"
        return [Finding("problem", about, text, f"as root: {_chown(folder)}")]
    except OSError as error:
        text = f"{folder} cannot be written: {error.strerror}"
        cure = "make room; or mount a volume there that may be written"
        return [Finding("problem", about, text, cure)]
    low = space_finding(about, folder, usage.free, usage.total)
    if file is not None and file.exists() and not _access(file, os.R_OK | os.W_OK):
        text = f"{file} may not be written by {_us()}{_whose(file)}"
        return [Finding("problem", about, text, f"as root: {_chown(folder)}"), *low]
    return low or [Finding("ok", about, f"{folder}, {usage.free / 1e9:.0f} GB free")]


def _to_be_made(about: str, folder: Path) -> Finding:
    there = next(one for one in folder.parents if one.exists())
    if _access(there, os.W_OK | os.X_OK):
        return Finding("ok", about, f"{folder} is made when it is needed")
    text = f"{folder} is not there, and {there} may not be written by {_us()}{_whose(there)}"
    cure = f"as root: mkdir -p {_quoted(folder)} && {_chown(folder)}"
    return Finding("problem", about, text, cure)


def _access(path: Path, mode: int) -> bool:
    return os.access(path, mode, effective_ids=os.access in os.supports_effective_ids)


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # what is in it tells why
        return True


def _us() -> str:
    return "us" if sys.platform == "win32" else f"uid {os.geteuid()}"


def _whose(path: Path) -> str:
    """Whose it is, as far as that can be seen."""
    try:
        found = path.stat()
    except OSError:
        return ""
    return f" (it is of uid {found.st_uid}, mode {stat.S_IMODE(found.st_mode):04o})"


def _chown(path: Path) -> str:
    """How a file, or a folder with all in it, becomes ours."""
    if sys.platform == "win32":
        return f"let this user write {path}"
    return f"chown -R {os.geteuid()} {_quoted(path)}"


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))

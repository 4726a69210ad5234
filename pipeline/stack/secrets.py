"""All secrets of a deployment: made where they are missing, never changed where they are there.

A folder for each service, so that each can be given its own and no more. What follows from secrets
(hashes, rights, certificates and copies of the authority's) is brought up to date.
"""

import os
import re
import secrets
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from pipeline.stack import StackError
from pipeline.stack.acl import ROLES, User, updated, users_in
from pipeline.stack.certificates import make_ca, make_server_certificate
from pipeline.stack.files import PUBLIC_MODE, damaged, is_root, read, read_secret, read_text, write
from pipeline.stack.passwd import fits, mosquitto_hash, parsed, unparsed

__all__ = ["OWNERS", "add_user", "init", "mosquitto_hash", "site_of", "users_of"]

OWNERS = {
    "ca": 0,
    "mosquitto": 1883,
    "influxdb": 1000,
    "grafana": 472,
    "store": 10001,
    "gateway": 10001,
}
"""Folder -> uid of who reads it, in its container."""

# File -> random bytes in it. InfluxDB takes passwords of 72 letters at most.
_RANDOM = {
    "influxdb/admin_password": 24,
    "influxdb/admin_token": 48,
    "grafana/admin_password": 24,
    "grafana/secret_key": 32,
    "store/mqtt_password": 24,
    "gateway/mqtt_password": 24,
}
_SERVICES = ("gateway", "store")
_TRUSTING = ("mosquitto", "store", "gateway")
_BROKER = "mosquitto"  # as other containers call it
_PASSWD, _ACL = "mosquitto/passwd", "mosquitto/acl"
_ID = re.compile(r"[A-Za-z0-9_-]{1,120}")
_OPEN = ".crt"


def init(folder: Path, site: str, hosts: Sequence[str]) -> list[str]:
    """Make what is missing -> a line for each thing made or brought up to date.

    site: of the gateway and the store. hosts: names and addresses by which others call the broker.
    Run by root, each folder is given to who reads it, unless somebody else has it already. Raises
    StackError that names a damaged file and the cure.
    """
    _check_id(site, "site")
    lines = _make_folders(folder)
    for name, size in _RANDOM.items():
        if read(folder / name) is None:
            write(folder / name, _random(size).encode())
            lines.append(f"{name}: made")
        read_secret(folder / name)
    lines += _certificates(folder, hosts)
    lines += _broker(folder, site)
    for name in OWNERS:
        lines += _put_right(folder / name)
    if lines and not is_root():
        lines.append(
            "not run by root: all of it belongs to this user, and containers cannot read it"
        )
    return lines


def add_user(folder: Path, name: str, role: str, site: str) -> str:
    """Let somebody else into the broker -> the password, which is kept nowhere.

    role: gateway, page or coach. Raises StackError.
    """
    _check_id(name, "name")
    _check_id(site, "site")
    if role not in ROLES:
        raise StackError(f"{role!r} is none of {', '.join(ROLES)}")
    users = parsed(_needed(folder, _PASSWD), folder / _PASSWD)
    if name in users:
        raise StackError(
            f"{folder / _PASSWD}: there is a user {name} already: take another name, or delete "
            "that line and try again for a new password"
        )
    password = _random(24)
    # Rights first: whoever is let in has them.
    _write_acl(folder, _needed(folder, _ACL), [User(name, role, site)])
    users[name] = mosquitto_hash(password)
    write(folder / _PASSWD, unparsed(users).encode())
    return password


def users_of(folder: Path) -> list[User]:
    """Who is let into the broker, as far as `hiprep stack` did so. Raises StackError."""
    return users_in(_needed(folder, _ACL))


def site_of(folder: Path) -> str | None:
    """The site that the secrets were made for; None before. Raises StackError."""
    users = users_in(read_text(folder / _ACL) or "")
    return next((user.site for user in users if user.name in _SERVICES), None)


def _make_folders(folder: Path) -> list[str]:
    lines = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, uid in OWNERS.items():
            path = folder / name
            if not path.exists():
                path.mkdir(mode=0o700)
                lines.append(f"{name}/: made")
            if sys.platform == "win32":
                continue
            found = path.stat()
            # A new volume is open to all, and root's; what somebody else has, he was given.
            if stat.S_IMODE(found.st_mode) & 0o007:
                path.chmod(0o700)
            if is_root() and found.st_uid == 0 != uid:
                os.chown(path, uid, -1)
                lines.append(f"{name}/: given to uid {uid}")
    except OSError as error:
        place = error.filename or folder
        raise StackError(f"{place}: cannot be made ready: {error.strerror}") from error
    return lines


def _certificates(folder: Path, hosts: Sequence[str]) -> list[str]:
    done = {
        "ca/ca.crt": make_ca(folder / "ca"),
        "mosquitto/server.crt": make_server_certificate(
            folder / "ca", folder / "mosquitto", [_BROKER, *hosts]
        ),
    }
    lines = [f"{name}: {what}" for name, what in done.items() if what]
    authority = read(folder / "ca" / "ca.crt")
    assert authority is not None
    for name in _TRUSTING:
        copy = folder / name / "ca.crt"
        if read(copy) != authority:
            write(copy, authority, mode=PUBLIC_MODE)
            lines.append(f"{name}/ca.crt: made")
    return lines


def _broker(folder: Path, site: str) -> list[str]:
    """The users that are services of ours, as their passwords are."""
    acl, passwd = _there(folder / _ACL), _there(folder / _PASSWD)
    users = parsed(passwd, folder / _PASSWD)
    lines = []
    if _write_acl(folder, acl, [User(name, name, site) for name in _SERVICES]):
        lines.append(f"{_ACL}: {'brought up to date' if acl else 'made'}")
    passwords = {name: read_secret(folder / name / "mqtt_password") for name in _SERVICES}
    new = [name for name in _SERVICES if not fits(passwords[name], users.get(name, ""))]
    if new:
        users |= {name: mosquitto_hash(passwords[name]) for name in new}
        write(folder / _PASSWD, unparsed(users).encode())
        lines.append(f"{_PASSWD}: {' and '.join(new)} put in")
    return lines


def _there(path: Path) -> str:
    """What is in it, "" for no file. One that is empty has lost its users."""
    text = read_text(path)
    if text is not None and not text.strip():
        raise damaged(path, "is empty")
    return text or ""


def _write_acl(folder: Path, acl: str, users: Sequence[User]) -> bool:
    """With these users in it; whether there was anything to change."""
    text = updated(acl, users)
    if text == acl:
        return False
    write(folder / _ACL, text.encode())
    return True


def _put_right(folder: Path) -> list[str]:
    """Files that others may read, or that who reads the folder may not."""
    if sys.platform == "win32":
        return []
    lines = []
    owner = folder.stat().st_uid
    for file in sorted(folder.iterdir()):
        if file.is_symlink() or not file.is_file():
            continue
        name, found = f"{folder.name}/{file.name}", file.stat()
        if file.suffix != _OPEN and found.st_mode & 0o007:
            file.chmod(stat.S_IMODE(found.st_mode) & 0o770)
            lines.append(f"{name}: no longer open to everybody")
        if is_root() and found.st_uid != owner:
            os.chown(file, owner, -1)
            lines.append(f"{name}: given to uid {owner}")
    return lines


def _needed(folder: Path, name: str) -> str:
    text = read_text(folder / name)
    if text is None:
        raise StackError(f"{folder / name}: is missing: run hiprep stack init {folder} first")
    return text


def _random(size: int) -> str:
    """Letters and digits, `_` and `-`; none that a program could take for an option."""
    while (text := secrets.token_urlsafe(size)).startswith("-"):
        pass
    return text


def _check_id(text: str, what: str) -> None:
    if not _ID.fullmatch(text):
        raise StackError(f"{what}: {text!r} has more than A-Z a-z 0-9 _ -, or is too long")

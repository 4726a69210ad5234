"""Runs a command under those rules of a unit that can be had without systemd:

    python sandbox.py UNIT WRITABLE COMMAND ...

The whole tree is read-only but for the folder WRITABLE; no capabilities, and none to be had; only
the unit's system calls, and only its kinds of sockets. It needs a mount namespace of its own
(`unshare`), libseccomp, and systemd-analyze, which knows what the groups of calls have in them.
"""

import ctypes
import errno
import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

_REFUSED = 0x00050000 | errno.EPERM
_ALLOWED = 0x7FFF0000
_EQUAL = 4
_SOCKETS = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
_PREPARE = """
set -e
mount --bind "$0" "$0"
mount -o remount,bind,ro /
exec setpriv --no-new-privs --bounding-set=-all --inh-caps=-all "$@"
"""


class Unit:
    """The settings of a unit file, in order: section -> key -> values."""

    def __init__(self, path: Path) -> None:
        self.sections: dict[str, dict[str, list[str]]] = {}
        section: dict[str, list[str]] = {}
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.startswith("["):
                section = self.sections.setdefault(line.strip("[]"), {})
            elif line and not line.startswith("#"):
                key, _, value = line.partition("=")
                section.setdefault(key, []).append(value)

    @property
    def service(self) -> dict[str, list[str]]:
        return self.sections["Service"]


class _Comparison(ctypes.Structure):
    """scmp_arg_cmp of libseccomp."""

    _fields_ = (
        ("arg", ctypes.c_uint),
        ("op", ctypes.c_int),
        ("a", ctypes.c_uint64),
        ("b", ctypes.c_uint64),
    )


def in_sandbox(unit: Path, writable: Path, command: Iterable[str]) -> list[str]:
    """The command line that runs a command so."""
    unshare = ["unshare", "--mount"] if os.geteuid() == 0 else ["unshare", "--mount", "-r"]
    inner = [sys.executable, __file__, str(unit), *command]
    return [*unshare, "sh", "-c", _PREPARE, str(writable), *inner]


def allowed_calls(groups: dict[str, set[str]], filters: Iterable[str]) -> set[str]:
    """What the lines of SystemCallFilter= let through, the first of which begins a list."""
    allowed: set[str] = set()
    for line in filters:
        names = _expanded(line.lstrip("~").split(), groups)
        allowed = allowed - names if line.startswith("~") else allowed | names
    return allowed


def call_groups() -> dict[str, set[str]]:
    """What systemd means by @system-service and the like."""
    told = subprocess.run(
        ["systemd-analyze", "syscall-filter", "--no-pager"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    groups: dict[str, set[str]] = {}
    for line in re.sub(r"\x1b\[[0-9;]*m", "", told).splitlines():
        if line.startswith("@"):
            group = groups.setdefault(line.strip(), set())
        elif line.startswith("    ") and not line.strip().startswith("#"):
            group.add(line.strip())
    return groups


def _expanded(names: Iterable[str], groups: dict[str, set[str]]) -> set[str]:
    found: set[str] = set()
    for name in names:
        found |= _expanded(groups[name], groups) if name.startswith("@") else {name}
    return found


def _filter(calls: set[str], sockets: Iterable[str]) -> None:
    """From now on nothing else is let through. Raises OSError."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    rules = ctypes.c_void_p(library.seccomp_init(ctypes.c_uint32(_REFUSED)))
    for name in calls - {"socket"}:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # others are of another machine
            _add(library, rules, number)
    number = library.seccomp_syscall_resolve_name(b"socket")
    for family in sockets:
        _add(library, rules, number, _Comparison(0, _EQUAL, _SOCKETS[family], 0))
    if library.seccomp_load(rules):
        raise OSError("the kernel takes no filter")


def _add(
    library: ctypes.CDLL, rules: ctypes.c_void_p, number: int, *comparisons: _Comparison
) -> None:
    array = (_Comparison * len(comparisons))(*comparisons)
    code = library.seccomp_rule_add_array(
        rules, ctypes.c_uint32(_ALLOWED), number, len(comparisons), array
    )
    if code:
        raise OSError(-code, os.strerror(-code), f"system call {number}")


def main(unit: str, *command: str) -> None:
    """Become the command."""
    service = Unit(Path(unit)).service
    calls = allowed_calls(call_groups(), service["SystemCallFilter"])
    _filter(calls, service["RestrictAddressFamilies"][0].split())
    os.execvp(command[0], command)  # noqa: S606  # a shell would be one more


if __name__ == "__main__":
    main(*sys.argv[1:])

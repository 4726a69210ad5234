"""Files of a deployment: written whole or not at all, and never open to others for a moment."""

import os
import sys
import tempfile
from pathlib import Path

from pipeline.stack import StackError

SECRET_MODE, PUBLIC_MODE = 0o600, 0o644


def write(path: Path, data: bytes, *, mode: int = SECRET_MODE) -> None:
    """Write it in place of what is there. Written by root, it belongs to the folder's owner.

    Raises StackError.
    """
    try:
        _write(path, data, mode)
    except OSError as error:
        raise StackError(f"{path}: cannot be written: {error.strerror}") from error


def read(path: Path) -> bytes | None:
    """What is in it; None if there is no such file. Raises StackError."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StackError(f"{path}: cannot be read: {error.strerror}") from error


def read_text(path: Path) -> str | None:
    """The same as text. Raises StackError."""
    data = read(path)
    try:
        return None if data is None else data.decode()
    except UnicodeDecodeError:
        raise damaged(path, "is not UTF-8 text") from None


def read_secret(path: Path) -> str:
    """The one line of a file that `hiprep stack` made. Raises StackError that names the cure."""
    text = read_text(path)
    if text is None:
        raise StackError(f"{path}: is missing: hiprep stack init {path.parent.parent} makes it")
    secret = text.strip()
    if not secret:
        raise damaged(path, "is empty")
    if not secret.isprintable():
        raise damaged(path, "holds more than one line")
    return secret


def damaged(path: Path, what: str) -> StackError:
    """It is not overwritten: something may still depend on what was in it."""
    return StackError(
        f"{path}: {what}: put back what was in it, from a backup; or delete it, and "
        f"hiprep stack init {path.parent.parent} makes another one"
    )


def is_root() -> bool:
    """Whether files can be given to others; where there is no root, never."""
    return sys.platform != "win32" and os.geteuid() == 0


def _write(path: Path, data: bytes, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            # Before the first byte is in it.
            if sys.platform != "win32":
                os.fchmod(descriptor, mode)
                if is_root():
                    os.fchown(descriptor, path.parent.stat().st_uid, -1)
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise

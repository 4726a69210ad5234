"""Where a recording stands in time, what its session is called, and whose it is."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pipeline.delivery.messages import NOBODY

_CHUNK_BYTES = 1 << 20
_DIGEST_CHARS = 16


class PlacingError(ValueError):
    """It cannot be told when a recording was made; its text says what to do."""


@dataclass(frozen=True, slots=True)
class Place:
    """session: in the letters of an id. started_us: when second 0 of it was, since 1970 UTC."""

    session: str
    started_us: int


def placed(path: Path, meta: Mapping[str, str], start_time: str | None) -> Place:
    """By what is given, else by the recording's header. Raises PlacingError.

    A session that has no name in the header is called by the content of the file.
    """
    told = start_time or meta.get("started") or meta.get("start")
    if told is None:
        raise PlacingError(
            f"{path}: does not say when it was made: give --start-time 2026-11-22T18:00, "
            "or --as-now to look at the boards"
        )
    return Place(meta.get("session") or digest(path), _unix_us(told))


def placed_now(path: Path, now: datetime) -> Place:
    """As if it began now: another session each time."""
    return Place(f"{digest(path)}-{now.strftime('%Y%m%dT%H%M%SZ')}", round(now.timestamp() * 1e6))


def _unix_us(text: str) -> int:
    """ISO 8601; without a zone, in that of this computer."""
    try:
        told = datetime.fromisoformat(text.strip())
    except ValueError:
        raise PlacingError(f"{text!r} is no time: write it as 2026-11-22T18:00:00+01:00") from None
    at = told.astimezone(UTC)
    if not 2000 <= at.year < 2100:
        raise PlacingError(f"{text!r} is no time of a session: its year is {at.year}")
    return round(at.timestamp() * 1e6)


def digest(path: Path) -> str:
    """A name made of all bytes of a file."""
    found = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                found.update(chunk)
    except OSError as error:
        raise PlacingError(f"{path}: cannot be read: {error.strerror}") from error
    return f"content-{found.hexdigest()[:_DIGEST_CHARS]}"


def id_part(text: str) -> str:
    """A name in the letters that an id may have."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", text)


def athlete_key(athletes: Mapping[str, str], named: str | None) -> str:
    """Whom a header means: a key of the settings, or the name that is shown, or a new one.

    athletes: of the settings, key -> name that is shown.
    """
    if not named:
        return NOBODY
    for key, name in athletes.items():
        if named.casefold() in (key.casefold(), name.casefold()):
            return key
    return id_part(named) or NOBODY

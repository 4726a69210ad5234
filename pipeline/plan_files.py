"""Plans that were pushed to this computer, a file for each athlete; and which plan is followed."""

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.coaching.plan import Plan
from pipeline.settings import Settings, data_folder
from pipeline.settings_coaching import coaching_of, plan_of, read_plan
from pipeline.whole_file import write_whole

_NAME = re.compile("[A-Za-z0-9_-]{1,120}")


class PlanFileError(Exception):
    """A plan that cannot be kept; one line that names the file and the reason."""


@dataclass(frozen=True, slots=True)
class Followed:
    """source: where the plan comes from, for people."""

    plan: Plan
    source: str


def followed(settings: Settings, athlete: str) -> Followed | None:
    """The plan that an athlete follows: the one that was pushed, else that of the settings.

    Raises SettingsError that names all that is wrong with its file.
    """
    path = _path(athlete)
    if path and path.exists():
        return Followed(read_plan(path), "pushed over MQTT")
    plan = plan_of(settings, athlete)
    if plan is None:
        return None
    named = coaching_of(settings, athlete).plan
    return Followed(plan, f"template {named}" if isinstance(named, str) else str(named))


def keep(athlete: str, text: str) -> None:
    """Keep the text of a plan, whole or not at all; "" removes it. Raises PlanFileError."""
    path = _path(athlete)
    if path is None:
        raise PlanFileError(f"{athlete!r} is no athlete: letters, digits, _ and - only")
    try:
        if text:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, text.encode())
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise PlanFileError(f"{path}: cannot be written: {error.strerror}") from error


def kept(athlete: str) -> str | None:
    """The text that was kept for an athlete; None if there is none. Raises PlanFileError."""
    path = _path(athlete)
    try:
        return path.read_text(encoding="utf-8") if path else None
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        raise PlanFileError(f"{path}: is not UTF-8 text") from None
    except OSError as error:
        raise PlanFileError(f"{path}: cannot be read: {error.strerror}") from error


def _path(athlete: str) -> Path | None:
    """None for what is no athlete's key."""
    if not _NAME.fullmatch(athlete):
        return None
    return data_folder() / "plans" / f"{athlete}.toml"

"""Deleting all data of a person: what there is, place by place, and then that it is gone.

Here are the places on this computer; `pipeline.delivery.forget_stores` has the databases.
"""

import os
import re
import shutil
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from pipeline.plan_files import PlanFileError, keep, kept
from pipeline.settings import Settings, dumps
from sensor.checks import RecordingError
from sensor.recording import open_recording

_RECORDING = re.compile(r"\.(hiprec|csv)(\.gz)?(\.part)?$")
_ID_CHARS = "A-Za-z0-9_-"


@dataclass(slots=True)
class Outcome:
    """Lines for people. there: what was found, or is deleted. unreached: what may be left, why."""

    there: list[str] = field(default_factory=list)
    unreached: list[str] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """The outcome of another place too."""
        self.there += other.there
        self.unreached += other.unreached


class Place(Protocol):
    """Where data of one athlete may be. `find` changes nothing and comes before `delete`."""

    def find(self) -> Outcome:
        """What there is."""
        ...

    def delete(self) -> Outcome:
        """Delete what was found -> what is gone."""
        ...


def found_in(places: Sequence[Place]) -> Outcome:
    """What there is in all of them."""
    whole = Outcome()
    for place in places:
        whole.add(place.find())
    return whole


def deleted_from(places: Sequence[Place]) -> Outcome:
    """Delete what was found in all of them; one that cannot be reached keeps none from the rest."""
    whole = Outcome()
    for place in places:
        whole.add(place.delete())
    return whole


class Recordings:
    """Recordings of either format whose header names the athlete, also those broken off.

    names: what the athlete may be called in a header.
    """

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._folder = folder
        self._names = names
        self._theirs: list[Path] = []

    def find(self) -> Outcome:
        """Read the headers of all files in the folder and those below."""
        outcome = Outcome()
        for path in sorted(self._folder.rglob("*")):
            if not _RECORDING.search(path.name) or not path.is_file():
                continue
            try:
                with open_recording(path) as recording:
                    athlete = recording.meta.get("athlete")
            except RecordingError as error:
                outcome.unreached.append(f"whose it is cannot be told: {error}")
                continue
            if athlete in self._names and path.is_symlink():
                outcome.unreached.append(f"{path} is a link: delete what it points to")
            elif athlete in self._names:
                self._theirs.append(path)
        if self._theirs:
            outcome.there.append(self._told(len(self._theirs)))
        return outcome

    def delete(self) -> Outcome:
        """Delete the files that were found."""
        outcome, gone = Outcome(), 0
        for path in self._theirs:
            try:
                path.unlink(missing_ok=True)
                gone += 1
            except OSError as error:
                outcome.unreached.append(f"{path} cannot be deleted: {error.strerror}")
        if gone:
            outcome.there.append(self._told(gone))
        return outcome

    def _told(self, count: int) -> str:
        return f"{count} recording{'s' * (count != 1)} in {self._folder}"


class SentPlan:
    """The plan that was sent for the athlete."""

    def __init__(self, athlete: str) -> None:
        self._athlete = athlete
        self._there = Outcome()

    def find(self) -> Outcome:
        """Whether there is one."""
        try:
            if kept(self._athlete) is not None:
                self._there = Outcome(["a plan that was sent"])
        except PlanFileError as error:
            return Outcome(unreached=[str(error)])
        return self._there

    def delete(self) -> Outcome:
        """Delete its file."""
        try:
            keep(self._athlete, "")
        except PlanFileError as error:
            return Outcome(unreached=[str(error)])
        return self._there


class SettingsEntry:
    """The athlete in the settings file, and older copies of it that name them.

    No copy is kept of what was there: it would keep the name.
    """

    def __init__(self, path: Path, settings: Settings, athlete: str) -> None:
        self._path = path.resolve()
        self._settings = settings
        self._athlete = athlete
        self._copies: list[Path] = []

    def find(self) -> Outcome:
        """Whether they are in there."""
        outcome = Outcome()
        if self._named():
            outcome.there.append(
                f"{self._athlete} in {self._path}, which is written anew, without your comments"
            )
        for copy in sorted(self._path.parent.glob(f"{self._path.name}.bak*")):
            try:
                if self._pattern().search(copy.read_text(encoding="utf-8", errors="replace")):
                    self._copies.append(copy)
                    outcome.there.append(f"the old settings {copy}")
            except OSError as error:
                outcome.unreached.append(f"{copy} cannot be read: {error.strerror}")
        return outcome

    def delete(self) -> Outcome:
        """Write the settings without them; delete the older copies."""
        outcome = Outcome()
        if self._named():
            try:
                self._write(dumps(self._without()))
                outcome.there.append(f"{self._athlete} in {self._path}")
            except OSError as error:
                outcome.unreached.append(f"{self._path} cannot be written: {error.strerror}")
        for copy in self._copies:
            try:
                copy.unlink(missing_ok=True)
                outcome.there.append(f"the old settings {copy}")
            except OSError as error:
                outcome.unreached.append(f"{copy} cannot be deleted: {error.strerror}")
        return outcome

    def _named(self) -> bool:
        return self._athlete in self._settings.athletes

    def _pattern(self) -> re.Pattern[str]:
        """Their key, or the name as it is shown."""
        key = rf"(?<![{_ID_CHARS}]){re.escape(self._athlete)}(?![{_ID_CHARS}])"
        athlete = self._settings.athletes.get(self._athlete)
        return re.compile(f"{key}|{re.escape(athlete.name)}" if athlete else key)

    def _without(self) -> Settings:
        athletes = {**self._settings.athletes}
        del athletes[self._athlete]
        sensors = {
            key: replace(entry, athlete=None) if entry.athlete == self._athlete else entry
            for key, entry in self._settings.sensors.items()
        }
        return replace(self._settings, athletes=athletes, sensors=sensors)

    def _write(self, text: str) -> None:
        """Whole or not at all; for the same readers as before, for there may be secrets in it."""
        part = self._path.with_name(f".{self._path.name}.part-{os.getpid()}")
        try:
            part.touch(mode=0o600)
            part.write_text(text, encoding="utf-8")
            shutil.copymode(self._path, part)
            there = self._path.stat()
            with suppress(OSError, AttributeError):  # only root may, and not on Windows
                os.chown(part, there.st_uid, there.st_gid)
            part.replace(self._path)
        finally:
            part.unlink(missing_ok=True)

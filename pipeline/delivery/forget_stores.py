"""Deleting all data of a person from the store, its databases, and what waits to be sent."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from pipeline.delivery.book import Book, BookError
from pipeline.delivery.forget import Outcome
from pipeline.delivery.influx import Influx, InfluxRefusedError, place_of
from pipeline.delivery.influx_select import select
from pipeline.delivery.messages import EVENT_KINDS, Kind, many
from pipeline.delivery.outbox import Outbox, OutboxError
from pipeline.delivery.sinks import SinkUnavailableError
from pipeline.settings import InfluxSettings, SettingsError

_BEGINNING, _END = "1970-01-01T00:00:00Z", "2262-04-11T00:00:00Z"
_ID = re.compile(r"[A-Za-z0-9_-]+")


class StoredEvents:
    """The store's own file. All that is there is deleted, also events that are valid no more."""

    def __init__(self, path: Path, athlete: str) -> None:
        self._path = path
        self._athlete = athlete

    def find(self) -> Outcome:
        """How many events of each kind."""
        if not self._path.exists():
            return Outcome()
        try:
            with Book(self._path) as book:
                counts = {
                    kind: sum(
                        1
                        for _ in book.messages(
                            kind, athlete=self._athlete, withdrawn=True, every_version=True
                        )
                    )
                    for kind in EVENT_KINDS
                }
        except BookError as error:
            return Outcome(unreached=[str(error)])
        return self._told(counts)

    def delete(self) -> Outcome:
        """Delete them, also from the bytes of the file."""
        if not self._path.exists():
            return Outcome()
        try:
            with Book(self._path) as book:
                counts = book.forget(self._athlete)
        except BookError as error:
            return Outcome(unreached=[str(error)])
        return self._told(counts)

    def _told(self, counts: Mapping[Kind, int]) -> Outcome:
        parts = [many(count, kind) for kind, count in counts.items() if count]
        return Outcome([f"{', '.join(parts)} in {self._path}"] if parts else [])


class RefusedPoints:
    """Points that a database refused, set aside in a file of JSON lines."""

    def __init__(self, path: Path, athlete: str) -> None:
        self._path = path
        self._athlete = athlete

    def find(self) -> Outcome:
        """How many lines."""
        try:
            return self._told(sum(map(self._theirs, self._lines())))
        except OSError as error:
            return Outcome(unreached=[f"{self._path} cannot be read: {error.strerror}"])

    def delete(self) -> Outcome:
        """Write the file without them."""
        try:
            lines = self._lines()
            kept = [line for line in lines if not self._theirs(line)]
            if len(kept) < len(lines):
                part = self._path.with_name(f"{self._path.name}.part")
                part.write_bytes(b"".join(kept))
                part.replace(self._path)
        except OSError as error:
            return Outcome(unreached=[f"{self._path} cannot be written: {error.strerror}"])
        return self._told(len(lines) - len(kept))

    def _lines(self) -> list[bytes]:
        if not self._path.exists():
            return []
        return self._path.read_bytes().splitlines(keepends=True)

    def _theirs(self, line: bytes) -> bool:
        try:
            return bool(json.loads(line)["point"]["tags"].get("athlete") == self._athlete)
        except (ValueError, KeyError, TypeError, AttributeError):
            return False

    def _told(self, count: int) -> Outcome:
        return Outcome([f"{many(count, 'refused point')} in {self._path}"] if count else [])


class WaitingEvents:
    """Events in the outbox that nobody has confirmed yet."""

    def __init__(self, path: Path, athlete: str) -> None:
        self._path = path
        self._athlete = athlete

    def find(self) -> Outcome:
        """How many."""
        return self._work(delete=False)

    def delete(self) -> Outcome:
        """Take them out, unsent."""
        return self._work(delete=True)

    def _work(self, *, delete: bool) -> Outcome:
        if not self._path.exists():
            return Outcome()
        try:
            with Outbox(self._path) as outbox:
                count = (outbox.forget if delete else outbox.count)(self._athlete)
        except OutboxError as error:
            return Outcome(unreached=[str(error)])
        there = f"{many(count, 'event')} waiting to be sent in {self._path}"
        return Outcome([there] if count else [])


class InfluxPoints:
    """All points of the athlete in InfluxDB, live ones too."""

    def __init__(self, settings: InfluxSettings, athlete: str) -> None:
        self._settings = settings
        self._athlete = athlete
        self._found = False

    def find(self) -> Outcome:
        """Whether there are some."""
        if not _ID.fullmatch(self._athlete):
            return Outcome()  # as no tag of ours is
        return self._work(delete=False)

    def delete(self) -> Outcome:
        """Delete them in all buckets, or in the database."""
        if not _ID.fullmatch(self._athlete):
            return Outcome()
        return self._work(delete=True)

    def _work(self, *, delete: bool) -> Outcome:
        place, url = place_of(self._settings), self._settings.url
        try:
            influx = Influx(self._settings)
        except SettingsError as error:
            return Outcome(unreached=[str(error)])
        try:
            if delete:
                self._delete(influx)
            else:
                self._found = bool(select(influx, f"SHOW SERIES WHERE athlete = '{self._athlete}'"))
        except (SinkUnavailableError, InfluxRefusedError) as error:
            return Outcome(unreached=[f"points of {self._athlete} in InfluxDB: {error}"])
        finally:
            influx.close()
        there = f"all points of {self._athlete} in InfluxDB at {url}, {place.database}"
        return Outcome([there] if self._found else [])

    def _delete(self, influx: Influx) -> None:
        if self._settings.database is not None:
            influx.query(f"DROP SERIES WHERE athlete = '{self._athlete}'")
            return
        place = place_of(self._settings)
        span = {"start": _BEGINNING, "stop": _END, "predicate": f'athlete="{self._athlete}"'}
        for bucket in (place.events, place.live, place.rollup):
            query = [("org", influx.org), ("bucket", bucket)]
            influx.request("POST", "/api/v2/delete", query=query, body=span)

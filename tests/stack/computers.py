"""Computers that tests back up and restore: each a folder with settings and data of its own."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.delivery.book import Book
from pipeline.delivery.messages import EVENT_KINDS, Message
from pipeline.delivery.outbox import Outbox
from pipeline.settings import (
    Athlete,
    InfluxSettings,
    MqttSettings,
    Settings,
    StoreSettings,
    default_path,
    dumps,
    outbox_file,
)
from pipeline.stack.backup import backup
from tests.pipeline.delivery.made import message

SECRETS = ("b4dg3r-password", "b4dg3r-token", "b4dg3r-comment")
MQTT = MqttSettings("mqtt://broker.example", "gateway", SECRETS[0])
INFLUX = InfluxSettings("http://127.0.0.1:1", SECRETS[1], org="home", bucket="gym")
EVENTS = [
    message(number, kind=kind, id=f"{kind}-{number}", valid=number % 5 > 0)
    for kind in EVENT_KINDS
    for number in range(20)
]
WAITING = EVENTS[:7]

GoTo = Callable[[str], Settings]


def computers(folder: Path, monkeypatch: pytest.MonkeyPatch) -> GoTo:
    """How to go to another computer with nothing on it but its settings -> these."""

    def go(name: str) -> Settings:
        home = folder / name
        home.mkdir(exist_ok=True)
        monkeypatch.setenv("HIPREP_SETTINGS", str(home / "settings.toml"))
        monkeypatch.setenv("XDG_DATA_HOME", str(home))
        settings = Settings(recordings=home / "recordings", store=StoreSettings(home / "store.db"))
        default_path().write_text(dumps(settings), encoding="utf-8")
        return settings

    return go


def filled(go_to: GoTo) -> Settings:
    """A computer where there is something of everything."""
    settings = replace(
        go_to("full"), athletes={"anna": Athlete("Anna Å.")}, mqtt=MQTT, influx=INFLUX
    )
    text = f'{dumps(settings)}# password = "{SECRETS[2]}"\n'
    default_path().write_text(text, encoding="utf-8")
    fill(settings)
    (settings.recordings / "older").mkdir(parents=True)
    (settings.recordings / "one.hiprec").write_bytes(bytes(range(256)) * 40)
    (settings.recordings / "older" / "two Å.csv").write_bytes(b"")
    (settings.recordings / ".part-three").write_bytes(b"of somebody who writes it")
    return settings


def fill(settings: Settings, events: Sequence[Message] = EVENTS) -> None:
    """Book and outbox."""
    with Book(book_of(settings)) as book:
        book.keep(book.plan(events))
    with Outbox(outbox_file()) as outbox:
        outbox.put(WAITING)


def book_of(settings: Settings) -> Path:
    assert settings.store is not None
    return settings.store.file


def kept(path: Path) -> list[Message]:
    with Book(path) as book:
        return [one for kind in EVENT_KINDS for one in book.messages(kind, withdrawn=True)]


def waiting(path: Path) -> list[tuple[str, int]]:
    with Outbox(path) as outbox:
        return [(one.id, one.seq) for one in outbox.waiting(0, 1000)]


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def saved(settings: Settings, tmp_path: Path, *, recordings: bool = False) -> Path:
    out = tmp_path / "saved.tar.gz"
    backup(settings, out, recordings=recordings)
    return out


@contextmanager
def no_file_longer_than(size: int) -> Iterator[None]:
    """As if the disk were full."""
    import resource  # noqa: PLC0415  # there is none on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def noise(size: int) -> bytes:
    """What does not get smaller."""
    return random.Random(1).randbytes(size)

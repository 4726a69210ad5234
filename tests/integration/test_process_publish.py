"""An archive by another version of the algorithm, as far as the store and what it shows."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from pipeline.archive.found import found
from pipeline.archive.work import Gym as At
from pipeline.archive.work import process
from pipeline.delivery.book import Book
from pipeline.delivery.commands import DeleteRep, command_content
from pipeline.delivery.messages import Message
from pipeline.settings import Athlete, MqttSettings, Settings, StoreSettings, dumps
from sensor.raw_format import MAGIC, encode, encode_header
from sensor.records import Note
from tests.integration.dask_cluster import dask_cluster
from tests.integration.mosquitto import Mosquitto, mosquitto, until
from tests.integration.stack import Child
from tests.pipeline.delivery.lived import corrected
from tests.pipeline.delivery.test_gateway import RECORDS
from tests.pipeline.made import write_recording

ROOT = Path(__file__).parents[2]
PATIENCE_S = 120.0
LONG, LOST = "z.csv", "lost.hiprec"

_RUN = "import sys; from pipeline.cli import main; sys.exit(main(sys.argv[1:]))"
# Version 2 counts also a set of one rep.
_CHANGES = {
    "pipeline/tracker.py": ('ALGORITHM = "1"', 'ALGORITHM = "2"'),
    "pipeline/recorded.py": ('"min_reps", "2"', '"min_reps", "1"'),
}


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same program with another version of the algorithm in it."""
    folder = tmp_path_factory.mktemp("newer")
    for package in ("pipeline", "sensor"):
        shutil.copytree(
            ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__")
        )
    for name, (old, new) in _CHANGES.items():
        text = (folder / name).read_text()
        assert old in text
        (folder / name).write_text(text.replace(old, new))
    return folder


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """A session that was much corrected, one of a single rep, and one of nobody knows when."""
    folder = tmp_path / "archive"
    folder.mkdir()
    corrected(folder)
    write_recording(folder / "one.csv", reps=1, header=header("one", 1))
    write_recording(folder / "undated.csv", reps=2)
    return folder


def header(session: str, day: int) -> str:
    started = f"2026-05-{day:02}T18:00:00+00:00"
    return f"# sensor: belt\n# athlete: Anna\n# session: {session}\n# started: {started}\n"


def write_lost(path: Path) -> None:
    """A session with a correction that names a rep which no version finds."""
    text = json.dumps(command_content(DeleteRep("c", "belt-lost-0-99999")))
    meta = {"sensor": "belt", "session": "lost", "started": "2026-05-03T18:00:00+00:00"}
    records = [*RECORDS[:-1], Note(RECORDS[-1].at_us, "", text), RECORDS[-1]]
    path.write_bytes(MAGIC + encode_header(meta) + b"".join(map(encode, records)))


class Gym:
    """A broker, a store with its book, and a computer with settings from which to publish."""

    def __init__(self, folder: Path, broker: Mosquitto) -> None:
        self.book = folder / "store" / "store.db"
        self._settings = Settings(
            mqtt=MqttSettings(broker.url, receipts=True),
            store=StoreSettings(self.book),
            athletes={"anna": Athlete("Anna")},
        )
        self.store = Child(folder / "store", self._settings)
        self._home = folder / "publishing"
        self._home.mkdir()
        self.settings = self._home / "settings.toml"
        self.settings.write_text(dumps(self._settings, secrets=True))

    def begun(self, *arguments: object, code: Path = ROOT) -> subprocess.Popen[str]:
        homes = {"HIPREP_SETTINGS": str(self.settings), "XDG_DATA_HOME": str(self._home)}
        return subprocess.Popen(
            [sys.executable, "-c", _RUN, *map(str, arguments)],
            env={**os.environ, **homes},
            cwd=code,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: object, code: Path = ROOT, exit_code: int = 0) -> str:
        """What it said."""
        child = self.begun(*arguments, code=code)
        said, _ = child.communicate(timeout=PATIENCE_S)
        assert child.returncode == exit_code, said
        return said

    def kept(self) -> dict[str, Message]:
        """All that the store has, but for what was said to somebody."""
        with Book(self.book) as book:
            return {
                one.id: replace(one, seq=0, at_s=0.0, known_us=0)
                for kind in ("rep", "set", "session")
                for one in book.messages(kind, withdrawn=True, every_version=True)
            }

    def shown(self) -> list[Message]:
        """What history reads of it."""
        with Book(self.book) as book:
            return [one for kind in ("rep", "set", "session") for one in book.messages(kind)]


@pytest.fixture
def gym(tmp_path: Path) -> Iterator[Gym]:
    with mosquitto(tmp_path / "broker") as broker:
        one = Gym(tmp_path, broker)
        one.store.start("store")
        try:
            until(lambda: "connected to the broker" in one.store.said(), "the store connects")
            yield one
        finally:
            one.store.kill()


def test_what_an_archive_publishes_is_what_its_replays_do_and_can_be_switched_on(
    archive: Path, newer: Path, gym: Gym, tmp_path: Path
) -> None:
    # Live, as it were: by version 1.
    write_recording(archive / LONG, reps=150, header=header("long", 2))
    write_lost(archive / LOST)
    lived = lived_in(archive)
    names = (lived.name, LOST, "one.csv", LONG)
    for name in names:
        said = gym.run("replay", archive / name, "--publish")
        assert ("1 correction of its session finds nothing to correct" in said) == (name == LOST)
    by_1 = gym.kept()
    assert {one.algorithm for one in by_1.values()} == {"1"}

    # By version 2: it is killed as soon as something is marked as published, and goes on.
    out = tmp_path / "out"
    command = ("process", archive, "--out", out, "--workers", "1", "--publish")
    doomed = gym.begun(*command, code=newer)
    deadline_s = time.monotonic() + PATIENCE_S
    while not marked(out) and doomed.poll() is None and time.monotonic() < deadline_s:
        time.sleep(0.005)
    doomed.send_signal(signal.SIGKILL)
    doomed.communicate()
    before = marked(out)
    assert before
    assert f"{LONG}.2.json" not in before
    said = gym.run(*command, code=newer)
    assert marked(out) == sorted(f"{name}.2.json" for name in names)
    assert "do not say when they were made, and are not published: 1 recording:" in said
    assert f"  {archive / 'undated.csv'}\n" in said
    assert f"corrections that find nothing to correct: 1 recording:\n  {LOST}: 1\n" in said

    # All of it is there, as the replays had it; but for the set of one rep that is found now.
    both = gym.kept()
    gym.run("replay", lived, "--publish", code=newer)
    assert gym.kept() == both
    assert {id_: one for id_, one in both.items() if one.algorithm == "1"} == by_1
    as_1 = [
        replace(one, id=one.id.replace("-2-", "-1-", 1), algorithm="1")
        for one in both.values()
        if one.algorithm == "2"
    ]
    assert {one.id: one for one in as_1 if one.session != "one"} == {
        id_: one for id_, one in by_1.items() if one.session != "one"
    }
    assert not [one for one in by_1.values() if one.session == "one" and one.valid]
    assert [one.kind for one in as_1 if one.session == "one" and one.valid] == [
        "rep",
        "set",
        "session",
    ]

    # Version 1 is shown until somebody switches, and again when somebody switches back.
    live = gym.shown()
    assert {one.algorithm for one in live} == {"1"}
    assert gym.store.stop() == 0
    gym.run("db", "use", "2")
    switched = gym.shown()
    assert {one.algorithm for one in switched} == {"2"}
    ids = [one.id.replace("-2-", "-1-", 1) for one in switched if one.session != "one"]
    assert sorted(ids) == sorted(one.id for one in live)
    assert len(ids) == len(set(ids))
    gym.run("db", "use", "1")
    assert gym.shown() == live

    # Another time there is nothing to do.
    gym.store.start("store")
    assert "published 0 events of 0 recordings" in gym.run(*command, code=newer)


def test_without_a_store_events_wait_and_the_same_command_sends_them(
    archive: Path, gym: Gym, tmp_path: Path
) -> None:
    assert gym.store.stop() == 0
    command = ("process", archive, "--out", tmp_path / "out", "--workers", "2", "--publish")
    said = gym.run(*command, exit_code=1)
    counted = re.search(r"published (\d+) events of 2 recordings", said)
    assert counted
    assert f"{counted[1]} events wait in the outbox and go out with the next start" in said
    gym.store.start("store")
    assert "published 0 events of 0 recordings" in gym.run(*command)
    assert len(gym.kept()) == int(counted[1])


def test_what_was_processed_without_publishing_is_published_later(
    archive: Path, gym: Gym, tmp_path: Path
) -> None:
    command = ("process", archive, "--out", tmp_path / "out", "--workers", "1")
    plain = gym.run(*command)
    assert "published" not in plain
    published = gym.run(*command, "--publish")
    assert "1 of them done before" in published  # that of nobody knows when
    assert digest_in(published) == digest_in(plain)
    assert len(gym.kept()) > 0
    assert "3 of them done before" in gym.run(*command, "--publish")


def test_dask_publishes_the_same(archive: Path, gym: Gym, tmp_path: Path) -> None:
    with dask_cluster(tmp_path / "dask", workers=1) as dask:
        out = ("--out", tmp_path / "out", "--executor", f"dask://{dask.address}")
        gym.run("process", archive, *out, "--publish")
    here = partial(process, gym=At("home", {"anna": "Anna"}))
    told = [one.retold.messages for one in map(here, found([str(archive)]).jobs()) if one.retold]
    assert len(told) == 2
    assert gym.kept() == {
        one.id: replace(one, at_s=0.0, known_us=0) for messages in told for one in messages
    }


def test_without_a_broker_in_the_settings_nothing_is_begun(
    archive: Path, gym: Gym, tmp_path: Path
) -> None:
    gym.settings.write_text("")
    said = gym.run("process", archive, "--out", tmp_path / "out", "--publish", exit_code=2)
    assert said.startswith("hiprep: ")
    assert "mqtt: missing: which broker?" in said
    assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def lived_in(archive: Path) -> Path:
    (path,) = archive.glob("a.hiprec*")
    return path


def marked(out: Path) -> list[str]:
    """The marks of what is published."""
    return sorted(path.name for path in (out / "published").glob("[!.]*"))


def digest_in(said: str) -> str:
    (one,) = re.findall(r"^digest ([0-9a-f]{64})$", said, re.MULTILINE)
    return str(one)

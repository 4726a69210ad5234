"""deploy/hiprep-stack backup and restore: real files and real tar, a stand-in for docker."""

import gzip
import stat
import sys
import tarfile
from pathlib import Path

import pytest

from tests.deploy.script_place import Place

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")


@pytest.fixture
def filled(tmp_path: Path) -> Place:
    """Something is in every volume."""
    place = Place(tmp_path)
    place.write("data/book", "all reps")
    place.write("volumes/grafana/grafana.db", "users")
    place.write("volumes/settings/settings.toml", "lifters")
    place.write("volumes/secrets/influxdb/admin_token", "t0ken")
    place.write("influxdb/engine", "points")
    return place


def test_a_backup_is_put_back_as_it_was(filled: Place) -> None:
    assert filled.run("backup", "all.tar").returncode == 0
    for name in ("data/book", "volumes/grafana/grafana.db", "volumes/settings/settings.toml"):
        filled.write(name, "spoilt")
    filled.write("volumes/grafana/later", "made since")
    found = filled.run("restore", "all.tar", "--yes")
    assert found.returncode == 0, found.stderr
    assert filled.read("data/book") == "all reps"
    assert filled.read("volumes/grafana/grafana.db") == "users"
    assert filled.read("volumes/settings/settings.toml") == "lifters"
    assert not (filled.root / "volumes" / "grafana" / "later").exists()
    assert filled.read("influxdb/engine") == "points", "the same secrets: the database stays"
    assert filled.asked()[-1] == "up -d --remove-orphans"


def test_a_database_of_other_secrets_is_begun_anew(filled: Place) -> None:
    filled.run("backup", "all.tar")
    filled.write("volumes/secrets/influxdb/admin_token", "of a new computer")
    assert filled.run("restore", "all.tar", "--yes").returncode == 0
    assert filled.read("volumes/secrets/influxdb/admin_token") == "t0ken"
    assert not (filled.root / "influxdb" / "engine").exists()
    asked = filled.asked()
    begun = asked.index("run --rm -T databases")
    store = next(at for at, one in enumerate(asked) if "store" in one and at > begun)
    assert asked.index("down --remove-orphans") < begun < store


def test_a_backup_is_for_nobody_else_to_read_and_takes_no_place(filled: Place) -> None:
    filled.run("backup", "all.tar")
    file = filled.deploy.parent / "all.tar"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    found = filled.run("backup", "all.tar")
    assert found.returncode == 2
    assert "is there already" in found.stderr
    with tarfile.open(file) as tar:
        assert {Path(name).name for name in tar.getnames()} == {"store.tar.gz", "volumes.tar.gz"}


def test_recordings_are_in_it_if_they_are_asked_for(filled: Place) -> None:
    filled.run("backup", "all.tar", "--recordings")
    with tarfile.open(filled.deploy.parent / "all.tar") as tar:
        part = tar.extractfile("./gateway.tar.gz")
        assert part is not None
        assert gzip.decompress(part.read())


@pytest.mark.parametrize("fails", ["store", "volumes"])
def test_a_backup_that_fails_leaves_nothing_and_grafana_running(filled: Place, fails: str) -> None:
    found = filled.run("backup", "all.tar", RUN_FAILS=fails, RUNNING="grafana")
    assert found.returncode != 0
    left = {path.name for path in filled.deploy.parent.iterdir()}
    assert left == {"deploy", "root", "bin"}
    asked = filled.asked()
    assert asked.count("start grafana") == asked.count("stop grafana")


def test_grafana_stands_still_while_it_is_copied(filled: Place) -> None:
    filled.run("backup", "all.tar", RUNNING="grafana")
    asked = filled.asked()
    copied = next(at for at, one in enumerate(asked) if " volumes " in one)
    assert asked.index("stop grafana") < copied < asked.index("start grafana")


def test_nothing_is_changed_without_a_yes_or_by_a_damaged_file(filled: Place) -> None:
    filled.run("backup", "all.tar")
    before = filled.asked()
    assert "nothing was changed" in filled.run("restore", "all.tar", said="n\n").stderr
    assert "nothing was changed" in filled.run("restore", "all.tar").stderr
    whole = (filled.deploy.parent / "all.tar").read_bytes()
    inside = whole.rindex(b"\x1f\x8b") + 40
    (filled.deploy.parent / "half.tar").write_bytes(whole[:inside])
    assert filled.run("restore", "half.tar", "--yes").returncode == 2
    (filled.deploy.parent / "bad.tar").write_bytes(whole[:inside] + b"bad" + whole[inside + 3 :])
    assert "is damaged: nothing was" in filled.run("restore", "bad.tar", "--yes").stderr
    (filled.deploy.parent / "other.tar").write_bytes(b"something else")
    assert "is no backup" in filled.run("restore", "other.tar", "--yes").stderr
    assert filled.asked() == before

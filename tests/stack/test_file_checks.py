"""`hiprep doctor --stack`: secrets and folders, by root and by others."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from pipeline.settings import (
    InfluxSettings,
    MqttSettings,
    SensorEntry,
    Settings,
    StoreSettings,
)
from pipeline.stack import file_checks
from pipeline.stack.file_checks import (
    folder_findings,
    named_findings,
    secret_findings,
    space_finding,
)
from pipeline.stack.secrets import OWNERS, init
from tests.stack.findings import bad, only

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="owners and modes are of POSIX")

ROOT = os.geteuid() == 0 if sys.platform != "win32" else False
NOBODY = 65534
BOTH = ("grafana/influx_header", "store/influx_token")  # hiprep stack databases makes these


@pytest.fixture
def secrets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All secrets; where we are not root, those who read them are we."""
    folder = tmp_path / "secrets"
    init(folder, "home", ["127.0.0.1"])
    for name in BOTH:
        file = folder / name
        file.write_text("Token abc\n")
        file.chmod(0o600)
        if ROOT:
            os.chown(file, OWNERS[file.parent.name], -1)
    if not ROOT:
        monkeypatch.setattr(file_checks, "OWNERS", dict.fromkeys(OWNERS, os.geteuid()))
    return folder


@contextmanager
def open_folder() -> Iterator[Path]:
    """A new folder that everybody can come to; pytest's own are root's only."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def as_somebody() -> Iterator[int]:
    """Root may do anything: be somebody else for a while -> uid."""
    if not ROOT:
        yield os.geteuid()
        return
    os.seteuid(NOBODY)
    try:
        yield NOBODY
    finally:
        os.seteuid(0)


# Secrets


def test_all_secrets_as_they_are_made_are_well(secrets: Path) -> None:
    assert [one.level for one in secret_findings(secrets)] == ["ok"]


def test_a_folder_that_is_not_there_is_made_by_init(tmp_path: Path) -> None:
    assert "hiprep stack init" in only(secret_findings(tmp_path / "none")).cure


def test_before_the_first_start_of_the_database_its_tokens_are_missing(secrets: Path) -> None:
    for name in BOTH:
        (secrets / name).unlink()
    found = bad(secret_findings(secrets))
    assert [one.text for one in found] == [f"{secrets / name} is missing" for name in BOTH]
    assert {one.cure for one in found} == {f"hiprep stack databases {secrets} makes it"}


@pytest.mark.parametrize("name", ["ca/ca.key", "mosquitto/acl", "grafana/secret_key"])
def test_a_missing_secret_is_named_with_the_command_that_makes_it(secrets: Path, name: str) -> None:
    (secrets / name).unlink()
    finding = only(secret_findings(secrets))
    assert finding.level == "problem"
    assert finding.text == f"{secrets / name} is missing"
    assert finding.cure == f"hiprep stack init {secrets} makes it"


def test_a_missing_volume_is_told_file_by_file(secrets: Path) -> None:
    for file in (secrets / "store").iterdir():
        file.unlink()
    (secrets / "store").rmdir()
    assert len(bad(secret_findings(secrets))) == 3


def test_an_empty_secret_is_found(secrets: Path) -> None:
    (secrets / "influxdb" / "admin_token").write_bytes(b"")
    assert "admin_token is empty" in only(secret_findings(secrets)).text


def test_a_secret_that_anybody_may_read_is_a_warning(secrets: Path) -> None:
    file = secrets / "gateway" / "mqtt_password"
    file.chmod(0o644)
    finding = only(secret_findings(secrets))
    assert (finding.level, finding.cure) == ("warning", f"chmod o-rwx {file}")


def test_a_secret_that_its_owner_may_not_read_is_a_problem(secrets: Path) -> None:
    (secrets / "mosquitto" / "passwd").chmod(0o040)
    assert "chmod u+r" in only(secret_findings(secrets)).cure


def test_a_volume_of_the_wrong_user_is_found_with_both_users(
    secrets: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = secrets / "mosquitto"
    if ROOT:
        for file in folder.iterdir():
            os.chown(file, NOBODY, -1)
        whose, reader = NOBODY, OWNERS["mosquitto"]
    else:
        whose, reader = os.geteuid(), os.geteuid() + 1
        owners = dict.fromkeys(OWNERS, whose) | {"mosquitto": reader}
        monkeypatch.setattr(file_checks, "OWNERS", owners)
    finding = only(secret_findings(secrets))
    assert finding.level == "problem"
    assert f"of uid {whose}" in finding.text
    assert "passwd, acl, ca.crt, server.crt, server.key" in finding.text
    assert finding.cure == f"as root: chown -R {reader} {folder}"


def test_a_folder_that_we_may_not_look_into_is_said_once() -> None:
    with open_folder() as folder:
        init(folder, "home", [])
        if ROOT:
            with as_somebody():
                found = secret_findings(folder)
        else:
            for name in OWNERS:
                (folder / name).chmod(0)
            found = secret_findings(folder)
            for name in OWNERS:
                (folder / name).chmod(0o700)
    assert [(one.level, one.cure) for one in found] == [("warning", "run this as root")] * 6


# Secrets that the settings name


def named(folder: Path) -> Settings:
    for name in ("password", "ca.crt", "token"):
        (folder / name).write_text("abc\n")
        (folder / name).chmod(0o600)
    return Settings(
        mqtt=MqttSettings(
            "mqtts://broker", "store", password_file=folder / "password", ca=folder / "ca.crt"
        ),
        influx=InfluxSettings(
            "http://db:8086", token_file=folder / "token", org="hiprep", bucket="hiprep"
        ),
    )


def test_files_that_can_be_read_are_well(tmp_path: Path) -> None:
    found = named_findings(tmp_path / "settings.toml", named(tmp_path))
    assert [one.level for one in found] == ["ok"] * 3


@pytest.mark.parametrize(
    ("name", "place", "command"),
    [
        ("password", "mqtt.password_file", "hiprep stack init"),
        ("ca.crt", "mqtt.ca", "hiprep stack init"),
        ("token", "influx.token_file", "hiprep stack databases"),
    ],
)
def test_a_file_that_is_missing_or_empty_or_a_folder_is_a_problem(
    tmp_path: Path, name: str, place: str, command: str
) -> None:
    settings, file = named(tmp_path), tmp_path / name
    file.write_bytes(b"")
    empty = only(named_findings(tmp_path, settings))
    file.unlink()
    missing = only(named_findings(tmp_path, settings))
    file.mkdir(mode=0o700)
    folder = only(named_findings(tmp_path, settings))
    for finding, words in ((empty, "is empty"), (missing, "is not there"), (folder, "a folder")):
        assert finding.level == "problem"
        assert finding.text.startswith(f"{place}: {file} ")
        assert words in finding.text
        assert command in finding.cure


def test_a_file_with_more_than_one_line_is_no_password(tmp_path: Path) -> None:
    settings = named(tmp_path)
    (tmp_path / "password").write_text("hunter2\nhunter3\n")
    finding = only(named_findings(tmp_path, settings))
    assert "one line" in finding.text
    assert "hunter" not in finding.text + finding.cure


def test_a_file_of_somebody_else_names_both_and_the_command() -> None:
    with open_folder() as folder:
        settings = named(folder)
        file = folder / "token"
        file.chmod(0o600 if ROOT else 0)
        (folder / "password").chmod(0o644)
        (folder / "ca.crt").chmod(0o644)
        with as_somebody() as uid:
            found = named_findings(folder, settings)
    finding = next(one for one in found if one.level == "problem")
    assert f"may not be read by uid {uid}" in finding.text
    assert finding.cure == f"as root: chown -R {uid} {file}"
    # The password can be read by everybody, which is another thing to be said.
    warning = next(one for one in found if one.level == "warning")
    assert warning.cure == f"chmod o-rwx {folder / 'password'}"


# Folders


def writing(folder: Path) -> Settings:
    return Settings(
        recordings=folder / "recordings",
        sensors={"belt": SensorEntry(name="belt")},
        mqtt=MqttSettings("mqtt://broker"),
        store=StoreSettings(folder / "store" / "store.db"),
    )


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    with open_folder() as folder:
        monkeypatch.setenv("XDG_DATA_HOME", str(folder / "data"))
        monkeypatch.delenv("HIPREP_SETTINGS", raising=False)
        yield folder


def test_folders_that_are_not_there_yet_can_be_made(home: Path) -> None:
    found = folder_findings(writing(home))
    assert [one.about for one in found] == ["recordings", "outbox", "store"]
    assert bad(found) == []
    assert list(home.iterdir()) == []


def test_folders_are_written_into_and_nothing_stays(home: Path) -> None:
    for name in ("recordings", "store", "data/hiprep"):
        (home / name).mkdir(parents=True)
    before = sorted(home.rglob("*"))
    assert [one.about for one in folder_findings(writing(home))] == [
        "recordings",
        "outbox",
        "store",
    ]
    assert sorted(home.rglob("*")) == before


def test_only_folders_that_are_used_are_looked_at(home: Path) -> None:
    sensors = Settings(recordings=home, sensors={"belt": SensorEntry(name="belt")})
    assert [one.about for one in folder_findings(sensors)] == ["recordings"]
    assert folder_findings(Settings(store=StoreSettings(home / "store.db"))) == []


def test_a_volume_of_root_is_told_with_the_command_that_gives_it_away(home: Path) -> None:
    folder = home / "store"
    folder.mkdir()
    folder.chmod(0o755 if ROOT else 0o555)
    (home / "recordings").mkdir()
    (home / "recordings").chmod(0o777)
    (home / "data" / "hiprep").mkdir(parents=True)
    (home / "data" / "hiprep").chmod(0o777)
    with as_somebody() as uid:
        finding = only(folder_findings(writing(home)))
    folder.chmod(0o755)
    assert (finding.level, finding.about) == ("problem", "store")
    assert f"{folder} may not be written by uid {uid} (it is of uid " in finding.text
    assert finding.cure == f"as root: chown -R {uid} {folder}"


def test_a_folder_that_nobody_can_make_is_told(home: Path) -> None:
    home.chmod(0o755 if ROOT else 0o555)
    with as_somebody() as uid:
        found = bad(folder_findings(writing(home)))
    home.chmod(0o755)
    assert {one.about for one in found} == {"recordings", "outbox", "store"}
    assert all(f"chown -R {uid}" in one.cure and "mkdir -p" in one.cure for one in found)


def test_a_store_that_root_made_in_a_folder_of_ours_is_told(home: Path) -> None:
    settings = Settings(mqtt=MqttSettings("mqtt://broker"), store=StoreSettings(home / "store.db"))
    file = home / "store.db"
    file.write_bytes(b"")
    file.chmod(0o600 if ROOT else 0o400)
    home.chmod(0o777)
    with as_somebody():
        assert str(file) in only(folder_findings(settings)).text


def test_a_file_in_the_place_of_a_folder_is_told(home: Path) -> None:
    (home / "recordings").write_text("")
    settings = Settings(recordings=home / "recordings", sensors={"b": SensorEntry(name="b")})
    assert "is no folder" in only(folder_findings(settings)).text


@pytest.mark.parametrize(
    ("free", "total", "warns"),
    [(10**12, 2 * 10**12, False), (9 * 10**8, 10**10, True), (2 * 10**9, 10**11, True)],
)
def test_less_than_a_gigabyte_or_5_percent_is_little_room(
    free: int, total: int, *, warns: bool
) -> None:
    found = space_finding("store", Path("/store"), free, total)
    assert [one.level for one in found] == ["warning"] * warns

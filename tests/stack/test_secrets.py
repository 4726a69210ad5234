import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline.cli import main
from pipeline.stack import StackError
from pipeline.stack.acl import ROLES, User, updated, users_in
from pipeline.stack.certificates import hosts_of, server_certificate
from pipeline.stack.files import read_secret, write
from pipeline.stack.passwd import fits, mosquitto_hash, parsed
from pipeline.stack.secrets import OWNERS, add_user, init, site_of, users_of

_SECRETS = (
    "gateway/mqtt_password",
    "grafana/admin_password",
    "grafana/secret_key",
    "influxdb/admin_password",
    "influxdb/admin_token",
    "store/mqtt_password",
)
_OPEN = ("ca/ca.crt", "gateway/ca.crt", "mosquitto/ca.crt", "mosquitto/server.crt", "store/ca.crt")
_CLOSED = (*_SECRETS, "ca/ca.key", "mosquitto/acl", "mosquitto/passwd", "mosquitto/server.key")

Capture = pytest.CaptureFixture[str]
posix = pytest.mark.skipif(sys.platform == "win32", reason="there are no such permissions")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "secrets"
    init(path, "home", [])
    return path


def _files(folder: Path) -> dict[str, tuple[bytes, os.stat_result]]:
    return {
        str(file.relative_to(folder)): (file.read_bytes(), file.stat())
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def _secrets(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text() for name in _SECRETS}


def _users(folder: Path) -> dict[str, str]:
    file = folder / "mosquitto" / "passwd"
    return parsed(file.read_text(), file)


def test_all_is_made_and_nothing_else(folder: Path) -> None:
    assert sorted(_files(folder)) == sorted((*_OPEN, *_CLOSED))
    assert {path.name for path in folder.iterdir()} == set(OWNERS)
    authority = (folder / "ca" / "ca.crt").read_bytes()
    for name in ("mosquitto", "store", "gateway"):
        assert (folder / name / "ca.crt").read_bytes() == authority


@posix
def test_only_who_needs_a_secret_can_read_it_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        init(tmp_path / "secrets", "home", [])
    finally:
        os.umask(before)
    for name, (_, found) in _files(tmp_path / "secrets").items():
        assert stat.S_IMODE(found.st_mode) == (0o644 if name in _OPEN else 0o600)
    for path in (tmp_path / "secrets").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


@posix
def test_a_file_is_closed_to_others_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[int, int]] = []
    fsync = os.fsync

    def look(descriptor: int) -> None:
        (other,) = tmp_path.glob(".*")
        seen.append((stat.S_IMODE(other.stat().st_mode), os.fstat(descriptor).st_size))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    write(tmp_path / "secret", b"anything")
    assert seen == [(0o600, 8)]


@posix
def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    import resource  # noqa: PLC0415  # there is none on Windows

    file = tmp_path / "secret"
    file.write_text("before")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, limits[1]))
    try:
        with pytest.raises(StackError, match="secret: cannot be written: File too large"):
            write(file, bytes(100))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert file.read_text() == "before"
    assert list(tmp_path.iterdir()) == [file]


def test_secrets_are_long_all_different_and_one_line(tmp_path: Path, folder: Path) -> None:
    init(tmp_path / "other", "home", [])
    made = [*_secrets(folder).values(), *_secrets(tmp_path / "other").values()]
    assert len(set(made)) == len(made) == 2 * len(_SECRETS)
    for secret in made:
        assert 32 <= len(secret) <= 72
        assert secret.isprintable()
        assert not secret.startswith("-")
        assert secret == secret.strip()


def test_another_time_changes_nothing(folder: Path) -> None:
    add_user(folder, "attic", "gateway", "attic")
    before = _files(folder)
    assert init(folder, "home", []) == []
    after = _files(folder)
    assert after.keys() == before.keys()
    for name, (content, found) in before.items():
        assert after[name][0] == content
        assert after[name][1].st_mtime_ns == found.st_mtime_ns


def test_what_is_there_stays_and_what_is_missing_is_made(tmp_path: Path) -> None:
    (tmp_path / "grafana").mkdir()
    (tmp_path / "grafana" / "admin_password").write_text("of my own\n")
    lines = init(tmp_path, "home", [])
    assert (tmp_path / "grafana" / "admin_password").read_text() == "of my own\n"
    assert [line for line in lines if line.endswith(": made") and "grafana/" in line] == [
        "grafana/secret_key: made"
    ]
    before = _secrets(tmp_path)
    (tmp_path / "influxdb" / "admin_token").unlink()
    assert init(tmp_path, "home", [])[:1] == ["influxdb/admin_token: made"]
    after = _secrets(tmp_path)
    assert [name for name in _SECRETS if after[name] != before[name]] == ["influxdb/admin_token"]


@pytest.mark.parametrize("name", [*_CLOSED, "ca/ca.crt", "mosquitto/server.crt"])
def test_an_empty_file_is_named_with_the_cure_and_stays(folder: Path, name: str) -> None:
    (folder / name).write_text("")
    with pytest.raises(StackError) as caught:
        init(folder, "home", [])
    told = str(caught.value)
    assert told.startswith(f"{folder / name}: is empty")
    assert told.endswith(f"hiprep stack init {folder} makes another one")
    assert (folder / name).read_text() == ""


@pytest.mark.parametrize("damage", [b"two\nlines", b"\xff\xfe", b" \n", b"bell\x07"])
def test_a_damaged_secret_is_named_and_never_shown(folder: Path, damage: bytes) -> None:
    file = folder / "influxdb" / "admin_token"
    file.write_bytes(damage)
    with pytest.raises(StackError) as caught:
        init(folder, "home", [])
    assert str(caught.value).startswith(f"{file}: ")
    assert "lines" not in str(caught.value)
    assert file.read_bytes() == damage


def test_a_secret_is_read_without_the_end_of_its_line(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("token\r\n")
    assert read_secret(tmp_path / "secret") == "token"
    with pytest.raises(StackError, match=r"other: is missing: hiprep stack init .* makes it"):
        read_secret(tmp_path / "other")


def test_the_broker_knows_the_hashes_of_the_passwords_and_no_password(folder: Path) -> None:
    users = _users(folder)
    assert list(users) == ["gateway", "store"]
    for name, hashed in users.items():
        password = (folder / name / "mqtt_password").read_text()
        assert fits(password, hashed)
        assert not fits(password + "x", hashed)
        assert password not in (folder / "mosquitto" / "passwd").read_text()


def test_two_hashes_of_one_password_differ() -> None:
    assert mosquitto_hash("same") != mosquitto_hash("same")
    for strange in ("", "$7$", "$7$0$AA==$AA==", "$7$101$A$A", "$6$AA==$AA==", "plain"):
        assert not fits("same", strange)


def test_a_password_that_was_made_anew_reaches_the_broker(folder: Path) -> None:
    password = add_user(folder, "attic", "gateway", "attic")
    before = _users(folder)
    (folder / "gateway" / "mqtt_password").unlink()
    lines = init(folder, "home", [])
    assert lines[:2] == ["gateway/mqtt_password: made", "mosquitto/passwd: gateway put in"]
    after = _users(folder)
    assert fits((folder / "gateway" / "mqtt_password").read_text(), after["gateway"])
    assert after["store"] == before["store"]
    assert fits(password, after["attic"])


def test_a_line_that_is_no_user_is_named_by_its_number_alone(folder: Path) -> None:
    file = folder / "mosquitto" / "passwd"
    text = file.read_text() + "anna:s3cret\n"
    file.write_text(text)
    with pytest.raises(StackError, match="passwd: line 3 is no user with a hashed") as caught:
        init(folder, "home", [])
    assert "s3cret" not in str(caught.value)
    assert file.read_text() == text


def test_rights_of_others_stay_and_ours_are_brought_up_to_date(folder: Path) -> None:
    file = folder / "mosquitto" / "acl"
    own = "# of my own\nuser bridge\ntopic read #"
    head, ours = file.read_text().split("\n\n", 1)
    older = ours.replace("topic read hiprep/v1/+/+/+/rep\n", "")
    assert older != ours
    file.write_text(f"{head}\n\n{own}\n\n{older}")
    assert [line for line in init(folder, "home", []) if "acl" in line] == [
        "mosquitto/acl: brought up to date"
    ]
    assert file.read_text() == f"{head}\n\n{own}\n\n{ours}"


def test_what_a_later_version_wrote_stays() -> None:
    later = "# hiprep: kiosk, kiosk of home\nuser kiosk\ntopic read kiosks\n"
    assert updated(later) == later
    assert users_in(later) == []


def test_each_paragraph_says_whose_it_is_and_why() -> None:
    users = [User(f"a-{role}", role, "gym") for role in ROLES]
    text = updated("", users)
    assert users_in(text) == users
    assert updated(text) == text
    for user, paragraph in zip(users, text.strip().split("\n\n")[1:], strict=True):
        lines = paragraph.splitlines()
        comments = [line for line in lines if line.startswith("# ")]
        assert lines[: len(comments)] == comments
        assert len(comments) >= 2
        assert lines[len(comments)] == f"user {user.name}"
        assert all(line.startswith("topic ") for line in lines[len(comments) + 1 :])


def test_another_site_is_that_of_our_services_and_not_of_others(folder: Path) -> None:
    add_user(folder, "attic", "gateway", "attic")
    assert init(folder, "gym", []) == ["mosquitto/acl: brought up to date", *_no_root()]
    sites = {user.name: user.site for user in users_of(folder)}
    assert sites == {"gateway": "gym", "store": "gym", "attic": "attic"}
    assert site_of(folder) == "gym"


def test_a_user_is_added_with_rights_and_a_password_that_is_kept_nowhere(folder: Path) -> None:
    password = add_user(folder, "annas-phone", "coach", "home")
    assert fits(password, _users(folder)["annas-phone"])
    assert users_of(folder)[-1] == User("annas-phone", "coach", "home")
    for content, _ in _files(folder).values():
        assert password.encode() not in content


@pytest.mark.parametrize(
    ("name", "role", "site", "told"),
    [
        ("gateway", "page", "home", "there is a user gateway already: .*another name"),
        ("a b", "page", "home", "name: 'a b' has more than"),
        ("a\nuser b", "page", "home", "has more than"),
        ("", "page", "home", "has more than"),
        ("anna", "page", "#", "site: '#' has more than"),
        ("anna", "owner", "home", "'owner' is none of gateway, store, page, coach"),
    ],
)
def test_a_user_that_cannot_be_added_changes_nothing(
    folder: Path, name: str, role: str, site: str, told: str
) -> None:
    before = _files(folder)
    with pytest.raises(StackError, match=told):
        add_user(folder, name, role, site)
    assert {n: c for n, (c, _) in _files(folder).items()} == {n: c for n, (c, _) in before.items()}


def test_a_user_needs_a_broker_first(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"passwd: is missing: run hiprep stack init .* first"):
        add_user(tmp_path, "anna", "page", "home")


def test_a_site_that_is_none_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(StackError, match="site: 'a/b' has more than"):
        init(tmp_path / "secrets", "a/b", [])
    assert not (tmp_path / "secrets").exists()


def test_a_file_in_the_place_of_a_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "secrets").write_text("")
    with pytest.raises(StackError, match="secrets: cannot be made ready: File exists"):
        init(tmp_path / "secrets", "home", [])


@posix
def test_a_secret_that_is_open_to_everybody_is_closed(folder: Path) -> None:
    (folder / "grafana" / "secret_key").chmod(0o644)
    (folder / "store" / "mqtt_password").chmod(0o640)  # to a group of one's own: that is meant
    assert init(folder, "home", []) == [
        "grafana/secret_key: no longer open to everybody",
        *_no_root(),
    ]
    found = {name: stat.S_IMODE(one.st_mode) for name, (_, one) in _files(folder).items()}
    assert found["grafana/secret_key"] == 0o640
    assert found["store/mqtt_password"] == 0o640
    assert found["mosquitto/ca.crt"] == 0o644


@posix
def test_root_gives_each_folder_to_who_reads_it_unless_somebody_has_it(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root gives files away")
    (tmp_path / "store").mkdir()
    os.chown(tmp_path / "store", 4321, -1)
    init(tmp_path, "home", [])
    wanted = {**OWNERS, "store": 4321}
    assert {path.name: path.stat().st_uid for path in tmp_path.iterdir()} == wanted
    for name, (_, found) in _files(tmp_path).items():
        assert found.st_uid == wanted[name.partition("/")[0]]
    os.chown(tmp_path / "grafana" / "secret_key", 0, -1)
    assert init(tmp_path, "home", []) == ["grafana/secret_key: given to uid 472"]


@posix
def test_others_keep_it_all_and_are_told_so() -> None:
    with tempfile.TemporaryDirectory() as name, _nobody(name):
        folder = Path(name) / "secrets"
        lines = init(folder, "home", [])
        assert lines[-1].startswith("not run by root: ")
        assert {found.st_uid for _, found in _files(folder).values()} == {os.geteuid()}
        assert init(folder, "home", []) == []


@contextmanager
def _nobody(folder: str) -> Iterator[None]:
    """As somebody who is not root, to whom the folder belongs."""
    if os.geteuid() != 0:
        yield
        return
    os.chown(folder, 65534, -1)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


def _no_root() -> list[str]:
    """The last line for those who are not root."""
    if sys.platform != "win32" and os.geteuid() == 0:
        return []
    return ["not run by root: all of it belongs to this user, and containers cannot read it"]


def test_init_says_what_it_made_and_no_secret(tmp_path: Path, capsys: Capture) -> None:
    folder = tmp_path / "secrets"
    assert main(["stack", "init", str(folder), "--site", "gym", "--host", "gym.local"]) == 0
    told = capsys.readouterr().out
    for name in _SECRETS:
        assert f"{name}: made" in told
    for secret in _secrets(folder).values():
        assert secret not in told
    assert site_of(folder) == "gym"
    certificate = server_certificate(folder / "mosquitto")
    assert certificate is not None
    assert hosts_of(certificate) == ["localhost", "127.0.0.1", "mosquitto", "gym.local"]
    assert main(["stack", "init", str(folder)]) == 0
    assert capsys.readouterr().out == "nothing to do: all is there\n"
    assert site_of(folder) == "gym"


def test_show_tells_what_a_person_needs(folder: Path, capsys: Capture) -> None:
    init(folder, "home", ["gym.local", "fd00::5"])
    assert main(["stack", "show", str(folder)]) == 0
    told = capsys.readouterr().out
    secrets = _secrets(folder)
    assert f"http://gym.local:3000   user admin   password {secrets['grafana/admin_password']}" in (
        told
    )
    assert "mqtts://gym.local:8883   wss://gym.local:8084" in told
    assert "mqtts://[fd00::5]:8883" in told
    assert [name for name in _SECRETS if secrets[name] in told] == ["grafana/admin_password"]


def test_user_tells_the_password_once(folder: Path, capsys: Capture) -> None:
    assert main(["stack", "user", str(folder), "anna", "--role", "page"]) == 0
    told = capsys.readouterr().out
    (line,) = [one for one in told.splitlines() if one.startswith("password, told this once: ")]
    assert fits(line.rpartition(" ")[2], _users(folder)["anna"])
    assert users_of(folder)[-1] == User("anna", "page", "home")
    assert main(["stack", "user", str(folder), "anna", "--role", "page"]) == 2
    assert "there is a user anna already" in capsys.readouterr().err


def test_user_writes_what_a_gateway_on_another_machine_needs(
    tmp_path: Path, folder: Path, capsys: Capture
) -> None:
    init(folder, "home", ["gym.local"])
    out = tmp_path / "out"
    more = ["attic", "--role", "gateway", "--site", "attic", "--out", str(out)]
    assert main(["stack", "user", str(folder), *more]) == 0
    told = capsys.readouterr().out
    password = (out / "mqtt_password").read_text()
    assert fits(password, _users(folder)["attic"])
    assert password not in told
    assert (out / "ca.crt").read_bytes() == (folder / "ca" / "ca.crt").read_bytes()
    if sys.platform != "win32":
        assert stat.S_IMODE((out / "mqtt_password").stat().st_mode) == 0o600
    for line in ('site = "attic"', 'url = "mqtts://gym.local:8883"', 'user = "attic"'):
        assert line in told


def test_user_adds_nobody_where_the_password_would_be_lost(
    tmp_path: Path, folder: Path, capsys: Capture
) -> None:
    (tmp_path / "mqtt_password").write_text("of another")
    before = _users(folder)
    for out, told in ((tmp_path, "is there already"), (tmp_path / "mqtt_password", "cannot be")):
        more = ["attic", "--role", "gateway", "--out", str(out)]
        assert main(["stack", "user", str(folder), *more]) == 2
        assert told in capsys.readouterr().err
    assert _users(folder) == before
    assert (tmp_path / "mqtt_password").read_text() == "of another"


@pytest.mark.parametrize("action", ["show", "user"])
def test_before_init_they_say_what_to_do(tmp_path: Path, capsys: Capture, action: str) -> None:
    more = ["anna", "--role", "page"] if action == "user" else []
    assert main(["stack", action, str(tmp_path), *more]) == 2
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert f"run hiprep stack init {tmp_path} first" in told

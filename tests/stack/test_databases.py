"""What is made in InfluxDB at a first start, and what is left alone at each that follows."""

import logging
import os
import stat
from pathlib import Path

import pytest

from pipeline.stack import StackError
from pipeline.stack import databases as code
from pipeline.stack.databases import prepare
from tests.integration.influx import influx_server
from tests.integration.mosquitto import free_ports
from tests.stack.model_influx import ADMIN_TOKEN, ModelInflux, State, Thing, model_influx

BUCKETS = {"hiprep": 0, "hiprep_live": 7 * 86_400, "hiprep_rollup": 56 * 86_400}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of secrets, as far as they are needed here."""
    for name, secret in (
        ("influxdb/admin_token", ADMIN_TOKEN),
        ("influxdb/admin_password", "a-long-password"),
        ("store/mqtt_password", "x"),
        ("grafana/admin_password", "x"),
    ):
        path = tmp_path / "secrets" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{secret}\n")
    return tmp_path / "secrets"


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "_PAUSE_S", 0.01)


def rights(model: ModelInflux, token: str) -> set[tuple[str, str]]:
    """What a token may do with which bucket, and that it is limited to buckets."""
    names = {one["id"]: one["name"] for one in model.state.things["buckets"]}
    (found,) = [one for one in model.state.things["authorizations"] if one["token"] == token]
    assert {one["resource"]["type"] for one in found["permissions"]} == {"buckets"}
    return {(one["action"], names[one["resource"]["id"]]) for one in found["permissions"]}


def tokens(folder: Path) -> tuple[str, str]:
    """Of store and grafana."""
    store = (folder / "store/influx_token").read_text()
    header = (folder / "grafana/influx_header").read_text()
    assert header.startswith("Token ")
    return store, header.removeprefix("Token ")


def test_buckets_names_for_influxql_and_tokens_are_made(folder: Path) -> None:
    with model_influx(State()) as model:
        lines = prepare(model.url, folder, wait_s=5)
        things = model.state.things
        rules = {one["name"]: one["retentionRules"][0]["everySeconds"] for one in things["buckets"]}
        assert rules == BUCKETS
        assert {one["retention_policy"] for one in things["dbrps"]} == {"events", "live", "rollup"}
        assert {one["database"] for one in things["dbrps"]} == {"hiprep"}
        assert [one["name"] for one in things["tasks"]] == ["hiprep_rollup"]
        store, grafana = tokens(folder)
        assert rights(model, grafana) == {("read", name) for name in BUCKETS}
        assert rights(model, store) == {
            (action, name) for name in BUCKETS for action in ("read", "write")
        }
    assert any(line.startswith(f"{folder}/store/influx_token: ") for line in lines)
    assert any("grafana/influx_header" in line and line.endswith("; made") for line in lines)
    for secret in (store, grafana, ADMIN_TOKEN):
        assert secret not in "\n".join(lines)


def test_the_second_time_changes_nothing(folder: Path) -> None:
    with model_influx(State()) as model:
        prepare(model.url, folder, wait_s=5)
        things, before = repr(model.state.things), tokens(folder)
        lines = prepare(model.url, folder, wait_s=5)
        assert (repr(model.state.things), tokens(folder)) == (things, before)
    assert sum(line.endswith("it was there") for line in lines) == 2


def test_a_token_that_works_no_more_is_made_anew_and_the_other_is_kept(folder: Path) -> None:
    with model_influx(State()) as model:
        prepare(model.url, folder, wait_s=5)
        store, grafana = tokens(folder)
        made = model.state.things["authorizations"]
        made[:] = [one for one in made if one["token"] != grafana]
        made.append({"token": "taken", "permissions": []})
        lines = prepare(model.url, folder, wait_s=5)
        assert tokens(folder)[0] == store
        assert tokens(folder)[1] not in (grafana, "taken")
    (said,) = [line for line in lines if "anew" in line]
    assert "influx_header" in said
    assert "restart grafana" in said


def _without_writing(one: Thing) -> None:
    one["permissions"] = [part for part in one["permissions"] if part["action"] == "read"]


def _without_a_bucket(one: Thing) -> None:
    one["permissions"] = one["permissions"][:-1]


@pytest.mark.parametrize("harm", [_without_writing, _without_a_bucket])
def test_a_token_with_too_few_rights_is_made_anew(folder: Path, harm: object) -> None:
    with model_influx(State()) as model:
        prepare(model.url, folder, wait_s=5)
        store = tokens(folder)[0]
        assert callable(harm)
        harm(next(one for one in model.state.things["authorizations"] if one["token"] == store))
        prepare(model.url, folder, wait_s=5)
        assert tokens(folder)[0] != store
        assert len(rights(model, tokens(folder)[0])) == 6


@pytest.mark.parametrize("text", ["", "\n", "nonsense", "two\nlines", "ä"])
def test_files_that_hold_no_token_are_written_anew(folder: Path, text: str) -> None:
    for name in ("store/influx_token", "grafana/influx_header"):
        (folder / name).write_text(text, encoding="utf-8")
    with model_influx(State()) as model:
        prepare(model.url, folder, wait_s=5)
        store, grafana = tokens(folder)
        assert len(rights(model, store)) == 6
        assert len(rights(model, grafana)) == 3


@pytest.mark.skipif(os.name != "posix", reason="modes of files are those of POSIX")
def test_only_the_reader_may_read_a_token(folder: Path) -> None:
    with model_influx(State()) as model:
        prepare(model.url, folder, wait_s=5)
    for name in ("store/influx_token", "grafana/influx_header"):
        assert stat.S_IMODE((folder / name).stat().st_mode) == 0o600
    assert sorted(path.name for path in (folder / "store").iterdir()) == [
        "influx_token",
        "mqtt_password",
    ]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root gives files away")
def test_a_token_belongs_to_whoever_has_its_folder(folder: Path) -> None:
    os.chown(folder / "store", 10001, 0)
    os.chown(folder / "grafana", 472, 0)
    with model_influx(State()) as model:
        prepare(model.url, folder, wait_s=5)
    files = ("store/influx_token", "grafana/influx_header")
    assert [(folder / name).stat().st_uid for name in files] == [10001, 472]


def test_a_database_that_nobody_set_up_is_set_up(folder: Path) -> None:
    with model_influx(State(admin=None)) as model:
        lines = prepare(model.url, folder, wait_s=5)
        assert model.state.setup["token"] == ADMIN_TOKEN
        assert model.state.setup["password"] == "a-long-password"  # noqa: S105
        assert model.state.setup["org"] == "hiprep"
        assert {one["name"] for one in model.state.things["buckets"]} == BUCKETS.keys()
    assert lines[0] == (
        f"user admin and organization hiprep; the password is in {folder}/influxdb/admin_password"
    )


def test_it_waits_until_the_database_answers_and_says_so(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    with model_influx(State(unready=3)) as model, caplog.at_level(logging.INFO):
        prepare(model.url, folder, wait_s=30)
        assert "waiting, 0 of 30 s: " in caplog.text
        assert "starting" in caplog.text
        assert model.state.unready == 0
    with pytest.raises(StackError, match=f"^{url} does not answer .*waited 0 s"):
        prepare(url, folder, wait_s=0)


def test_other_databases_are_refused_with_what_to_do(folder: Path) -> None:
    for version, cure in (
        ("1.8.10", "which has users and no tokens"),
        ("3.0.1", "run 2.7 there"),
    ):
        with (
            model_influx(State(version=version)) as model,
            pytest.raises(StackError, match=f"is InfluxDB {version}.*{cure}"),
        ):
            prepare(model.url, folder, wait_s=5)
    assert not (folder / "store/influx_token").exists()


def test_a_real_1x_is_refused(folder: Path, tmp_path: Path) -> None:
    with (
        influx_server(tmp_path / "influx") as server,
        pytest.raises(StackError, match="users and no tokens"),
    ):
        prepare(server.url, folder, wait_s=5)


def test_a_database_that_was_set_up_with_another_token_names_the_file(folder: Path) -> None:
    with model_influx(State(admin="another")) as model, pytest.raises(StackError) as told:
        prepare(model.url, folder, wait_s=5)
    assert str(told.value).startswith(f"{folder}/influxdb/admin_token: ")
    assert "hiprep db refill" in str(told.value)
    assert ADMIN_TOKEN not in str(told.value)


def test_another_organization_is_named(folder: Path) -> None:
    state = State()
    state.things["orgs"] = [{"id": "00000000000000dd", "name": "gym"}]
    with model_influx(state) as model, pytest.raises(StackError, match='org "hiprep" not found'):
        prepare(model.url, folder, wait_s=5)


@pytest.mark.parametrize("url", ["influxdb:8086", "", "ftp://influxdb", "http://", "http://x:ten"])
def test_an_address_that_is_none_is_not_waited_for(folder: Path, url: str) -> None:
    with pytest.raises(StackError, match="is not like http://influxdb:8086"):
        prepare(url, folder, wait_s=3600)


@pytest.mark.parametrize(
    ("missing", "cure"),
    [
        ("influxdb/admin_token", "hiprep stack init"),
        ("store/mqtt_password", "store: is missing: hiprep stack init"),
    ],
)
def test_without_the_secrets_the_first_step_is_named(folder: Path, missing: str, cure: str) -> None:
    (folder / missing).unlink()
    if missing.startswith("store"):
        (folder / missing).parent.rmdir()
    with pytest.raises(StackError, match=cure):
        prepare("http://127.0.0.1:1", folder, wait_s=3600)


def test_an_admin_token_of_two_lines_is_refused(folder: Path) -> None:
    (folder / "influxdb/admin_token").write_text("one\ntwo\n")
    with pytest.raises(StackError, match="more than one line"):
        prepare("http://127.0.0.1:1", folder, wait_s=3600)


def test_a_server_that_is_no_influxdb_is_told(folder: Path) -> None:
    with (
        model_influx(State(elsewhere=True)) as model,
        pytest.raises(StackError, match=f"^{model.url} is no InfluxDB"),
    ):
        prepare(model.url, folder, wait_s=3600)

"""What deploy/compose.yaml promises: pinned, least rights, no secret in it, and whole."""

import os
import re
import shutil
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from pipeline.commands.init import interview
from pipeline.settings import dumps, load, loads
from pipeline.stack.secrets import OWNERS, init
from tests.deploy.composed import DEPLOY, compose, mounts, services, used_variables, variables
from tests.integration.shipped import shipped_broker

SERVICES = services()
ONCE = ("image", "init", "databases", "volumes")
SECRETS = "/run/secrets/hiprep"
_BYTES = {"m": 2**20, "g": 2**30}
_PROFILES = {
    "gateway": {"image", "gateway"},
    "server": {"image", "init", "databases", "mosquitto", "influxdb", "grafana", "store"},
    "demo": {"demo"},
    "volumes": {"volumes"},
}
every_service = pytest.mark.parametrize("name", SERVICES)


def test_docker_compose_itself_takes_it_in_every_profile() -> None:
    program = _docker_compose()
    for profile, wanted in (*_PROFILES.items(), ("all", None)):
        found = subprocess.run(
            [*program, "config", "--services"],
            env={**os.environ, "COMPOSE_PROFILES": profile},
            cwd=DEPLOY,
            capture_output=True,
            text=True,
            check=True,
        )
        runs = _PROFILES["gateway"] | _PROFILES["server"] if wanted is None else wanted
        assert {*found.stdout.split()} == runs
        assert "variable is not set" not in found.stderr


def test_each_profile_has_what_it_is_for() -> None:
    for profile, wanted in _PROFILES.items():
        assert {n for n, one in SERVICES.items() if profile in one["profiles"]} == wanted
    everything = {name for name, one in SERVICES.items() if "all" in one["profiles"]}
    assert everything == _PROFILES["gateway"] | _PROFILES["server"]
    assert variables()["COMPOSE_PROFILES"] == "all", "`docker compose up` does everything"


@every_service
def test_what_a_service_waits_for_is_there_in_each_of_its_profiles(name: str) -> None:
    for other, how in SERVICES[name].get("depends_on", {}).items():
        assert how["condition"] in ("service_completed_successfully", "service_healthy") or (
            other,
            how["condition"],
        ) in (("influxdb", "service_started"), ("store", "service_started"))
        assert how["condition"] != "service_healthy" or "test" in SERVICES[other]["healthcheck"]
        assert (how["condition"] == "service_completed_successfully") == (other in ONCE)
        if how.get("required", True):
            assert {*SERVICES[name]["profiles"]} <= {*SERVICES[other]["profiles"]}


def test_secrets_are_there_before_whoever_reads_them_starts() -> None:
    for name in ("databases", "mosquitto", "gateway"):
        assert SERVICES[name]["depends_on"]["init"]["condition"] == "service_completed_successfully"
    for name in ("grafana", "store"):
        assert "databases" in SERVICES[name]["depends_on"], "which makes their tokens"


@every_service
def test_an_image_is_pinned(name: str) -> None:
    assert re.fullmatch(r"[a-z/-]+:\d+\.\d+\.\d+", SERVICES[name]["image"])


def test_the_image_of_our_own_is_of_this_version_and_built_once() -> None:
    ours = {name: one for name, one in SERVICES.items() if one["image"].startswith("hiprep:")}
    assert {one["image"] for one in ours.values()} == {f"hiprep:{version('hiprep')}"}
    # Two services that build the same one do so at once, and one of them fails.
    assert [name for name, one in ours.items() if "build" in one] == ["image"]
    assert {one.get("pull_policy") for one in ours.values() if "build" not in one} == {"never"}
    assert "pull_policy" not in ours["image"], "built where it is missing, and only there"
    assert (DEPLOY / ours["image"]["build"]["context"] / "deploy" / "Dockerfile").exists()


def test_the_database_is_the_one_that_answers_influxql() -> None:
    assert SERVICES["influxdb"]["image"].startswith("influxdb:2.7.")


@every_service
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    one = SERVICES[name]
    assert one["read_only"] is True
    assert one["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in one["security_opt"]
    assert not {"privileged", "devices", "pid", "ipc"} & one.keys()
    assert one["pids_limit"] > 0
    root = one["user"].startswith("0:")
    # Root only to make files that belong to others, and then without a port or the internet.
    assert one.get("cap_add", []) == (["CHOWN", "DAC_OVERRIDE", "FOWNER"] if root else [])
    if root:
        assert name in ONCE
        assert one.get("network_mode") == "none" or one["networks"] == ["database"]


@every_service
def test_a_log_does_not_fill_the_disk(name: str) -> None:
    options = SERVICES[name]["logging"]["options"]
    assert options["max-size"].endswith("m")
    assert int(options["max-file"]) > 0


def test_a_small_computer_has_the_memory() -> None:
    def limit(*names: str) -> int:
        texts = [SERVICES[name]["mem_limit"] for name in names]
        return sum(int(text[:-1]) * _BYTES[text[-1]] for text in texts)

    assert limit("gateway", "image") < 2 * 2**30 / 2, "half of 2 GB"
    running = [n for n, one in SERVICES.items() if n not in ONCE and "all" in one["profiles"]]
    assert limit(*running) < 4 * 2**30 * 0.75, "three quarters of 4 GB"
    for name in ("influxdb", "grafana"):
        soft = re.fullmatch(r"(\d+)MiB", SERVICES[name]["environment"]["GOMEMLIMIT"])
        assert soft
        assert int(soft[1]) * 2**20 < limit(name)


@every_service
def test_it_begins_anew_unless_it_has_done_its_work(name: str) -> None:
    over = name in (*ONCE, "demo")
    assert SERVICES[name]["restart"] == ("no" if over else "unless-stopped")
    if over:
        assert SERVICES[name]["healthcheck"] == {"disable": True}
    elif not SERVICES[name]["image"].startswith("hiprep:"):  # that has its own
        assert SERVICES[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


@every_service
def test_no_secret_stands_in_the_environment(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        assert not re.search("PASS|TOKEN|SECRET|KEY|USER", key)
        assert not re.search(r"[A-Za-z0-9_-]{24,}", str(value))


def test_no_secret_stands_in_the_files() -> None:
    for file in (".env", "compose.yaml", "settings/gateway.toml", "settings/store.toml"):
        text = (DEPLOY / file).read_text(encoding="utf-8")
        assert not re.search(r"^ *(password|token|secret) *[=:]", text, re.MULTILINE)


def test_all_that_is_put_in_has_a_place_in_env() -> None:
    assert used_variables() | {"COMPOSE_PROFILES"} == variables().keys()


def test_every_volume_and_network_is_declared_and_used() -> None:
    whole = compose()
    used = {source for one in SERVICES.values() for source, _, _ in mounts(one)}
    named = {source for source in used if not source.startswith((".", "/"))}
    assert named == whole["volumes"].keys()
    assert {n for one in SERVICES.values() for n in one.get("networks", [])} == {*whole["networks"]}


def test_every_file_that_is_mounted_is_there() -> None:
    for one in SERVICES.values():
        for source, _, writable in mounts(one):
            if source.startswith("."):
                assert (DEPLOY / source).exists()
                assert not writable


def test_each_service_sees_its_own_secrets_alone_and_can_read_them() -> None:
    for name, uid in OWNERS.items():
        readers = {
            reader: (target, writable)
            for reader, one in SERVICES.items()
            for source, target, writable in mounts(one)
            if source == f"secrets-{name}" and reader not in ONCE
        }
        for reader, (target, writable) in readers.items():
            assert (target, writable) == (SECRETS, False)
            assert SERVICES[reader]["user"].split(":")[0] == str(uid)
        mine = {"ca": set(), "influxdb": set(), "gateway": {"gateway", "demo"}}
        assert readers.keys() == mine.get(name, {name})
    places = {source: target for source, target, _ in mounts(SERVICES["init"])}
    assert places == {f"secrets-{name}": f"/secrets/{name}" for name in OWNERS}


def test_a_backup_has_every_secret_and_what_was_made_by_hand() -> None:
    kept = {s for s, target, _ in mounts(SERVICES["volumes"]) if target.startswith("/volumes/")}
    assert kept == {f"secrets-{name}" for name in OWNERS} | {"gateway-settings", "grafana-data"}


def test_the_database_is_out_of_reach_from_outside() -> None:
    assert compose()["networks"]["database"] == {"internal": True}
    assert SERVICES["influxdb"]["networks"] == ["database"]
    ports = {name: one["ports"] for name, one in SERVICES.items() if "ports" in one}
    assert ports == {
        "mosquitto": ["0.0.0.0:8883:8883", "0.0.0.0:8084:8084"],
        "grafana": ["0.0.0.0:3000:3000"],
    }
    assert SERVICES["gateway"]["networks"] == ["broker"], "it has no business with the database"
    # One that is in an internal network alone cannot publish a port.
    for name in ports:
        assert {*SERVICES[name]["networks"]} - {"database"}


def test_bluetooth_is_the_gateways_alone_and_read_only() -> None:
    seen = [n for n, one in SERVICES.items() if "/run/dbus" in {s for s, _, _ in mounts(one)}]
    assert seen == ["gateway"]
    assert ("/run/dbus", "/run/dbus", False) in mounts(SERVICES["gateway"])
    assert all(int(group) > 0 for group in SERVICES["gateway"]["group_add"])
    unconfined = [n for n, one in SERVICES.items() if "apparmor=unconfined" in one["security_opt"]]
    assert unconfined == ["gateway"]


@pytest.mark.parametrize("name", ["gateway", "store"])
def test_the_settings_fit_what_is_mounted(name: str, tmp_path: Path) -> None:
    path = DEPLOY / "settings" / f"{name}.toml"
    settings = load(path)
    assert settings.mqtt
    assert settings.mqtt.tls
    assert settings.mqtt.user == name
    assert settings.mqtt.host in SERVICES
    init(tmp_path, settings.site, [])
    made = {file.name for file in (tmp_path / name).iterdir()} | {"influx_token"}
    files = [settings.mqtt.password_file, settings.mqtt.ca]
    files += [settings.influx.token_file] if settings.influx else []
    for file in filter(None, files):
        assert file.parent == Path(SECRETS)
        assert file.name in made
    writable = [Path(place) for _, place, may in mounts(SERVICES[name]) if may]
    if settings.store:
        assert Path("/data") in writable
        assert settings.store.file.is_relative_to("/data")
    assert settings.health, "which the image's health check asks"


def test_the_store_writes_where_the_database_is_made_ready() -> None:
    influx = load(DEPLOY / "settings" / "store.toml").influx
    assert influx
    assert (influx.org, influx.bucket) == ("hiprep", "hiprep")
    command: list[str] = SERVICES["databases"]["command"]
    assert command[command.index("--influx") + 1] == influx.url == "http://influxdb:8086"


def test_a_gateway_without_a_store_beside_it_waits_for_receipts() -> None:
    gateway = load(DEPLOY / "settings" / "gateway.toml")
    assert gateway.mqtt
    assert gateway.mqtt.receipts
    assert not gateway.influx
    assert not gateway.store
    assert not gateway.sensors


def test_sensors_that_are_added_leave_the_broker_in_the_settings() -> None:
    before = load(DEPLOY / "settings" / "gateway.toml")
    after = loads(dumps(interview(before, [], None)))
    assert (after.mqtt, after.health, after.site) == (before.mqtt, before.health, before.site)
    assert after.athletes


def test_the_brokers_health_check_tells_whether_it_listens(tmp_path: Path) -> None:
    kind, check = SERVICES["mosquitto"]["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    init(tmp_path / "secrets", "home", [])
    with shipped_broker(tmp_path / "broker", tmp_path / "secrets") as broker:
        for shipped, here in ((8883, broker.port), (8084, broker.web_port)):
            assert f":{shipped:04X} " in check
            check = check.replace(f":{shipped:04X} ", f":{here:04X} ")
        assert subprocess.run(["sh", "-c", check], check=False).returncode == 0
    assert subprocess.run(["sh", "-c", check], check=False).returncode != 0


def _docker_compose() -> list[str]:
    found = shutil.which("docker-compose")
    programs: list[list[Any]] = [["docker", "compose"], *([[found]] if found else [])]
    for one in programs:
        if shutil.which(one[0]):
            asked = [*one, "version", "--short"]
            told = subprocess.run(asked, capture_output=True, text=True, check=False)
            if told.returncode == 0 and int(told.stdout.lstrip("v").split(".")[0]) >= 2:
                return one
    pytest.skip("there is no docker compose 2: the rules of our own are checked all the same")

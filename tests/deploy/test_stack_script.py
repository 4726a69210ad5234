"""deploy/hiprep-stack with a stand-in for docker: what it asks for, in which order, and what it
says of what is missing.
"""

import json
import shutil
import socket
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.script_place import PORTS, SCRIPT, Place
from tests.needs import needed

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_the_script_is_sound() -> None:
    subprocess.run(["sh", "-n", SCRIPT], check=True)
    shellcheck = shutil.which("shellcheck")
    if shellcheck is None:
        pytest.skip("there is no shellcheck: sudo apt-get install shellcheck")
    subprocess.run([shellcheck, SCRIPT], check=True)


def test_help_needs_no_docker_and_names_every_command(place: Place) -> None:
    found = place.run("help", FAILS="info")
    assert found.returncode == 0
    body = SCRIPT.read_text().split("check_docker\n    detect", 1)[1]
    commands = [line.split(")")[0].strip() for line in body.splitlines() if ") " in line]
    assert {"up", "down", "upgrade", "backup", "restore", "show", "user"} <= {*commands}
    for command in {*commands} - {"renew"}:
        assert f"\n  {command} " in found.stdout
    assert not (place.root / "asked").exists()


@pytest.mark.parametrize(
    ("more", "cure"),
    [
        ({"FAILS": "version"}, "install docker-compose-plugin"),
        ({"COMPOSE_IS": "2.17.3"}, "it has to be 2.20.2 or newer"),
        ({"COMPOSE_IS": "1.29.2"}, "it has to be 2.20.2 or newer"),
        ({"FAILS": "info"}, "systemctl start docker"),
    ],
)
def test_what_is_missing_is_named_with_its_cure(
    place: Place, more: dict[str, str], cure: str
) -> None:
    found = place.run("up", **more)
    assert found.returncode == 2
    assert cure in found.stderr
    assert len(found.stderr.splitlines()) == 1
    assert place.asked() == []


@pytest.mark.parametrize("version", ["2.20.2", "v2.39.1", "2.40.3-desktop.1", "5.6.1+ds1"])
def test_versions_that_will_do_are_taken(place: Place, version: str) -> None:
    assert place.run("down", COMPOSE_IS=version).returncode == 0


def test_without_docker_it_says_where_to_get_it(place: Place) -> None:
    (place.programs / "docker").unlink()
    for name in ("dirname", "sh", "sed", "tail"):
        (place.programs / name).symlink_to(needed(f"install {name}", name))
    found = place.run("up", PATH=str(place.programs))
    assert found.returncode == 2
    assert "no docker here: https://docs.docker.com" in found.stderr


def test_up_builds_starts_and_shows(place: Place) -> None:
    found = place.run("up")
    assert found.returncode == 0, found.stderr
    build, start, show, _ = place.asked()
    assert build == "build image"
    assert start == "up -d --remove-orphans"
    assert show.endswith("init stack show /secrets")
    assert "no sensor" not in found.stderr


def test_up_does_without_the_internet_once_the_image_is_there(place: Place) -> None:
    assert place.run("up", RUNNING="image").returncode == 0
    assert not [one for one in place.asked() if one.startswith(("build", "pull"))]


def test_up_says_that_there_is_no_sensor_yet(place: Place) -> None:
    place.write("etc/settings.toml", '[mqtt]\nurl = "mqtts://mosquitto"\n')
    found = place.run("up")
    assert found.returncode == 0
    assert "there is no sensor yet" in found.stderr
    assert "hiprep-stack sensor" in found.stderr


def test_a_gateway_alone_has_nothing_to_show_and_no_ports(place: Place, taken: int) -> None:
    found = place.run("up", COMPOSE_PROFILES="gateway", GRAFANA_PORT=str(taken))
    assert found.returncode == 0
    assert not [one for one in place.asked() if "show" in one]


@pytest.mark.parametrize("name", PORTS)
def test_a_port_in_use_is_named_with_its_setting(place: Place, name: str, taken: int) -> None:
    found = place.run("up", **{name: str(taken)})
    assert found.returncode == 2
    assert f"port {taken} is in use" in found.stderr
    assert f"another {name} in" in found.stderr
    assert not [one for one in place.asked() if one.startswith("up")]


def test_ports_that_are_its_own_are_no_hindrance(place: Place, taken: int) -> None:
    more = {"GRAFANA_PORT": str(taken), "RUNNING": "grafana"}
    assert place.run("up", **more).returncode == 0


def test_where_not_all_starts_the_log_of_what_makes_it_ready_is_shown(place: Place) -> None:
    found = place.run("up", FAILS="up")
    assert found.returncode == 2
    assert place.asked()[-1] == "logs --tail 20 init databases"


def test_a_folder_for_another_gateway_is_one_of_this_computer(place: Place) -> None:
    folder = place.deploy.parent / "for attic"
    found = place.run(
        "user", "attic", "--role", "gateway", "--out", "for attic", RUNNING="mosquitto"
    )
    assert found.returncode == 0, found.stderr
    run, reload = place.asked()
    end = "init stack user /secrets attic --role gateway --out /out"
    assert run == f"run --rm --no-deps -T -v {folder}:/out {end}"
    assert folder.is_dir()
    assert reload == "kill -s HUP mosquitto"


def test_a_user_without_a_folder_is_passed_on_as_it_is(place: Place) -> None:
    place.run("user", "annas phone", "--role", "page")
    (asked,) = (place.root / "asked").read_text().splitlines()[2:3]
    assert json.loads(asked)[-4:] == ["/secrets", "annas phone", "--role", "page"]


def test_a_gateway_joins_a_server_elsewhere(place: Place) -> None:
    folder = place.deploy.parent / "attic"
    folder.mkdir()
    (folder / "ca.crt").write_text("authority")
    assert "has no mqtt_password" in place.run("join", "attic").stderr
    (folder / "mqtt_password").write_text("s3cret")
    assert place.run("join", "attic").returncode == 0
    assert place.read("volumes/secrets/gateway/mqtt_password") == "s3cret"
    assert place.read("volumes/secrets/gateway/ca.crt") == "authority"
    secret = place.root / "volumes" / "secrets" / "gateway" / "mqtt_password"
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_settings_are_shown_and_replaced_unless_they_are_wrong(place: Place) -> None:
    shown = place.run("settings").stdout
    assert shown == place.read("etc/settings.toml")
    file = place.deploy.parent / "mine.toml"
    file.write_text("site = 3\n")
    wrong = place.run("settings", "mine.toml")
    assert wrong.returncode != 0
    assert "site" in wrong.stderr
    assert "Traceback" not in wrong.stderr
    assert place.read("etc/settings.toml") == shown
    file.write_text('site = "gym"\n')
    assert place.run("settings", "mine.toml").returncode == 0
    assert place.read("etc/settings.toml") == 'site = "gym"\n'
    assert place.asked()[-1] == "up -d --no-deps --force-recreate gateway"


def test_an_upgrade_fetches_builds_and_starts(place: Place) -> None:
    place.program("git", '#!/bin/sh\necho "$@" >"$STAND_IN/git"\n')
    (place.deploy.parent / ".git").mkdir()
    found = place.run("upgrade")
    assert found.returncode == 0, found.stderr
    assert place.read("git").endswith("pull --ff-only\n")
    asked = place.asked()
    assert asked[:2] == ["pull --ignore-buildable", "build --pull image"]
    assert "up -d --remove-orphans" in asked


@pytest.mark.parametrize(
    "args", [("dance",), ("up", "now"), ("backup",), ("restore", "--yes"), ("join",)]
)
def test_what_makes_no_sense_is_refused_before_docker_is_asked(
    place: Place, args: tuple[str, ...]
) -> None:
    assert place.run(*args).returncode == 2
    assert not (place.root / "asked").exists()

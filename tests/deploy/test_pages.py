"""The pages for people: links lead somewhere, and what they tell to type or write is taken."""

import re
import shlex
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.cli import build_parser
from pipeline.commands import CommandError
from pipeline.settings import loads
from pipeline.stack.acl import updated, users_in

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PAGES = sorted((ROOT / "docs").glob("*.md"))
OURS = [ROOT / "docs" / f"{name}.md" for name in ("deploy", "raspberry-pi", "roles")]
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.MULTILINE | re.DOTALL)
# What may stand before hiprep, up to the service of the compose file that is hiprep.
_BEFORE = re.compile(
    r"(?:sudo )?(?:hiprep |docker compose run (?:--\S+ )*(?:gateway|store|team-a-store) )"
)
_HELPER = re.compile(r"\./hiprep-stack (\S+)")


def fences(page: Path, language: str) -> list[str]:
    found = _FENCE.findall(page.read_text(encoding="utf-8"))
    return [
        "\n".join(line.removeprefix(indent) for line in text.splitlines()) + "\n"
        for indent, name, text in found
        if name == language
    ]


def typed(page: Path) -> list[str]:
    """The lines of a page that are to be typed, without their comments, continued ones as one."""
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    lines = re.findall(r"^ {4,}(\S.*)$", text, re.MULTILINE)
    joined = re.sub(r"\|\n", "| ", "\n".join(lines))
    return [re.sub(r" +# .*", "", line) for line in joined.splitlines()]


def commands(page: Path) -> list[tuple[str, list[str]]]:
    """The lines that call hiprep, and what they say to it."""
    found = []
    for line in [*typed(page), *"".join(fences(page, "sh")).splitlines()]:
        if begin := _BEFORE.match(line):
            args = re.split(r" [|<>;#]| &&", line[begin.end() :])[0]
            found.append((line, shlex.split(args)))
    return found


TOLD = [page for page in [ROOT / "README.md", *PAGES] if commands(page)]


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    plain = [re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads]
    return {*plain, *(f"{head}-1" for head in plain)}


@pytest.mark.parametrize("page", [ROOT / "README.md", *PAGES], ids=lambda page: page.name)
def test_links_lead_to_a_file_and_a_heading_that_are_there(page: Path) -> None:
    wrong = []
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        name, _, anchor = link.partition("#")
        if "://" in name:
            continue
        target = (page.parent / name).resolve() if name else page
        known = target.exists() and (not anchor or anchor in anchors(target))
        if not known:
            wrong.append(link)
    assert wrong == []


@pytest.mark.parametrize("page", TOLD, ids=lambda page: page.name)
def test_hiprep_takes_every_command_that_is_told(page: Path) -> None:
    for line, args in commands(page):
        try:
            build_parser().parse_args(args)
        except CommandError as error:
            pytest.fail(f"{line}: {error}")
        except SystemExit as error:
            if error.code:
                pytest.fail(line)


def test_the_pages_tell_commands() -> None:
    assert {"README.md", "deploy.md", "run.md", "scale.md"} <= {page.name for page in TOLD}


@pytest.mark.parametrize("page", OURS, ids=lambda page: page.name)
def test_hiprep_stack_has_every_command_that_is_told(page: Path) -> None:
    usage = re.findall(r"^  ([a-z]+)\b", (DEPLOY / "hiprep-stack").read_text(), re.MULTILINE)
    told = {found[1] for found in map(_HELPER.match, typed(page)) if found}
    assert told <= {*usage, "help"}


def test_files_that_are_told_to_be_copied_are_there() -> None:
    told = [word for page in OURS for line in typed(page) for word in line.split()]
    paths = {word for word in told if word.startswith("deploy/") and "<" not in word}
    assert paths
    assert [path for path in sorted(paths) if not [*ROOT.glob(path)]] == []


@pytest.mark.parametrize(
    "text", [text for page in OURS for text in fences(page, "toml")], ids=lambda text: text[:12]
)
def test_settings_that_are_told_can_be_used(text: str) -> None:
    settings = loads(text)
    assert settings.mqtt
    assert settings.influx
    assert settings.store
    assert tomllib.loads(text)["mqtt"]["url"].startswith("mqtts://")


def test_the_rights_that_are_told_are_those_that_are_made() -> None:
    told = fences(OURS[2], "")[0]
    assert [(user.name, user.role, user.site) for user in users_in(told)] == [
        ("team-a-store", "page", "team-a")
    ]
    lines = updated("", users_in(told)).splitlines()
    assert {line for line in told.splitlines() if line.startswith(("#", "user", "topic"))} <= {
        *lines
    }


def only(kind: str, text: str) -> dict[str, Any]:
    (one,) = yaml.safe_load(text)[kind]
    assert isinstance(one, dict)
    return one


def shipped(kind: str) -> dict[str, Any]:
    path = DEPLOY / "grafana" / "provisioning" / kind / "hiprep.yaml"
    return only({"dashboards": "providers"}.get(kind, kind), path.read_text())


def test_grafana_without_containers_gets_the_same_but_for_places() -> None:
    folder = DEPLOY / "systemd" / "grafana"
    source = only("datasources", (folder / "datasource.yaml").read_text())
    source |= {key: shipped("datasources")[key] for key in ("url", "secureJsonData")}
    assert source == shipped("datasources")
    boards = only("providers", (folder / "dashboards.yaml").read_text())
    boards["options"] = shipped("dashboards")["options"]
    assert boards == shipped("dashboards")


def test_the_organisation_of_a_group_gets_the_same_but_for_its_token() -> None:
    compose, source, boards = map(yaml.safe_load, fences(OURS[2], "yaml"))
    (group,) = source["datasources"]
    main = shipped("datasources")
    assert {key for key in main if group[key] != main[key]} == {"orgId", "secureJsonData"}
    (boards,) = boards["providers"]
    assert boards["orgId"] == group["orgId"]
    assert boards["options"] == shipped("dashboards")["options"]
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    store = compose["services"]["team-a-store"]
    places = {volume.split(":")[1] for volume in services["store"]["volumes"]}
    assert {volume.split(":")[1] for volume in store["volumes"]} == places
    assert store["extends"] == {"file": "compose.yaml", "service": "store"}


def test_pages_tell_the_versions_that_are_shipped() -> None:
    text = OURS[1].read_text(encoding="utf-8")
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for service, package in (("grafana", "grafana"), ("influxdb", "influxdb2")):
        version = services[service]["image"].partition(":")[2].rpartition(".")[0]
        assert f"'{package}={version}.*'" in text


def options(path: Path) -> set[str]:
    lines = (line.strip() for line in path.read_text().splitlines())
    return {line for line in lines if line and not line.startswith("#")}


def test_the_broker_without_containers_is_the_same_but_for_what_debian_says() -> None:
    theirs = {
        line.replace("/run/secrets/", "/etc/mosquitto/")
        for line in options(DEPLOY / "mosquitto" / "mosquitto.conf")
    }
    ours = options(DEPLOY / "systemd" / "mosquitto.conf")
    assert ours <= theirs
    # Debian's own file says where to keep and where to log, and must not be contradicted.
    left = {line.split()[0] for line in theirs - ours}
    assert left <= {
        "persistence",
        "persistence_location",
        "log_dest",
        "log_type",
        "log_timestamp_format",
    }

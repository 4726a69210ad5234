"""deploy/Dockerfile: its steps as plain commands in an empty folder, its health check, its pins."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.delivery.metrics import Endpoint
from pipeline.delivery.payloads import Health
from pipeline.settings import HealthSettings, load
from tests.integration.mosquitto import free_ports
from tests.needs import DEMANDED

ROOT = Path(__file__).parents[2]
DOCKERFILE = ROOT / "deploy" / "Dockerfile"
REQUIREMENTS = ROOT / "deploy" / "requirements.txt"
OF_CLUSTER = ROOT / "deploy" / "cluster" / "requirements.txt"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
USER = "10001:10001"
_HEALTH = Health(
    service="run-gateway",
    online=True,
    ok=True,
    problems=(),
    time_us=0,
    session=None,
    parts=(),
    publisher=None,
    store=None,
    sensors=(),
)


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage, with what they are told; continued lines as one."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    found: list[list[tuple[str, str]]] = []
    for line in text.replace("\\\n", " ").splitlines():
        name, _, told = line.partition(" ")
        if name == "FROM":
            found.append([])
        if name and found:
            found[-1].append((name, " ".join(told.split())))
    return found


def copied(stage: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """From the project: what, and where to."""
    for name, told in stage:
        words = [word for word in told.split() if not word.startswith("--")]
        if name == "COPY" and "--from" not in told:
            yield from ((source, words[-1]) for source in words[:-1])


def test_both_stages_are_of_one_pinned_image() -> None:
    (pin,) = re.findall(r"^ARG PYTHON=(.*)$", DOCKERFILE.read_text(), re.MULTILINE)
    assert re.fullmatch(r"python:3\.13\.\d+-slim-[a-z]+", pin)
    assert [stage[0][1].split()[0] for stage in stages()] == ["${PYTHON}", "${PYTHON}"]


def test_it_is_for_no_kind_of_computer_in_particular() -> None:
    assert not re.search(r"x86_64|amd64|arm64|aarch64|--platform", DOCKERFILE.read_text())


def test_it_runs_as_nobody_in_particular_and_says_how_it_is() -> None:
    last = dict(stages()[-1])
    assert last["USER"] == USER
    assert last["ENTRYPOINT"] == '["hiprep"]'
    assert last["CMD"] == '["run"]'
    assert "PATH=/opt/hiprep/bin:$PATH" in last["ENV"]
    assert load(ROOT / "deploy" / "settings" / "store.toml").health == HealthSettings(9464)


def test_the_context_has_what_is_copied_and_nothing_that_is_private() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*", "all is left out"
    kept = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}
    for source, _ in (one for stage in stages() for one in copied(stage)):
        assert any(source == one or source.startswith(f"{one}/") for one in kept)
        assert (ROOT / source).exists()
    assert not kept & {".git", "tests", "deploy", "deploy/.env", "dashboards"}


def test_the_health_check_passes_only_where_all_is_well() -> None:
    (told,) = re.findall(r'CMD (\["python".*\])', dict(stages()[-1])["HEALTHCHECK"])
    _, option, program = tomllib.loads(f"all = {told}")["all"]
    endpoint = Endpoint(free_ports(1)[0], _HEALTH)
    endpoint.start()
    command = [sys.executable, option, program.replace(":9464/", f":{endpoint.port}/")]
    assert str(endpoint.port) in command[2]
    try:
        assert _code(command) == 0
        endpoint.show(replace(_HEALTH, ok=False, problems=("no broker",)))
        assert _code(command) != 0
    finally:
        endpoint.close()
    assert _code(command) != 0, "nobody there"


@pytest.mark.parametrize("file", [REQUIREMENTS, OF_CLUSTER], ids=["image", "cluster"])
def test_requirements_are_those_of_the_whole_project_and_have_no_address(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"^-", text, re.MULTILINE)
    pinned, all_pinned = (_blocks(file) for file in (file, ROOT / "constraints.txt"))
    assert pinned
    assert pinned <= all_pinned, "renew all: make lock"
    assert all("--hash=sha256:" in block for block in pinned)


@pytest.mark.parametrize("file", [REQUIREMENTS, OF_CLUSTER], ids=["image", "cluster"])
def test_requirements_have_all_that_is_needed_and_nothing_for_development(file: Path) -> None:
    names = {block.partition("==")[0] for block in _blocks(file)}
    extras = PROJECT["project"]["optional-dependencies"]
    # The last one: `make demo` installs what stands in the folder.
    of_build = [*PROJECT["build-system"]["requires"], "editables"]
    more = extras["cluster"] if file == OF_CLUSTER else of_build
    needed = {_name(one) for one in [*PROJECT["project"]["dependencies"], *more]}
    assert needed <= names
    # Some of it is what others need, too.
    assert not names & {"hypothesis", "mypy", "pytest", "ruff"}


@pytest.mark.skipif(sys.platform == "win32", reason="the image is one of Linux")
def test_its_steps_install_a_hiprep_that_runs(tmp_path: Path) -> None:
    if not shutil.which("uv") and os.environ.get(DEMANDED) != "1":
        pytest.skip(f"takes a minute without uv: {DEMANDED}=1 to run it all the same")
    build, source, target = stages()[0], tmp_path / "src", tmp_path / "opt"
    for name, place in copied(build):
        _copy(ROOT / name, source / (place if place != "./" else name))
    done = 0
    for name, told in build:
        if name == "RUN" and "apt-get" not in told:  # a compiler, for ARM
            subprocess.run(
                _as_here(told, target),
                env={**os.environ, "PIP_NO_COMPILE": "1"},
                cwd=source,
                check=True,
                timeout=600,
            )
            done += 1
    assert done == 4
    hiprep = target / "bin" / "hiprep"
    told = subprocess.run([hiprep, "--version"], capture_output=True, text=True, check=True).stdout
    assert told == f"hiprep {PROJECT['project']['version']}\n"
    # Nothing of the folder that it was built in is needed.
    shutil.rmtree(source)
    model = tmp_path / "model.csv.gz"
    subprocess.run([hiprep, "simulate", model], check=True, cwd=tmp_path)
    found = subprocess.run(
        [hiprep, "replay", model, "--json"], capture_output=True, text=True, check=True
    )
    assert '"type": "set"' in found.stdout
    secrets = [str(hiprep), "stack", "init", str(tmp_path / "secrets")]
    subprocess.run(secrets, check=True, capture_output=True)


def _as_here(told: str, target: Path) -> list[str]:
    """The same step with our own Python; with uv, where there is one, as it is faster."""
    words = shlex.split(told.replace("/opt/hiprep", str(target)))
    if words[0] == "python":
        words[0] = sys.executable
    uv = shutil.which("uv")
    if uv and words[1:4] == ["-m", "pip", "install"]:
        return [uv, "pip", "install", "--python", words[0], *words[4:]]
    return words


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, target)


def _blocks(file: Path) -> set[str]:
    """Each pin with its hashes, without the systems that it is for."""
    text = re.sub(r" ; .*", " \\\\", file.read_text(encoding="utf-8"))
    return {
        found[0] for found in re.finditer(r"^[a-z0-9][^\n]*(?:\n    [^\n]*)*", text, re.MULTILINE)
    }


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def _code(command: list[str]) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode

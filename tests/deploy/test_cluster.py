"""deploy/cluster: the script with real programs on this host, and what the manifests promise."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dask
import distributed  # noqa: F401  # brings its settings
import pytest
import yaml

from pipeline.archive.parquet import read
from pipeline.tracker import ALGORITHM
from tests.integration.dask_cluster import SETTINGS
from tests.integration.mosquitto import free_ports
from tests.needs import needed
from tests.pipeline.made import write_recording

ROOT = Path(__file__).parents[2]
CLUSTER = ROOT / "deploy" / "cluster"
SCRIPT = CLUSTER / "hiprep-cluster"
IMAGE = f"hiprep-cluster:{version('hiprep')}"
_PATIENCE_S = 60.0
_PROGRAM = """import sys
from {} import main
if __name__ == "__main__":  # Dask's processes begin with it once more
    sys.exit(main())"""
# Keeps what it was asked for; a scheduler lives until all three have been asked for.
_SSH = """#!/bin/sh
echo "$@" >>"{asked}"
case $* in *scheduler*) until [ "$(wc -l <"{asked}")" = 3 ]; do sleep 0.05; done ;; esac
"""

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a script for Linux")


class Place:
    """A folder with the hosts of a cluster, and the programs that each of them has."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.hosts = folder / "hosts"
        self.hosts.write_text("# here alone\n\n127.0.0.1 2  # two of them\n", encoding="utf-8")
        self.bin = folder / "bin"
        self.bin.mkdir()
        self.port = free_ports(1)[0]
        self.program("hiprep", _PROGRAM.format("pipeline.cli"))
        self.program("dask", _PROGRAM.format("dask.__main__"))

    def program(self, name: str, text: str) -> None:
        path = self.bin / name
        path.write_text(f"#!{sys.executable}\n{text}\n", encoding="utf-8")
        path.chmod(0o755)

    def environment(self, **more: str) -> dict[str, str]:
        return {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HIPREP_BIN": str(self.bin),
            "HIPREP_HOSTS": str(self.hosts),
            "HIPREP_PORT": str(self.port),
            **more,
        }

    def run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [SCRIPT, *arguments],
            env=self.environment(**more),
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )

    @contextmanager
    def up(self, **more: str) -> Iterator[subprocess.Popen[bytes]]:
        """The script while it runs; afterwards it has ended, and all that it started."""
        log = (self.folder / "log").open("wb")
        with (
            log,
            subprocess.Popen(
                [SCRIPT, "up"], env=self.environment(**more), stdout=log, stderr=log
            ) as process,
        ):
            try:
                self._wait(process)
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                process.wait(_PATIENCE_S)

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        """Until both workers have said that they are there."""
        deadline_s = time.monotonic() + _PATIENCE_S
        while self.log().count("Register worker addr") < 2:
            assert process.poll() is None, self.log()
            assert time.monotonic() < deadline_s, self.log()
            time.sleep(0.1)

    def log(self) -> str:
        return (self.folder / "log").read_text(encoding="utf-8")

    def process(self, recordings: Path, **more: str) -> subprocess.CompletedProcess[str]:
        """`hiprep process` with the workers that the script has started."""
        out = ["--out", str(self.folder / "out"), "--executor", f"dask://127.0.0.1:{self.port}"]
        return subprocess.run(
            [str(self.bin / "hiprep"), "process", str(recordings), *out],
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=_PATIENCE_S,
            check=False,
        )


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    folder.mkdir()
    write_recording(folder / "a.csv", reps=3)
    return folder


def test_the_script_is_sound() -> None:
    subprocess.run(["sh", "-n", SCRIPT], check=True)
    shellcheck = needed("sudo apt-get install shellcheck", "shellcheck")
    subprocess.run([shellcheck, SCRIPT], check=True)


def test_help_names_every_command(place: Place) -> None:
    found = place.run("help")
    assert found.returncode == 0
    commands = re.findall(r"^    (\w+)\) ", SCRIPT.read_text(), re.MULTILINE)
    assert commands == ["up", "check", "tls"]
    for command in commands:
        assert f"\n  {command} " in found.stdout
    assert place.run().stdout == found.stdout


def test_up_starts_workers_that_do_the_work_and_leaves_nobody_behind(
    place: Place, recordings: Path
) -> None:
    with place.up():
        done = place.process(recordings)
        assert done.returncode == 0, done.stderr
        assert len(read(place.folder / "out", "a.csv", ALGORITHM).reps) == 3
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", place.port)) != 0
    assert str(place.port) not in _command_lines()


def test_with_certificates_nobody_without_them_is_let_in(place: Place, recordings: Path) -> None:
    needed("sudo apt-get install openssl", "openssl")
    folder = place.folder / "tls"
    assert place.run("tls", "tls").returncode == 0
    assert {one.stat().st_mode & 0o077 for one in (folder, *folder.iterdir())} == {0}
    with place.up(HIPREP_TLS=str(folder)):
        refused = place.process(recordings)
        assert refused.returncode == 2
        assert "no scheduler answers there" in refused.stderr
        done = place.process(recordings, DASK_CONFIG=str(folder / "client.yaml"))
        assert done.returncode == 0, done.stderr


def test_certificates_are_never_written_over(place: Place) -> None:
    (place.folder / "tls").mkdir()
    found = place.run("tls", "tls")
    assert found.returncode == 2
    assert "is there already" in found.stderr
    assert list((place.folder / "tls").iterdir()) == []


def test_check_says_which_host_is_ready(place: Place) -> None:
    found = place.run("check", str(place.folder))
    assert found.returncode == 0, found.stderr
    assert found.stdout == "127.0.0.1: ready\n"


def test_check_names_what_a_host_lacks(place: Place) -> None:
    ssh = place.folder / "ssh"
    ssh.mkdir()
    # Another machine, whose hiprep is older.
    (ssh / "ssh").write_text("#!/bin/sh\necho hiprep 0.0.1\n", encoding="utf-8")
    (ssh / "ssh").chmod(0o755)
    place.hosts.write_text("lifter@10.0.0.5\n", encoding="utf-8")
    path = f"{ssh}:{os.environ['PATH']}"
    older = place.run("check", PATH=path)
    assert older.returncode == 2
    ours = f"hiprep {version('hiprep')}"
    assert f"lifter@10.0.0.5 has hiprep 0.0.1, and here it is {ours}" in older.stderr
    (ssh / "ssh").write_text("#!/bin/sh\nexit 255\n", encoding="utf-8")
    assert "cannot be reached by SSH" in place.run("check", PATH=path).stderr
    place.hosts.write_text("127.0.0.1\n", encoding="utf-8")
    assert "does not see /nowhere" in place.run("check", "/nowhere").stderr
    (place.bin / "dask").unlink()
    assert "has no dask there" in place.run("check").stderr


def test_another_host_is_asked_by_ssh_for_the_same_commands(place: Place) -> None:
    ssh = place.folder / "ssh"
    ssh.mkdir()
    (ssh / "ssh").write_text(_SSH.format(asked=ssh / "asked"), encoding="utf-8")
    (ssh / "ssh").chmod(0o755)
    place.hosts.write_text("lifter@10.0.0.5\n10.0.0.6 8\n", encoding="utf-8")
    ended = place.run("up", PATH=f"{ssh}:{os.environ['PATH']}")
    assert ended.returncode == 2
    assert "the scheduler on lifter@10.0.0.5 ended" in ended.stderr
    asked = sorted((ssh / "asked").read_text(encoding="utf-8").splitlines())
    assert all("-tt -o BatchMode=yes" in line for line in asked)
    assert all(f"{name}={value}" in line for line in asked for name, value in SETTINGS.items())
    scheduler = f"dask scheduler --host tcp://10.0.0.5 --port {place.port}"
    worker = f"dask worker tcp://10.0.0.5:{place.port} --name"
    for host, *parts in (
        (" 10.0.0.6 ", f"{worker} 10.0.0.6 --nworkers 8 --nthreads 1"),
        (" lifter@10.0.0.5 ", f"{worker} 10.0.0.5 --nworkers -1 --nthreads 1"),
        (" lifter@10.0.0.5 ", "ALLOWED_FAILURES=3", scheduler),
    ):
        assert [line for line in asked if all(one in line for one in (host, *parts))]


@pytest.mark.parametrize(
    ("hosts", "why"),
    [
        (None, "cannot be read: HIPREP_HOSTS names the file"),
        ("# nobody\n", "names no host"),
        ("127.0.0.1\n10.0.0.6\n", "name this host as they call it"),
    ],
)
def test_hosts_that_cannot_be_used_are_one_line(place: Place, hosts: str | None, why: str) -> None:
    if hosts is None:
        place.hosts.unlink()
    else:
        place.hosts.write_text(hosts, encoding="utf-8")
    for command in ("up", "check"):
        found = place.run(command)
        assert found.returncode == 2
        assert why in found.stderr
        assert len(found.stderr.splitlines()) == 1


def manifests() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((CLUSTER / "kubernetes.yaml").read_text(encoding="utf-8")))


def named(kind: str, name: str) -> dict[str, Any]:
    (found,) = (
        one for one in manifests() if (one["kind"], one["metadata"]["name"]) == (kind, name)
    )
    return found


def pods() -> dict[str, dict[str, Any]]:
    """The template of the pods of each workload, by its name."""
    return {
        one["metadata"]["name"]: one["spec"]["template"]
        for one in manifests()
        if one["kind"] in ("Deployment", "Job")
    }


every_pod = pytest.mark.parametrize("name", ["scheduler", "workers", "process"])


def test_everything_is_in_one_namespace_of_its_own() -> None:
    assert {*pods()} == {"scheduler", "workers", "process"}
    (space,) = (one["metadata"]["name"] for one in manifests() if one["kind"] == "Namespace")
    inside = [one["metadata"] for one in manifests() if one["kind"] != "Namespace"]
    assert {one["namespace"] for one in inside} == {space}
    for one in manifests():
        assert one["apiVersion"]
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", one["metadata"]["name"])


def test_a_deployment_knows_its_pods_and_the_service_the_scheduler() -> None:
    for one in manifests():
        if one["kind"] == "Deployment":
            labels = one["spec"]["template"]["metadata"]["labels"]
            assert one["spec"]["selector"]["matchLabels"].items() <= labels.items()
    service = named("Service", "scheduler")["spec"]
    scheduler = pods()["scheduler"]
    assert service["selector"].items() <= scheduler["metadata"]["labels"].items()
    (container,) = scheduler["spec"]["containers"]
    (port,) = service["ports"]
    (open_port,) = container["ports"]
    assert (port["targetPort"], port["port"]) == (open_port["name"], open_port["containerPort"])
    assert str(port["port"]) in container["args"]


def test_workers_and_the_job_find_the_scheduler() -> None:
    (port,) = (one["port"] for one in named("Service", "scheduler")["spec"]["ports"])
    (worker,) = pods()["workers"]["spec"]["containers"]
    (job,) = pods()["process"]["spec"]["containers"]
    assert f"tcp://scheduler:{port}" in worker["command"]
    assert f"dask://scheduler:{port}" in job["args"]


@every_pod
def test_a_pod_has_no_more_rights_than_it_needs(name: str) -> None:
    spec = pods()[name]["spec"]
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["automountServiceAccountToken"] is False
    assert spec["enableServiceLinks"] is False, "DASK_... of a service would be a setting of Dask"
    (container,) = spec["containers"]
    rights = container["securityContext"]
    assert rights["readOnlyRootFilesystem"] is True
    assert rights["allowPrivilegeEscalation"] is False
    assert rights["capabilities"] == {"drop": ["ALL"]}
    assert container["image"] == IMAGE
    assert container["resources"]["requests"].keys() == {"cpu", "memory"}
    assert "memory" in container["resources"]["limits"]


@every_pod
def test_what_a_pod_mounts_is_there(name: str) -> None:
    spec = pods()[name]["spec"]
    volumes = {one["name"]: one for one in spec["volumes"]}
    (container,) = spec["containers"]
    assert {one["name"] for one in container["volumeMounts"]} == {*volumes}
    claims = {one["metadata"]["name"] for one in manifests() if "Claim" in one["kind"]}
    for one in volumes.values():
        if "persistentVolumeClaim" in one:
            assert one["persistentVolumeClaim"]["claimName"] in claims


def test_recordings_are_seen_by_all_under_one_path_and_written_by_nobody() -> None:
    places = [
        one
        for name in ("workers", "process")
        for one in pods()[name]["spec"]["containers"][0]["volumeMounts"]
        if one["name"] == "recordings"
    ]
    assert places == [{"name": "recordings", "mountPath": "/recordings", "readOnly": True}] * 2
    assert named("PersistentVolumeClaim", "recordings")["spec"]["accessModes"] == ["ReadWriteMany"]


def test_nobody_from_outside_reaches_the_scheduler() -> None:
    policy = named("NetworkPolicy", "among-themselves")["spec"]
    (rule,) = policy["ingress"]
    (source,) = rule["from"]
    for name, pod in pods().items():
        labels = pod["metadata"]["labels"].items()
        assert policy["podSelector"]["matchLabels"].items() <= labels, name
        assert source["podSelector"]["matchLabels"].items() <= labels, name
    assert "namespaceSelector" not in source


@pytest.mark.parametrize("name", ["scheduler", "workers"])
def test_dask_takes_the_options_of_the_manifests(name: str) -> None:
    (container,) = pods()[name]["spec"]["containers"]
    words = [*container["command"], *container["args"]]
    asked = subprocess.run(
        [sys.executable, "-c", _PROGRAM.format("dask.__main__"), words[1], "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    options = [word.partition("=")[0] for word in words if word.startswith("--")]
    assert options
    for option in options:
        assert re.search(rf"(^|[ /]){option}\b", asked.stdout, re.MULTILINE), option


def test_a_worker_runs_with_the_settings_it_was_measured_with() -> None:
    (worker,) = pods()["workers"]["spec"]["containers"]
    assert {one["name"]: one["value"] for one in worker["env"]} == SETTINGS
    # Names that Dask does not know would be of no effect.
    for name in SETTINGS:
        if name.startswith("DASK_"):
            path = name.removeprefix("DASK_").lower().replace("__", ".")
            assert dask.config.get(path) is not None
    assert dask.config.get("distributed.nanny.pre-spawn-environ").keys() & SETTINGS.keys()


def test_a_worker_gives_up_memory_before_its_container_does() -> None:
    (worker,) = pods()["workers"]["spec"]["containers"]
    (own,) = re.findall(r"--memory-limit=(\d+)GiB", " ".join(worker["args"]))
    assert int(own) * 1024 < int(worker["resources"]["limits"]["memory"].removesuffix("Mi"))


def test_the_image_is_ours_with_what_a_cluster_needs() -> None:
    text = (CLUSTER / "Dockerfile").read_text(encoding="utf-8")
    assert f"ARG HIPREP=hiprep:{version('hiprep')}" in text
    assert text.rindex("USER 10001:10001") > text.rindex("RUN ")
    assert "pip install --quiet --no-cache-dir --require-hashes -r /tmp/requirements.txt" in text
    ignored = (CLUSTER / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    copied = re.findall(r"^COPY (\S+)", text, re.MULTILINE)
    assert copied == ["deploy/cluster/requirements.txt"]
    assert ignored == ["*", f"!{copied[0]}"]


def _command_lines() -> str:
    """Of all that runs here."""
    lines = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            lines.append(path.read_bytes().replace(b"\0", b" ").decode(errors="replace"))
        except OSError:
            continue
    return "\n".join(lines)

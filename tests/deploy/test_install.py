"""deploy/systemd/install.sh in a folder of a test's own, with a Python that installs nothing."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from tests.needs import needed

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "deploy" / "systemd"
# It makes a folder that looks like a venv, of which it is the Python; with FAIL its pip fails.
PYTHON = """#!/bin/sh
case "$*" in
    *"-m venv"*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python"
                 printf '#!/bin/sh\\necho hiprep 9.9' > "$3/bin/hiprep"; chmod +x "$3/bin/hiprep" ;;
    *"-m pip install"*) [ -z "${FAIL:-}" ] ;;
    *version_info*) [ -z "${OLD:-}" ] ;;
esac
"""
PLACED = {
    "etc/systemd/system/hiprep.service": 0o644,
    "etc/systemd/system/hiprep-backup.service": 0o644,
    "etc/systemd/system/hiprep-backup.timer": 0o644,
    "opt/hiprep/libexec/hiprep-backup": 0o755,
    "usr/local/bin/hiprep": 0o755,
}


class Place:
    def __init__(self, folder: Path) -> None:
        self.root, self.python = folder / "root", folder / "python"
        self.python.write_text(PYTHON)
        self.python.chmod(0o755)

    def install(self, *args: str, **more: str) -> subprocess.CompletedProcess[str]:
        names = {"DESTDIR": str(self.root), "PYTHON": str(self.python)}
        return subprocess.run(
            ["sh", SCRIPTS / "install.sh", *args],
            env={**os.environ, **names, **more},
            capture_output=True,
            text=True,
            check=False,
        )

    def programs(self) -> list[str]:
        return [path.name for path in (self.root / "opt" / "hiprep").glob("venv-*")]

    def runs(self) -> str:
        program = self.root / "opt" / "hiprep" / "bin" / "hiprep"
        return subprocess.run([program], capture_output=True, text=True, check=True).stdout


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_everything_is_put_in_its_place_and_said(place: Place) -> None:
    done = place.install()
    assert done.returncode == 0, done.stderr
    for name, mode in PLACED.items():
        assert stat.S_IMODE((place.root / name).stat().st_mode) == mode, name
    assert place.runs() == "hiprep 9.9\n"
    for folder in ("etc/hiprep", "var/lib/hiprep"):
        assert stat.S_IMODE((place.root / folder).stat().st_mode) == 0o750
        assert f"/{folder}: made" in done.stdout
    assert "hiprep 9.9 is installed" in done.stdout
    assert "next: hiprep init" in done.stdout


def test_a_second_time_it_is_brought_up_to_date_and_settings_stay(place: Place) -> None:
    place.install()
    settings = place.root / "etc" / "hiprep" / "settings.toml"
    settings.write_text("mine")
    (first,) = place.programs()
    done = place.install()
    assert done.returncode == 0, done.stderr
    (second,) = place.programs()
    assert second != first
    assert place.runs() == "hiprep 9.9\n"
    assert settings.read_text() == "mine"
    assert "made" not in done.stdout
    assert "next: systemctl start hiprep" in done.stdout


def test_what_cannot_be_installed_leaves_the_one_before(place: Place) -> None:
    place.install()
    before = place.programs()
    assert place.install(FAIL="1").returncode != 0
    assert place.programs() == before
    assert place.runs() == "hiprep 9.9\n"


def test_it_is_taken_away_and_data_stay(place: Place) -> None:
    place.install()
    kept = place.root / "var" / "lib" / "hiprep" / "store.db"
    kept.write_text("reps")
    done = place.install("--uninstall")
    assert done.returncode == 0, done.stderr
    left = [path for path in place.root.rglob("*") if path.is_file()]
    assert left == [kept]
    assert "/var/lib/hiprep" in done.stdout
    assert place.install("--uninstall").returncode == 0, "there is nothing any more"


def test_an_old_python_is_refused_before_anything_is_made(place: Place) -> None:
    done = place.install(OLD="1")
    assert done.returncode == 2
    assert "Python 3.11" in done.stderr
    assert not place.root.exists()


def test_what_it_does_not_know_is_refused(place: Place) -> None:
    done = place.install("--remove")
    assert (done.returncode, "--uninstall" in done.stderr) == (2, True)
    assert not place.root.exists()


@pytest.mark.parametrize("name", ["install.sh", "hiprep-backup", "hiprep-command"])
def test_scripts_are_plain_posix_shell(name: str) -> None:
    shell = needed("sudo apt-get install dash", "dash")
    subprocess.run([shell, "-n", SCRIPTS / name], check=True)
    assert (SCRIPTS / name).read_text().startswith("#!/bin/sh\n")
    assert os.access(SCRIPTS / name, os.X_OK)


def test_what_it_installs_is_pinned_by_hash_and_there() -> None:
    script = (SCRIPTS / "install.sh").read_text()
    assert '--require-hashes -r "$project/deploy/requirements.txt"' in script
    assert "hatchling==" in (ROOT / "deploy" / "requirements.txt").read_text(), "builds hiprep"

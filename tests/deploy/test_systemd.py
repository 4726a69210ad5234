"""The units of deploy/systemd: systemd's own verdict, and hiprep at work under their rules."""

import asyncio
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from pipeline.cli import build_parser
from pipeline.delivery.book import Book
from pipeline.settings import Settings, StoreSettings, dumps
from sensor.simulator.peripherals import make
from tests.deploy.sandbox import Unit, in_sandbox
from tests.integration.bluez import Bluez
from tests.integration.bus import private_bus
from tests.integration.mosquitto import mosquitto
from tests.integration.mosquitto import until as wait
from tests.integration.test_live_command import COMMAND, FIRST, PATIENCE_S, ROOT, lift
from tests.integration.test_run import Place
from tests.needs import needed
from tests.pipeline.delivery.made import message

UNITS = ROOT / "deploy" / "systemd"
SERVICES = ("hiprep.service", "hiprep-backup.service")
# In tenths, of 100: some room for what newer versions of systemd look at.
MOST_EXPOSED = 20
# Named by our units, or by all, and made by systemd itself.
_TARGETS = ("basic", "multi-user", "network-online", "shutdown", "sysinit", "timers")
_TRY = """
import os, socket, sys
from pathlib import Path
def tried(what, *does):
    try:
        what(*does)
    except OSError:
        return False
    return True
here, there = map(Path, sys.argv[1:])
print([
    tried((here / "new").write_text, "x"),
    tried((there / "new").write_text, "x"),
    tried(lambda: socket.socket(socket.AF_INET).close()),
    tried(lambda: socket.socket(socket.AF_UNIX).close()),
    tried(lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()),
    tried(os.chown, here, 1, 1),
    tried(os.nice, 1),
])
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A root folder with the units, and what they start."""
    units = tmp_path / "etc" / "systemd" / "system"
    units.mkdir(parents=True)
    for unit in UNITS.glob("*.*"):
        if unit.suffix in (".service", ".timer"):
            shutil.copy(unit, units)
    for target in _TARGETS:
        (units / f"{target}.target").write_text("[Unit]\n")
    for name in ("bin/hiprep", "libexec/hiprep-backup"):
        program = tmp_path / "opt" / "hiprep" / name
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text("#!/bin/sh\n")
        program.chmod(0o755)
    return tmp_path


def analyze(*args: str) -> subprocess.CompletedProcess[str]:
    program = needed("sudo apt-get install systemd", "systemd-analyze")
    return subprocess.run([program, *args], capture_output=True, text=True, check=False)


@pytest.fixture
def sandbox(tmp_path: Path) -> Path:
    """A folder that may be written to in a sandbox, where the system can make one."""
    needed("sudo apt-get install systemd", "systemd-analyze")
    needed("sudo apt-get install util-linux", "setpriv")
    probe = in_sandbox(UNITS / SERVICES[0], tmp_path, ["true"])
    done = subprocess.run(probe, capture_output=True, text=True, check=False)
    if "unshare" in done.stderr:
        pytest.skip(f"this system lets nobody make a namespace: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    return tmp_path


@pytest.mark.parametrize("unit", [*SERVICES, "hiprep-backup.timer"])
def test_systemd_takes_every_line_of_a_unit(tree: Path, unit: str) -> None:
    done = analyze("verify", f"--root={tree}", unit)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_misspelt_line_would_be_found(tree: Path) -> None:
    unit = tree / "etc" / "systemd" / "system" / SERVICES[0]
    unit.write_text(unit.read_text().replace("ProtectHome=", "ProtectHomes="))
    assert "ProtectHomes" in analyze("verify", f"--root={tree}", unit.name).stderr


@pytest.mark.parametrize("unit", SERVICES)
def test_a_service_is_little_exposed(unit: str) -> None:
    done = analyze(
        "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(UNITS / unit)
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_no_root_and_has_what_it_needs(name: str) -> None:
    service = Unit(UNITS / name).service
    assert service["User"] == service["Group"] == ["hiprep"]
    assert service["ProtectSystem"] == ["strict"]
    assert service["StateDirectory"][0].split()[0] == "hiprep"
    assert "XDG_DATA_HOME=/var/lib" in service["Environment"], "where its data are, then"
    # D-Bus, and with it Bluetooth; broker and database.
    families = service["RestrictAddressFamilies"][0].split()
    assert families == ["AF_UNIX", "AF_INET", "AF_INET6"]
    assert not {"PrivateNetwork", "IPAddressDeny", "PrivateUsers"} & service.keys()


def test_the_service_runs_a_command_that_exists() -> None:
    (line,) = Unit(UNITS / "hiprep.service").service["ExecStart"]
    program, *args = line.split()
    assert program == "/opt/hiprep/bin/hiprep"
    assert build_parser().parse_args(args).config == Path("/etc/hiprep/settings.toml")


def test_it_is_not_begun_anew_with_settings_that_are_wrong(tmp_path: Path) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("nonsense = 1\n")
    done = subprocess.run(
        [*COMMAND, "run", "--config", str(settings)], cwd=ROOT, capture_output=True, check=False
    )
    service = Unit(UNITS / "hiprep.service").service
    assert service["RestartPreventExitStatus"] == [str(done.returncode)]
    assert service["Restart"] == ["on-failure"]


def test_the_sandbox_shuts_what_the_unit_shuts(sandbox: Path) -> None:
    here, there = sandbox / "here", sandbox / "there"
    here.mkdir()
    there.mkdir()
    command = [sys.executable, "-c", _TRY, str(here), str(there)]
    line = in_sandbox(UNITS / "hiprep.service", here, command)
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout.lower()) == [True, False, True, True, False, False, False]


async def lifted(bus_address: str, place: Place) -> tuple[int | None, str]:
    """Two reps, under the rules of the unit -> the exit code, and what it said."""
    belt = make("movesense", address=FIRST)
    line = in_sandbox(
        UNITS / "hiprep.service",
        place.settings.parent,
        [*COMMAND, "run", "--config", str(place.settings)],
    )
    environment = {**place.environment, "DBUS_SYSTEM_BUS_ADDRESS": bus_address}
    async with asyncio.timeout(PATIENCE_S), Bluez(bus_address, belt) as bluez:
        child = await asyncio.create_subprocess_exec(
            *line, stderr=subprocess.PIPE, env=environment, cwd=ROOT
        )
        await lift(bluez, bluez.devices[FIRST], "hip_thrust")
        kept = place.says(lambda status, health: status == 200 and health["store"]["kept"] > 0)
        await asyncio.to_thread(wait, kept, "what was kept")
        child.terminate()
        _, error = await child.communicate()
    return child.returncode, error.decode()


def test_a_set_is_counted_sent_and_kept_under_the_rules_of_the_unit(sandbox: Path) -> None:
    folder = sandbox / "hiprep"
    folder.mkdir()
    with private_bus() as bus, mosquitto(sandbox / "mosquitto") as broker:
        place = Place(folder, broker.url, sensors=True)
        code, said = asyncio.run(lifted(bus.address, place))
    assert code == 0, said
    assert "refused" not in said
    assert len([*place.recordings.iterdir()]) == 1
    with Book(place.store) as book:
        assert [one.values["rep"] for one in book.messages("rep") if one.valid] == [1, 2]


def test_a_backup_is_made_under_the_rules_of_its_unit(sandbox: Path) -> None:
    backups = sandbox / "backups"
    backups.mkdir()
    settings = sandbox / "settings.toml"
    wanted = Settings(recordings=sandbox / "none", store=StoreSettings(sandbox / "store.db"))
    settings.write_text(dumps(wanted))
    with Book(sandbox / "store.db") as book:
        book.keep(book.plan([message()]))
    program = sandbox / "hiprep"
    program.write_text(f'#!/bin/sh\nexec {shlex.join(COMMAND)} "$@"\n')
    program.chmod(0o755)
    line = in_sandbox(
        UNITS / "hiprep-backup.service",
        sandbox,
        ["sh", str(UNITS / "hiprep-backup"), str(backups), "14"],
    )
    environment = {**os.environ, "HIPREP": str(program), "HIPREP_SETTINGS": str(settings)}
    environment |= {"XDG_DATA_HOME": str(sandbox), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(line, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (made,) = backups.iterdir()
    with tarfile.open(made) as archive:
        assert "store.db" in archive.getnames()


FAKE_HIPREP = """#!/bin/sh
# Writes what it is told to, as hiprep backup does.
[ "$1 $3 $4" = "backup --config /etc/hiprep/settings.toml" ] || exit 3
[ -z "${BROKEN:-}" ] || exit 2
echo whole > "$2"
"""


def backup(folder: Path, keep: str = "2", **more: str) -> subprocess.CompletedProcess[str]:
    program = folder.parent / "hiprep"
    program.write_text(FAKE_HIPREP)
    program.chmod(0o755)
    folder.mkdir(exist_ok=True)
    return subprocess.run(
        ["sh", UNITS / "hiprep-backup", str(folder), keep],
        env={"PATH": "/usr/bin:/bin", "HIPREP": str(program), **more},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_backup_is_added_and_the_oldest_beyond_the_number_go(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in ("01", "02", "03"):
        (folder / f"hiprep-202601{day}T040000Z.tar.gz").write_text(day)
    (folder / "notes.txt").write_text("mine")
    done = backup(folder)
    assert done.returncode == 0, done.stderr
    left = sorted(path.name for path in folder.iterdir())
    assert left[0] == "hiprep-20260103T040000Z.tar.gz"
    assert re.fullmatch(r"hiprep-\d{8}T\d{6}Z\.tar\.gz", left[1])
    assert left[2:] == ["notes.txt"]
    assert (folder / left[1]).stat().st_mode & 0o077 == 0, "others may not read it"


def test_a_backup_that_fails_deletes_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    for day in ("01", "02", "03"):
        (folder / f"hiprep-202601{day}T040000Z.tar.gz").write_text(day)
    done = backup(folder, BROKEN="1")
    assert done.returncode == 2
    assert len([*folder.iterdir()]) == 3


@pytest.mark.parametrize("keep", ["", "0", "-1", "all"])
def test_a_backup_is_never_told_to_keep_none(tmp_path: Path, keep: str) -> None:
    done = backup(tmp_path / "backups", keep)
    assert done.returncode == 2
    assert "1 or more" in done.stderr

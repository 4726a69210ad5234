"""The demo as a process of its own: how soon it shows a rep, and what memory it takes."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.integration.mosquitto import until
from tests.page.browser import PHONE, Browser, browser

ROOT = Path(__file__).parents[2]
DEMO = [sys.executable, "-c", "import sys; from pipeline.cli import main; sys.exit(main())", "demo"]
_URL = re.compile(r"http://127\.0\.0\.1:\d+/")
_LIFTS_S = 20.0
_END_S = 20.0


@dataclass(frozen=True, slots=True)
class Start:
    """broker: its name. first_rep_s: from the command to the number 1 on the page."""

    first_rep_s: float
    hiprep_mb: float
    broker_mb: float
    broker: str


def demo() -> Start:
    """`hiprep demo` of this tree, in the middle of its first sets."""
    return _started([*DEMO, "--no-browser"], ROOT)


def fresh_demo() -> Start:
    """`make demo` twice on copies of this tree: the first one warms the cache of packages."""
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("warm", "fresh"):
            _copy(Path(scratch) / name)
        _started(["make", "demo"], Path(scratch) / "warm")
        return _started(["make", "demo"], Path(scratch) / "fresh")


def _started(command: Sequence[str], folder: Path) -> Start:
    environment = {key: text for key, text in os.environ.items() if key != "DISPLAY"}
    with browser(PHONE) as phone:
        began_s = time.monotonic()
        with subprocess.Popen(
            command,
            cwd=folder,
            env={**environment, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as running:
            try:
                phone.open(_url(running))
                return _seen(running, phone, began_s)
            finally:
                _end(running)


def _seen(running: "subprocess.Popen[str]", phone: Browser, began_s: float) -> Start:
    until(lambda: phone.count >= 1)
    first_rep_s = time.monotonic() - began_s
    time.sleep(_LIFTS_S)
    family = psutil.Process(running.pid)
    hiprep_mb = broker_mb = 0.0
    kind = ""
    for one in (family, *family.children(recursive=True)):
        size_mb = one.memory_info().rss / 1e6
        line = " ".join(one.cmdline())
        if "mosquitto.conf" in line or "embedded_iotcore" in line:
            kind = "mosquitto" if "mosquitto.conf" in line else "iotcore"
            broker_mb += size_mb
        else:
            hiprep_mb += size_mb
    return Start(first_rep_s, hiprep_mb, broker_mb, kind)


def _url(running: "subprocess.Popen[str]") -> str:
    assert running.stdout
    for line in running.stdout:
        if found := _URL.search(line):
            return found.group()
    raise AssertionError("it ended without a page")


def _end(running: "subprocess.Popen[str]") -> None:
    """It, and whatever it has begun."""
    children = psutil.Process(running.pid).children(recursive=True)
    running.terminate()
    for one in children:
        one.terminate()
    _, left = psutil.wait_procs(children, _END_S)
    for one in left:
        one.kill()


def _copy(to: Path) -> None:
    """What git knows or would take, and nothing else."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)

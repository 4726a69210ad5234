"""Reports that share their page with text written by hand: figures between two lines."""

import os
import platform
import time
from collections.abc import Callable

END = "<!-- end of figures -->"


def page(old: str, begin: str, new: str) -> str:
    """The page with these figures in place of those it had; what was written by hand stays."""
    before, found, rest = old.partition(begin)
    _, end, after = rest.partition(END)
    if not (found and end):
        raise ValueError(f"the page has no lines {begin} and {END}")
    return f"{before}{begin}\n{new}\n{END}{after}"


def section(title: str, text: Callable[[], str]) -> str:
    """A part of the figures; says how long it took."""
    print(f"{title} ...", end=" ", flush=True)
    started_s = time.monotonic()
    made = f"### {title}\n\n{text()}"
    print(f"{time.monotonic() - started_s:.0f} s")
    return made


def machine() -> str:
    """What it was measured on."""
    system = f"{platform.system()}, {platform.machine()}, {os.cpu_count()} cores"
    return f"{system}, Python {platform.python_version()}"

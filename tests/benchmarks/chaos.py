"""Fifty kills of tracker, broker, store and database, and what is lost or doubled by them.

python -m tests.benchmarks.chaos
"""

import sys
import tempfile
from pathlib import Path

import pytest

from tests.integration.chaos import Outcome, chaos

KILLS, SEED = 50, 1


def outcome() -> Outcome:
    """What came of them; ends where there is no mosquitto or no influxd."""
    with tempfile.TemporaryDirectory(prefix="chaos") as folder:
        try:
            return chaos(Path(folder), KILLS, SEED)
        except pytest.skip.Exception as error:
            sys.exit(f"not measured: {error}")


if __name__ == "__main__":
    found = outcome()
    print(found)
    sys.exit(0 if found.clean else 1)

"""The model of BlueZ is for Linux, as BlueZ is."""

import sys

collect_ignore_glob = (
    []
    if sys.platform == "linux"
    else ["test_ble*.py", "test_chaos*.py", "test_live*.py", "test_run.py"]
)

"""Units are for Linux, as systemd is."""

import sys

collect_ignore = [] if sys.platform == "linux" else ["test_systemd.py"]

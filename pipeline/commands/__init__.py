"""What the commands do, one file each: ``run(args) -> int``, the exit code."""

UNUSABLE = 2
INTERRUPTED = 130


class CommandError(Exception):
    """What was asked for cannot be done; its text is the one line that says why."""

"""Many recordings, tracked again: on the cores of one machine, or on a cluster of them."""


class ArchiveError(Exception):
    """The work cannot begin or go on; its text is the one line that says why, and the cure."""


class StoppedError(ArchiveError):
    """The work stopped on its way; what is done stays done."""

"""What a deployment needs besides hiprep itself: secrets, certificates, databases, backups.

Nothing here runs while people lift. Each part makes what is missing and says what it made.
"""


class StackError(Exception):
    """It cannot be done: one line that names the file or the server, and the cure."""

"""Under which addresses the page can be opened."""

import platform
import socket

# Of a network that is nobody's (RFC 5737): asked which way there is, never sent to.
_SOMEWHERE = ("192.0.2.1", 9)


def lan_address() -> str | None:
    """This computer's address in the local network; None without one."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        try:
            one.connect(_SOMEWHERE)
        except OSError:
            return None
        address = str(one.getsockname()[0])
    return None if address.startswith(("127.", "0.")) else address


def names() -> frozenset[str]:
    """What this computer is called, in lower case, with and without its domain."""
    whole = platform.node().lower()
    return frozenset({whole, whole.partition(".")[0]} - {""})

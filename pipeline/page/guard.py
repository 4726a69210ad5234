"""Which requests the page answers: by the name it was asked under, and from where."""

import ipaddress
from collections.abc import Collection
from urllib.parse import urlsplit


def host_is_ours(host: str, names: Collection[str]) -> bool:
    """Whether a Host header is one that people use for this computer.

    An address always is: a page of somebody else can only come here under a name of its own that
    it has pointed at us. names: of this computer, in lower case.
    """
    try:
        parts = urlsplit(f"//{host}")
        name, _ = parts.hostname or "", parts.port
    except ValueError:
        return False
    return _is_address(name) or name == "localhost" or name.removesuffix(".local") in names


def same_origin(origin: str | None, host: str) -> bool:
    """Whether a request comes from our own page, or from no page at all."""
    if origin is None:
        return True
    try:
        return urlsplit(origin).netloc.lower() == host.lower()
    except ValueError:
        return False


def from_here(remote: str | None, *, forwarded: bool) -> bool:
    """Whether it comes from this computer itself. forwarded: another server passed it on."""
    if remote is None or forwarded:
        return False
    try:
        address = ipaddress.ip_address(remote.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True

"""What a publisher hears from stores and services, checked: anybody may have sent it."""

import json
from typing import Any

from pipeline.delivery.messages import VERSION


def online(payload: bytes) -> bool | None:
    """What a status says; None if it is none."""
    said = _object(payload, "status").get("online")
    return said if isinstance(said, bool) else None


def receipt_pairs(payload: bytes) -> list[tuple[str, int]] | None:
    """Pairs of id and revision; None if it is no receipt."""
    pairs = _object(payload, "receipt").get("messages")
    if not isinstance(pairs, list):
        return None
    found = [
        (pair[0], pair[1])
        for pair in pairs
        if isinstance(pair, list)
        and len(pair) == 2
        and isinstance(pair[0], str)
        and pair[0].isascii()
        and type(pair[1]) is int
        and 0 <= pair[1] < 2**62
    ]
    return found if len(found) == len(pairs) else None


def _object(payload: bytes, name: str) -> dict[str, Any]:
    """The JSON object with that schema; an empty one for all else."""
    try:
        whole = json.loads(payload)
    except (ValueError, RecursionError):
        return {}
    ours = isinstance(whole, dict) and whole.get("schema") == f"hiprep/{name}/{VERSION}"
    return whole if ours else {}

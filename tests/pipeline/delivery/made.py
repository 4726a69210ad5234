"""Messages as a gateway makes them, for tests of what comes after."""

from typing import Any

from pipeline.delivery.messages import Message

START_US = 1_700_000_000_000_000


def message(number: int = 1, revision: int = 0, **changes: Any) -> Message:
    """The state of a rep of anna; changes: whatever is to be different."""
    whole: dict[str, Any] = {
        "kind": "rep",
        "id": f"belt-s1-{number}",
        "revision": revision,
        "valid": True,
        "site": "home",
        "device": "belt",
        "athlete": "anna",
        "session": "s1",
        "exercise": "hip_thrust",
        "variant": "",
        "time_us": START_US + number * 3_000_000,
        "known_us": START_US + number * 3_000_000 + 900_000 + revision,
        "at_s": 3.0 * number,
        "values": {"set": 1, "rep": number, "rom_deg": 50.0 + revision, "faults": 0},
        "seq": number * 10 + revision,
    }
    return Message(**{**whole, **changes})

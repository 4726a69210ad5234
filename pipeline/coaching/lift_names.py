"""Lifts as they are called in a sentence."""


def lift_name(lift: tuple[str, str]) -> str:
    """``Hip thrust``, ``Banded hip thrust``."""
    words = " ".join(part.replace("_", " ") for part in reversed(lift) if part)
    return words[:1].upper() + words[1:]

"""Lifts as they are called in a sentence."""


def lift_words(lift: tuple[str, str]) -> str:
    """``hip thrust``, ``banded hip thrust``: inside of a sentence."""
    exercise, variant = (part.replace("_", " ") for part in lift)
    words = (*variant.split("-"), exercise)
    return " ".join(word for word in words if word)


def lift_name(lift: tuple[str, str]) -> str:
    """``Hip thrust``, ``Banded hip thrust``: at the beginning of one."""
    words = lift_words(lift)
    return words[:1].upper() + words[1:]

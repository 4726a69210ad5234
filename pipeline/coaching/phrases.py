"""Sentences and the numbers in them, made in one go: what is not said is not claimed."""

from collections.abc import Sequence


class Numbers:
    """The numbers of a text, each by name, rounded as the text has it."""

    def __init__(self) -> None:
        self.told: dict[str, float] = {}

    def say(self, name: str, value: float, digits: int = 0) -> str:
        """The value as text with so many decimals at most; kept as it is said."""
        text = f"{value:.{digits}f}"
        text = text.rstrip("0").rstrip(".") if digits else text
        self.told[name] = float(text)
        return text


def many(count: int, one: str) -> str:
    """``1 rep``, ``2 reps``."""
    return f"{count} {one}" if count == 1 else f"{count} {one}s"


def which(reps: Sequence[int]) -> str:
    """``rep 3``, ``reps 3 and 7``, ``reps 3, 7 and 9``."""
    words = [str(number) for number in reps]
    if len(words) == 1:
        return f"rep {words[0]}"
    return f"reps {', '.join(words[:-1])} and {words[-1]}"

"""Tables of a TOML file, taken apart key by key: every fault is named with its place."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import Any

_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_MAX_SHOWN = 40


class Table:
    """One table: its keys are taken one by one. Whatever is wrong goes to problems.

    A value that is absent or wrong is taken as None. place: of the table in the file, "" for the
    whole.
    """

    def __init__(self, values: dict[str, Any], place: str, problems: list[str]) -> None:
        self._values = values
        self.place = place
        self._known: list[str] = []
        self.problems = problems

    def blame(self, key: str, what: str) -> None:
        """Say what is wrong with the value of a key."""
        self.problems.append(f"{_inside(self.place, key)}: {what}")

    def text(self, key: str) -> str | None:
        """A text that is not empty."""
        value = self._take(key)
        if value is None or (isinstance(value, str) and value.strip()):
            return value
        self.blame(key, f"{shown(value)} is not a text in quotation marks")
        return None

    def secret(self, key: str) -> str | None:
        """A text of one line that is never shown, whatever is wrong with it."""
        value = self._take(key)
        if value is None or (isinstance(value, str) and value.strip() and value.isprintable()):
            return value
        self.blame(key, "is not one line of text in quotation marks")
        return None

    def flag(self, key: str) -> bool | None:
        """True or false."""
        value = self._take(key)
        if value is None or isinstance(value, bool):
            return value
        self.blame(key, f"{shown(value)} is not true or false")
        return None

    def one_of(self, key: str, known: Collection[str]) -> str | None:
        """A text that is one of those known."""
        value = self.text(key)
        if value is None or value in known:
            return value
        told = meant(value, known) or f", known are {', '.join(known)}"
        self.blame(key, f"there is no {shown(value)}{told}")
        return None

    def number(self, key: str, low: float, high: float) -> float | None:
        """A number within limits."""
        value = self._take(key)
        if value is None or (_is_number(value) and low <= value <= high):
            return None if value is None else float(value)
        self.blame(key, f"{shown(value)} is not a number from {low:g} to {high:g}")
        return None

    def whole_number(self, key: str, low: int, high: int) -> int | None:
        """A whole number within limits."""
        value = self._take(key)
        if value is None or (
            _is_number(value) and not isinstance(value, float) and low <= value <= high
        ):
            return value
        self.blame(key, f"{shown(value)} is not a whole number from {low} to {high}")
        return None

    def span(self, key: str, low: int, high: int) -> tuple[int, int] | None:
        """One whole number, or a list of two: at least and at most."""
        value = self._take(key)
        if value is None:
            return None
        ends = value if isinstance(value, list) else [value, value]
        if len(ends) != 2 or not all(type(end) is int and low <= end <= high for end in ends):
            said = f"one whole number from {low} to {high}, or two as in [8, 12]"
            self.blame(key, f"{shown(value)} is not {said}")
            return None
        if ends[0] > ends[1]:
            self.blame(key, f"from {ends[0]} to {ends[1]} is the wrong way round")
            return None
        return ends[0], ends[1]

    def texts(self, key: str) -> tuple[str, ...] | None:
        """A list of texts, none of them empty, each once."""
        value = self._take(key)
        if value is None:
            return None
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            self.blame(key, f"{shown(value)} is not a list of texts in quotation marks")
            return None
        twice = sorted({one for one in value if value.count(one) > 1})
        if twice:
            self.blame(key, f"{shown(twice[0])} more than once")
        return tuple(value)

    @property
    def keys(self) -> tuple[str, ...]:
        """Of all that is in it, for a table whose keys are free."""
        return tuple(self._values)

    def table(self, key: str) -> "Table | None":
        """The one table of that name, whose keys are known. What stands in its place is not shown:
        it may hold a secret.
        """
        value = self._take(key)
        place = _inside(self.place, key)
        if isinstance(value, dict):
            return Table(value, place, self.problems)
        if value is not None:
            self.problems.append(f"{place}: a table [{place}] belongs here")
        return None

    def tables(self, key: str) -> list[tuple[str, "Table"]]:
        """The tables inside a table by their keys, which are free."""
        value = self._take(key)
        if value is None:
            return []
        if not isinstance(value, dict):
            self.blame(key, f"{shown(value)} where tables like [{key}.NAME] belong")
            return []
        found = []
        for name, table in value.items():
            place = _inside(_inside(self.place, key), name)
            if not isinstance(table, dict):
                self.problems.append(f"{place}: {shown(table)} where a table [{place}] belongs")
            elif not _BARE_KEY.fullmatch(name):
                self.problems.append(f"{place}: the key of a table has only A-Z a-z 0-9 _ -")
            else:
                found.append((name, Table(table, place, self.problems)))
        return found

    def finish(self) -> None:
        """Whatever was not taken until now is unknown."""
        for key in self._values:
            if key not in self._known:
                self.blame(key, f"unknown{meant(key, self._known)}")

    def _take(self, key: str) -> Any:
        self._known.append(key)
        return self._values.get(key)


def shown(value: object) -> str:
    """A value of the file, fit for one line of a message."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and abs(value) >= 10**_MAX_SHOWN:
        return "so large a number"
    text = ascii(value) if isinstance(value, str | int | float) else type(value).__name__
    return text if len(text) <= _MAX_SHOWN else f"{text[: _MAX_SHOWN - 3]}..."


def meant(word: str, known: Iterable[str]) -> str:
    """What was probably meant by a word that is none of those known; "" if nothing is near."""
    close = get_close_matches(word.lower(), list(known), n=1)
    return f", probably {close[0]}" if close else ""


def literal(value: str | float) -> str:
    """A value as TOML has it."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str):
        return repr(value)
    escaped = "".join(
        f"\\u{ord(char):04x}" if ord(char) < 32 or ord(char) == 127 or char in '"\\' else char
        for char in value
    )
    return f'"{escaped}"'


def line(key: str, value: str | float | None, example: str | float = "") -> str:
    """A line of the file; a comment that shows how, for what is not set."""
    if value is None:
        return f"# {key} = {literal(example)}"
    return f"{key} = {literal(value)}"


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _inside(place: str, key: str) -> str:
    key = key if _BARE_KEY.fullmatch(key) else shown(key)
    return f"{place}.{key}" if place else key

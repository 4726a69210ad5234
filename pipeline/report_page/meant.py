"""What a session meant: what the coach said of its sets and of the whole, as lists to read."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import cast

from pipeline.coach_day import LEVELS, Said, pressing_first, said
from pipeline.coaching.advice import Case, Level, When
from pipeline.delivery.history import AdviceRow, SetRow
from pipeline.report_page.markup import Markup, element

_SECOND_US = 1_000_000
# What is said after a rep is for that moment.
_WHENS: tuple[When, ...] = ("set", "session", "week")


@dataclass(frozen=True, slots=True)
class Meant:
    """sets: by the id of a set. session: of it and of the week, as of its end."""

    sets: Mapping[str, tuple[Said, ...]] = field(default_factory=dict)
    session: tuple[Said, ...] = ()


def as_said(advised: Iterable[AdviceRow], rows: Iterable[SetRow]) -> Meant:
    """What was said of a session when it was lifted. advised: of that session; rows: its sets."""
    whole = [one for one in advised if one.when in _WHENS and one.level in LEVELS]
    found = {
        row.id: tuple(_row_said(one) for one in whole if one.when == "set" and one.set == row.set)
        for row in rows
    }
    return Meant(found, tuple(_row_said(one) for one in whole if one.when != "set"))


def by_rules(case: Case, rows: Iterable[SetRow]) -> Meant:
    """What the rules say of these sets of one session and athlete; the present is when they ended.

    case: all that the athlete lifted; what came after is not looked at.
    """
    found: dict[str, tuple[Said, ...]] = {}
    seen = case
    for row in sorted(rows, key=lambda one: one.time_us):
        seen = _as_of(case, row)
        found[row.id] = said(seen, "set")
    return Meant(found, (*said(seen, "session"), *said(seen, "week")) if found else ())


def meant_list(advised: Iterable[Said], title: str, heading: str = "h3") -> Iterator[Markup]:
    """The most pressing first; each with the name of its rule, by which it is switched off."""
    lines = [
        element("li", one.text, " ", element("small", one.rule), class_=one.level)
        for one in pressing_first(advised)
    ]
    if lines:
        yield element("div", element(heading, title), element("ul", *lines, class_="meant"))


def _row_said(row: AdviceRow) -> Said:
    return Said(cast(When, row.when), row.rule, cast(Level, row.level), row.text)


def _as_of(case: Case, row: SetRow) -> Case:
    """The end of a set, when it was the latest."""
    until_us = row.time_us + round((row.duration_s or 0.0) * _SECOND_US)
    history = tuple(one for one in case.history if one.time_us <= row.time_us)
    return replace(case, history=history, now_us=until_us)

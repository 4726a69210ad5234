"""What a session meant, in its report; and loads in the unit of the athlete."""

import argparse
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline import cli_report
from pipeline.coach_day import Said, said
from pipeline.coaching.advice import Case, Preferences
from pipeline.commands import report
from pipeline.delivery.book import Book
from pipeline.delivery.history import AdviceRow, Flat, Wanted, sets
from pipeline.delivery.history_sources import BookHistory
from pipeline.delivery.lifted_rows import history_of
from pipeline.delivery.values import AdviceValues, flat
from pipeline.report_page.meant import Meant, as_said, by_rules
from pipeline.report_page.words import NBSP
from tests.pipeline.coaching.made import session
from tests.pipeline.reported import STARTED_US, Lifted, keep, set_row
from tests.pipeline.test_report_page import Parsed, a_page

NOW = Lifted("20260105T173000Z")


def test_loads_are_in_the_unit_of_the_athlete() -> None:
    before = set_row(days=-3, load_kg=50.0)
    known: dict[str, Any] = {
        "load_kg": 60.0,
        "volume_kg": 480.0,
        "e1rm_kg": 120.0,
        "e1rm_low_kg": 100.0,
        "e1rm_high_kg": 140.0,
    }
    text = Parsed(a_page(sets=(before, set_row()), unit="lb", **known)).text.replace(NBSP, " ")
    for told in (
        "Set 1 · 132.3 lb",
        "1,058.2 lb moved in all",
        "Top load 132.3 lb, 22 lb more",
        "maximum: 265 lb",
        "between 220 and 309 lb",
        "top load, lb",
    ):
        assert told in text
    assert " kg" not in text


def test_what_it_meant_is_said_with_the_rules_the_most_pressing_first() -> None:
    of_set = (
        Said("set", "rule_a", "info", "An <b>even</b> set."),
        Said("set", "rule_b", "attention", "Short at the top."),
    )
    of_week = Said("week", "rule_c", "good", "Two sessions this week.")
    text = a_page(meant=Meant({set_row().id: of_set}, (of_week,)))
    shown = " ".join(Parsed(text).text.split())
    assert shown.index("Short at the top. rule_b") < shown.index("An <b>even</b> set. rule_a")
    assert shown.index("Two sessions this week. rule_c") < shown.index("Set 1 ·")
    assert "<b>even</b>" not in text
    assert 'off = ["' in shown
    nothing = Parsed(a_page()).text
    assert "meant" not in nothing
    assert "off = " not in nothing


def test_the_rules_see_each_set_as_the_latest_and_nothing_that_came_later() -> None:
    sets = [one for day in (0, 3, 6) for one in session(day, [12, 12, 12])]
    rows = [
        replace(set_row(number, id=f"set-{number}", duration_s=30.0), time_us=one.time_us)
        for number, one in enumerate(sets[3:6], 1)
    ]
    case = Case(tuple(sets), sets[-1].time_us)
    meant = by_rules(case, rows)
    assert meant == by_rules(replace(case, history=tuple(sets[:6])), rows)
    assert set(meant.sets) == {"set-1", "set-2", "set-3"}
    last = replace(case, history=tuple(sets[:6]), now_us=sets[5].time_us + 30_000_000)
    assert meant.sets["set-3"] == said(last, "set")
    assert meant.session == (*said(last, "session"), *said(last, "week"))
    assert "next_load" in {one.rule for one in meant.session}
    assert by_rules(case, []) == Meant()


def test_what_was_said_when_it_was_lifted_is_what_is_told() -> None:
    rows = [set_row(1), set_row(2)]
    at = {"session": "s1", "device": "belt", "site": "home", "athlete": "anna"}
    texts: dict[str, dict[str, str | float]] = {
        "of set 2": {"set": 2.0, "when": "set", "level": "good"},
        "of a rep": {"set": 2.0, "rep": 1.0, "when": "rep", "level": "stop"},
        "of the week": {"when": "week", "level": "info"},
        "of nobody knows what": {"when": "month", "level": "info"},
        "as nobody knows": {"when": "set", "set": 1.0, "level": "loud"},
    }
    advised = [
        Flat(STARTED_US * 1000, {**at, "id": text, "rule": "r", "text": text, **values}).row(
            AdviceRow
        )
        for text, values in texts.items()
    ]
    meant = as_said(advised, rows)
    assert {id_: [one.text for one in said] for id_, said in meant.sets.items()} == {
        rows[0].id: [],
        rows[1].id: ["of set 2"],
    }
    assert [one.text for one in meant.session] == ["of the week"]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three sets of anna, who lifts in pounds, and nothing that was said of them."""
    settings = tmp_path / "settings.toml"
    settings.write_text("[athletes.anna.coaching]\nunit = 'lb'\n")
    monkeypatch.setenv("HIPREP_SETTINGS", str(settings))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    path = tmp_path / "hiprep" / "store.db"
    keep(path, [NOW])
    return path


def reported(folder: Path) -> str:
    parser = argparse.ArgumentParser()
    cli_report.add(parser.add_subparsers())
    assert report.run(parser.parse_args(["report", "--out", str(folder)])) == 0
    (page,) = folder.glob("*.html")
    return Parsed(page.read_text(encoding="utf-8")).text.replace(NBSP, " ")


def test_a_report_says_what_the_rules_say_where_nothing_was_said(
    store: Path, tmp_path: Path
) -> None:
    source = BookHistory(store)
    wanted = Wanted(athlete="anna")
    history = history_of(source, "anna")["anna"]
    text = reported(tmp_path / "out")
    assert "132.3 lb" in text
    for row in sets(source, wanted):
        case = Case(history, 0, preferences=Preferences(unit="lb"))
        for one in by_rules(case, [row]).sets[row.id]:
            assert one.text in text
    assert "What it meant" in text


def test_a_report_says_what_was_said_where_something_was(store: Path, tmp_path: Path) -> None:
    (newest,) = {row.session for row in sets(BookHistory(store), Wanted())}
    with Book(store) as book:
        (message, *_) = [one for one in book.messages("set") if one.session == newest]
        values = AdviceValues(1, None, "set", "rule_x", "good", "Said then.", None, None)
        advised = replace(message, kind="advice", id="advice-1", values=flat(values))
        book.keep(book.plan([advised]))
    text = reported(tmp_path / "out")
    assert "Said then. rule_x" in " ".join(text.split())
    assert "next_session" not in text

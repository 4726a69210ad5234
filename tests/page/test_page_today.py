"""What is to be done today and this week, on the page; and setting it up."""

import json
from collections.abc import Mapping
from pathlib import Path

from tests.integration.mosquitto import until
from tests.page.browser import Browser
from tests.page.served import CONFIG, SESSION, Json, ledger, past, told

MARKUP = '<img src=x onerror="window.hurt=1"><b>slow</b>'
PLANNED = {
    "exercise": "single_leg_hip_thrust",
    "variant": "left",
    "sets": 3,
    "reps": [8, 12],
    "load_kg": 42.5,
    "tempo": "2-0-1-2",
    "hold_s": 2.0,
    "rest_s": 120.0,
}
DAY: Json = {
    "today": {
        "title": "Single-leg hip thrust, heavy",
        "kind": "heavy",
        "days": 0,
        "rested_days": 2,
        "lines": ["The last session was 2 days ago."],
        "lifts": [PLANNED, {**PLANNED, "variant": "right", "load_kg": None}],
    },
    "advice": [
        {"when": "session", "rule": "next_load", "level": "good", "text": "Next time 42.5 kg."},
        {"when": "week", "rule": "balance", "level": "info", "text": MARKUP},
    ],
    "week": {
        "sessions": [{"weekday": "Monday", "kind": "light", "thrust": True, "lifts": []}],
        "done": 1,
        "aim": [2, 3],
        "sets": [],
        "next_kind": "heavy",
        "next_weekday": "Thursday",
        "next_days": 1,
    },
}


def day(query: Mapping[str, str]) -> str:
    return json.dumps({**DAY, "asked": dict(query)})


def test_what_is_to_be_done_is_told_before_the_first_set_as_text(
    tmp_path: Path, phone: Browser
) -> None:
    asked: list[Mapping[str, str]] = []

    def coaching(query: Mapping[str, str]) -> str:
        asked.append(query)
        return day(query)

    with told(tmp_path, coaching=coaching) as (teller, url):
        teller.streams()
        teller.state(ledger())
        phone.open(url, "setup")
        until(lambda: "2 days ago" in phone.text("[data-testid=today]"), "the last session")
        said = phone.texts("[data-testid=today] summary span")
        assert said == ["Next time 42.5 kg.", MARKUP]
        assert phone.run("return window.hurt") is None
        assert asked == [{"athlete": "anna", "session": SESSION}]


def test_without_history_there_is_no_day_and_nothing_is_missed(
    tmp_path: Path, phone: Browser
) -> None:
    with told(tmp_path) as (teller, url):
        teller.streams()
        teller.state(ledger())
        phone.open(url, "setup")
        until(lambda: phone.text("button.main"), "the form")
        assert phone.text("[data-testid=today]") == ""


def test_a_tap_on_what_is_planned_sets_it_up(tmp_path: Path, phone: Browser) -> None:
    names = ("hip_thrust", "single_leg_hip_thrust")
    config = {**CONFIG, "exercises": [{"key": name, "name": name} for name in names]}
    with told(tmp_path, coaching=day, config=config) as (teller, url):
        teller.streams()
        teller.state(ledger())
        phone.open(url, "setup")
        until(lambda: "2 days ago" in phone.text("[data-testid=today]"), "what is planned")
        phone.tap("[data-testid=planned]", "left")
        assert phone.data(".sides button[aria-pressed=true]", "word") == ["left"]
        phone.tap("button.main")
        until(teller.commands, "the command")
        choose = teller.commands()[0]
        chosen = {name: choose[name] for name in ("exercise", "variant", "load_kg", "set")}
        assert chosen == {
            "exercise": "single_leg_hip_thrust",
            "variant": "left",
            "load_kg": 42.5,
            "set": "next",
        }
        teller.answer(choose)
        until(lambda: len(teller.commands()) == 2, "the targets")
        targets = teller.commands()[1]
        asked = (targets["reps"], targets["tempo"], targets["hold_s"])
        assert asked == (12, "2-0-1-2", 2.0)


def test_a_variant_is_picked_by_words_in_one_order_and_sides_are_for_one_leg(
    tmp_path: Path, phone: Browser
) -> None:
    with told(tmp_path) as (teller, url):
        teller.streams()
        teller.state(ledger())
        phone.open(url, "setup")
        assert phone.text(".sides") == ""
        for word in ("wide", "paused", "banded", "narrow", "paused"):
            phone.tap(f'.pick[data-word="{word}"]')
        field = "return document.querySelector('.variants input').value"
        assert phone.run(field) == "banded-narrow"
        phone.write(".variants input", "Paused, foam")
        phone.tap("button.main")
        until(teller.commands, "the command")
        assert teller.commands()[0]["variant"] == "foam-paused"


def test_the_week_is_shown_against_its_aim(tmp_path: Path, phone: Browser) -> None:
    with told(tmp_path, coaching=day, history=past(tmp_path / "past.db")) as (_, url):
        phone.open(url, "history")
        until(lambda: phone.text("[data-testid=week]"), "the week")
        text = phone.text("[data-testid=week]")
        assert "1 hip thrust session of 2–3." in text
        assert "heavy, from Thursday on" in text
        assert "light" in phone.texts("[data-testid=week] li")[0]

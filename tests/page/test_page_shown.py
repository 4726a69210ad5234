"""What the page makes of what is published by hand: very much, malicious, too new; and pairing."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.delivery.messages import Message, event_topic, to_payload
from pipeline.page.pairing import Pairing
from tests.integration.mosquitto import until
from tests.page.browser import Browser, eventually
from tests.page.served import CODE, CONFIG, ledger, lifted, served, told

MANY = 500
MARKUP = '<img src=x onerror="window.hurt=1"><b>Anna</b>'


def test_five_hundred_reps_are_counted_and_listed(tmp_path: Path, phone: Browser) -> None:
    with told(tmp_path) as (teller, url):
        to = ledger()
        teller.streams()
        teller.state(to)
        phone.open(url)
        eventually(lambda: phone.link, "ok")
        teller.events(many())
        eventually(lambda: phone.count, MANY)
        assert phone.data("[data-testid=rep-count]", "certain") == ["true"]
        phone.go("after")
        eventually(lambda: len(phone.rows()), MANY)
        assert [row["rep"] for row in phone.rows()] == [str(one) for one in range(1, MANY + 1)]
        assert [row["words"] for row in phone.rows()] == ["over-arched", ""] * (MANY // 2)
        assert phone.complaints() == []


def many() -> list[Message]:
    """Reps of one set as at their lockouts, every second one with a fault."""
    first = lifted(1, ledger(), over=False)[0]
    return [
        replace(
            first,
            id=f"{first.id}-{number}",
            values={
                **first.values,
                "rep": number,
                "start_s": 4.0 * number,
                "fault_over_arch": number % 2,
            },
        )
        for number in range(1, MANY + 1)
    ]


def test_names_with_markup_are_text(tmp_path: Path, phone: Browser) -> None:
    athletes = [{"key": "anna", "name": MARKUP}, {"key": "ben", "name": "Ben"}]
    exercises = [{"key": "own", "name": MARKUP}]
    config = {**CONFIG, "athletes": athletes, "exercises": exercises, "version": MARKUP}
    with told(tmp_path, config=config) as (teller, url):
        to = ledger()
        messages = lifted(3, to)
        teller.streams(text=MARKUP, name=MARKUP)
        teller.events(messages)
        state = to.state()
        for one in (state["running"], *state["sets"]):
            one["values"] = {**one["values"], "note": MARKUP, "tempo": MARKUP}
        teller.say("state", {**state, "undo": MARKUP})
        for route in ("lift", "after", "setup", "coach", "settings"):
            phone.open(url, route)
            eventually(lambda: phone.link, "ok")
            until(lambda: MARKUP in "".join(phone.texts("body")), f"{route} has it as text")
            assert phone.run("return document.querySelectorAll('img').length") == 0
            assert phone.run("return window.hurt") is None


def test_a_payload_of_another_version_is_said_and_the_rest_is_shown(
    tmp_path: Path, phone: Browser
) -> None:
    with told(tmp_path) as (teller, url):
        to = ledger()
        *known, last = lifted(4, to, over=False)
        teller.streams()
        phone.open(url)
        eventually(lambda: phone.link, "ok")
        teller.events(known)
        newer = {**json.loads(to_payload(last)), "schema": "hiprep/rep/2"}
        teller.say(event_topic(last).split("/", 4)[4], newer, retain=False)
        until(lambda: "hiprep/rep/2" in phone.banner, "it is said")
        assert "newer version" in phone.banner
        assert phone.count == 4


def test_a_low_battery_and_a_silent_sensor_are_said(tmp_path: Path, phone: Browser) -> None:
    with told(tmp_path) as (teller, url):
        teller.streams(battery_pct=9.0)
        phone.open(url)
        until(lambda: "Battery low: 9 %" in phone.banner, "the battery")
        until(lambda: "Nothing comes from the sensor" in phone.banner, "nothing is said any more")


@pytest.fixture
def pairing() -> Pairing:
    return Pairing(CODE, b"secret of this test")


def test_a_phone_is_paired_once_and_stays_so(
    tmp_path: Path, phone: Browser, pairing: Pairing
) -> None:
    with told(tmp_path, pairing=pairing) as (teller, url), phone.elsewhere():
        teller.streams()
        phone.driver.get(url)
        until(lambda: phone.driver.current_url.endswith("/pair.html"), "it asks for the code")
        pair(phone, "000000")
        until(lambda: "not the code" in said(phone), "it is refused")
        pair(phone, "123 456")
        eventually(lambda: phone.link, "ok")
        phone.open(url, "settings")
        eventually(lambda: phone.link, "ok")


def test_who_guesses_has_to_wait(phone: Browser, pairing: Pairing) -> None:
    with served("mqtt://127.0.0.1:1", pairing=pairing) as url, phone.elsewhere():
        phone.driver.get(url)
        for _ in range(6):
            pair(phone, "000000")
            until(lambda: said(phone) and not said(phone).endswith("…"), "an answer")
        until(lambda: not phone.driver.find_element("css selector", "button").is_enabled())
        assert phone.driver.current_url.endswith("/pair.html")


def pair(phone: Browser, code: str) -> None:
    until(lambda: phone.driver.find_elements("css selector", "#code"), "there is a field")
    phone.write("#code", code)
    phone.tap("button.main")


def said(phone: Browser) -> str:
    return phone.text("[data-testid=pair-message]")


def test_a_page_without_config_asks_for_a_broker(tmp_path: Path, phone: Browser) -> None:
    with told(tmp_path, config={}) as (teller, url):
        teller.streams()
        phone.driver.get(url)
        phone.write("input[type=text]", "http://nowhere")
        phone.tap("button.main")
        assert "ws://" in phone.text(".trouble")
        phone.write("input[type=text]", url.replace("http:", "ws:") + "mqtt")
        phone.tap("button.main")
        eventually(lambda: phone.link, "ok")
        phone.driver.refresh()
        eventually(lambda: phone.link, "ok")


def test_what_a_thumb_sets_up_is_asked_for_in_kilograms(tmp_path: Path, phone: Browser) -> None:
    with told(tmp_path) as (teller, url):
        teller.streams()
        teller.state(ledger(load_kg=None))
        phone.open(url, "setup")
        phone.tap(".chip", "lb")
        phone.tap(".stepper.large button", "+10")
        assert phone.text(".stepper.large output") == "45 lb"
        phone.tap("button.main")
        until(teller.commands, "the command")
        (command,) = teller.commands()
        assert command["command"] == "choose"
        assert command["load_kg"] == pytest.approx(45 * 0.45359237, abs=0.001)

"""What axe-core finds: nothing serious on any view, light and dark, on a phone and a computer."""

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from pipeline.page.pairing import Pairing
from tests.integration.mosquitto import until
from tests.page.browser import Browser, eventually
from tests.page.served import CODE, Teller, advice, ledger, lifted, past, served, told
from tests.page.test_page_today import day

ROUTES = ("lift", "setup", "after", "history", "coach", "settings")
CUFF = "cuff"
GRAVE = ("serious", "critical")
AXE = (files("axe_core_python") / "axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Teller, str]]:
    """After one set with faults, in the middle of another."""
    folder = tmp_path_factory.mktemp("axe")
    rows = past(folder / "past.db")
    with told(folder / "broker", history=rows, coaching=day) as (teller, url):
        to = ledger()
        teller.streams()
        teller.events([*lifted(6, to), *lifted(4, to, over=False, set_number=2)])
        stop = advice("Stop here.", at_s=126.0, when="rep", level="stop", set_number=2, rep=4)
        teller.state(to, advice=[stop])
        yield teller, url


def findings(phone: Browser) -> list[str]:
    """The grave ones: which rule, and where."""
    phone.run(AXE)
    found: Any = phone.driver.execute_async_script(
        "axe.run(document, {resultTypes: ['violations']}).then(arguments[0])"
    )
    return [
        f"{one['impact']} {one['id']}: {node['html'][:200]} {node.get('failureSummary', '')}"
        for one in found["violations"]
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("route", ROUTES)
def test_nothing_serious_is_found(
    page: tuple[Teller, str], phone: Browser, route: str, *, dark: bool
) -> None:
    teller, url = page
    phone.dark(on=dark)
    phone.open(url, route)
    until(lambda: phone.link in ("ok", "silent"), "it is connected")
    teller.live(113.0, phase="top", phase_s=0.9, hold_s=0.9, pitch_deg=54.0, set=2, reps=4)
    eventually(lambda: phone.link, "ok")
    assert findings(phone) == []
    if route == "after":
        phone.tap("button.rep")
        assert findings(phone) == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_serious_is_found_in_what_a_coach_says(
    page: tuple[Teller, str], phone: Browser, *, dark: bool
) -> None:
    teller, url = page
    phone.dark(on=dark)
    teller.say("state", ledger(CUFF).state(), CUFF)
    phone.open(url, "settings")
    phone.run("localStorage.setItem('hiprep', JSON.stringify({device: arguments[0]}))", CUFF)
    phone.open(url, "setup")
    until(lambda: phone.text("[data-testid=today]"), "what is to be done")
    assert findings(phone) == []
    assert small(phone) == []
    to = ledger(CUFF)
    teller.events(lifted(4, to))
    levels = {"a": "stop", "b": "attention", "c": "good", "d": "info", "e": "info"}
    said = [
        advice(f"{level}.", at_s=40.0, rule=rule, level=level, load_kg=65.0, device=CUFF)
        for rule, level in levels.items()
    ]
    teller.state(to, CUFF, advice=said)
    phone.open(url, "after")
    phone.tap("[data-rule=b] summary")
    phone.tap("[data-testid=meant] .more > summary")
    phone.tap(".marks > summary")
    assert findings(phone) == []
    assert small(phone) == []
    phone.run("localStorage.clear()")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_serious_is_found_where_a_phone_is_paired(phone: Browser, *, dark: bool) -> None:
    phone.dark(on=dark)
    pairing = Pairing(CODE, b"secret of this test")
    with served("mqtt://127.0.0.1:1", pairing=pairing) as url:
        phone.driver.get(f"{url}pair.html")
        until(lambda: phone.text("h1"), "it is there")
        assert findings(phone) == []
        phone.write("#code", "000000")
        phone.tap("button.main")
        until(lambda: phone.data("[data-testid=pair-message]", "tone") == ["trouble"], "refused")
        assert findings(phone) == []


@pytest.mark.parametrize("route", ROUTES)
def test_what_a_thumb_is_to_hit_is_44_px_large_and_nothing_scrolls_sideways(
    page: tuple[Teller, str], phone: Browser, route: str
) -> None:
    phone.open(page[1], route)
    until(lambda: phone.link in ("ok", "silent"), "it is connected")
    if route == "after":
        phone.tap("button.rep")
    assert small(phone) == []
    assert phone.run("return document.documentElement.scrollWidth <= innerWidth")
    assert phone.complaints() == []


def small(phone: Browser) -> list[str]:
    """What is to be hit, and is smaller than a thumb."""
    found: list[str] = phone.run(
        """
        const all = document.querySelectorAll('button, select, input, a, summary');
        return [...all].map((e) => (e.matches('.toggle input') ? e.closest('label') : e))
          .filter((e) => e.checkVisibility() && !e.closest('.hidden'))
          .map((e) => [e.outerHTML.slice(0, 120), e.getBoundingClientRect()])
          .filter(([, box]) => box.width < 43.5 || box.height < 43.5)
          .map(([html, box]) => `${html} ${box.width} x ${box.height}`);
        """
    )
    return found

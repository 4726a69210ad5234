"""What a coach says, on the page: while lifting, and after the set."""

from functools import partial
from pathlib import Path

from pipeline.delivery.commands import SetTargets
from pipeline.delivery.ledger import Ledger
from tests.integration.mosquitto import until
from tests.page.browser import Browser, eventually
from tests.page.served import Json, Teller, advice, ledger, lifted, told

MARKUP = '<img src=x onerror="window.hurt=1"><b>slow</b>'
LINES = "[data-testid=meant] [data-testid=advice]"
STOP = "Stop here: rep 4 was 24.1 % slower than the fastest, the second in a row past 20 %."
NEARLY = "Nearly there: rep 3 was 21.5 % slower than the fastest; after one more like it, stop."


def open_set(teller: Teller, reps: int) -> Ledger:
    """A set that goes on."""
    to = ledger()
    teller.streams()
    teller.state(to)
    teller.events(lifted(reps, to, over=False))
    teller.state(to)
    return to


def over(teller: Teller, *said: Json, reps: int = 4) -> Ledger:
    """A set that is over, and what was said of it."""
    to = ledger()
    teller.streams()
    teller.events(lifted(reps, to))
    teller.advise(*said)
    teller.state(to, advice=said)
    return to


def lines(phone: Browser, where: str = LINES) -> list[str]:
    return phone.texts(f"{where} summary span")


def test_stop_fills_the_screen_at_its_rep_and_is_gone_with_the_next(
    tmp_path: Path, phone: Browser
) -> None:
    with told(tmp_path) as (teller, url):
        to = ledger()
        messages = lifted(5, to, over=False)
        teller.streams()
        teller.state(ledger())
        phone.open(url)
        eventually(lambda: phone.link, "ok")
        teller.events(messages[:6])  # three reps, told twice each
        nearly = advice(
            NEARLY, at_s=21.0, when="rep", rule="velocity_stop", level="attention", rep=3
        )
        teller.advise(nearly)
        eventually(lambda: phone.text("[data-testid=cue]"), NEARLY)
        assert phone.text("[data-testid=call]") == ""
        teller.events(messages[6:8])
        eventually(lambda: phone.text("[data-testid=cue]"), "")
        stop = advice(STOP, at_s=25.0, when="rep", rule="velocity_stop", level="stop", rep=4)
        teller.advise(stop)
        until(lambda: STOP in phone.text("[data-testid=call]"), "it is said")
        assert phone.data("[data-testid=call]", "tone") == ["stop"]
        number, call = (
            phone.run("return document.querySelector(arguments[0]).getBoundingClientRect()", one)
            for one in ("[data-testid=rep-count]", "[data-testid=call]")
        )
        assert call["bottom"] <= number["top"], "the number stays to be read"
        teller.events(messages[8:])
        eventually(lambda: phone.count, 5)
        eventually(lambda: phone.text("[data-testid=call]"), "")
        assert phone.complaints() == []


def test_what_is_to_be_done_is_heard_once_where_a_voice_is_wanted(
    tmp_path: Path, phone: Browser
) -> None:
    with told(tmp_path) as (teller, url):
        phone.open(url, "settings")
        for name in ("Sound", "Say numbers"):
            phone.tap(".toggle", name)
        phone.go("lift")
        phone.run("window.heard = []; speechSynthesis.speak = (words) => heard.push(words.text)")
        open_set(teller, 3)
        eventually(lambda: phone.count, 3)
        for revision in (0, 1):
            teller.advise(
                advice(
                    NEARLY,
                    at_s=21.0,
                    when="rep",
                    rule="velocity_stop",
                    level="attention",
                    rep=3,
                    revision=revision,
                )
            )
        teller.advise(advice("Well done.", at_s=21.0, when="rep", level="good", rep=3))
        teller.advise(advice(STOP, at_s=21.0, when="rep", rule="stop", level="stop", rep=3))
        until(lambda: "Stop" in phone.run("return heard"), "it is said")
        assert [one for one in phone.run("return heard") if not one.isdigit()] == [NEARLY, "Stop"]
        phone.run("localStorage.clear()")


def test_what_a_set_meant_is_told_the_most_pressing_first_and_four_at_once(
    tmp_path: Path, phone: Browser
) -> None:
    with told(tmp_path) as (teller, url):
        levels = ["info", "good", "attention", "info", "stop", "good"]
        said = [
            advice(f"{level} {at}", at_s=40.0, rule=f"rule_{at}", level=level)
            for at, level in enumerate(levels)
        ]
        wrong = advice("taken back", at_s=40.0, rule="wrong", level="stop")
        over(teller, *said, wrong, {**wrong, "revision": 1, "valid": False})
        phone.open(url, "after")
        ordered = ["stop 4", "attention 2", "good 1", "good 5", "info 0", "info 3"]
        eventually(lambda: lines(phone), ordered)
        seen = phone.run(
            "return [...document.querySelectorAll(arguments[0])]"
            ".filter(e => e.checkVisibility()).length",
            LINES,
        )
        assert seen == 4
        phone.tap("[data-testid=meant] .more > summary", "2 more")
        until(lambda: phone.text("[data-testid=meant] .more .said"), "the others")


def test_one_button_takes_what_is_proposed_and_leaves_the_other_targets(
    tmp_path: Path, phone: Browser
) -> None:
    with told(tmp_path) as (teller, url):
        to = ledger()
        to.command(1.0, SetTargets("t-1", reps=8, tempo="2-0-1-2", velocity_loss_pct=20.0))
        said = advice("Next set 62.5 kg.", at_s=40.0, load_kg=62.5, target_reps=10)
        teller.streams()
        teller.events(lifted(4, to))
        teller.state(to, advice=[said])
        phone.open(url, "after")
        phone.tap("[data-testid=use]", "Use 62.5 kg for 10 reps")
        until(teller.commands, "the command")
        choose, *_ = teller.commands()
        assert (choose["command"], choose["set"], choose["load_kg"]) == ("choose", "next", 62.5)
        teller.answer(choose)
        until(lambda: len(teller.commands()) == 2, "the other command")
        targets = teller.commands()[1]
        known = {name: targets[name] for name in targets if name not in ("schema", "id")}
        assert known == {
            "command": "set_targets",
            "reps": 10,
            "tempo": "2-0-1-2",
            "velocity_loss_pct": 20.0,
        }


def test_a_proposal_that_is_chosen_or_of_another_lift_has_no_button(
    tmp_path: Path, phone: Browser
) -> None:
    with told(tmp_path) as (teller, url):
        same = advice("Next set 60 kg again.", at_s=40.0, load_kg=60.0)
        to = over(teller, same)
        phone.open(url, "after")
        eventually(lambda: lines(phone), ["Next set 60 kg again."])
        assert phone.text("[data-testid=use]") == ""
        state = to.state()
        other = advice("Next set 62.5 kg.", at_s=41.0, load_kg=62.5, revision=1)
        next_ = {**state["next"], "variant": "banded"}
        teller.say("state", {**state, "at_s": 90.0, "next": next_, "advice": [other]})
        eventually(lambda: lines(phone), ["Next set 62.5 kg."])
        assert phone.text("[data-testid=use]") == ""


def test_a_set_is_marked_and_the_mark_taken_away(tmp_path: Path, phone: Browser) -> None:
    with told(tmp_path) as (teller, url):
        to = over(teller)
        phone.open(url, "after")
        phone.tap(".marks > summary")
        phone.tap(".marks button", "full lockout")
        until(teller.commands, "the command")
        (command,) = teller.commands()
        assert (command["command"], command["mark"]) == ("mark", "full_lockout")
        teller.answer(command)
        state = to.state()
        (one,) = state["sets"]
        marked = {**one, "revision": 9, "values": {**one["values"], "mark": "full_lockout"}}
        teller.say("state", {**state, "sets": [marked]})
        pressed = ".marks button[aria-pressed=true]"
        until(lambda: "full lockout" in phone.text(pressed), "it is shown")
        assert "full lockout" in phone.text("[data-testid=set-row] tr.second")
        phone.tap(pressed)
        until(lambda: len(teller.commands()) == 2, "the other command")
        assert teller.commands()[1]["mark"] == ""


def test_a_rule_that_is_hidden_stays_so_on_this_phone_until_it_is_shown_again(
    tmp_path: Path, phone: Browser, other: Browser
) -> None:
    with told(tmp_path) as (teller, url):
        over(
            teller,
            advice("Even reps.", at_s=40.0, rule="consistency"),
            advice("Short at the top.", at_s=40.0, rule="lockout"),
        )
        for one in (phone, other):
            one.open(url, "after")
            eventually(partial(lines, one), ["Even reps.", "Short at the top."])
        phone.tap("[data-rule=consistency] summary")
        phone.tap("[data-rule=consistency] button", "Do not say this again")
        eventually(lambda: lines(phone), ["Short at the top."])
        assert lines(other) == ["Even reps.", "Short at the top."]
        phone.open(url, "settings")
        phone.tap("[data-testid=hidden-rules] button", "consistency")
        phone.go("after")
        eventually(lambda: lines(phone), ["Even reps.", "Short at the top."])


def test_a_page_loaded_anew_in_the_middle_of_a_set_still_says_it(
    tmp_path: Path, phone: Browser
) -> None:
    with told(tmp_path) as (teller, url):
        to = open_set(teller, 4)
        stop = advice(STOP, at_s=25.0, when="rep", rule="velocity_stop", level="stop", rep=4)
        teller.state(to, advice=[stop])
        phone.open(url)
        until(lambda: STOP in phone.text("[data-testid=call]"), "it is said")
        phone.driver.refresh()
        until(lambda: STOP in phone.text("[data-testid=call]"), "it is said again")
        teller.state(to)
        eventually(lambda: phone.text("[data-testid=call]"), "")


def test_advice_of_session_and_week_stands_with_the_summary_of_its_athlete(
    tmp_path: Path, phone: Browser
) -> None:
    with told(tmp_path) as (teller, url):
        over(
            teller,
            advice("Next time 62.5 kg.", at_s=40.0, when="session", set_number=None),
            advice("2 sessions this week.", at_s=40.0, when="week", set_number=None, level="good"),
            advice("Of Ben.", at_s=40.0, when="week", set_number=None, athlete="ben"),
        )
        phone.open(url, "after")
        where = "[data-testid=session][data-athlete=anna]"
        eventually(lambda: lines(phone, where), ["2 sessions this week.", "Next time 62.5 kg."])


def test_markup_in_advice_is_text(tmp_path: Path, phone: Browser) -> None:
    with told(tmp_path) as (teller, url):
        to = open_set(teller, 3)
        live = advice(MARKUP, at_s=21.0, when="rep", level="stop", rep=3)
        teller.state(to, advice=[live])
        phone.open(url)
        until(lambda: MARKUP in phone.text("[data-testid=call]"), "as text, while lifting")
        over(teller, advice(MARKUP, at_s=40.0, rule="x"))
        phone.open(url, "after")
        eventually(lambda: lines(phone), [MARKUP])
        assert phone.run("return window.hurt") is None
        assert phone.run("return document.querySelectorAll('img').length") == 0

"""The page in a real browser against the truth of a model session, through all of `hiprep run`."""

import statistics
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

import psutil
import pytest

from sensor.simulator import SetPlan
from tests.integration.mosquitto import mosquitto, until
from tests.page.browser import Browser, eventually
from tests.page.played import EASY, Json, Played, playing

ONE = SetPlan(reps=5, tempo=EASY, fatigue=0.2)
TWO = SetPlan(reps=3, tempo=EASY, fatigue=0.2, faults=("", "over_arch", ""))
EARLY_S = 0.5  # in seconds of the session: the top is not an instant
LATE_S = 3.0  # in ours; figures are in docs/live-page.md
WORDS = {"over_arch": "over-arched", "short_lockout": "short of lockout", "sag": "sank at the top"}


@pytest.fixture(params=["embedded", "mosquitto"])
def played(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Played]:
    with ExitStack() as stack:
        url = None
        if request.param == "mosquitto":
            url = stack.enter_context(mosquitto(tmp_path / "mosquitto")).url
        yield stack.enter_context(playing(tmp_path, ONE, TWO, broker_url=url))


def truly(played: Played) -> list[list[Json]]:
    return [[rep for rep in reps if not rep["partial"]] for reps in played.sets]


def numbers(phone: Browser) -> list[tuple[int, float]]:
    """Each number that was shown, with the time from which on it was."""
    found: list[tuple[int, float]] = []
    for count, _, at_s in phone.counted():
        if not found or found[-1][0] != count:
            found.append((count, at_s))
    return found


def medians(reps: list[Json]) -> list[float]:
    """The tempo of a true set, as the page writes it: down, bottom, up, hold."""
    parts = ("eccentric_s", "bottom_pause_s", "concentric_s", "top_pause_s")
    return [statistics.median(rep[part] for rep in reps if rep[part] is not None) for part in parts]


def shows_each_at_its_time(phone: Browser, played: Played, reps: list[Json]) -> None:
    shown = numbers(phone)
    assert [count for count, _ in shown] == [0, *range(1, 6), *range(1, 4)]
    for (_, at_s), rep, after in zip(shown[1:], reps, [*reps[1:], None], strict=True):
        assert at_s > played.radio.wall_s(rep["concentric_end_s"] - EARLY_S)
        if after:
            assert at_s < played.radio.wall_s(after["concentric_end_s"]) + LATE_S
    firsts = [certain for count, certain, _ in phone.counted() if count == 1]
    assert firsts[0] is False, "the first rep of a set may be none"


def listed(phone: Browser) -> list[tuple[str, str]]:
    return [(row["id"], row["rep"]) for row in phone.rows()]


def over(phone: Browser, *reps: int) -> None:
    """So many sets with so many reps are in the table."""
    phone.go("after")
    eventually(lambda: phone.data("[data-testid=set-row]", "reps"), [str(one) for one in reps])


def test_each_rep_of_the_truth_is_shown_when_its_top_has_come(
    played: Played, phone: Browser, other: Browser
) -> None:
    phone.open(played.url, "setup")
    for _ in range(5):
        phone.tap(".stepper.large button", "+10")
    phone.tap("button.main")
    until(lambda: "60 kg" in phone.text(".about"), "the load is known")
    other.open(played.url)
    for one in (phone, other):
        one.watch()
    played.radio.go.set()
    true = truly(played)
    until(lambda: played.radio.has_come(true[-1][-1]["end_s"]), "all is lifted")
    eventually(lambda: len(played.kept("set")), 2)
    for one in (phone, other):
        shows_each_at_its_time(one, played, [rep for reps in true for rep in reps])
    over(phone, 5, 3)
    assert all("60 kg" in row for row in phone.texts("[data-testid=set-row] tr:first-child"))
    tempos = phone.texts("[data-testid=set-row] tr:first-child td:nth-child(4)")
    for tempo, reps in zip(tempos, true, strict=True):
        assert [float(part) for part in tempo.split("-")] == pytest.approx(medians(reps), abs=0.3)
    for shown, rep in zip(phone.rows(), true[-1], strict=True):
        speed_mps = float(shown["speed"].removesuffix(" m/s"))
        assert speed_mps == pytest.approx(rep["mean_velocity_mps"], abs=0.06)
        assert shown["words"] == ", ".join(WORDS[fault] for fault in rep["faults"])
    assert phone.complaints() == []


def test_a_page_that_is_loaded_anew_in_the_middle_of_a_set_goes_on_counting(
    tmp_path: Path, phone: Browser
) -> None:
    with playing(tmp_path, ONE) as played:
        phone.open(played.url)
        played.radio.go.set()
        until(lambda: phone.count == 2, "two reps")
        phone.driver.refresh()
        until(lambda: phone.count >= 0, "the page is back")
        phone.watch()
        until(lambda: phone.count == 5, "all reps")
        shown = [count for count, _ in numbers(phone)]
        assert 0 not in shown[1:]
        assert shown == sorted(shown)
        eventually(lambda: len(played.kept("set")), 1)
        over(phone, 5)


def test_a_broker_that_dies_in_the_middle_of_a_set_costs_no_rep(
    tmp_path: Path, phone: Browser
) -> None:
    with playing(tmp_path, SetPlan(reps=7, tempo=EASY, fatigue=0.2)) as played:
        phone.open(played.url)
        phone.watch()
        played.radio.go.set()
        until(lambda: phone.count == 2, "two reps")
        for child in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):  # some are gone already
                if "mosquitto.conf" in " ".join(child.cmdline()) and child.name() == "mosquitto":
                    child.kill()
        until(lambda: any("No connection" in one for one in phone.banners()), "it is said")
        eventually(lambda: phone.link, "ok")
        until(lambda: played.radio.has_come(played.sets[0][-1]["end_s"]), "all is lifted")
        eventually(lambda: len(played.kept("set")), 1)
        assert [rep["rep"] for rep in played.reps()] == list(range(1, 8))
        over(phone, 7)
        assert [row["rep"] for row in phone.rows()] == [str(one) for one in range(1, 8)]


def test_a_sensor_that_drops_out_is_said_and_the_set_goes_on(
    tmp_path: Path, phone: Browser
) -> None:
    # The bottom is longer than it takes to find the sensor again: no rep is lost.
    paused = SetPlan(reps=3, tempo=replace(EASY, bottom_s=4.5), fatigue=0.1)
    with playing(tmp_path, paused, drop_after=(1, 2, 1.0), speed=2.5) as played:
        phone.open(played.url)
        phone.watch()
        played.radio.go.set()
        until(lambda: any("Sensor lost" in one for one in phone.banners()), "it is said")
        until(lambda: "Sensor is back" in phone.banners(), "it is said, too")
        until(lambda: played.radio.has_come(played.sets[0][-1]["end_s"]), "all is lifted")
        eventually(lambda: len(played.kept("set")), 1)
        over(phone, len(truly(played)[0]))


def test_a_phone_that_slept_shows_what_was_lifted_meanwhile(tmp_path: Path, phone: Browser) -> None:
    with playing(tmp_path, SetPlan(reps=10, tempo=EASY, fatigue=0.1)) as played:
        phone.open(played.url)
        played.radio.go.set()
        until(lambda: phone.count == 2, "two reps")
        with phone.asleep():
            until(lambda: len(played.reps()) >= 4, "it is lifted on")
        until(lambda: phone.count >= 4, "it has caught up")
        eventually(lambda: phone.link, "ok")
        phone.go("after")
        phone.tap("section > p button", "End set")
        eventually(lambda: len(played.kept("set")), 1)
        over(phone, len(played.reps()))


def test_what_is_put_right_on_one_phone_is_so_in_the_store_and_on_another(
    tmp_path: Path, phone: Browser, other: Browser
) -> None:
    with playing(tmp_path, SetPlan(reps=4, tempo=EASY, fatigue=0.2)) as played:
        phone.open(played.url, "after")
        other.open(played.url, "after")
        played.radio.go.set()
        eventually(lambda: len(played.kept("set")), 1)

        def so(*ids: str) -> None:
            """These reps stand, numbered through, wherever one looks."""
            for one in (phone, other):
                numbered = [(id_, str(at)) for at, id_ in enumerate(ids, 1)]
                eventually(partial(listed, one), numbered)
            eventually(lambda: sorted(one.id for one in played.kept("rep")), sorted(ids))
            eventually(lambda: [one.values["reps"] for one in played.kept("set")], [len(ids)])

        def undo() -> None:
            phone.tap("button", "Undo")

        for one in (phone, other):  # with the first rep they turned to lifting
            one.go("after")
        first = [one.id for one in played.kept("rep")]
        assert len(first) == 4
        so(*first)
        phone.tap(f'[data-key="{first[1]}"]')
        phone.tap("li button", "Was none: delete")
        so(first[0], *first[2:])
        undo()
        so(*first)
        phone.tap("li button", "Merge with the next")
        so(*first[:2], *first[3:])
        (merged,) = [one for one in played.kept("rep") if one.values["merged"]]
        assert merged.id == first[1]
        undo()
        so(*first)
        phone.tap("section > p button", "Add a rep at the end")
        eventually(lambda: len(played.kept("rep")), 5)
        (added,) = [one.id for one in played.kept("rep") if one.values["added"]]
        so(*first, added)
        phone.write("#note", "left foot <i>out</i>")
        phone.tap(".note button")
        eventually(
            lambda: [one.values["note"] for one in played.kept("set")], ["left foot <i>out</i>"]
        )
        row = "[data-testid=set-row] tr.second"
        until(lambda: "left foot <i>out</i>" in "".join(other.texts(row)), "the note, as text")
        assert phone.complaints() == []


def test_who_tires_is_told_to_stop_and_then_what_the_set_meant(
    tmp_path: Path, phone: Browser
) -> None:
    with playing(tmp_path, SetPlan(reps=8, tempo=EASY, fatigue=0.6)) as played:
        phone.open(played.url, "setup")
        until(lambda: "First session" in phone.text("[data-testid=today]"), "nothing is known yet")
        for _ in range(3):
            phone.tap(".field:has(.stepper) button[aria-label^='Stop at']", "+")
        phone.tap("button.main")
        until(lambda: phone.count == 0, "it is set up")
        played.radio.go.set()
        until(lambda: "STOP" in phone.text("[data-testid=call]"), "it is time to stop")
        eventually(lambda: len(played.kept("set")), 1)
        phone.go("after")
        of_set = [one.values for one in played.kept("advice") if one.values["when"] == "set"]
        assert of_set
        lines = "[data-testid=meant] summary span"
        eventually(lambda: sorted(phone.texts(lines)), sorted(one["text"] for one in of_set))
        assert phone.complaints() == []

"""What live sensors look like on a terminal of 80 columns."""

from dataclasses import replace
from functools import cache

import pytest

from pipeline.events import Event, SetSummary
from pipeline.exercises import load
from pipeline.live import Lifter, Watched
from pipeline.live_view import LiveView, sensor_line, troubles
from pipeline.session import Session
from pipeline.tracker import Tracker
from sensor import drivers
from sensor.records import Battery, Connected, Record
from sensor.supervisor import Phase, State
from tests.pipeline.made import summary
from tests.pipeline.test_display import shown
from tests.pipeline.test_session import made

GONE = "Movella DOT: the connection was lost, searching for it"


@cache
def records(name: str, rate_hz: float = 0.0) -> tuple[Record, ...]:
    """Of a whole session; rate_hz: what the sensor claims to be set to, 0 for the truth."""
    first, *rest = made(name)[1]
    assert isinstance(first, Connected)
    if rate_hz:
        first = Connected(0, replace(first.setup, rate_hz=rate_hz))
    return first, *rest[: len(rest) // 3]


def watched(
    sensor: str = "belt-7",
    name: str = "dot",
    *,
    phase: Phase = "streaming",
    text: str = "",
    rate_hz: float = 0.0,
    track: bool = True,
    **lifter: str,
) -> Watched:
    tracker = Tracker(load("hip_thrust"), sensor=sensor, session="s") if track else None
    one = Watched(Lifter(sensor, "x", **lifter), Session(tracker), None, lambda *_: None)  # type: ignore[arg-type]
    for record in records(name, rate_hz):
        one.take(record)
    one.note(State(phase, text or f"{drivers.load(name).title} at 60 Hz", 0))
    return one


def lines(view: LiveView) -> list[str]:
    return [line.rstrip() for line in shown(view.render()).splitlines()]


def test_one_lifter_sees_the_exercise_the_sensor_and_the_count() -> None:
    one = watched()
    text = lines(LiveView([one]))
    assert text[0].startswith("hip thrust · Movella DOT")
    assert "Hz measured" in " ".join(text[:2])
    assert any(line.startswith("REPS") for line in text)
    assert all(len(line) <= 80 for line in text)


@pytest.mark.parametrize("count", [2, 12])
def test_several_lifters_have_a_row_each(count: int) -> None:
    names = drivers.names()
    all_of_them = [
        watched(f"belt-{number}", names[number % len(names)], shown=f"Anna-Maria Åberg {number}")
        for number in range(count)
    ]
    view = LiveView(all_of_them)
    for one in all_of_them:
        view.take(one, summary(12))
    text = lines(view)
    assert all(len(line) <= 80 for line in text)
    assert len(text) == count + 2, "a head, the rows, an empty line"
    for number, row in enumerate(text[1 : count + 1]):
        assert row.startswith(f"Anna-Maria Åberg {number}  ")
        assert "12 reps, loss 6 %" in row
        assert "Hz" in row


def test_what_is_to_be_done_stands_below_the_rows() -> None:
    lost = watched("belt-8", phase="lost", text=GONE)
    text = lines(
        LiveView([watched(), lost, watched("belt-9", phase="searching", text="searching")])
    )
    assert [line.split()[-1] for line in text[2:4]] == ["lost", "searching"]
    assert text[5] == f"belt-8  {GONE}"
    assert len(text) == 6


def test_a_long_name_does_not_break_a_row() -> None:
    text = lines(LiveView([watched(), watched("b", shown="Anna-Maria Konstantina Åberg")]))
    assert text[2].startswith("Anna-Maria Konstant…  ")


def test_a_recording_without_tracking_shows_that_samples_come() -> None:
    one = watched(track=False)
    (line,) = lines(LiveView([one]))
    assert f"{one.session.stream.samples} samples" in line
    assert "hip thrust" not in line
    rows = lines(LiveView([one, watched("belt-8", track=False)]))
    assert all("samples" in row for row in rows[1:3])


def test_names_cannot_write_to_the_terminal() -> None:
    one = watched(phase="searching", text="searching for \x1b[2J", shown="\x1b[31mAnna")
    for view in (LiveView([one]), LiveView([one, watched("b")])):
        assert "\x1b[2J" not in shown(view.render())
        assert "\x1b[31mAnna" not in shown(view.summary())


@pytest.mark.parametrize("percent", [3.0, 9.9])
def test_a_battery_that_is_nearly_flat_is_said_in_words(percent: float) -> None:
    one = watched()
    one.take(Battery(10**9, percent))
    assert f"the battery is nearly flat ({percent:.0f} %): charge it" in shown(sensor_line(one))
    rows = lines(LiveView([one, watched("b")]))
    assert "charge it" in rows[-1]


def test_a_battery_that_lasts_is_a_number() -> None:
    one = watched("a", "witmotion")
    one.take(Battery(10**9, 55.0))
    assert not troubles(one)
    one.note(replace(one.state, battery_pct=44.0))
    assert "battery 44 %" in shown(sensor_line(one))


@pytest.mark.parametrize(
    ("name", "factor", "cure"),
    [
        ("witmotion", 2.0, "bring it nearer"),
        ("witmotion", 0.5, "switch it off and on"),
        ("dot", 0.5, "switch it off and on"),
    ],
)
def test_quite_another_rate_than_asked_is_said_with_its_cure(
    name: str, factor: float, cure: str
) -> None:
    true_hz = drivers.load(name).default_rate_hz
    one = watched(name=name, rate_hz=factor * true_hz)
    text = troubles(one)["rate"]
    assert f"not at {factor * true_hz:g} Hz: {cure}" in text
    assert float(text.split()[3]) == pytest.approx(true_hz, rel=0.05)
    assert cure in shown(sensor_line(one))


def test_many_lost_samples_are_said_with_their_cure() -> None:
    first, *rest = records("dot")
    one = watched()
    one.session = Session(None)
    for record in (first, *rest[::2]):
        one.take(record)
    assert troubles(one)["rate"].startswith("50 % of the samples are lost: bring it nearer")


@pytest.mark.parametrize("name", drivers.names())
def test_the_rate_that_was_asked_for_is_no_trouble(name: str) -> None:
    assert not troubles(watched(name=name))


def test_a_sensor_that_is_away_has_no_rate_to_complain_of() -> None:
    assert not troubles(watched(rate_hz=200.0, phase="lost", text=GONE))


def test_at_the_end_each_lifter_has_their_sets() -> None:
    first, second = watched("belt-7"), watched("belt-8")
    view = LiveView([first, second])
    closed: Event = summary(5)
    assert isinstance(closed, SetSummary)
    view.take(second, closed)
    text = [line.split() for line in shown(view.summary()).splitlines()]
    assert text[:3] == [["belt-7"], ["no", "sets"], ["belt-8"]]
    assert text[-1][:2] == ["1", "5"]

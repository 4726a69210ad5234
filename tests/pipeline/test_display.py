import io

import pytest
from rich.console import Console, RenderableType

from pipeline.display import (
    NO_REPS,
    exercise_view,
    footnotes,
    line,
    replay_view,
    set_view,
    tempo_text,
)
from pipeline.events import Event, Gap, RepWithdrawn, Tempo
from pipeline.exercises import load, names
from tests.pipeline.made import rep, summary


def shown(view: RenderableType) -> str:
    console = Console(file=io.StringIO(), width=80)
    with console.capture() as captured:
        console.print(view)
    return captured.get()


def test_tempo_is_eccentric_bottom_concentric_top() -> None:
    tempo = Tempo(eccentric_s=3.04, bottom_pause_s=None, concentric_s=0.96, top_pause_s=2.0)
    assert tempo_text(tempo) == "3.0-0-1.0-2.0"


def test_a_set_is_told_in_its_headline() -> None:
    text = shown(set_view(summary(), [rep(1), rep(2), rep(3)]))
    for part in (
        "Set 1 · hip thrust · 3 reps · 10.0 to 21.0 s",
        "tempo 1.5-1.0-1.0-0.5 (down-bottom-up-top)",
        "ROM 57°",
        "best 0.36 m/s · last 0.33 m/s · loss 6 %",
        "no faults",
    ):
        assert part in text


def test_a_rep_is_a_row_in_the_order_of_tempo_text() -> None:
    text = shown(set_view(summary(), [rep(2)]))
    heads = next(row for row in text.splitlines() if row.startswith("rep"))
    assert heads.split()[2:6] == ["down", "bottom", "up", "top"]
    row = text.splitlines()[-1].split()
    assert row == [
        "2",
        "14.0",
        "1.50",
        "1.00",
        "1.00",
        "0.50",
        "57.0",
        "0.33",
        "0.33",
        "0.75",
        "6",
        "98",
    ]


def test_faults_are_named_in_words_with_their_reps() -> None:
    reps = [rep(1, faults=("over_arch",)), rep(2), rep(3, faults=("over_arch", "short_lockout"))]
    text = shown(set_view(summary(), reps))
    assert "faults: over-arch in reps 1, 3; short lockout in rep 3" in text


def test_a_partial_rep_is_shown_without_a_number() -> None:
    text = shown(set_view(summary(2), [rep(1), rep(2), rep(None)]))
    assert text.splitlines()[-1].split()[0] == "part"


def test_tables_fit_an_ordinary_terminal() -> None:
    reps = [rep(number, faults=("short_lockout",)) for number in range(1, 12)]
    rows = shown(set_view(summary(11), reps)).splitlines()
    assert sum("short lockout" in row for row in rows) == 12, "no row is wrapped or cut"


def test_a_set_that_was_cut_off_is_shown_too() -> None:
    text = shown(replay_view([rep(1, revision=1)], {}, tables=True))
    assert "Set 1, not over" in text
    assert NO_REPS not in text


def test_no_reps_says_what_to_check() -> None:
    text = shown(replay_view([], {}, tables=True))
    assert text.strip() == NO_REPS
    assert "exercise" in text


def test_what_the_recording_lacked_is_named() -> None:
    notes = footnotes({"not a number": 3, "unused": 0}, [Gap(1.0, 1.5), Gap(9.0, 12.0)])
    assert notes == [
        "passed over in the file: not a number (3)",
        "2 gaps in the data, 3.5 s in all, the longest 3.0 s from 9.0 s",
    ]
    assert footnotes({}, []) == []


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (rep(3, revision=0), "set 1 rep 3 up"),
        (rep(3, revision=1), "set 1 rep 3 over"),
        (rep(3, faults=("sag",)), "set 1 rep 3 refined"),
        (rep(3, faults=("sag",)), " · sag"),
        (rep(None), "partial rep"),
        (RepWithdrawn("a-1"), "taken back: a-1"),
        (Gap(1.0, 1.25), "0.2 s from 1.0 s"),
        (summary(faults={"sag": 2}), "set 1 over · 3 reps · tempo 1.5-1.0-1.0-0.5"),
        (summary(faults={"sag": 2}), "sag 2x"),
    ],
)
def test_every_event_is_one_line(event: Event, text: str) -> None:
    assert text in line(event)
    assert "\n" not in line(event)


def test_every_exercise_is_listed_and_experimental_ones_are_marked() -> None:
    text = shown(exercise_view([load(name) for name in names()]))
    rows = {row.split()[0]: row for row in text.splitlines() if row.strip()}
    for name in names():
        assert ("experimental" in rows[name]) == load(name).experimental

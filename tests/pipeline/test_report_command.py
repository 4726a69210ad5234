"""``hiprep report``: from a store, and a recording, to files that a lifter can read."""

import argparse
import shutil
import struct
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline import cli_report
from pipeline.commands import CommandError, report
from pipeline.delivery.book import Book
from pipeline.delivery.history import RepRow, Wanted, reps, sets
from pipeline.delivery.history_sources import BookHistory
from tests.pipeline.delivery.made import START_US, message
from tests.pipeline.reported import DAY_US, PLANS, STARTED_US, Lifted, keep
from tests.pipeline.test_report_page import Parsed

NOW = Lifted("20260105T173000Z", note="knees <b>hurt</b> a little")
BEFORE = replace(
    NOW, session="20260102T173000Z", started_us=STARTED_US - 3 * DAY_US, seed=12, note=""
)
BOB = replace(NOW, athlete="bob", device="other", seed=13, plans=PLANS[:1], note="")
STEM = "hiprep-20260105T173000Z-anna"

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with two sessions of anna, and one that is bob's as well."""
    path = tmp_path_factory.mktemp("stored") / "store.db"
    keep(path, [BEFORE, NOW, BOB])
    return path


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return NOW.record(tmp_path_factory.mktemp("recorded") / "session.csv.gz")


@pytest.fixture(autouse=True)
def gym(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where settings and data are in a folder of the test's own; the clock is that of Greenwich."""
    settings = tmp_path / "settings.toml"
    settings.write_text("[athletes.anna]\nname = 'Anna <i>$x$</i> 李 & Co'\n", encoding="utf-8")
    monkeypatch.setenv("HIPREP_SETTINGS", str(settings))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "hiprep").mkdir()
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    yield tmp_path
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def kept(gym: Path, stored: Path) -> Path:
    return Path(shutil.copy(stored, gym / "hiprep/store.db"))


def asked(*argv: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    cli_report.add(parser.add_subparsers())
    return parser.parse_args(["report", *argv])


def page_of(gym: Path, *argv: str) -> Parsed:
    assert report.run(asked(*argv, "--out", str(gym / "out"))) == 0
    (page,) = (gym / "out").glob("*.html")
    return Parsed(page.read_text(encoding="utf-8"))


@pytest.mark.usefixtures("kept")
def test_one_page_and_its_pictures_are_written(gym: Path, capsys: Capture) -> None:
    folder = gym / "new" / "folder"
    assert report.run(asked("--athlete", "anna", "--out", str(folder))) == 0
    names = {path.name for path in folder.iterdir()}
    pictures = ("tempo", "velocity", "rom", "comparison")
    assert names == {f"{STEM}.html", *(f"{STEM}-{name}.png" for name in pictures)}
    for name in pictures:
        data = (folder / f"{STEM}-{name}.png").read_bytes()
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        assert min(struct.unpack(">II", data[16:24])) > 300
    assert f"wrote {folder / STEM}.html" in capsys.readouterr().out


def cells(row: RepRow) -> list[str]:
    """What the table of its set says of a rep, but for the last cell."""
    phases = (row.eccentric_s, row.bottom_pause_s, row.concentric_s, row.top_pause_s)
    return [
        "partial" if row.partial else f"{row.rep}",
        *("–" if one is None else f"{one:.1f} s" for one in phases),
        f"{row.rom_deg:.0f}°",
        f"{row.mean_velocity_mps:.2f} m/s",
        "–" if row.partial else f"{row.velocity_loss_pct:.0f} %",
    ]


def test_the_page_has_what_the_store_has(gym: Path, kept: Path) -> None:
    page = page_of(gym, "20260105T173000Z", "--athlete", "anna")
    rows = reps(BookHistory(kept), Wanted(athlete="anna"))
    wanted = [cells(row) for row in rows if row.session == NOW.session]
    shown = [row[:-1] for row in page.rows if len(row) == 9 and row[0] != "rep"]
    assert shown == wanted
    assert len(wanted) == 23
    for said in (
        "Anna <i>$x$</i> 李 & Co",
        "Monday 5 January 2026, 17:30",
        "22 reps, up to 100 kg",
        "Set 3 · 100 kg · 6 of 8 reps + 1 partial",
        "asked: 2-0-1-2",
        "knees <b>hurt</b> a little",
        "Rep 5: the top was lower than in the other reps.",
        "Against 2 Jan 2026",
    ):
        assert said in page.text


@pytest.mark.usefixtures("kept")
def test_the_movement_comes_from_the_recording(gym: Path, recording: Path) -> None:
    page = page_of(gym, "--athlete", "anna", "--recording", str(recording))
    assert "The movement" in page.text
    titles = [text for text in page.texts if text.startswith("Pitch of the pelvis")]
    assert len(titles) == 3
    assert (gym / "out" / f"{STEM}-pitch.png").is_file()


@pytest.mark.usefixtures("kept")
def test_the_recording_is_found_among_others(gym: Path, recording: Path, capsys: Capture) -> None:
    folder = gym / "hiprep/recordings"
    (folder / "january").mkdir(parents=True)
    (folder / "z-broken.hiprec").write_bytes(b"\x00nothing")
    (folder / "y-letter.csv").write_text("dear friend")
    BEFORE.record(folder / "x-before.csv.gz")
    shutil.copy(recording, folder / "january/session.csv.gz")
    assert "The movement" in page_of(gym, "--athlete", "anna").text
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("kept")
def test_reps_that_were_taken_out_are_no_reps_of_the_movement(
    gym: Path, kept: Path, recording: Path
) -> None:
    with Book(kept) as book:
        (first, *_) = [
            one
            for one in book.messages("rep", athlete="anna")
            if one.session == NOW.session and one.values["rep"] == 3
        ]
        gone = replace(first, revision=first.revision + 1, valid=False)
        book.keep(book.plan([gone]))
    page = page_of(gym, "--athlete", "anna", "--recording", str(recording))
    assert "×" in page.texts


@pytest.mark.usefixtures("kept")
def test_a_recording_of_another_session_is_refused(gym: Path) -> None:
    other = BEFORE.record(gym / "other.csv.gz")
    with pytest.raises(CommandError, match=f"{other}: is of session {BEFORE.session}, not of"):
        report.run(asked("--athlete", "anna", "--recording", str(other)))
    assert not list(gym.glob("*.html"))


@pytest.mark.usefixtures("kept")
def test_a_recording_of_another_sensor_is_refused(gym: Path) -> None:
    other = replace(NOW, device="strap").record(gym / "other.csv.gz")
    with pytest.raises(CommandError, match="has no set of session 20260105T173000Z"):
        report.run(asked("--athlete", "anna", "--recording", str(other)))


@pytest.mark.usefixtures("kept")
def test_a_recording_that_is_not_there_is_said(gym: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere\.csv"):
        report.run(asked("--athlete", "anna", "--recording", str(gym / "nowhere.csv")))


@pytest.mark.usefixtures("kept")
def test_the_latest_session_of_somebody_is_the_default(gym: Path) -> None:
    args = asked()
    assert (args.session, args.athlete, args.out, args.recording) == ("latest", None, Path(), None)
    assert "8 reps" in page_of(gym, "latest", "--athlete", "bob").text


@pytest.mark.usefixtures("kept")
def test_an_athlete_may_be_named_as_shown(gym: Path) -> None:
    assert "22 reps" in page_of(gym, "--athlete", "Anna <i>$x$</i> 李 & Co").text


@pytest.mark.usefixtures("kept")
def test_a_session_may_be_named_by_its_id(gym: Path) -> None:
    assert "22 reps" in page_of(gym, "belt-20260105T173000Z-1-session-anna").text


@pytest.mark.usefixtures("kept")
def test_a_report_that_is_written_again_replaces_the_one_before(gym: Path) -> None:
    first = page_of(gym, "--athlete", "anna").text
    assert page_of(gym, "--athlete", "anna").text == first


# -- bad input ------------------------------------------------------------------------------


def refused(*argv: str) -> str:
    with pytest.raises(CommandError) as caught:
        report.run(asked(*argv))
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_without_any_history_the_cure_is_said() -> None:
    assert "hiprep store keeps what is lifted" in refused()


def test_a_store_without_a_session_says_what_makes_one(gym: Path) -> None:
    with Book(gym / "hiprep/store.db"):
        pass
    assert refused().startswith("no session yet: hiprep run")


@pytest.mark.usefixtures("kept")
def test_an_unknown_session_is_answered_with_those_that_are_near() -> None:
    text = refused("20260105T173001Z")
    assert "there is no session 20260105T173001Z, probably 20260105T173000Z" in text
    assert "the last ones: 20260105T173000Z, 20260102T173000Z" in text


@pytest.mark.usefixtures("kept")
def test_an_unknown_athlete_is_answered_with_those_there_are() -> None:
    assert refused("--athlete", "ana") == "no session of ana, probably anna"
    assert refused("--athlete", "zoe") == "no session of zoe; there are anna, bob"


@pytest.mark.usefixtures("kept")
def test_whose_session_is_asked_where_it_is_of_several() -> None:
    text = refused(NOW.session)
    assert "--athlete NAME" in text
    assert "anna" in text
    assert "bob" in text


@pytest.mark.usefixtures("kept")
def test_a_folder_that_cannot_be_written_is_said(gym: Path) -> None:
    (gym / "file").write_text("no folder")
    text = refused("--athlete", "anna", "--out", str(gym / "file"))
    assert text.startswith(f"cannot write to {gym / 'file'}: ")
    text = refused("--athlete", "anna", "--out", str(gym / "file" / "below"))
    assert text.startswith("cannot write to ")
    (gym / f"{STEM}.html").mkdir()
    assert refused("--athlete", "anna").startswith(f"cannot write {STEM}.html: ")


def test_a_session_without_reps_is_said(gym: Path) -> None:
    with Book(gym / "hiprep/store.db") as book:
        values = {"sets": 0, "reps": 0}
        lone = message(kind="session", id="s", time_us=START_US, values=values)
        book.keep(book.plan([lone]))
    assert refused().startswith("session s1 of anna has no reps: there is nothing to report")


def test_a_database_that_does_not_answer_is_said(gym: Path) -> None:
    text = "[influx]\nurl = 'http://127.0.0.1:9'\ndatabase = 'gym'\n"
    (gym / "settings.toml").write_text(text)
    assert "influx.url: http://127.0.0.1:9 does not answer" in refused()


def test_control_characters_in_what_was_asked_for_are_not_shown(gym: Path, stored: Path) -> None:
    shutil.copy(stored, gym / "hiprep/store.db")
    assert "\x1b" not in refused("\x1b[2J")
    assert "\x1b" not in refused("--athlete", "\x1b[2J")


def test_what_the_report_needs_of_a_set_is_in_history(stored: Path) -> None:
    *_, last = sets(BookHistory(stored), Wanted(athlete="anna"))
    assert last.note == NOW.note
    assert (last.target_reps, last.target_tempo, last.target_hold_s) == (8, "2-0-1-2", 2.0)
    assert last.target_velocity_loss_pct == 30.0
    assert last.hold_met_pct == 0.0
    assert None not in (last.rom_cv_pct, last.velocity_cv_pct, last.duration_cv_pct)

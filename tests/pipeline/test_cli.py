import io
import json
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from pipeline.cli import main
from pipeline.cli_recordings import FAULTS, SENSORS, STYLES
from pipeline.exercises import names
from sensor import simulator
from tests.pipeline.made import write_recording

REP_FIELDS = {
    "type", "id", "set", "rep", "exercise", "revision", "partial",
    "start_s", "concentric_start_s", "concentric_end_s", "eccentric_start_s", "eccentric_end_s",
    "end_s", "concentric_s", "top_pause_s", "eccentric_s", "bottom_pause_s",
    "rom_deg", "displacement_m", "mean_velocity_mps", "peak_velocity_mps", "velocity_loss_pct",
    "faults", "confidence",
}  # fmt: skip
SET_FIELDS = {"type", "set", "exercise", "reps", "start_s", "end_s", "tempo"}
TEMPO_FIELDS = {"eccentric_s", "bottom_pause_s", "concentric_s", "top_pause_s"}

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> str:
    return str(write_recording(tmp_path_factory.mktemp("recording") / "three.csv"))


def lines(capsys: Capture) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_json_is_one_final_event_a_line_and_nothing_else(recording: str, capsys: Capture) -> None:
    assert main(["replay", recording, "--json"]) == 0
    *reps, closed = lines(capsys)
    assert [rep["rep"] for rep in reps] == [1, 2, 3]
    for rep in reps:
        assert set(rep) >= REP_FIELDS
        assert rep["type"] == "rep"
        assert rep["exercise"] == "hip_thrust"
        assert isinstance(rep["revision"], int)
        assert rep["revision"] >= 2
        assert rep["faults"] == []
        assert rep["rom_deg"] == pytest.approx(55, abs=1)
    assert closed["type"] == "set"
    assert set(closed) >= SET_FIELDS
    assert set(closed["tempo"]) == TEMPO_FIELDS  # type: ignore[call-overload]
    assert closed["reps"] == 3


def test_live_json_is_what_was_published_and_when(recording: str, capsys: Capture) -> None:
    assert main(["replay", recording, "--json", "--live"]) == 0
    events = lines(capsys)
    at_s = [event["at_s"] for event in events]
    assert at_s == sorted(at_s)  # type: ignore[type-var]
    first = events[0]
    assert (first["type"], first["rep"], first["revision"]) == ("rep", 1, 0)
    assert first["end_s"] is None
    revisions = [event["revision"] for event in events if event.get("id") == first["id"]]
    assert revisions[:2] == [0, 1]
    assert revisions[-1] >= 2  # type: ignore[operator]
    assert events[-1]["type"] == "set"


def test_the_last_published_is_what_is_final(recording: str, capsys: Capture) -> None:
    main(["replay", recording, "--json", "--live"])
    newest = {event["id"]: event for event in lines(capsys)}
    main(["replay", recording, "--json"])
    for event in lines(capsys):
        published = newest[event["id"]]
        del published["at_s"]
        assert event == published


def test_standard_input_gives_the_same(
    recording: str, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    main(["replay", recording, "--json"])
    from_file = lines(capsys)
    data = io.BytesIO(Path(recording).read_bytes())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=data))
    assert main(["replay", "-", "--json"]) == 0
    assert lines(capsys) == from_file


def test_ids_hold_what_the_header_says_of_the_sensor(recording: str, capsys: Capture) -> None:
    main(["replay", recording, "--json"])
    assert all(str(event["id"]).startswith("belt-7-") for event in lines(capsys))


def test_people_get_a_table(recording: str, capsys: Capture) -> None:
    assert main(["replay", recording]) == 0
    text = capsys.readouterr().out
    assert "Set 1 · hip thrust · 3 reps" in text
    assert "down-bottom-up-top" in text
    assert [row.split()[0] for row in text.splitlines() if row.startswith("  ")][-3:] == [
        "1",
        "2",
        "3",
    ]


def test_people_can_watch_it_live(recording: str, capsys: Capture) -> None:
    assert main(["replay", recording, "--live"]) == 0
    text = capsys.readouterr().out
    assert text.index("rep 1 up") < text.index("rep 1 over") < text.index("rep 2 up")
    assert text.index("rep 3 over") < text.index("set 1 over · 3 reps")


def test_no_reps_is_said_kindly_and_is_no_failure(recording: str, capsys: Capture) -> None:
    assert main(["replay", recording, "--min-reps", "4"]) == 0
    assert capsys.readouterr().out.startswith("No reps found")
    assert main(["replay", recording, "--min-reps", "4", "--json"]) == 0
    assert lines(capsys) == []


def test_skipped_rows_are_named_at_the_end(tmp_path: Path, capsys: Capture) -> None:
    path = write_recording(tmp_path / "a.csv")
    rows = path.read_text().splitlines()
    rows[500] = rows[499]
    path.write_text("\n".join(rows) + "\n")
    main(["replay", str(path)])
    assert "time stands still (1)" in capsys.readouterr().out
    main(["replay", str(path), "--json"])
    captured = capsys.readouterr()
    assert "time stands still (1)" in captured.err
    assert all(line.startswith("{") for line in captured.out.splitlines())


def test_a_plot_is_a_png(recording: str, tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "a.png"
    assert main(["replay", recording, "--json", "--plot", str(out)]) == 0
    assert len(lines(capsys)) == 4
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["replay", "absent.csv"], "No such file"),
        (["replay", "{recording}", "--exercise", "curl"], "hip_thrust"),
        (["replay", "{recording}", "--set-timeout", "-1"], "above 0"),
        (["replay", "{recording}", "--set-timeout", "soon"], "soon"),
        (["replay", "{recording}", "--min-reps", "0"], "1 or more"),
        (["replay", "{recording}", "--plot", "{folder}/none/a.png"], "no folder"),
        (["replay", "{recording}", "--plot", "{folder}"], "cannot write"),
        (["replay", "{folder}/junk.csv"], "imu-csv/1"),
        (["replay"], "recording"),
        (["lift"], "replay"),
        ([], "COMMAND"),
        (["simulate", "{folder}/a.txt"], ".csv"),
        (["simulate", "{folder}/a.csv", "--rate", "1000"], "25"),
        (["simulate", "{folder}/a.csv", "--loss", "50%"], "20"),
        (["simulate", "{folder}/a.csv", "--tempo", "3-1"], "3-1-1-2"),
        (["simulate", "{folder}/a.csv", "--faults", "yawn"], "over_arch"),
        (["simulate", "{folder}/a.csv", "--faults", "sag,sag", "--reps", "3"], "4 reps"),
        (["simulate", "{folder}/a.csv", "--style", "lazy"], "near_failure"),
        (["simulate", "{folder}/a.csv", "--mounting", "1,1,0,0"], "quaternion"),
        (["simulate", "{folder}/none/a.csv"], "cannot write"),
    ],
)
def test_what_cannot_be_done_ends_with_one_line_and_2(
    arguments: list[str], reason: str, recording: str, tmp_path: Path, capsys: Capture
) -> None:
    (tmp_path / "junk.csv").write_bytes(b"\x00\xff\x80junk")
    filled = [part.format(recording=recording, folder=tmp_path) for part in arguments]
    assert main(filled) == 2
    error = capsys.readouterr().err
    assert error.startswith("hiprep: ")
    assert error.count("\n") == 1
    assert reason in error


def test_an_unreadable_recording_writes_nothing(tmp_path: Path, capsys: Capture) -> None:
    path = tmp_path / "a.csv"
    path.write_text("# format: imu-csv/1\nt,acc_x\n0,1\n")
    assert main(["replay", str(path)]) == 2
    assert capsys.readouterr().out == ""


def test_simulate_writes_what_replay_reads(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "a.csv.gz"
    command = ["simulate", str(out), "--reps", "4", "--tempo", "1-0-1-1", "--no-around"]
    assert main([*command, "--seed", "3"]) == 0
    assert capsys.readouterr().out.count("\n") == 1
    truth = json.loads((tmp_path / "a.truth.json").read_text())
    assert len(truth["sets"][0]["reps"]) == 4
    assert main(["replay", str(out), "--json"]) == 0
    closed = [event for event in lines(capsys) if event["type"] == "set"]
    assert [event["reps"] for event in closed] == [4]


def test_simulate_does_what_it_is_asked(tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    asked = "--reps 5 --sets 2 --hold 3 --faults over_arch --no-gyro --no-around --rate 50 --loss 0"
    main(["simulate", str(out), *asked.split()])
    truth = json.loads((tmp_path / "a.truth.json").read_text())
    assert len(truth["sets"]) == 2
    for one in truth["sets"]:
        faults = [fault.rstrip("?") for rep in one["reps"] for fault in rep["faults"]]
        assert faults == ["over_arch"]
        assert sum(rep["top_pause_s"] for rep in one["reps"]) / 5 == pytest.approx(3, abs=0.6)
    header = [line for line in out.read_text().splitlines() if line.startswith("t,")]
    assert header == ["t,acc_x,acc_y,acc_z"]


def test_simulate_overwrites_only_by_force(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "a.csv"
    truth = tmp_path / "a.truth.json"
    truth.write_text("mine")
    command = ["simulate", str(out), "--reps", "2", "--no-around"]
    assert main(command) == 2
    assert "a.truth.json is there already" in capsys.readouterr().err
    assert not out.exists()
    assert truth.read_text() == "mine"
    assert main([*command, "--force"]) == 0
    first = out.read_bytes()
    assert main(command) == 2
    assert main([*command, "--seed", "1", "--force"]) == 0
    assert out.read_bytes() != first


def test_the_help_names_what_the_simulator_has() -> None:
    assert set(STYLES) == set(simulator.STYLES)
    assert set(SENSORS) == set(simulator.ERROR_CLASSES)
    assert set(FAULTS) == set(simulator.FAULTS)


def test_the_demo_ends_by_itself_with_the_right_counts(capsys: Capture) -> None:
    assert main(["demo", "--fast", "--no-browser"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("The live page: http://127.0.0.1:")
    told = [line.split(":")[0] for line in text.splitlines() if ", rep " in line]
    assert told == [
        f"set {number}, rep {rep}"
        for number, reps in ((1, 5), (2, 4), (3, 5))
        for rep in range(1, reps + 1)
    ]
    first, second, third = (row.split() for row in text.splitlines()[-3:])
    assert [row[1:4] for row in (first, second, third)] == [
        ["1", "60.0", "5"],
        ["2", "60.0", "4"],
        ["3", "60.0", "5"],
    ]
    assert second[-2:] == ["over-arch", "1x"]
    assert third[-3:] == ["short", "lockout", "1x"]


def test_every_exercise_is_listed(capsys: Capture) -> None:
    assert main(["exercises"]) == 0
    text = capsys.readouterr().out
    assert all(name in text for name in names())


@pytest.mark.parametrize("command", [[], ["replay"], ["simulate"], ["demo"], ["exercises"]])
def test_help_has_examples_and_needs_no_number_crunching(command: list[str]) -> None:
    code = (
        "import sys\n"
        "from pipeline.cli import main\n"
        "try:\n    main(sys.argv[1:])\n"
        "finally:\n"
        "    heavy = {'numpy', 'scipy', 'vqf', 'matplotlib', 'rich'} & set(sys.modules)\n"
        "    print('heavy:', sorted(heavy))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *command, "--help"], capture_output=True, text=True, check=True
    )
    assert "heavy: []" in done.stdout
    assert "hiprep" in done.stdout.partition("examples:" if command else "Start with:")[2]


def test_a_reader_that_has_seen_enough_is_no_error(recording: str) -> None:
    code = "import sys; from pipeline.cli import main; sys.exit(main(sys.argv[1:]))"
    with subprocess.Popen(
        [sys.executable, "-c", code, "replay", recording, "--json", "--live"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""


class _Interrupted(io.BytesIO):
    """Standard input on which ^C comes where the data end."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise KeyboardInterrupt
        return data

    def read1(self, size: int | None = -1, /) -> bytes:
        return self.read(size)


@pytest.mark.parametrize(("option", "shown"), [([], "Set 1, not over"), (["--json"], '"rep": 2')])
def test_an_interruption_shows_what_was_found_so_far(
    option: list[str],
    shown: str,
    recording: str,
    capsys: Capture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = _Interrupted(Path(recording).read_bytes())
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=data))
    assert main(["replay", "-", *option]) == 130
    captured = capsys.readouterr()
    assert shown in captured.out
    assert captured.err == ""

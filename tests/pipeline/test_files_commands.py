"""Recordings turned into files for others, and files of others turned into recordings."""

import gzip
import json
import os
from pathlib import Path

import pytest

from pipeline.cli import main
from sensor.recording import Recording, open_recording
from sensor.samples import SampleBlock, joined
from tests.pipeline.made import write_recording
from tests.recordings.make import FOLDER

RAW = FOLDER / "dot.hiprec.gz"

Capture = pytest.CaptureFixture[str]


def block_of(path: Path) -> SampleBlock:
    with open_recording(path) as recording:
        return joined(list(recording.blocks(1000)))


def meta_of(path: Path) -> dict[str, str]:
    with open_recording(path) as recording:
        assert isinstance(recording, Recording)
        return recording.meta


def events(capsys: Capture, *command: str) -> list[dict[str, object]]:
    assert main(["replay", *command, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def refused(capsys: Capture, *command: object) -> str:
    assert main([str(part) for part in command]) == 2
    error = capsys.readouterr().err
    assert error.startswith("hiprep: ")
    assert error.count("\n") == 1
    return error


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the settings want recordings; it is not there yet."""
    settings = tmp_path / "settings.toml"
    settings.write_text(f'recordings = "{tmp_path}/new/recordings"\n')
    monkeypatch.setenv("HIPREP_SETTINGS", str(settings))
    monkeypatch.chdir(tmp_path)
    return tmp_path / "new" / "recordings"


# Export


@pytest.mark.parametrize("name", ["dot", "polar", "witmotion"])
@pytest.mark.parametrize("ending", ["csv", "csv.gz"])
def test_an_export_holds_the_samples_and_gives_the_reps(
    name: str, ending: str, tmp_path: Path, capsys: Capture
) -> None:
    source, out = FOLDER / f"{name}.hiprec.gz", tmp_path / f"a.{ending}"
    assert main(["export", str(source), str(out)]) == 0
    before, after = block_of(source), block_of(out)
    assert f"wrote {len(before)} samples to {out}" in capsys.readouterr().err
    assert after.t_s == pytest.approx(before.t_s, abs=1e-5)
    assert after.acc == pytest.approx(before.acc, abs=1e-5)
    assert after.gyr == pytest.approx(before.gyr, abs=1e-5)
    assert meta_of(out)["sensor"] == f"model-{name}"
    found, wanted = events(capsys, str(out)), events(capsys, str(source))
    assert [one["type"] for one in found] == [one["type"] for one in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one["start_s"] == pytest.approx(other["start_s"], abs=0.02)


def test_an_export_without_gyroscope_has_no_columns_for_it(tmp_path: Path) -> None:
    made, out = tmp_path / "a.csv.gz", tmp_path / "b.csv"
    main(["simulate", str(made), "--no-gyro", "--reps", "2", "--no-around"])
    assert main(["export", str(made), str(out)]) == 0
    heads = [line for line in out.read_text().splitlines() if line.startswith("t,")]
    assert heads == ["t,acc_x,acc_y,acc_z"]
    assert block_of(out).gyr is None


def test_what_was_passed_over_is_said(tmp_path: Path, capsys: Capture) -> None:
    path = write_recording(tmp_path / "a.csv")
    with path.open("a") as file:
        file.write("0,0,0,9.81,0,0,0\n")
    assert main(["export", str(path), str(tmp_path / "b.csv")]) == 0
    assert "time goes backwards (1)" in capsys.readouterr().err


def test_an_export_overwrites_only_by_force(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "a.csv"
    out.write_text("precious")
    assert "--force" in refused(capsys, "export", RAW, out)
    assert out.read_text() == "precious"
    assert main(["export", str(RAW), str(out), "--force"]) == 0
    assert len(block_of(out)) > 100


@pytest.mark.parametrize(
    ("out", "reason"),
    [
        ("a.txt", ".csv or .csv.gz"),
        ("none/a.csv", "cannot write"),
        (f"{'x' * 300}.csv", "cannot write"),
    ],
)
def test_where_nothing_can_be_written_one_line_says_so(
    out: str, reason: str, tmp_path: Path, capsys: Capture
) -> None:
    assert reason in refused(capsys, "export", RAW, tmp_path / out)
    assert [*tmp_path.iterdir()] == []


def test_a_folder_in_the_way_stays(tmp_path: Path, capsys: Capture) -> None:
    out = tmp_path / "a.csv"
    out.mkdir()
    assert "cannot write" in refused(capsys, "export", RAW, out, "--force")
    assert [*tmp_path.iterdir()] == [out]


def test_what_cannot_be_read_leaves_no_file(tmp_path: Path, capsys: Capture) -> None:
    broken = tmp_path / "a.csv"
    broken.write_text("# format: imu-csv/1\nt,acc_x,acc_y,acc_z\n0,0,0,9.81\n")
    refused(capsys, "export", broken, tmp_path / "b.csv")
    refused(capsys, "export", tmp_path / "absent", tmp_path / "b.csv")
    assert [*tmp_path.iterdir()] == [broken]


# Import


def test_an_import_is_a_recording_of_ones_own(folder: Path, capsys: Capture) -> None:
    source = write_recording(folder.parents[1] / "2025.05.01 squats.csv", header="# coach: bo\n")
    os.utime(source, (1_760_000_000, 1_760_000_000))
    told = ("--athlete", "anna", "--exercise", "glute_bridge", "--sensor", "belt 7")
    assert main(["import", str(source), *told]) == 0
    out = folder / "2025.05.01 squats.csv.gz"
    assert f"samples to {out}" in capsys.readouterr().err
    meta = meta_of(out)
    assert meta["coach"] == "bo"
    assert meta["athlete"] == "anna"
    assert meta["session"] == "20251009T085320Z"
    assert block_of(out).acc == pytest.approx(block_of(source).acc, abs=1e-5)
    reps = [one for one in events(capsys, str(out)) if one["type"] == "rep"]
    assert len(reps) == 3
    assert {one["exercise"] for one in reps} == {"glute_bridge"}
    assert str(reps[0]["id"]).startswith("belt-7-20251009T085320Z-")


def test_what_the_file_says_holds_unless_something_else_is_said(folder: Path) -> None:
    header = "# exercise: squat\n# athlete: bo\n# session: s1\n"
    source = write_recording(folder.parents[1] / "a.csv", header=header)
    assert main(["import", str(source), "--athlete", "anna"]) == 0
    meta = meta_of(folder / "a.csv.gz")
    assert [meta[key] for key in ("exercise", "athlete", "session")] == ["squat", "anna", "s1"]


def test_other_programs_may_mean_anything_by_exercise(folder: Path, capsys: Capture) -> None:
    source = write_recording(folder.parents[1] / "a.csv", header="# exercise: Hip thrusts\n")
    assert len(events(capsys, str(source))) == 4
    assert "--exercise" in refused(capsys, "import", source)
    assert main(["import", str(source), "--exercise", "hip_thrust"]) == 0


def test_an_import_overwrites_only_by_force(folder: Path, capsys: Capture) -> None:
    source = write_recording(folder.parents[1] / "a.csv")
    assert main(["import", str(source)]) == 0
    capsys.readouterr()
    assert "--force" in refused(capsys, "import", source)
    assert main(["import", str(source), "--force"]) == 0


def test_what_is_no_recording_is_refused_and_nothing_is_left(folder: Path, capsys: Capture) -> None:
    junk = folder.parents[1] / "junk.csv"
    junk.write_bytes(gzip.compress(bytes(range(256)) * 50))
    cut = folder.parents[1] / "cut.csv"
    cut.write_text("# format: imu-csv/1\nt,acc_x,acc_y,acc_z\n0,0,0,9.81\nx\ny\nz\n")
    for source in (junk, cut, folder.parents[1], "absent.csv", os.devnull):
        refused(capsys, "import", source)
    assert not folder.exists() or not [*folder.iterdir()]


def test_standard_input_is_refused_with_the_reason(folder: Path, capsys: Capture) -> None:
    assert "import takes a file" in refused(capsys, "import", "-")
    assert not folder.exists()


def test_packets_need_no_import(folder: Path, capsys: Capture) -> None:
    assert f"copy it to {folder}" in refused(capsys, "import", RAW)


def test_an_athlete_has_the_letters_of_an_id(folder: Path, capsys: Capture) -> None:
    source = write_recording(folder.parents[1] / "a.csv")
    assert "letters" in refused(capsys, "import", source, "--athlete", "Anna Åberg")


def test_a_folder_that_cannot_be_made_is_one_line(folder: Path, capsys: Capture) -> None:
    folder.parent.write_text("a file")
    source = write_recording(folder.parents[1] / "a.csv")
    assert f"cannot write to {folder}" in refused(capsys, "import", source)


# Share


def test_a_shared_file_gives_the_same_reps_and_is_not_overwritten(
    folder: Path, capsys: Capture
) -> None:
    out = folder.parents[1] / "hiprep-shared.hiprec.gz"
    assert main(["share", str(RAW)]) == 0
    assert out.name in capsys.readouterr().err
    found, wanted = events(capsys, str(out)), events(capsys, str(RAW))
    for one in (*found, *wanted):
        del one["id"]
    assert found == wanted
    before = out.read_bytes()
    assert "exists already" in refused(capsys, "share", RAW)
    assert out.read_bytes() == before
    assert main(["share", str(RAW), "--out", "other.hiprec.gz"]) == 0


def test_a_shared_csv_stays_a_csv(folder: Path) -> None:
    source = write_recording(folder.parents[1] / "a.csv", header="# athlete: anna\n")
    assert main(["share", str(source)]) == 0
    out = folder.parents[1] / "hiprep-shared.csv.gz"
    assert "athlete" not in meta_of(out)
    assert len(block_of(out)) == len(block_of(source))


@pytest.mark.parametrize("source", ["-", "absent.csv", os.devnull, "."])
def test_what_cannot_be_shared_is_one_line(folder: Path, source: str, capsys: Capture) -> None:
    refused(capsys, "share", source)
    assert not [*folder.parents[1].glob("hiprep-shared*")]

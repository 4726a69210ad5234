"""``hiprep process``: what it says, what it refuses, and that it goes on where it stopped."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.archive.folder import RUN_FILE
from pipeline.archive.parquet import read, recordings
from pipeline.cli import main
from tests.pipeline.made import write_recording

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Three recordings in two folders, and one that is none."""
    folder = tmp_path / "archive"
    (folder / "may").mkdir(parents=True)
    write_recording(folder / "a.csv", reps=3)
    write_recording(folder / "may" / "b.csv", reps=4)
    write_recording(folder / "may" / "c.csv", reps=2)
    (folder / "junk.csv").write_text("lunch: 5 eur\n")
    return folder


def process(*arguments: object) -> int:
    return main(["process", *map(str, arguments), "--workers", "1"])


def refused(capsys: Capture, *arguments: object) -> str:
    assert main(["process", *map(str, arguments)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("hiprep: ")
    assert said.err.count("\n") == 1
    return said.err


def test_an_archive_is_processed_and_a_second_run_adds_what_is_new(
    archive: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    assert process(archive, "--out", out) == 0
    first = capsys.readouterr().out
    assert f"{out}: 4 recordings" in first
    assert "9 reps in 3 sets, 1 with errors" in first
    assert "junk.csv: has no format line" in first
    assert recordings(out, "1") == ["a.csv", "junk.csv", "may--b.csv", "may--c.csv"]
    assert len(read(out, "may--b.csv", "1").reps) == 4
    assert process(archive, "--out", out) == 0
    second = capsys.readouterr().out
    assert "4 recordings, 0.0 h, 4 of them done before" in second
    assert "times real time" not in second
    assert digest_in(second) == digest_in(first)
    write_recording(archive / "d.csv", reps=3)
    assert process(archive, "--out", out) == 0
    third = capsys.readouterr().out
    assert "5 recordings, 0.0 h, 4 of them done before" in third
    assert "12 reps in 4 sets" in third


def digest_in(said: str) -> str:
    found = re.search(r"^digest ([0-9a-f]{64})$", said, re.MULTILINE)
    assert found
    return found[1]


def test_what_was_begun_for_another_exercise_is_refused(
    archive: Path, tmp_path: Path, capsys: Capture
) -> None:
    out = tmp_path / "out"
    assert process(archive / "a.csv", "--out", out, "--exercise", "glute_bridge") == 0
    assert read(out, "a.csv", "1").exercise == "glute_bridge"
    capsys.readouterr()
    assert "begun with --exercise glute_bridge" in refused(capsys, archive / "a.csv", "--out", out)
    assert "choose another --out" in refused(capsys, archive / "may", "--out", out)


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["absent"], "there is no such file or folder"),
        (["-"], "there is no such file or folder"),
        (["nothing"], "no recordings there"),
        (["archive", "--executor", "ray://here"], "neither processes nor dask://HOST:PORT"),
        (["archive", "--executor", "dask://here"], "neither processes nor dask://HOST:PORT"),
        (["archive", "--executor", "dask://here:1", "--workers", "2"], "has its own"),
        (["archive", "--workers", "0"], "not 1 or more"),
        ([], "required: FILE|DIR"),
    ],
)
def test_what_cannot_be_done_is_one_line(
    archive: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
    arguments: list[str],
    reason: str,
) -> None:
    monkeypatch.chdir(archive.parent)
    (archive.parent / "nothing").mkdir()
    assert reason in refused(capsys, *arguments, "--out", "out")
    assert not (archive.parent / "out" / "sets").exists()


def test_a_folder_of_something_else_is_refused(archive: Path, capsys: Capture) -> None:
    assert "not empty" in refused(capsys, archive, "--out", archive / "may")


def test_a_full_disk_is_one_line_and_what_is_done_stays(archive: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert process(archive / "a.csv", archive / "may", "--out", out) == 0
    sizes = {path.stat().st_size for path in (out / "sets").iterdir()}
    (out / "sets" / "may--c.csv.1.parquet").unlink()
    # The limit holds for all that the driver writes: as if so much room was left for each file.
    limit = f"import resource as r; r.setrlimit(r.RLIMIT_FSIZE, ({min(sizes) // 2},) * 2)"
    named = [str(archive / "a.csv"), str(archive / "may")]
    command = ["process", *named, "--out", str(out), "--workers", "1"]
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            f"{limit}; import sys; from pipeline.cli import main; sys.exit(main(sys.argv[1:]))",
            *command,
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert f"cannot write to {out}: " in done.stderr
    assert "what is done stays" in done.stderr
    assert recordings(out, "1") == ["a.csv", "may--b.csv"]


def test_without_parquet_or_dask_a_line_says_how_to_get_them(archive: Path, tmp_path: Path) -> None:
    hidden = "import sys; sys.modules[{!r}] = None; from pipeline.cli import main; "
    for missing, cure in (("pyarrow", "hiprep[parquet]"), ("distributed", "hiprep[cluster]")):
        command = ["process", str(archive), "--out", str(tmp_path / missing)]
        command += ["--executor", "dask://127.0.0.1:9"]
        done = subprocess.run(
            [
                sys.executable,
                "-c",
                hidden.format(missing) + "sys.exit(main(sys.argv[1:]))",
                *command,
            ],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 2
        assert done.stderr.startswith("hiprep: ")
        assert done.stderr.endswith(f"pip install '{cure}'\n")


def test_the_folder_says_what_it_is_of(archive: Path, tmp_path: Path) -> None:
    assert process(archive / "a.csv", "--out", tmp_path / "out") == 0
    said = json.loads((tmp_path / "out" / RUN_FILE).read_text())
    assert said == {"schema": "hiprep/archive/1", "base": str(archive), "exercise": None}

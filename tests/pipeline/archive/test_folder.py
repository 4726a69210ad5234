"""The folder of a run, and whose it is."""

import json
from pathlib import Path

import pytest

from pipeline.archive import ArchiveError
from pipeline.archive.folder import RUN_FILE, SCHEMA, Run, claim, run_of, write_whole

RUN = Run("/archive", "squat")


def test_a_new_folder_says_what_it_is_of(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "out"
    claim(folder, RUN)
    claim(folder, RUN)
    assert run_of(folder) == RUN
    assert json.loads((folder / RUN_FILE).read_text())["schema"] == SCHEMA
    assert [path.name for path in folder.iterdir()] == [RUN_FILE]


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (Run("/elsewhere", "squat"), "of recordings in /archive: choose another --out"),
        (Run("/archive", None), "begun with --exercise squat"),
        (Run("/archive", "lunge"), "begun with --exercise squat"),
    ],
)
def test_the_folder_of_another_run_is_refused(tmp_path: Path, other: Run, reason: str) -> None:
    claim(tmp_path, RUN)
    with pytest.raises(ArchiveError, match=reason):
        claim(tmp_path, other)
    assert run_of(tmp_path) == RUN


def test_a_folder_of_something_else_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear")
    with pytest.raises(ArchiveError, match="not empty"):
        claim(tmp_path, RUN)
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]
    with pytest.raises(ArchiveError, match="holds no results"):
        run_of(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": "hiprep/archive/1"}'])
def test_a_damaged_description_is_one_line(tmp_path: Path, text: str) -> None:
    (tmp_path / RUN_FILE).write_text(text)
    with pytest.raises(ArchiveError, match="damaged"):
        claim(tmp_path, RUN)


def test_another_version_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / RUN_FILE).write_text('{"schema": "hiprep/archive/9"}')
    with pytest.raises(ArchiveError, match="another version of hiprep: hiprep/archive/9"):
        claim(tmp_path, RUN)


def test_a_folder_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="cannot write to"):
        claim(tmp_path / "file" / "out", RUN)


def test_a_file_is_there_whole_or_as_it_was(tmp_path: Path) -> None:
    target = tmp_path / "a.txt"
    write_whole(target, lambda part: part.write_text("before"))

    def fails(part: Path) -> None:
        part.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        write_whole(target, fails)
    assert target.read_text() == "before"
    assert [*tmp_path.iterdir()] == [target]

"""Which recordings were named, and what each is called."""

import os
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.archive import ArchiveError
from pipeline.archive.found import found, id_of

PARTS = st.text(st.sampled_from("ab-. é/"), min_size=1, max_size=8)


def made(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def ids(*named: Path) -> list[str]:
    return [job.recording for job in found([str(path) for path in named]).jobs()]


def test_a_folder_is_searched_through_and_through_in_order(tmp_path: Path) -> None:
    names = ("b.csv.gz", "a.hiprec", "2026/05/c.hiprec.gz", "2026/a.csv", "a.truth.json", "x.txt")
    made(tmp_path, *names, ".hidden.csv", ".part/d.csv")
    (tmp_path / "folder.csv").mkdir()
    wanted = ["2026--05--c.hiprec.gz", "2026--a.csv", "a.hiprec", "b.csv.gz"]
    assert ids(tmp_path) == wanted
    assert found([str(tmp_path)]).count() == len(wanted)


def test_a_job_knows_its_file(tmp_path: Path) -> None:
    made(tmp_path, "a.csv")
    os.utime(tmp_path / "a.csv", ns=(1, 123_456_789_000))
    (job,) = found([str(tmp_path)]).jobs()
    assert (job.path, job.size_bytes) == (str(tmp_path / "a.csv"), 5)
    assert job.modified_ns == 123_456_789_000


def test_ids_are_relative_to_the_folder_that_holds_all_that_was_named(tmp_path: Path) -> None:
    made(tmp_path, "north/a.csv", "south/a.csv", "south/b.csv")
    assert ids(tmp_path / "south") == ["a.csv", "b.csv"]
    assert ids(tmp_path / "south" / "b.csv") == ["b.csv"]
    assert ids(tmp_path / "south", tmp_path / "north" / "a.csv") == [
        "north--a.csv",
        "south--a.csv",
        "south--b.csv",
    ]


def test_what_is_named_twice_is_taken_once(tmp_path: Path) -> None:
    made(tmp_path, "a.csv", "b/c.csv")
    assert ids(tmp_path, tmp_path / "b", tmp_path / "a.csv", tmp_path / "b" / ".." / "b") == [
        "a.csv",
        "b--c.csv",
    ]


def test_a_file_may_have_any_name(tmp_path: Path) -> None:
    made(tmp_path, "measured.txt")
    assert ids(tmp_path / "measured.txt") == ["measured.txt"]


def test_a_link_in_a_circle_is_not_followed(tmp_path: Path) -> None:
    made(tmp_path, "a.csv")
    (tmp_path / "round").symlink_to(tmp_path)
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    assert ids(tmp_path) == ["a.csv"]


def test_what_is_not_there_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="absent: there is no such file"):
        found([str(tmp_path / "absent")])


@given(st.sets(PARTS, min_size=2, max_size=30))
def test_no_two_recordings_have_the_same_id(parts: set[str]) -> None:
    base = Path("/archive")
    paths = {base / part.strip("/") for part in parts}
    names = [id_of(path, base) for path in paths if path != base]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[A-Za-z0-9_-][A-Za-z0-9_.-]*", name) for name in names)


def test_a_long_path_has_an_id_that_can_be_a_name(tmp_path: Path) -> None:
    base = tmp_path
    one, other = (base / ("x" * 200) / f"{start}{'y' * 200}.csv" for start in "ab")
    assert id_of(one, base) != id_of(other, base)
    assert len(id_of(one, base)) < 200

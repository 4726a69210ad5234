"""``hiprep compare``: two folders of results, what is said of them, and the pictures."""

import argparse
import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipeline.archive import parquet
from pipeline.archive.folder import Run, claim
from pipeline.archive.results import Job, Result
from pipeline.archive.work import process
from pipeline.cli import main
from pipeline.commands import CommandError
from pipeline.commands.compare import run
from tests.pipeline.made import write_recording

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_recording(tmp_path_factory.mktemp("recordings") / "a.csv", reps=4)


@pytest.fixture(scope="module")
def tracked(recording: Path) -> Result:
    result = process(Job("a.csv", str(recording), recording.stat().st_size, 1))
    assert (result.error, len(result.reps)) == (None, 4)
    return result


def kept(folder: Path, *results: Result) -> str:
    """A folder with these results; its name."""
    claim(folder, Run("/recordings", None))
    for one in results:
        parquet.write(folder, one)
    return str(folder)


def asked(a: str, b: str, **more: Any) -> argparse.Namespace:
    return argparse.Namespace(**{"a": a, "b": b, "json": False, "plots": None, "worst": 10} | more)


def newer(result: Result) -> Result:
    """As another version would have it: one rep less, another 30 ms and 2 deg larger."""
    first, second, third, _ = result.reps
    second = replace(second, concentric_end_s=second.concentric_end_s + 0.03, rom_deg=57.0)
    third = replace(third, faults=("sag",))
    (one,) = result.sets
    return replace(result, algorithm="2", reps=(first, second, third), sets=(replace(one, reps=3),))


def test_it_says_that_nothing_changed(tmp_path: Path, tracked: Result, capsys: Capture) -> None:
    folder = kept(tmp_path / "out", tracked, replace(tracked, algorithm="2"))
    assert run(asked(f"{folder}@1", f"{folder}@2")) == 0
    said = capsys.readouterr().out
    assert "Nothing changed" in said
    assert "1 sets and 4 reps" in said


def test_it_says_what_changed_with_the_worst_first(
    tmp_path: Path, tracked: Result, capsys: Capture
) -> None:
    b_little = replace(
        tracked,
        recording="b.csv",
        algorithm="2",
        reps=(*tracked.reps[:3], replace(tracked.reps[3], rom_deg=tracked.reps[3].rom_deg + 1.0)),
    )
    a = kept(tmp_path / "a", tracked, replace(tracked, recording="b.csv"))
    b = kept(tmp_path / "b", newer(tracked), b_little)
    assert run(asked(a, b)) == 0
    said = capsys.readouterr().out
    assert "recordings: 2 in both; 0 equal, 2 changed" in said
    assert "sets: 2 in A, 2 in B; 0 equal, 2 changed, 0 lost, 0 new" in said
    assert "reps: 8 in A, 7 in B; 1 lost, 0 new" in said
    assert "faults: sag +1" in said
    rows = said.partition("The worst:")[2].split("\n")
    first, second = (row for row in rows if ".csv" in row)
    assert first.split()[:7] == ["a.csv", "4", "s", "4", ">", "3", "1"]
    assert second.split()[:1] == ["b.csv"]
    assert "+1.0°" in second


def test_as_json_it_is_a_line_for_each_change_and_one_for_all(
    tmp_path: Path, tracked: Result, capsys: Capture
) -> None:
    a, b = kept(tmp_path / "a", tracked), kept(tmp_path / "b", newer(tracked))
    assert run(asked(a, b, json=True, worst=1)) == 0
    change, whole = map(json.loads, capsys.readouterr().out.splitlines())
    assert (change["type"], change["recording"]) == ("set_change", "a.csv")
    assert [one["id"] for one in change["lost"]] == [tracked.reps[3].id]
    assert change["faults_gained"] == {"sag": 1}
    assert change["moved"]["boundaries"]["worst"] == 0.03
    assert whole["type"] == "comparison"
    assert whole["reps"] == {"a": 4, "b": 3, "lost": 1, "gained": 0}


def test_what_cannot_be_compared_is_named(tmp_path: Path, tracked: Result, capsys: Capture) -> None:
    def called(name: str, **more: Any) -> Result:
        return replace(tracked, recording=name, **more)

    a = kept(
        tmp_path / "a",
        called("gone"),
        called("both"),
        called("other"),
        called("worse"),
        called("hurt"),
    )
    b = kept(
        tmp_path / "b",
        called("both"),
        called("new"),
        called("other", size_bytes=tracked.size_bytes + 1),
        called("worse", error="cut off", reps=(), sets=()),
        called("hurt"),
    )
    (tmp_path / "b" / "reps" / "hurt.1.parquet").write_bytes(b"PAR1")
    assert run(asked(a, b)) == 0
    said = capsys.readouterr().out
    for line in (
        "only in A: 1 (gone)",
        "only in B: 1 (new)",
        "another file in B: 1 (other)",
        "failed in B alone: 1 (worse)",
        "damaged results: 1 (hurt)",
        "recordings: 2 in both; 1 equal, 1 changed",
        "1 lost, 0 new",
    ):
        assert line in said


def test_the_worst_are_drawn_from_their_recordings(
    tmp_path: Path, tracked: Result, capsys: Capture
) -> None:
    def gone(result: Result) -> Result:
        return replace(result, recording="gone.csv", path=str(tmp_path / "gone.csv"))

    a = kept(tmp_path / "a", tracked, gone(tracked))
    b = kept(tmp_path / "b", newer(tracked), gone(newer(tracked)))
    assert run(asked(a, b, plots=tmp_path / "plots")) == 0
    (picture,) = (tmp_path / "plots").iterdir()
    assert picture.name == "001-a.csv-4s.png"
    assert picture.read_bytes().startswith(b"\x89PNG\r\n\x1a\n")
    said = capsys.readouterr().err
    assert f"wrote {picture}" in said
    assert f"no picture of gone.csv: {tmp_path / 'gone.csv'} is gone" in said


def test_a_set_of_one_version_alone_is_drawn_too(tmp_path: Path, tracked: Result) -> None:
    a, b = kept(tmp_path / "a", tracked), kept(tmp_path / "b", replace(tracked, reps=(), sets=()))
    for one, other in ((a, b), (b, a)):
        assert run(asked(one, other, plots=tmp_path / f"plots{one[-1]}")) == 0
        assert len(list((tmp_path / f"plots{one[-1]}").iterdir())) == 1


def test_no_more_are_shown_than_were_asked_for(
    tmp_path: Path, tracked: Result, capsys: Capture
) -> None:
    names = [f"{number}.csv" for number in range(5)]
    a = kept(tmp_path / "a", *(replace(tracked, recording=name) for name in names))
    b = kept(tmp_path / "b", *(replace(newer(tracked), recording=name) for name in names))
    assert run(asked(a, b, worst=2)) == 0
    shown = capsys.readouterr().out.partition("The worst:")[2]
    assert [name for name in names if name in shown] == ["0.csv", "1.csv"]


def test_it_can_be_asked_for_on_the_command_line(
    tmp_path: Path, tracked: Result, capsys: Capture
) -> None:
    a, b = kept(tmp_path / "a", tracked), kept(tmp_path / "b", newer(tracked))
    assert main(["compare", a, b, "--worst", "1"]) == 0
    assert "1 lost, 0 new" in capsys.readouterr().out
    assert main(["compare", a, str(tmp_path / "none")]) == 2
    said = capsys.readouterr().err
    assert "hiprep process writes them" in said
    assert said.count("\n") == 1


def test_without_parquet_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delitem(sys.modules, "pipeline.archive.parquet")
    monkeypatch.delattr("pipeline.archive.parquet")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(CommandError, match=r"pip install 'hiprep\[parquet\]'"):
        run(asked(str(tmp_path), str(tmp_path)))


@pytest.mark.parametrize(
    ("a", "b", "why"),
    [
        ("none", "one", "hiprep process writes them"),
        ("one", "one@7", "one has no results of 7, but of 1"),
        ("one", "two", "results of the algorithms 1, 2: say which, like two@2"),
        ("one", "one@1", "A and B are the same"),
        ("one", "empty", "empty has no results yet"),
        ("one", "file", "file"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    tracked: Result,
    a: str,
    b: str,
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    kept(Path("one"), tracked)
    kept(Path("two"), tracked, replace(tracked, algorithm="2"))
    kept(Path("empty"))
    Path("file").write_text("no folder", encoding="utf-8")
    with pytest.raises(CommandError, match=why) as raised:
        run(asked(a, b))
    assert "\n" not in str(raised.value)

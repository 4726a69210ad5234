"""Results as Parquet: what is written is read again, whole or not at all."""

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.archive import ArchiveError
from pipeline.archive.parquet import algorithms, done, read, recordings, write
from pipeline.archive.results import Result, digest
from pipeline.events import Rep, SetSummary, Tempo
from tests.pipeline.archive.tasks import job, quick
from tests.pipeline.made import rep, summary

RESULT = replace(
    quick(job("gym--a.csv.gz")),
    sensor="belt-7",
    athlete="anna",
    session="s-1",
    started_us=1_760_000_000_123_456,
    error="gzip cut off",
    reps=(rep(1, faults=("sag", "over_arch")), rep(None), rep(2)),
    sets=(summary(2, faults={"sag": 1, "over_arch": 1}),),
)

WHOLE = st.integers(-(2**63), 2**63 - 1)
REAL = st.floats(allow_nan=False)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
BY_TYPE: dict[object, st.SearchStrategy[object]] = {
    bool: st.booleans(),
    int: WHOLE,
    float: REAL,
    str: TEXT,
    tuple[str, ...]: st.lists(TEXT, max_size=3).map(tuple),
    tuple[float, float, float]: st.tuples(REAL, REAL, REAL),
    dict[str, int]: st.dictionaries(TEXT, WHOLE, max_size=3),
}
ONE_FOLDER = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])


def some(kind: type, **given_here: st.SearchStrategy[object]) -> st.SearchStrategy[Any]:
    """Any of a kind, whatever its fields."""
    chosen = dict(given_here)
    for name, hint in get_type_hints(kind).items():
        if name not in chosen and isinstance(hint, UnionType):
            chosen[name] = st.none() | BY_TYPE[get_args(hint)[0]]
        elif name not in chosen:
            chosen[name] = BY_TYPE[hint]
    return st.builds(kind, **chosen)


RESULTS = some(
    Result,
    recording=st.just("a.csv"),
    algorithm=st.just("7"),
    started_us=st.none() | st.integers(946_684_800_000_000, 4_102_444_800_000_000),
    again=st.just(False),
    retold=st.none(),
    reps=st.lists(some(Rep), max_size=3).map(tuple),
    sets=st.lists(some(SetSummary, tempo=some(Tempo)), max_size=3).map(tuple),
)


@contextmanager
def files_up_to(limit_bytes: int) -> Iterator[None]:
    """As on a disk that is nearly full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def table(folder: Path, kind: str) -> list[dict[str, object]]:
    """What another program makes of a whole folder."""
    rows: list[dict[str, object]] = pq.read_table(folder / kind).to_pylist()
    return rows


@ONE_FOLDER
@given(RESULTS)
def test_what_is_written_is_read_again_bit_for_bit(tmp_path: Path, result: Result) -> None:
    write(tmp_path, result)
    assert read(tmp_path, "a.csv", "7") == result


def test_all_that_is_known_is_read_again(tmp_path: Path) -> None:
    written = write(tmp_path, RESULT)
    assert read(tmp_path, RESULT.recording, RESULT.algorithm) == RESULT
    assert done(tmp_path, RESULT.recording, RESULT.algorithm) == written
    assert (written.reps, written.sets) == (2, 1)
    assert written.result == replace(RESULT, reps=(), sets=())
    assert written.digest == digest([RESULT])


def test_each_row_says_what_it_is_of(tmp_path: Path) -> None:
    write(tmp_path, RESULT)
    write(tmp_path, replace(RESULT, recording="b.csv", started_us=None, error=None))
    for kind in ("reps", "sets"):
        rows = table(tmp_path, kind)
        assert {row["recording"] for row in rows} == {"gym--a.csv.gz", "b.csv"}
        assert {row["athlete"] for row in rows} == {"anna"}
        assert {row["session"] for row in rows} == {"s-1"}
        starts = {str(row["started"]) for row in rows}
        assert starts == {"2025-10-09 08:53:20.123456+00:00", "None"}
    assert [row["error"] for row in table(tmp_path, "errors")] == ["gzip cut off"]
    assert [row["faults"] for row in table(tmp_path, "sets")] == [
        [("sag", 1), ("over_arch", 1)]
    ] * 2


def test_every_field_of_an_event_has_a_column(tmp_path: Path) -> None:
    write(tmp_path, RESULT)
    reps, sets = (pq.read_schema(next((tmp_path / kind).iterdir())) for kind in ("reps", "sets"))
    assert {field.name for field in fields(Rep)} <= {*reps.names}
    assert {field.name for field in fields(SetSummary)} - {"tempo"} <= {*sets.names}
    assert {"tempo_eccentric_s", "tempo_top_pause_s"} <= {*sets.names}


def test_files_are_named_by_recording_and_algorithm(tmp_path: Path) -> None:
    for name, algorithm in (("a.csv", "1"), ("b.csv", "1"), ("a.csv", "2")):
        write(tmp_path, replace(RESULT, recording=name, algorithm=algorithm))
    assert {path.name for path in (tmp_path / "reps").iterdir()} == {
        "a.csv.1.parquet",
        "b.csv.1.parquet",
        "a.csv.2.parquet",
    }
    assert algorithms(tmp_path) == ["1", "2"]
    assert recordings(tmp_path, "1") == ["a.csv", "b.csv"]
    assert recordings(tmp_path, "2") == ["a.csv"]
    assert recordings(tmp_path, "3") == []


def test_an_error_that_is_gone_leaves_no_row(tmp_path: Path) -> None:
    write(tmp_path, RESULT)
    write(tmp_path, replace(RESULT, error=None))
    assert [*(tmp_path / "errors").iterdir()] == []
    assert read(tmp_path, RESULT.recording, RESULT.algorithm).error is None


def test_what_was_out_of_reach_has_an_error_and_is_not_done(tmp_path: Path) -> None:
    write(tmp_path, replace(RESULT, again=True, reps=(), sets=()))
    assert done(tmp_path, RESULT.recording, RESULT.algorithm) is None
    assert algorithms(tmp_path) == []
    assert len(table(tmp_path, "errors")) == 1


def test_a_recording_is_done_only_when_all_of_it_is_written(tmp_path: Path) -> None:
    many = replace(RESULT, reps=tuple(rep(number) for number in range(1, 300)), error=None)
    write(tmp_path, replace(many, recording="before.csv"))
    size_bytes = (tmp_path / "reps" / "before.csv.1.parquet").stat().st_size
    with files_up_to(size_bytes - 1), pytest.raises(OSError, match="too large"):
        write(tmp_path, many)
    assert done(tmp_path, many.recording, many.algorithm) is None
    assert recordings(tmp_path, many.algorithm) == ["before.csv"]
    for kind in ("reps", "sets"):
        assert [path.name for path in (tmp_path / kind).iterdir()] == ["before.csv.1.parquet"]


def test_what_cannot_be_replaced_stays(tmp_path: Path) -> None:
    write(tmp_path, RESULT)
    size_bytes = (tmp_path / "reps" / f"{RESULT.recording}.1.parquet").stat().st_size
    many = replace(RESULT, reps=tuple(rep(number) for number in range(1, 300)))
    with files_up_to(size_bytes), pytest.raises(OSError, match="too large"):
        write(tmp_path, many)
    assert read(tmp_path, RESULT.recording, RESULT.algorithm) == RESULT


@ONE_FOLDER
@given(st.binary(max_size=200))
def test_a_damaged_file_is_not_done(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "sets").mkdir(exist_ok=True)
    (tmp_path / "sets" / "a.csv.1.parquet").write_bytes(content)
    assert done(tmp_path, "a.csv", "1") is None
    with pytest.raises(ArchiveError, match="no whole result"):
        read(tmp_path, "a.csv", "1")


@pytest.mark.parametrize("kind", ["reps", "sets"])
def test_a_file_cut_short_is_one_line(tmp_path: Path, kind: str) -> None:
    write(tmp_path, RESULT)
    path = tmp_path / kind / f"{RESULT.recording}.1.parquet"
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(ArchiveError, match=RESULT.recording):
        read(tmp_path, RESULT.recording, RESULT.algorithm)


def test_what_an_older_hiprep_did_not_know_is_not_known(tmp_path: Path) -> None:
    write(tmp_path, RESULT)
    path = tmp_path / "reps" / f"{RESULT.recording}.1.parquet"
    pq.write_table(pq.ParquetFile(path).read().drop_columns(["tilt_deg"]), path)
    assert read(tmp_path, RESULT.recording, RESULT.algorithm) == RESULT


def test_what_a_newer_hiprep_knows_is_passed_over(tmp_path: Path) -> None:
    write(tmp_path, RESULT)
    for kind in ("reps", "sets"):
        path = tmp_path / kind / f"{RESULT.recording}.1.parquet"
        found = pq.ParquetFile(path).read()
        metadata = found.schema.metadata or {}
        if b"hiprep" in metadata:
            said = json.loads(metadata[b"hiprep"])
            said["result"]["mood"] = "good"
            metadata[b"hiprep"] = json.dumps(said).encode()
        found = found.append_column("mood", pa.array(["good"] * len(found)))
        pq.write_table(found.replace_schema_metadata(metadata), path)
    assert read(tmp_path, RESULT.recording, RESULT.algorithm) == RESULT

"""Results as Parquet: a file for the reps, the sets and the error of each recording.

In the folder of a run stand `reps/ID.ALGORITHM.parquet`, `sets/...` and, where there was one,
`errors/...`; every file of a kind has the same columns, so that a whole folder reads as one table.
The file of the sets is written last: where it is, the recording is done. What is known of the
recording itself stands in its schema, under the key `hiprep`. What could not be reached has a file
in `errors` alone. The only importer of pyarrow.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.archive import ArchiveError
from pipeline.archive.folder import write_whole
from pipeline.archive.results import Result, digest_of
from pipeline.events import Rep, SetSummary, Tempo, fields_of

_Kind = TypeVar("_Kind", Rep, SetSummary, Result)

_ENDING = ".parquet"
_KEY = b"hiprep"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_PLAIN = {"reps", "sets", "retold"}
_TEMPO = [field.name for field in fields(Tempo)]

_RECORDING = {
    "recording": pa.string(),
    "algorithm": pa.string(),
    "sensor": pa.string(),
    "athlete": pa.string(),
    "session": pa.string(),
    "started": pa.timestamp("us", tz="UTC"),
}
_ARROW: dict[Any, Any] = {
    bool: pa.bool_(),
    int: pa.int64(),
    float: pa.float64(),
    str: pa.string(),
    tuple[str, ...]: pa.list_(pa.string()),
    tuple[float, float, float]: pa.list_(pa.float64(), 3),
    dict[str, int]: pa.map_(pa.string(), pa.int64()),
}


def _columns(event: type[Rep | SetSummary]) -> Any:
    """Those of the recording and those of the event, as its fields are typed; None is null."""
    types = get_type_hints(event)
    if types.pop("tempo", None):
        types |= {f"tempo_{name}": hint for name, hint in get_type_hints(Tempo).items()}
    arrows = {name: _ARROW[_without_none(hint)] for name, hint in types.items()}
    return pa.schema([*(_RECORDING | arrows).items()])


def _without_none(hint: Any) -> Any:
    return get_args(hint)[0] if isinstance(hint, UnionType) else hint


_REPS = _columns(Rep)
_SETS = _columns(SetSummary)
_ERRORS = pa.schema([*_RECORDING.items(), ("path", pa.string()), ("error", pa.string())])


@dataclass(frozen=True, slots=True)
class Done:
    """A recording that is done. result: without its events. reps, sets: how many. digest: of all.

    reps counts what counts; partial reps are extra.
    """

    result: Result
    reps: int
    sets: int
    digest: str


def done_of(result: Result) -> Done:
    """What there is to know of a result without reading its events."""
    return Done(
        replace(result, reps=(), sets=(), retold=None),
        sum(not rep.partial for rep in result.reps),
        len(result.sets),
        digest_of(result),
    )


def write(folder: Path, result: Result) -> Done:
    """Put a result into the folder, in place of an older one. Raises OSError."""
    told = done_of(result)
    common = _recording_row(result)
    reps = [common | fields_of(rep) for rep in result.reps]
    sets = [common | _set_row(one) for one in result.sets]
    failed = _file(folder, "errors", result)
    if result.error is None:
        failed.unlink(missing_ok=True)
    else:
        row = common | {"path": _shown(result.path), "error": _shown(result.error)}
        _write(failed, [row], _ERRORS)
    if not result.again:
        _write(_file(folder, "reps", result), reps, _REPS)
        said = {
            "result": _plain(told.result),
            "reps": told.reps,
            "sets": told.sets,
            "digest": told.digest,
        }
        _write(_file(folder, "sets", result), sets, _SETS.with_metadata({_KEY: json.dumps(said)}))
    return told


def done(folder: Path, recording: str, algorithm: str) -> Done | None:
    """What is known of a recording that is done; None where it is not, or its file is damaged."""
    try:
        metadata = pq.read_schema(_path(folder, "sets", recording, algorithm)).metadata
        said = json.loads(metadata[_KEY])
        return Done(**{**said, "result": _made(Result, said["result"])})
    except (OSError, pa.ArrowInvalid, KeyError, TypeError, ValueError):
        return None


def read(folder: Path, recording: str, algorithm: str) -> Result:
    """A result as it was written. Raises ArchiveError where there is none, or a damaged one."""
    one = done(folder, recording, algorithm)
    if one is None:
        raise ArchiveError(f"{folder} has no whole result of {recording} by {algorithm}")
    try:
        reps = _read(_path(folder, "reps", recording, algorithm))
        sets = _read(_path(folder, "sets", recording, algorithm))
        return replace(one.result, reps=tuple(map(_rep, reps)), sets=tuple(map(_summary, sets)))
    except (OSError, pa.ArrowInvalid, KeyError, TypeError) as error:
        raise ArchiveError(f"{folder}: the result of {recording} is damaged: {error}") from error


def algorithms(folder: Path) -> list[str]:
    """The versions that have been over this folder, in order."""
    return sorted({algorithm for _, algorithm in _names(folder)})


def recordings(folder: Path, algorithm: str) -> list[str]:
    """The ids of all that is done by one version, in order."""
    return sorted(recording for recording, by in _names(folder) if by == algorithm)


def _names(folder: Path) -> Iterator[tuple[str, str]]:
    """Id and algorithm of each recording that is done."""
    for path in (folder / "sets").glob(f"[!.]*{_ENDING}"):
        recording, _, algorithm = path.name.removesuffix(_ENDING).rpartition(".")
        yield recording, algorithm


def _path(folder: Path, kind: str, recording: str, algorithm: str) -> Path:
    return folder / kind / f"{recording}.{algorithm}{_ENDING}"


def _file(folder: Path, kind: str, result: Result) -> Path:
    return _path(folder, kind, result.recording, result.algorithm)


def _write(path: Path, rows: list[dict[str, Any]], schema: Any) -> None:
    table = pa.Table.from_pylist(rows, schema=schema)
    path.parent.mkdir(exist_ok=True)
    # A few rows each: what helps to pass over parts of a large file is most of a small one.
    write_whole(
        path,
        lambda part: pq.write_table(table, part, use_dictionary=False, write_statistics=False),
    )


def _read(path: Path) -> list[dict[str, Any]]:
    # Of this file alone: else what stands in its path may become columns.
    rows: list[dict[str, Any]] = pq.ParquetFile(path).read().to_pylist()
    return rows


def _recording_row(result: Result) -> dict[str, Any]:
    row: dict[str, Any] = {name: getattr(result, name, None) for name in _RECORDING}
    if result.started_us is not None:
        row["started"] = _EPOCH + timedelta(microseconds=result.started_us)
    return row


def _shown(text: str) -> str:
    """A path may hold bytes that are no text."""
    return text.encode(errors="replace").decode()


def _set_row(summary: SetSummary) -> dict[str, Any]:
    return fields_of(summary) | {f"tempo_{name}": getattr(summary.tempo, name) for name in _TEMPO}


def _plain(result: Result) -> dict[str, Any]:
    """All of it that is no event, and for no store."""
    return {name: value for name, value in fields_of(result).items() if name not in _NOT_PLAIN}


def _rep(row: dict[str, Any]) -> Rep:
    return _made(Rep, row | {"faults": tuple(row["faults"])})


def _summary(row: dict[str, Any]) -> SetSummary:
    tempo = Tempo(**{name: row[f"tempo_{name}"] for name in _TEMPO})
    vectors = {name: tuple(row[name]) for name in ("axis", "zero")}
    return _made(SetSummary, row | vectors | {"tempo": tempo, "faults": dict(row["faults"])})


def _made(kind: type[_Kind], values: dict[str, Any]) -> _Kind:
    """One of a kind that may have got more fields since, or may yet get them."""
    names = {field.name for field in fields(kind)}
    return kind(**{name: value for name, value in values.items() if name in names})

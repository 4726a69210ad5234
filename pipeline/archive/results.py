"""What became of one recording: frozen plain values, the same wherever the work was done."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass

from pipeline.delivery.messages import Message
from pipeline.events import Rep, SetSummary, to_json

_MODULUS = 1 << 256


@dataclass(frozen=True, slots=True)
class Job:
    """One recording to be processed.

    recording: its id, `[A-Za-z0-9_.-]`, unique in its run. path: absolute, the same for all who
    work on it. size_bytes, modified_ns: of the file; another value means another recording.
    """

    recording: str
    path: str
    size_bytes: int
    modified_ns: int


@dataclass(frozen=True, slots=True)
class Retold:
    """What a recording tells the stores. messages: the newest state of each event, withdrawn too.

    lost: how many corrections of its session found no rep here to correct.
    """

    messages: tuple[Message, ...]
    lost: int = 0


@dataclass(frozen=True, slots=True)
class Result:
    """What one recording holds, by one version of the algorithm.

    recording, path, size_bytes, modified_ns: as of its `Job`. hiprep: version of the package that
    found it. algorithm: `pipeline.tracker.ALGORITHM`. exercise, sensor, athlete, session: in the
    letters of an id, None where not known. started_us: when second 0 of it was, microseconds since
    1970 UTC. samples, seconds: what was read of it. cpu_s: what that cost. error: what was wrong
    with it; where a file breaks off, reps and sets are those before. again: the fault was not the
    recording's own (its file could not be reached), so that the next run tries it again. reps:
    final revisions, in order of time. retold: for the stores; None where nobody asked for it, and
    where the recording does not say when it was made. It is not kept with the rest.
    """

    recording: str
    path: str
    size_bytes: int
    modified_ns: int
    hiprep: str
    algorithm: str
    exercise: str | None = None
    sensor: str | None = None
    athlete: str | None = None
    session: str | None = None
    started_us: int | None = None
    samples: int = 0
    seconds: float = 0.0
    cpu_s: float = 0.0
    error: str | None = None
    again: bool = False
    reps: tuple[Rep, ...] = ()
    sets: tuple[SetSummary, ...] = ()
    retold: Retold | None = None


class Digest:
    """One number for all results: the same in any order, from any machine, in any folder.

    Of each result it takes what `hiprep replay --json` would say of the reps and sets, and whether
    it failed; not how long it took, where it lay and in which words it failed. Takes as much
    memory for a million results as for one: their SHA-256 are summed.
    """

    def __init__(self) -> None:
        self._sum = 0

    def add(self, one: str) -> None:
        """one: `digest_of` a result."""
        self._sum = (self._sum + int(one, 16)) % _MODULUS

    def __str__(self) -> str:
        return f"{self._sum:064x}"


def digest(results: Iterable[Result]) -> str:
    """The `Digest` of all of them, 64 hexadecimal digits."""
    whole = Digest()
    for result in results:
        whole.add(digest_of(result))
    return str(whole)


def digest_of(result: Result) -> str:
    """SHA-256 of what one result says, 64 hexadecimal digits."""
    said = {
        "recording": result.recording,
        "algorithm": result.algorithm,
        "exercise": result.exercise,
        "sensor": result.sensor,
        "athlete": result.athlete,
        "session": result.session,
        "started_us": result.started_us,
        "samples": result.samples,
        "failed": result.error is not None,
        "reps": [to_json(rep) for rep in result.reps],
        "sets": [to_json(one) for one in result.sets],
    }
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

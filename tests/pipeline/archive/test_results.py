"""The digest of a run: what it is of, and what it is not of."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.archive.results import Result, digest
from tests.pipeline.archive.tasks import job, quick
from tests.pipeline.made import rep

RESULTS = [quick(job(f"{name}.csv")) for name in "abcd"]


@given(st.permutations(RESULTS))
def test_the_digest_is_the_same_in_any_order(results: list[Result]) -> None:
    assert digest(results) == digest(RESULTS)


@pytest.mark.parametrize(
    "other",
    [
        {"cpu_s": 7.0},
        {"path": "/elsewhere/b.csv"},
        {"modified_ns": 5},
        {"hiprep": "9.9"},
        {"again": True},
    ],
)
def test_where_and_when_it_was_done_is_not_in_the_digest(other: dict[str, object]) -> None:
    changed = replace(RESULTS[1], **other)  # type: ignore[arg-type]
    assert digest([RESULTS[0], changed]) == digest(RESULTS[:2])


@pytest.mark.parametrize(
    "other",
    [
        {"recording": "z.csv"},
        {"algorithm": "2"},
        {"exercise": "squat"},
        {"athlete": "anna"},
        {"started_us": 5},
        {"samples": 1001},
        {"error": "gzip cut off"},
        {"sets": ()},
        {"reps": (rep(1), rep(2), replace(rep(3), rom_deg=57.1))},
    ],
)
def test_all_that_was_found_is_in_the_digest(other: dict[str, object]) -> None:
    changed = replace(RESULTS[1], **other)  # type: ignore[arg-type]
    assert digest([RESULTS[0], changed]) != digest(RESULTS[:2])


def test_the_words_of_an_error_are_not_in_the_digest() -> None:
    failed, otherwise = (replace(RESULTS[1], error=reason) for reason in ("killed", "died"))
    assert digest([failed]) == digest([otherwise])


def test_a_recording_twice_is_not_a_recording_once() -> None:
    assert digest([*RESULTS, RESULTS[0]]) != digest(RESULTS)
    assert digest([*RESULTS, RESULTS[0], RESULTS[0]]) != digest(RESULTS)

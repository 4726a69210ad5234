"""Whatever the bytes: samples that can be used, or one clear line; nothing else, and soon."""

import gzip
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.recording import RecordingError, open_recording
from tests.sensor.recordings import HEAD, ROWS

TEXT = (HEAD + "".join(f"{row}\n" for row in ROWS[:400])).encode()
HOSTILE = (
    b"nan", b"-inf", b"1e308", b"-1e308", b"1e-320", b"-", b"--", b".", b"e", b"+", b"_", b" ",
    b",", b",,,,,,", b"\n", b"\r", b"\r\n", b"\0", b"\xff", b"#", b"\xef\xbb\xbf", b"\x1f\x8b",
    b"9" * 400, b"0x1p9", b"\t", b'"', b"'", b";", b"t,acc_x", HEAD.encode(), b"1\n" * 50,
    b"-0.0", b"1e19", b"\x1c", "٣".encode(), b"\x85", b"12.5", b"4.00000",
)  # fmt: skip


def survive(path: Path) -> bool:
    """Whether the file at path could be read; asserts that it kept its promise either way."""
    last = -np.inf
    samples = 0
    refusal = ""
    try:
        with open_recording(path) as recording:
            for block in recording.blocks(64):
                assert np.isfinite(block.t_s).all()
                assert (np.diff(block.t_s, prepend=last) > 0).all()
                last = block.t_s[-1]
                samples += len(block)
                assert np.abs(block.acc).max() < 1e4
                assert block.gyr is None or np.abs(block.gyr).max() < 1e3
            assert all(count > 0 for count in recording.skipped.values())
    except RecordingError as error:
        refusal = str(error)
    if refusal:
        assert refusal.startswith(f"{path}: ")
        assert refusal.isprintable()
        assert len(refusal) < 500 + len(str(path))
        return False
    assert samples >= 25
    return True


def mutated(content: bytes, rng: np.random.Generator) -> bytes:
    """Content with a few bytes changed, cut out, doubled or put in."""
    spoilt = bytearray(content)
    for _ in range(rng.integers(1, 6)):
        place = int(rng.integers(len(spoilt) + 1))
        end = place + int(rng.integers(1, 200))
        kind = rng.integers(6)
        if kind == 0:
            spoilt[place : place + 1] = rng.bytes(1)
        elif kind == 1:
            spoilt[place:place] = HOSTILE[rng.integers(len(HOSTILE))]
        elif kind == 2:
            spoilt[place:end] = b""
        elif kind == 3:
            spoilt[place:place] = spoilt[place:end]
        elif kind == 4:
            spoilt[place:end] = HOSTILE[rng.integers(len(HOSTILE))]
        elif rng.random() < 0.2:
            del spoilt[max(place, 1) :]
    return bytes(spoilt)


@pytest.mark.parametrize(
    ("pack", "least"),
    [(bytes, 1000), (gzip.compress, 100)],
    ids=["plain", "gzip"],
)
def test_mutations_of_a_good_file(
    tmp_path: Path, pack: Callable[[bytes], bytes], least: int
) -> None:
    rng = np.random.default_rng(20)
    content = pack(TEXT)
    path = tmp_path / "mutated"
    read = 0
    for _ in range(2000):
        path.write_bytes(mutated(content, rng))
        read += survive(path)
    assert least < read < 2000


def test_a_hostile_word_in_every_place_of_a_row_and_of_the_header(tmp_path: Path) -> None:
    path = tmp_path / "hostile"
    places = [*range(0, len(HEAD), 7), *range(len(TEXT) // 2, len(TEXT) // 2 + 58, 5)]
    for word in HOSTILE:
        for place in places:
            path.write_bytes(TEXT[:place] + word + TEXT[place:])
            survive(path)


def test_every_length_of_a_file_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "cut"
    for content in (TEXT, gzip.compress(TEXT)):
        for end in [*range(300), *range(300, len(content), 97)]:
            path.write_bytes(content[:end])
            survive(path)


@pytest.mark.parametrize("size", [1, 100, 70_000, 600_000])
def test_noise(tmp_path: Path, size: int) -> None:
    rng = np.random.default_rng(size)
    path = tmp_path / "noise"
    digits = np.frombuffer(b"0123456789.,-\n", np.uint8)
    for start in (b"", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", HEAD.encode(), TEXT):
        for noise in (rng.bytes(size), rng.choice(digits, size).tobytes()):
            path.write_bytes(start + noise)
            survive(path)


@given(
    head=st.sampled_from(["", HEAD, HEAD.replace("t,", "t, ")]),
    lines=st.lists(
        st.one_of(
            st.text(max_size=40),
            st.sampled_from(ROWS),
            st.lists(st.floats().map(repr), min_size=6, max_size=8).map(",".join),
        ),
        max_size=30,
    ),
    good=st.sampled_from([0, 300]),
)
def test_text_of_any_kind(
    tmp_path_factory: pytest.TempPathFactory, head: str, lines: list[str], good: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "any"
    path.write_bytes("\n".join([head + "\n".join(ROWS[:good]), *lines]).encode("utf-8", "replace"))
    survive(path)

"""Whatever the bytes: whole records, or one clear line; nothing else, and in constant memory."""

import gzip
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.checks import RecordingError
from sensor.drivers import Setup
from sensor.raw import open_raw
from sensor.raw_format import MAGIC, encode, encode_header
from sensor.records import Battery, Connected, Disconnected, End, Packet, Record, Tick

RNG = np.random.default_rng(31)
RECORDS: list[Record] = [
    Connected(1, Setup("dot", "Movella DOT", 60.0, 16.0, 2000.0)),
    *(Packet(number, number % 3, RNG.bytes(20)) for number in range(40)),
    Disconnected(50, "gone"),
    Tick(60),
    Connected(70, Setup("dot", "Movella DOT", 60.0, 16.0, 2000.0)),
    *(Packet(number, 0, RNG.bytes(int(RNG.integers(60)))) for number in range(80, 120)),
    Battery(121, 55.0),
    End(122),
]
ENCODED = [encode(record) for record in RECORDS]
HEAD = MAGIC + encode_header({"sensor": "belt"})
CONTENT = HEAD + b"".join(ENCODED)
HOSTILE = (
    b"\0", b"\xff", b"P", b"H", b"P\0\0", b"P\xff\xff", b"P\0\x40", b"C\xff\x3f", b"\x1f\x8b",
    MAGIC, HEAD, ENCODED[0], ENCODED[5], ENCODED[5][:-1], ENCODED[-1], bytes(300), b"P" * 300,
)  # fmt: skip


def survive(path: Path) -> list[Record] | None:
    """What the file at path holds, None if it is refused; asserts what is promised either way."""
    try:
        with open_raw(path) as reader:
            records = list(reader.records())
            assert all(count > 0 for count in reader.skipped.values())
            assert all(isinstance(value, str) for value in reader.meta.values())
            return records
    except RecordingError as error:
        refusal = str(error)
    assert refusal.startswith(f"{path}: ")
    assert refusal.isprintable()
    assert len(refusal) < 200 + len(str(path))
    return None


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


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_mutations_of_a_good_file(tmp_path: Path, pack: Callable[[bytes], bytes]) -> None:
    rng = np.random.default_rng(20)
    content = pack(CONTENT)
    path = tmp_path / "mutated"
    for _ in range(2000):
        path.write_bytes(mutated(content, rng))
        survive(path)


def test_every_record_left_whole_is_found_and_no_other(tmp_path: Path) -> None:
    rng = np.random.default_rng(21)
    path = tmp_path / "mutated"
    for _ in range(1000):
        spoilt = HEAD + mutated(b"".join(ENCODED), rng)
        path.write_bytes(spoilt)
        found = survive(path)
        assert found is not None
        assert all(record in RECORDS for record in found)
        whole = sum(spoilt.count(one) for one in set(ENCODED))
        assert len(found) == whole


@pytest.mark.parametrize("size", [1, 100, 70_000, 600_000])
def test_noise(tmp_path: Path, size: int) -> None:
    rng = np.random.default_rng(size)
    path = tmp_path / "noise"
    for start in (b"", b"\x1f\x8b\x08\0\0\0\0\0\0\x03", MAGIC, CONTENT):
        path.write_bytes(start + rng.bytes(size))
        found = survive(path)
        if start == CONTENT:
            assert found is not None
            assert found[: len(RECORDS)] == RECORDS


@given(noise=st.binary(max_size=300), place=st.integers(0, len(RECORDS)))
def test_noise_between_records_takes_none_of_them(
    tmp_path_factory: pytest.TempPathFactory, noise: bytes, place: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "noisy"
    path.write_bytes(HEAD + b"".join([*ENCODED[:place], noise, *ENCODED[place:]]))
    found = survive(path)
    assert found is not None
    # The search for the next record may take noise for one, though hardly ever.
    assert [record for record in found if record in RECORDS] == RECORDS


@pytest.mark.parametrize(
    "endless",
    [
        bytes(1 << 22),
        (b"P\xff\x3f" + bytes(4000)) * 1000,
        (b"P\xff\xff" + bytes(4000)) * 1000,
        encode(Packet(0, 0, bytes(4000))) * 1000,
    ],
    ids=["zeros", "long records", "impossible lengths", "packets"],
)
def test_memory_does_not_grow_with_the_file(tmp_path: Path, endless: bytes) -> None:
    path = tmp_path / "endless.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(MAGIC)
        for _ in range(12):
            file.write(endless)
    tracemalloc.start()
    try:
        with open_raw(path) as reader:
            for _ in reader.records():
                pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # A piece of a gzip may hold 4 MB, and is joined to what was left of the one before.
    assert peak < 16e6

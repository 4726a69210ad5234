"""Packets of the open sensor: the example of docs/open-sensor.md, numbers, damage."""

import re
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.drivers import Setup
from sensor.drivers.open_sensor import DRIVER, OpenSensorDecoder

PAGE = Path(__file__).parents[3] / "docs" / "open-sensor.md"
SETUP = Setup("open_sensor", "Model open sensor", 100.0, 16.0, 2000.0, "1")


def packet(number: int, time_us: int = 0, *, count: int = 10, flags: int = 0) -> bytes:
    head = struct.pack("<BBHIHB", 1, flags, number % 2**16, time_us % 2**32, 10_000, count)
    return head + bytes(12 * count)


def fed(decoder: OpenSensorDecoder, numbers: list[int]) -> list[int]:
    """Which of these packets, of 0.1 s each, gave samples."""
    return [number for number in numbers if decoder.feed(0, packet(number, 100_000 * number))]


def test_the_example_packet_of_the_page_decodes_as_it_says_there() -> None:
    page = PAGE.read_text(encoding="utf-8")
    example = page.split("## An example")[1].split("\n## ")[0]
    data = bytes.fromhex("".join(re.findall(r"^    ([0-9a-f ]+)$", example, re.MULTILINE)))
    rows = [
        [float(cell) for cell in row.strip("|").split("|")]
        for row in re.findall(r"^\|[ 0-9.|-]*[0-9][ 0-9.|-]*\|$", example, re.MULTILINE)
    ]
    decoder = DRIVER.decoder(SETUP)
    (batch,) = decoder.feed(0, data)
    assert batch.device_s is not None
    assert batch.acc is not None
    assert batch.gyr is not None
    assert decoder.overruns == 1
    table = np.column_stack((batch.device_s, batch.acc, batch.gyr))
    np.testing.assert_allclose(table, rows, atol=5e-7)


# Numbers


def test_packets_that_are_missing_are_counted() -> None:
    decoder = DRIVER.decoder(SETUP)
    fed(decoder, [7, 8, 11, 12, 20])
    assert decoder.lost_packets == 9


def test_a_late_packet_is_passed_on_and_not_lost() -> None:
    decoder = DRIVER.decoder(SETUP)
    assert fed(decoder, [1, 2, 4, 5]) == [1, 2, 4, 5]
    assert decoder.lost_packets == 1
    (late,) = decoder.feed(0, packet(3, 300_000))
    assert late.device_s is not None
    np.testing.assert_allclose(late.device_s, 0.3 + np.arange(10) / 100)
    assert decoder.lost_packets == 0
    assert fed(decoder, [0, 6]) == [0, 6]
    assert decoder.lost_packets == 0
    assert not decoder.skipped


def test_a_packet_that_came_before_is_passed_over() -> None:
    decoder = DRIVER.decoder(SETUP)
    assert fed(decoder, [1, 1, 2, 4, 2, 3, 3, 4, 5]) == [1, 2, 4, 3, 5]
    assert decoder.skipped == {"sent twice": 4}
    assert decoder.lost_packets == 0


def test_number_and_time_wrap() -> None:
    decoder = DRIVER.decoder(SETUP)
    times: list[float] = []
    for index in range(66_000):
        time_us = 2**32 - 3_300_000_000 + 100_000 * index
        (batch,) = decoder.feed(0, packet(index, time_us, count=1))
        assert batch.device_s is not None
        times += batch.device_s.tolist()
    np.testing.assert_allclose(np.diff(times), 0.1)
    assert decoder.lost_packets == 0
    assert not decoder.skipped


@given(st.lists(st.integers(0, 400), min_size=1, max_size=200))
def test_each_packet_counts_once_whatever_the_order(numbers: list[int]) -> None:
    decoder = DRIVER.decoder(SETUP)
    passed = fed(decoder, [65_300 + number for number in numbers])
    assert sorted(passed) == sorted({65_300 + number for number in numbers})
    assert decoder.skipped["sent twice"] == len(numbers) - len(passed)
    assert decoder.lost_packets == max(numbers) - min(numbers) + 1 - len(passed)


def test_a_count_that_begins_anew_is_no_loss_and_keeps_the_losses_before() -> None:
    decoder = DRIVER.decoder(SETUP)
    fed(decoder, [20_000, 20_002])
    assert fed(decoder, [0, 1, 2]) == [0, 1, 2]
    assert decoder.lost_packets == 1


def test_hours_of_losses_are_counted_in_little_memory() -> None:
    decoder = DRIVER.decoder(SETUP)
    for number in range(0, 120_000, 4):
        decoder.feed(0, packet(number, 10_000 * number, count=1))
    assert decoder.lost_packets == 3 * 29_999
    assert len(decoder._numbers._missing) < 20_000


# Damage


@pytest.mark.parametrize(
    ("damaged", "reason"),
    [
        (b"", "too short"),
        (packet(2)[:10], "too short"),
        (b"\2" + packet(2)[1:], "unknown version"),
        (packet(2, count=0), "no samples, or no time between them"),
        (packet(2)[:8] + b"\0\0" + packet(2)[10:], "no samples, or no time between them"),
        (packet(2)[:-1], "wrong length"),
        (packet(2) + b"\0", "wrong length"),
        (packet(2)[:11], "wrong length"),
    ],
)
def test_a_damaged_packet_is_counted_and_the_stream_goes_on(damaged: bytes, reason: str) -> None:
    decoder = DRIVER.decoder(SETUP)
    assert decoder.feed(0, packet(1, 100_000))
    assert not decoder.feed(0, damaged)
    assert decoder.feed(0, packet(3, 300_000))
    assert decoder.skipped == {reason: 1}
    assert decoder.lost_packets == 1


def test_flags_that_are_not_known_are_ignored() -> None:
    decoder = DRIVER.decoder(SETUP)
    assert decoder.feed(0, packet(1, flags=0xFE))
    assert decoder.overruns == 0
    assert decoder.feed(0, packet(2, flags=0xFF))
    assert decoder.overruns == 1


@given(st.lists(st.one_of(st.binary(max_size=60), st.just(packet(1)))))
def test_no_bytes_make_it_raise(pieces: list[bytes]) -> None:
    decoder = DRIVER.decoder(SETUP)
    given_out = 0
    for data in pieces:
        for batch in decoder.feed(0, data):
            given_out += 1
            assert batch.device_s is not None
            assert (np.diff(batch.device_s) > 0).all()
    assert given_out + decoder.skipped.total() == len(pieces)

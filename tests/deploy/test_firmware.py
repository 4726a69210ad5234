"""The plain part of the open sensor's firmware, compiled here, against decoder and model sensor."""

import random
import struct
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from sensor.drivers import Setup, load
from sensor.link import SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2, SampleBlock
from sensor.simulator.peripherals.open_sensor import OpenSensorPeripheral
from tests.needs import needed

ROOT = Path(__file__).parents[2]
FIRMWARE = ROOT / "deploy" / "firmware" / "open_sensor"
HOST = Path(__file__).with_name("host.cpp")
CONFIGURATION = "0a2f0003-08c1-4c31-a61a-d79e8fbd7ccc"
DATA = "0a2f0002-08c1-4c31-a61a-d79e8fbd7ccc"
SETUP = Setup("open_sensor", "", 100.0, 16.0, 2000.0)

Run = Callable[[Iterable[str]], list[str]]
Counts = NDArray[np.int16]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Commands for a fresh firmware -> its answers."""
    cure = "sudo apt-get install g++ (macOS: xcode-select --install)"
    compiler = needed(cure, "g++", "c++", "clang++")
    program = tmp_path_factory.mktemp("firmware") / "host"
    flags = ["-Wall", "-Wextra", "-Werror", "-std=c++11", f"-I{FIRMWARE}"]
    subprocess.run([compiler, *flags, FIRMWARE / "packet.cpp", HOST, "-o", program], check=True)

    def answers(commands: Iterable[str]) -> list[str]:
        text = "".join(f"{command}\n" for command in commands)
        done = subprocess.run([program], input=text, capture_output=True, text=True, check=True)
        return done.stdout.split("\n")[:-1]

    return answers


def counted(count: int, seed: int) -> Counts:
    """(count, 6) counts, full scale among them."""
    rng = np.random.default_rng(seed)
    counts = rng.integers(-32768, 32768, (count, 6)).astype(np.int16)
    counts[1], counts[2] = 32767, -32768
    return counts


def packed(
    run: Run, times_us: Iterable[int], counts: Counts, *, rate_hz: int, mtu: int
) -> list[bytes]:
    """Packets of the firmware; a step of more than 1.5 sample intervals is a loss."""
    commands = [f"start {rate_hz} {mtu}"]
    last_us: int | None = None
    for time_us, row in zip(times_us, counts, strict=True):
        lost = last_us is not None and time_us - last_us > 1.5e6 / rate_hz
        values = " ".join(str(int(value)) for value in row)
        commands.append(f"sample {time_us % 2**32} {int(lost)} {values}")
        last_us = time_us
    return [bytes.fromhex(answer) for answer in run(commands) if answer]


def modelled(times_us: Iterable[int], counts: Counts, *, rate_hz: int, mtu: int) -> list[bytes]:
    """Packets of the model sensor, of what gives these counts."""
    peripheral = OpenSensorPeripheral(address="C0:FF:EE:00:00:01", serial="1", mtu=mtu)
    peripheral.listen(DATA, on=True)
    peripheral.write(CONFIGURATION, struct.pack("<BBHH", 1, 16, 2000, rate_hz))
    t_s = np.array(list(times_us)) * 1e-6
    acc = counts[:, :3] / 32768 * 16 * STANDARD_GRAVITY_MPS2
    gyr = np.deg2rad(counts[:, 3:] / 32768 * 2000)
    return [one.data for one in peripheral.packets(SampleBlock(t_s, acc, gyr))]


@pytest.mark.parametrize("mtu", [26, 38, 110, 185, 247])
@pytest.mark.parametrize("rate_hz", [50, 100, 200])
def test_it_packs_as_the_model_sensor_does(run: Run, rate_hz: int, mtu: int) -> None:
    counts = counted(240, seed=rate_hz + mtu)
    rng = np.random.default_rng(mtu)
    steps = 1_000_000 // rate_hz + rng.integers(-40, 40, 240)
    steps[[50, 51, 133]] += [100_000, 70_000, 25_000]  # what the sensor lost
    times_us = np.cumsum(steps).tolist()
    packets = packed(run, times_us, counts, rate_hz=rate_hz, mtu=mtu)
    assert packets == modelled(times_us, counts, rate_hz=rate_hz, mtu=mtu)
    assert all(len(packet) <= mtu - 3 for packet in packets)


def test_the_decoder_reads_what_it_packs(run: Run) -> None:
    counts = counted(100, seed=1)
    times_us = [2**32 - 300_000 + 10_000 * index for index in range(100)]
    decoder = load("open_sensor").decoder(SETUP)
    batches = [
        batch
        for packet in packed(run, times_us, counts, rate_hz=100, mtu=247)
        for batch in decoder.feed(0, packet)
    ]
    assert not decoder.skipped
    device_s = np.concatenate([batch.device_s for batch in batches if batch.device_s is not None])
    acc = np.concatenate([batch.acc for batch in batches if batch.acc is not None])
    gyr = np.concatenate([batch.gyr for batch in batches if batch.gyr is not None])
    np.testing.assert_allclose(device_s, np.array(times_us) * 1e-6, atol=1e-9)
    np.testing.assert_allclose(acc, counts[:, :3] * (16 * STANDARD_GRAVITY_MPS2 / 32768))
    np.testing.assert_allclose(gyr, np.deg2rad(counts[:, 3:] * (2000 / 32768)))


def test_its_packet_numbers_wrap_and_go_on_over_a_restart(run: Run) -> None:
    one = "sample 0 0 0 0 0 0 0 0"
    packets = run(["start 50 26", *[one] * 65_530, "start 100 26", *[one] * 10])
    numbers = [int.from_bytes(bytes.fromhex(text)[2:4], "little") for text in packets if text]
    assert numbers == [index % 65_536 for index in range(65_540)]


def test_it_takes_and_refuses_settings_as_the_model_sensor_does(run: Run) -> None:
    chance = random.Random(1)
    ranges = [(16, 2000), (8, 1000), (8, 2000), (4, 2000), (16, 500)]
    rates = [0, 0, 0, 50, 100, 200, 75, 0xFFFF]
    writes = [
        struct.pack("<BBHH", chance.choice([1, 1, 1, 2]), *chance.choice(ranges), rate)
        for rate in chance.choices(rates, k=400)
    ]
    writes += [b"", b"\1", writes[0][:5], writes[0] + b"\0", bytes(14)]
    peripheral = OpenSensorPeripheral(address="C0:FF:EE:00:00:01", serial="1")
    expected = []
    for write in writes:
        try:
            peripheral.write(CONFIGURATION, write)
        except SensorError:
            answer = "refused"
        else:
            answer = "taken"
        expected.append(f"{answer} {peripheral.read(CONFIGURATION).hex()}")
    assert run("write " + " ".join(map(str, write)) for write in writes) == expected
    assert {text.split()[0] for text in expected} == {"taken", "refused"}


def clocked(run: Run, reads_us: Iterable[int], rate_hz: int) -> tuple[list[int], list[bool]]:
    answers = run([f"clock {rate_hz}", *(f"at {read_us % 2**32}" for read_us in reads_us)])[1:]
    pairs = [answer.split() for answer in answers]
    return [int(time_us) for time_us, _ in pairs], [lost == "1" for _, lost in pairs]


@pytest.mark.parametrize("off", [0.97, 1.0, 1.03])
@pytest.mark.parametrize("rate_hz", [52, 104, 208])
def test_its_times_are_evener_than_its_reads_and_as_true(
    run: Run, rate_hz: int, off: float
) -> None:
    period_us = 1e6 / rate_hz * off
    ready_us = np.arange(2000) * period_us + 2**32 - 2_000_000
    reads_us = np.ceil(ready_us / 1000) * 1000  # a poll each millisecond
    times_us, lost = clocked(run, reads_us.astype(int).tolist(), rate_hz)
    assert not any(lost)
    unwrapped = np.array(times_us, dtype=np.int64)
    unwrapped[unwrapped < 2**31] += 2**32
    late_us = unwrapped - ready_us
    assert np.diff(unwrapped).min() > 0
    assert abs(late_us).max() < period_us  # also while it settles
    settled = slice(300, None)
    assert abs(late_us[settled] - 500).max() < 500
    assert np.diff(unwrapped)[settled].std() < np.diff(reads_us)[settled].std() / 2


@pytest.mark.parametrize("missing", [1, 2, 7])
def test_it_notices_samples_that_were_overwritten(run: Run, missing: int) -> None:
    ready_us = np.delete(np.arange(1000) * 10_000, slice(600, 600 + missing))
    times_us, lost = clocked(run, ready_us.tolist(), 100)
    assert [index for index, one in enumerate(lost) if one] == [600]
    np.testing.assert_allclose(times_us, ready_us, atol=2)


def test_what_finds_no_room_is_lost_and_the_next_one_says_so(run: Run) -> None:
    answers = run(
        [*(f"push {index}" for index in range(300)), *["pop"] * 300, "push 300", "push 301"]
        + ["pop"] * 3
    )
    popped = [answer for answer in answers if answer]
    kept = len(popped) - 2
    assert popped[:kept] == [f"{index} 0" for index in range(kept)]
    assert 200 < kept < 300
    assert popped[kept:] == ["300 1", "301 0"]


@pytest.mark.parametrize(
    ("raw", "step", "range_", "counts"),
    [
        (2048, 1 / 2048, 16, 2048),  # a part with the same counts
        (-2048, 1 / 2048, 8, -4096),
        (1000, 0.07, 2000, 1147),  # 70 deg/s
        (1000, 0.07, 1000, 2294),
        (32767, 0.07, 2000, 32767),  # 2294 deg/s
        (-32768, 0.07, 2000, -32768),
        (-32768, -0.07, 2000, 32767),
        (0, 0.732e-3, 16, 0),
    ],
)
def test_counts_of_a_part_become_counts_of_the_range(
    run: Run, raw: int, step: float, range_: float, counts: int
) -> None:
    assert run([f"counts {raw} {step} {range_}"]) == [str(counts)]


@pytest.mark.parametrize(
    ("gyr_x", "gyr_z", "factor", "expected"),
    [
        (100, 5120, 0, 100),
        (100, 5120, 10, 0),
        (100, 5120, 0x80 | 10, 0),  # the eighth bit is not its own
        (100, 5120, 128 - 10, 200),
        (-32768, 32767, 63, -32768),
    ],
)
def test_the_cross_axis_of_a_bmi270_is_taken_out(
    run: Run, gyr_x: int, gyr_z: int, factor: int, expected: int
) -> None:
    assert run([f"cross {gyr_x} {gyr_z} {factor}"]) == [str(expected)]


def test_the_battery_falls_from_full_to_empty(run: Run) -> None:
    percents = [int(answer) for answer in run(f"battery {mv}" for mv in range(4500, 2500, -5))]
    assert percents[0] == 100
    assert percents[-1] == 0
    assert percents == sorted(percents, reverse=True)
    assert {50, 25, 75} <= set(percents)


def test_sketch_and_driver_name_the_same_characteristics() -> None:
    sketch = (FIRMWARE / "open_sensor.ino").read_text()
    peripheral = OpenSensorPeripheral(address="C0:FF:EE:00:00:01", serial="1")
    for one in peripheral.characteristics:
        short = one.uuid[4:8].upper() if one.uuid.startswith("0000") else one.uuid
        assert f'"{short}"' in sketch
    assert f'"{peripheral.advertisement.services[0]}"' in sketch

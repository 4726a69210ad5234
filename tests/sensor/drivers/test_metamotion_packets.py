"""MetaMotion: packets byte for byte, and damaged ones."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sensor.drivers import Batch, Decoder, Setup
from sensor.drivers.metamotion import DRIVER
from sensor.link import SensorError
from sensor.samples import STANDARD_GRAVITY_MPS2
from tests.sensor.drivers.metamotion_batches import BATTERY, joined

# MbientLab's own test vectors.
ACC_SINGLE = "03 04 16 c4 94 a2 2a d0"
ACC_SINGLE_4_G = [[-1.872, -2.919, -1.495]]
GYR_SINGLE = "13 05 3e 43 ff 7f 00 80"
GYR_SINGLE_500_DPS = [[262.409, 499.497, -499.512]]
ACC_PACKED = "62 b7 53 0d e9 fd 16 d0 4d 0e 57 02 8a ff a1 05 0a 01"
ACC_PACKED_8_G = [[-4.539, 0.833, -0.131], [-2.995, 0.894, 0.146], [-0.029, 0.352, 0.065]]
GYR_PACKED = "09 15 ad 26 08 de 8a 1a 0d 26 65 e4 8d 20 ac 27 73 ec"
GYR_PACKED_1000_DPS = [
    [164.177, 301.860, -265.122],
    [207.134, 296.982, -215.457],
    [254.055, 309.634, -152.591],
]
FUSED_ACC = "19 04 20 3e 53 c5 0c fe 79 46 0c fe 79 c6 00"


def setup(chip: str, acc_range_g: float = 16.0, gyr_range_dps: float = 1000.0) -> Setup:
    return Setup(
        "metamotion", "MetaMotion", 100.0, acc_range_g, gyr_range_dps, details={"chip": chip}
    )


def fed(decoder: Decoder, *packets: str) -> list[Batch]:
    return [batch for packet in packets for batch in decoder.feed(0, bytes.fromhex(packet))]


@pytest.mark.parametrize(
    ("decoder", "packets", "acc_g", "gyr_dps"),
    [
        (setup("BMI160", 4.0, 500.0), (ACC_SINGLE, GYR_SINGLE), ACC_SINGLE_4_G, GYR_SINGLE_500_DPS),
        (
            setup("BMI270", 4.0, 500.0),
            (ACC_SINGLE, GYR_SINGLE.replace("13 05", "13 04")),
            ACC_SINGLE_4_G,
            GYR_SINGLE_500_DPS,
        ),
        (
            setup("BMI160", 8.0, 1000.0),
            (f"03 1c {ACC_PACKED}", f"13 07 {GYR_PACKED}"),
            ACC_PACKED_8_G,
            GYR_PACKED_1000_DPS,
        ),
        (
            setup("BMI270", 8.0, 1000.0),
            (f"13 05 {GYR_PACKED}", f"03 05 {ACC_PACKED}"),
            ACC_PACKED_8_G,
            GYR_PACKED_1000_DPS,
        ),
    ],
)
def test_the_makers_vectors_are_decoded(
    decoder: Setup, packets: tuple[str, str], acc_g: list[list[float]], gyr_dps: list[list[float]]
) -> None:
    decoded = DRIVER.decoder(decoder)
    acc, gyr = joined(fed(decoded, *packets))
    assert acc / STANDARD_GRAVITY_MPS2 == pytest.approx(np.array(acc_g), abs=0.00051)
    assert np.rad2deg(gyr) == pytest.approx(np.array(gyr_dps), abs=0.00051)
    assert not decoded.skipped


@pytest.mark.parametrize("head", ["11 8c", "11 cc"])
def test_the_battery_is_heard_in_the_data(head: str) -> None:
    decoder = DRIVER.decoder(setup("BMI270"))
    assert fed(decoder, BATTERY.replace("11 8c", head)) == []
    assert decoder.battery_pct == 99.0
    assert not decoder.skipped


@pytest.mark.parametrize(
    "packet",
    [
        *["03 80 04 00", "13 80 01 00", "13 80", "11 80 00 09 07 00", "0b 84 15 04 00 00 05"],
        *[FUSED_ACC, "03 0b 14 00", "03 1c 01", "fe 80 00 05 03"],
    ],
)
def test_answers_and_data_of_other_modules_are_no_damage(packet: str) -> None:
    decoder = DRIVER.decoder(setup("BMI270"))
    assert fed(decoder, packet) == []
    assert not decoder.skipped


@pytest.mark.parametrize(
    ("packet", "reason"),
    [
        ("", "too short"),
        ("03", "too short"),
        ("03 05", "wrong length"),
        (f"03 05 {ACC_PACKED[:-3]}", "wrong length"),
        (f"13 05 {GYR_PACKED} 00", "wrong length"),
        ("03 04 16 c4 94 a2 2a", "wrong length"),
        (f"13 04 {GYR_PACKED}", "wrong length"),
        ("11 8c 63 34", "unreadable battery answer"),
        ("11 8c 65 34 10", "unreadable battery answer"),
    ],
)
def test_a_damaged_packet_is_counted_and_the_stream_goes_on(packet: str, reason: str) -> None:
    decoder = DRIVER.decoder(setup("BMI270"))
    acc, gyr = f"03 05 {ACC_PACKED}", f"13 05 {GYR_PACKED}"
    batches = fed(decoder, acc, packet, gyr, acc, gyr)
    assert len(joined(batches)[0]) == 6
    assert decoder.skipped == {reason: 1}
    assert decoder.battery_pct is None


@given(
    st.lists(
        st.one_of(
            st.binary(max_size=24),
            st.builds(
                bytes.__add__,
                st.sampled_from([b"\3\4", b"\3\5", b"\x13\4", b"\x13\5", b"\x11\x8c"]),
                st.binary(min_size=3, max_size=18),
            ),
        )
    ),
    st.sampled_from(["BMI160", "BMI270"]),
)
def test_no_bytes_raise(packets: list[bytes], chip: str) -> None:
    decoder = DRIVER.decoder(setup(chip))
    batches = [batch for packet in packets for batch in decoder.feed(0, packet)]
    for batch in batches:
        assert batch.acc is not None
        assert batch.gyr is not None
        assert len(batch.acc) == len(batch.gyr) > 0
        assert np.isfinite(batch.acc).all()
    assert decoder.battery_pct is None or 0 <= decoder.battery_pct <= 100


@pytest.mark.parametrize(
    "broken",
    [
        replace(setup("BMI270"), details={}),
        setup("BMI999"),
        replace(setup("BMI270"), gyr_range_dps=None),
    ],
)
def test_a_setup_that_says_too_little_is_refused_by_name(broken: Setup) -> None:
    with pytest.raises(SensorError, match="setup needs both ranges and its chip, BMI160 or BMI270"):
        DRIVER.decoder(broken)

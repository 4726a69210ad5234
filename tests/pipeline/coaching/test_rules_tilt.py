from collections.abc import Sequence

import pytest

from pipeline.coaching.advice import Advice, Case, advice
from pipeline.coaching.lifted import LiftedRep, LiftedSet
from pipeline.coaching.rules.set_tilt import RULES


def told(tilts_deg: Sequence[float | None], *, faults: tuple[str, ...] = ()) -> list[Advice]:
    reps = tuple(
        LiftedRep(number, top_pause_s=2.0, rom_deg=55.0, tilt_deg=tilt, faults=faults)
        for number, tilt in enumerate(tilts_deg, start=1)
    )
    one = LiftedSet(0, "s", "single_leg_hip_thrust", "left", reps=reps)
    return advice(RULES, Case((one,), now_us=0), "set")


@pytest.mark.parametrize(("sign", "side"), [(1.0, "left"), (-1.0, "right")])
def test_the_hip_that_sinks_is_named(sign: float, side: str) -> None:
    (said,) = told([sign * 4.0, sign * 5.0, sign * 6.0])
    assert said.text.startswith(f"Your {side} hip sank by 5 degrees")
    assert said.numbers == {"tilt_deg": 5.0, "reps": 3.0}


def test_one_slip_of_the_belt_says_nothing() -> None:
    assert told([0.2, -0.3, 12.0, 0.1]) == []


def test_nothing_is_said_of_too_few_reps() -> None:
    assert told([6.0, 6.0, None, None]) == []


def test_reps_that_arched_have_no_say() -> None:
    assert told([6.0, 6.0, 6.0], faults=("over_arch",)) == []

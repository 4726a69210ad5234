import pytest

from pipeline.coaching.adherence import hold_met, phase_met, share_pct


@pytest.mark.parametrize(
    ("measured_s", "target_s", "met"),
    [
        (1.0, 1.0, True),
        (1.3, 1.0, True),  # 0.3 s
        (1.31, 1.0, False),
        (0.69, 1.0, False),
        (4.0, 5.0, True),  # 20 %
        (3.99, 5.0, False),
        (0.25, 0.0, True),
        (None, 1.0, None),
        (1.0, None, None),
    ],
)
def test_a_phase_is_met_within_the_tolerance(
    measured_s: float | None, target_s: float | None, met: bool | None
) -> None:
    assert phase_met(measured_s, target_s) is met


@pytest.mark.parametrize(
    ("measured_s", "least_s", "met"),
    [(2.0, 2.0, True), (9.0, 2.0, True), (1.96, 2.0, True), (1.9, 2.0, False), (None, 2.0, None)],
)
def test_a_hold_may_be_longer_and_not_shorter(
    measured_s: float | None, least_s: float | None, met: bool | None
) -> None:
    assert hold_met(measured_s, least_s) is met


def test_only_what_could_be_judged_has_a_share() -> None:
    assert share_pct([True, None, False, True, True]) == 75.0
    assert share_pct([None, None]) is None

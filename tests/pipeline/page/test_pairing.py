import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.page.pairing import TOKEN_S, Pairing

NOW_S = 1_800_000_000.0


def pairing() -> Pairing:
    return Pairing("123456", b"secret")


def test_whoever_knows_the_code_is_let_in_for_as_long_as_a_token_lasts() -> None:
    one = pairing()
    token = one.token("123 456", "10.0.0.2", NOW_S)
    assert token
    assert one.holds(token, NOW_S)
    assert one.holds(token, NOW_S + TOKEN_S - 1)
    assert not one.holds(token, NOW_S + TOKEN_S)


def test_a_token_outlives_a_restart_but_not_another_secret() -> None:
    token = pairing().token("123456", "10.0.0.2", NOW_S)
    assert token
    assert Pairing("654321", b"secret").holds(token, NOW_S)
    assert not Pairing("123456", b"another").holds(token, NOW_S)


@pytest.mark.parametrize("code", ["", "123457", "12345", "1234567", "１２３４５６"])
def test_any_other_code_is_none(code: str) -> None:
    assert pairing().token(code, "10.0.0.2", NOW_S) is None


def test_who_guesses_has_to_wait_and_others_need_not() -> None:
    one = pairing()
    for _ in range(5):
        assert one.wait_s("10.0.0.2", NOW_S) == 0
        one.token("000000", "10.0.0.2", NOW_S)
    assert one.wait_s("10.0.0.2", NOW_S) == 60
    assert one.token("123456", "10.0.0.2", NOW_S + 59) is None
    assert one.token("123456", "10.0.0.3", NOW_S + 1)
    assert one.token("123456", "10.0.0.2", NOW_S + 60)


def test_many_who_guess_are_stopped_together() -> None:
    one = pairing()
    for guess in range(20):
        one.token("000000", f"10.0.0.{guess}", NOW_S)
    assert one.token("123456", "10.0.1.1", NOW_S + 1) is None
    assert one.wait_s("10.0.1.1", NOW_S + 1) == 3599
    assert one.token("123456", "10.0.1.1", NOW_S + 3600)


def test_a_day_of_guessing_finds_little() -> None:
    one, tried = pairing(), 0
    for second in range(86_400):
        if one.wait_s("10.0.0.2", NOW_S + second) == 0:
            one.token("000000", "10.0.0.2", NOW_S + second)
            tried += 1
    assert tried <= 24 * 20


@given(st.text(max_size=80) | st.from_regex(r"[0-9]{1,14}\.[0-9a-f]{64}", fullmatch=True))
def test_a_token_that_was_made_up_is_none(token: str) -> None:
    assert not pairing().holds(token, NOW_S)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.page.guard import from_here, host_is_ours, same_origin

NAMES = {"attic", "attic.home"}


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1:8765", "localhost", "192.168.1.7:8765", "[::1]:8765", "attic.local:80", "ATTIC"],
)
def test_an_address_or_our_own_name_is_ours(host: str) -> None:
    assert host_is_ours(host, NAMES)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "127.0.0.1.evil.example", "attic.evil.example", "[::1", "1.2.3.4:x;y"],
)
def test_a_name_that_somebody_else_points_at_us_is_not(host: str) -> None:
    assert not host_is_ours(host, NAMES)


@pytest.mark.parametrize(
    ("origin", "same"),
    [
        (None, True),
        ("http://192.168.1.7:8765", True),
        ("https://192.168.1.7:8765", True),
        ("http://192.168.1.7", False),
        ("http://evil.example", False),
        ("null", False),
        ("http://[", False),
    ],
)
def test_another_page_is_of_another_origin(origin: str | None, *, same: bool) -> None:
    assert same_origin(origin, "192.168.1.7:8765") is same


@pytest.mark.parametrize(
    ("remote", "here"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.168.1.7", False),
        ("::ffff:192.168.1.7", False),
        ("fe80::1%eth0", False),
        ("", False),
        (None, False),
    ],
)
def test_only_this_computer_is_here(remote: str | None, *, here: bool) -> None:
    assert from_here(remote, forwarded=False) is here
    assert not from_here(remote, forwarded=True)


@given(st.text(max_size=60))
def test_any_text_is_judged(text: str) -> None:
    host_is_ours(text, NAMES)
    same_origin(text, text)
    from_here(text, forwarded=False)

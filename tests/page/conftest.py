"""Two browsers for all tests of a run: a phone, and another one beside it."""

from collections.abc import Iterator

import pytest

from tests.page.browser import Browser, browser


@pytest.fixture(scope="session")
def _phone() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture(scope="session")
def _other() -> Iterator[Browser]:
    with browser() as one:
        yield one


@pytest.fixture
def phone(_phone: Browser) -> Iterator[Browser]:
    """It shows nothing when a test begins."""
    yield _phone
    _phone.leave()


@pytest.fixture
def other(_other: Browser) -> Iterator[Browser]:
    yield _other
    _other.leave()

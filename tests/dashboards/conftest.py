"""What the tests of the boards share: it is played once."""

from collections.abc import Iterator

import pytest

from tests.dashboards.played import Played, played


@pytest.fixture(scope="session")
def gym(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with played(tmp_path_factory.mktemp("gym")) as one:
        yield one

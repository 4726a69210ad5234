"""What the tests of the boards share: it is played once."""

from collections.abc import Iterator

import pytest

from tests.dashboards.played import Played, played


def pytest_configure(config: pytest.Config) -> None:
    """The library would rather have a newer form of boards, which Grafana 11 does not take."""
    config.addinivalue_line("filterwarnings", "ignore:Prefer using dashboardv2.:DeprecationWarning")


@pytest.fixture(scope="session")
def gym(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    with played(tmp_path_factory.mktemp("gym")) as one:
        yield one

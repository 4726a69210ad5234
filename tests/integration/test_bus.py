"""Without a D-Bus daemon these tests are skipped, unless somebody insists on them."""

import pytest

from tests.integration.bus import private_bus


@pytest.mark.parametrize(
    ("insisted", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)]
)
def test_a_missing_daemon_says_how_to_get_it(
    monkeypatch: pytest.MonkeyPatch, insisted: str, outcome: type[BaseException]
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("HIPREP_REQUIRE_SERVERS", insisted)
    with pytest.raises(outcome, match="apt-get install dbus"), private_bus():
        pass

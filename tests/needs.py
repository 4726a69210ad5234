"""Programs that tests run: skipped where there is none, unless all of them are demanded."""

import os
import shutil

import pytest

DEMANDED = "HIPREP_REQUIRE_SERVERS"


def needed(cure: str, *names: str) -> str:
    """The path of the first of these programs that is there.

    Without one the test is skipped and says the cure; it fails where HIPREP_REQUIRE_SERVERS is 1.
    """
    found = next(filter(None, map(shutil.which, names)), None)
    if found is not None:
        return found
    reason = f"there is no {' or '.join(names)}: {cure}"
    if os.environ.get(DEMANDED) == "1":
        pytest.fail(reason)
    pytest.skip(reason)

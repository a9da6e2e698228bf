"""The browser of this machine. `make browser` installs it where it may."""

import os
import shutil

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome")
# The sandbox needs rights that containers do not give; only pages of ours are opened.
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage")


def executable() -> str:
    """Its path. Without one the test is skipped, or fails where PARLEY_REQUIRE_BROWSER=1 says so."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    return found or missing("no chromium on this machine")


def missing(what: str) -> str:
    """Skip for want of something that `make browser` installs, or fail where it has to be there."""
    reason = f"{what}: run `make browser`"
    if os.environ.get("PARLEY_REQUIRE_BROWSER") == "1":
        pytest.fail(reason)
    pytest.skip(reason)

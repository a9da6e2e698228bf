"""Answers of 401 and 403 are counted, and told without a line for each."""

import pytest

from config.security import Refusals
from messaging.values.keys import make_key


def test_the_log_tells_of_many_in_one_line(caplog: pytest.LogCaptureFixture):
    refusals, key = Refusals(), make_key()
    for path in ("/api/v1/messages", "/x", "/y"):
        refusals.note(status=401, path=path, address="10.0.0.1", authorization=f"Bearer {key.text}")
    assert refusals.count[401] == 3
    assert [record.getMessage() for record in caplog.records] == [
        f"1 answers of 401, the last to 10.0.0.1 with {key.public_prefix} for '/api/v1/messages'"
    ]


def test_a_path_cannot_forge_a_line(caplog: pytest.LogCaptureFixture):
    Refusals().note(status=403, path="/x\n2026 login", address="10.0.0.1", authorization="")
    assert "\n" not in caplog.records[0].getMessage()

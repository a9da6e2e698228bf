"""Requests that Django finds suspicious: a line of the security log for each kind, whoever sends how many."""

import logging

import pytest
from django.core.exceptions import SuspiciousFileOperation
from django.test import Client

from config.security import Suspicions

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """A log that has told of nothing yet."""
    monkeypatch.setattr(logging.getLogger("django.security"), "handlers", [Suspicions()])


def told(caplog: pytest.LogCaptureFixture) -> list[logging.LogRecord]:
    return [record for record in caplog.records if record.name == "config.security"]


@pytest.mark.parametrize("path", ["/", "/api/v1/messages", "/admin/", "/livez/x"])
def test_a_host_that_is_not_ours(client: Client, caplog: pytest.LogCaptureFixture, path: str):
    for _ in range(20):
        assert client.get(path, SERVER_NAME="evil.example", REMOTE_ADDR="10.0.0.9").status_code >= 400
    for record in told(caplog):
        assert record.exc_info is None
        assert record.getMessage().startswith("1 requests refused as DisallowedHost, the last from 10.0.0.9")
        assert "evil.example" in record.getMessage()
    assert len(told(caplog)) == 1
    assert not logging.getLogger("django.security").propagate


def test_a_form_of_too_many_fields(caplog: pytest.LogCaptureFixture):
    client = Client(SERVER_NAME="localhost")
    body = "&".join(f"a{number}=1" for number in range(2_000))
    for _ in range(3):
        answer = client.post("/admin/login/", body, content_type="application/x-www-form-urlencoded")
        assert answer.status_code == 400
    [record] = told(caplog)
    assert "as TooManyFieldsSent" in record.getMessage()


def test_a_form_without_its_token(caplog: pytest.LogCaptureFixture):
    client = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    for _ in range(3):
        assert client.post("/admin/login/", {"username": "eve"}).status_code == 403
    [record] = told(caplog)
    assert "as csrf" in record.getMessage()


def test_each_kind_has_its_line_and_a_later_one_counts_what_came(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
):
    now = [100.0]
    monkeypatch.setattr("config.security.time.monotonic", lambda: now[0])
    for kind in ("DisallowedHost", "SuspiciousFileOperation", "DisallowedHost", "DisallowedHost"):
        logging.getLogger(f"django.security.{kind}").error("why", exc_info=SuspiciousFileOperation("x"))
    now[0] += 11
    logging.getLogger("django.security.DisallowedHost").error("x" * 10_000 + "\n2026 forged")
    first, second, third = [record.getMessage() for record in told(caplog)]
    assert first == "1 requests refused as DisallowedHost, the last from nowhere: 'why'"
    assert "as SuspiciousFileOperation" in second
    assert third.startswith("3 requests refused as DisallowedHost")
    assert len(third) < 300

"""A fault of ours: 500 in JSON without a word of it, logged whole, told to whoever watches the site."""

import logging

import pytest
from django.core.signals import got_request_exception
from django.db import OperationalError

from messaging.models import IdempotencyRecord, Message
from messaging.signals import messages_created
from tests.client import ApiClient
from tests.wires import PREFIX

PATH = "/api/v1/messages"


@pytest.fixture
def broken(monkeypatch) -> None:
    """Storing messages fails half way."""

    def fail(rows):
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Message.objects, "insert_all", fail)


def post(api: ApiClient, **headers: str):
    api.client.raise_request_exception = False
    return api.send("POST", PATH, {"content": {"content": "hi"}}, **headers)


def test_it_says_nothing_of_what_went_wrong(api: ApiClient, broken: None):
    response = post(api)
    assert (response.status_code, response.content) == (500, b'{"detail":"Internal Server Error"}')


def test_no_path_begins_a_line_of_a_log(api: ApiClient, monkeypatch, caplog):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("messaging.wire.view.read_input", fail)
    api.client.raise_request_exception = False
    response = api.send("GET", "/api/v1/messages/x%0A2026-01-01%20INFO%20forged%E2%80%A8")
    assert response.status_code == 500
    [message] = [record.getMessage() for record in caplog.records if record.name == "messaging"]
    assert message == f"GET {PREFIX}/api/v1/messages/x" + r"\n2026-01-01 INFO forged\u2028 failed"


def test_a_database_that_is_away_is_503_and_worth_a_retry(api: ApiClient, monkeypatch):
    def fail(rows):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr(Message.objects, "insert_all", fail)
    response = post(api)
    assert (response.status_code, response["Retry-After"]) == (503, "1")
    assert response.json() == {"detail": "The database is not available"}


def test_it_is_logged_and_announced(api: ApiClient, broken: None, caplog):
    seen = []

    def watch(**details):
        seen.append(details["request"].method)

    got_request_exception.connect(watch)
    with caplog.at_level(logging.ERROR, logger="messaging"):
        post(api)
    got_request_exception.disconnect(watch)
    assert seen == ["POST"]
    assert "secret detail" in caplog.text


def test_nothing_half_written_stays(api: ApiClient, broken: None, django_capture_on_commit_callbacks):
    heard = []

    def receive(**details):
        heard.append(details)

    messages_created.connect(receive)
    with django_capture_on_commit_callbacks(execute=True):
        post(api, idempotency_key="k")
    messages_created.disconnect(receive)
    assert heard == []
    assert not IdempotencyRecord.objects.exists()
    assert api.get(PATH).json()["total_count"] == 2

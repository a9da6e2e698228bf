"""Every request has an id: the caller's or a new one, in the answer and in what is logged meanwhile."""

import re

import pytest
from django.test import Client

from config.watching.logs import Formatter
from config.watching.records import current_record, request_id_of
from tests.cast import Tenant

MADE = re.compile(r"[0-9a-f]{32}")


@pytest.fixture
def browser() -> Client:
    return Client(SERVER_NAME="localhost")


@pytest.mark.parametrize(
    "given", ["1", "550e8400-e29b-41d4-a716-446655440000", "Root=1-67891233-abcdef012345", "a" * 128]
)
def test_an_id_is_taken_and_given_back(browser: Client, given: str):
    assert browser.get("/livez", headers={"X-Request-ID": given})["X-Request-ID"] == given


@pytest.mark.parametrize("given", ["", "a" * 129, "two words", 'quo"te', "line\nbreak", "é", "-x", "a,b"])
def test_an_id_that_is_long_or_unsafe_is_replaced(given: str):
    assert MADE.fullmatch(request_id_of(given))


def test_a_request_without_one_gets_one_of_its_own(browser: Client):
    first, second = (browser.get("/livez")["X-Request-ID"] for _ in range(2))
    assert MADE.fullmatch(first)
    assert first != second


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/nowhere", "/api/v1/messages", "/v1/threads", "/api/v1/nowhere"])
def test_every_answer_has_it(browser: Client, path: str):
    assert MADE.fullmatch(browser.get(path)["X-Request-ID"])


def test_what_fails_is_logged_with_it(
    acme: Tenant, browser: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    def fails(*args: object, **kwargs: object) -> None:
        raise RuntimeError("broken")

    lines: list[str] = []
    formatter = Formatter(as_json=False)
    monkeypatch.setattr(caplog.handler, "emit", lambda record: lines.append(formatter.format(record)))
    monkeypatch.setattr("messaging.wire.view.WireViewSet.page_of", fails)
    headers = {"Authorization": f"Bearer {acme.secret}", "X-Request-ID": "mine"}
    browser.raise_request_exception = False
    assert browser.get("/api/v1/conversations", headers=headers).status_code == 500
    [line] = [line for line in lines if " ERROR messaging" in line]
    assert " ERROR messaging [mine]: GET /api/v1/conversations failed\n" in line


def test_it_ends_with_its_request(browser: Client):
    browser.get("/livez")
    assert current_record() is None
